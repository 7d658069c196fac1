//! Renders `predict`, what the past says about an item, and `learn draft`, what its work has taught.

use git_pm::context::Prediction;
use git_pm::learnings::Drafted;

use super::format::counted;
use super::page::Page;
use super::style::Label;

/// The likely trouble with an item.
pub fn prediction(page: &mut Page, found: &Prediction) {
    page.put(Label::Id, &found.id).text("  ");
    page.put(Label::Heading, &found.title).end();
    if found.paths.is_empty() {
        page.line("It has no paths to compare with earlier items.");
        page.next(&[format!("git pm task edit {} --path GLOB", found.id)]);
    } else {
        let past = counted(found.past_items, "earlier item");
        page.line(format!("Compared with {past} on the same paths."));
    }
    for trouble in &found.likely {
        page.gap().put(Label::Warning, trouble.kind.as_str());
        let share = trouble.share * 100.0;
        page.text(format!(
            "  {} of {} ({share:.0}%)",
            trouble.items, found.past_items
        ))
        .end();
        page.rows("  ", 2, &trouble.evidence, |page, one| {
            [
                Label::Id.of(&one.id),
                Label::Dim.of(page.when(&one.at)),
                Label::Text.of(&one.text),
            ]
        });
    }
    if found.likely.is_empty() && found.past_items > 0 {
        page.line("None of them had trouble.");
    }
    super::learn::notes(page, &found.learnings);
}

/// The drafts from an item.
pub fn drafted(page: &mut Page, drafted: &Drafted) {
    for draft in &drafted.drafts {
        let verb = match &draft.id {
            Some(_) => "Drafted",
            None => "Would draft",
        };
        page.gap().text(format!("{verb} "));
        page.put(Label::Id, &draft.id).text(" ");
        page.put(Label::Dim, draft.kind.as_str()).text(" ");
        page.put(Label::Heading, &draft.title).end();
        page.prose("  ", &draft.body);
    }
    if drafted.drafts.is_empty() {
        page.line(match drafted.existing.len() {
            0 => format!("Nobody said what {} taught.", drafted.item),
            n => format!("{} already has {}.", drafted.item, counted(n, "learning")),
        });
    }
    let commands = drafted.drafts.iter().filter_map(|draft| {
        let id = draft.id.as_ref()?;
        Some([
            format!("git pm learn edit {id} --editor"),
            format!("git pm learn accept {id}"),
        ])
    });
    let commands: Vec<String> = commands.flatten().collect();
    page.gap().next(&commands);
}
