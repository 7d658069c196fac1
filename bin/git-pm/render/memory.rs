//! Renders `predict`, what the past says about an item, and `learn draft`, what its work has taught.

use git_pm::context::{Documentation, Documented, Prediction};
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

/// What is documented about an item.
pub fn documentation(page: &mut Page, found: &Documentation) {
    page.put(Label::Id, &found.id).text("  ");
    page.put(Label::Heading, &found.title).end();
    for (name, answer) in [
        ("pattern", found.pattern),
        ("gotcha", found.gotcha),
        ("decision", found.decision),
        ("context", found.context),
    ] {
        let label = match answer {
            Documented::Done => Label::Good,
            Documented::Missing => Label::Bad,
            Documented::NotNeeded => Label::Dim,
        };
        page.field(name, label, answer.as_str());
    }
    page.next(&next_for(found));
}

/// The commands that document what is missing.
fn next_for(found: &Documentation) -> Vec<String> {
    let id = &found.id;
    if let Some(draft) = found.drafts.first().filter(|_| !found.complete) {
        return vec![format!("git pm learn accept {draft}")];
    }
    if found.pattern == Documented::Missing {
        return vec![
            format!("git pm learn draft {id}"),
            format!("git pm learn none {id}"),
        ];
    }
    let commands = [
        (
            found.gotcha,
            format!("git pm learn add TITLE --kind gotcha --item {id}"),
        ),
        (
            found.decision,
            format!("git pm learn add TITLE --decision TEXT --item {id}"),
        ),
        (found.context, "git pm context edit NAME".to_string()),
    ];
    let missing = commands
        .into_iter()
        .filter(|(answer, _)| *answer == Documented::Missing);
    missing.map(|(_, command)| command).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::tests::fixtures::drawn;

    #[test]
    fn the_next_commands_document_what_is_missing() {
        use Documented::{Done, Missing, NotNeeded};
        let next = |[pattern, gotcha, decision, context]: [Documented; 4]| {
            let found = Documentation {
                id: "T-0001".into(),
                title: "Fix it".into(),
                pattern,
                gotcha,
                decision,
                context,
                drafts: Vec::new(),
                complete: false,
            };
            let text = drawn(200, |p| documentation(p, &found));
            let line = text.lines().find_map(|line| line.strip_prefix("next: "));
            line.unwrap_or_default().to_string()
        };
        for (answers, commands) in [
            (
                [Missing, NotNeeded, Missing, Missing],
                "git pm learn draft T-0001 · git pm learn none T-0001",
            ),
            (
                [Done, Missing, NotNeeded, NotNeeded],
                "git pm learn add TITLE --kind gotcha --item T-0001",
            ),
            (
                [Done, NotNeeded, Missing, Missing],
                "git pm learn add TITLE --decision TEXT --item T-0001 · git pm context edit NAME",
            ),
            ([Done, NotNeeded, Done, Done], ""),
        ] {
            assert_eq!(next(answers), commands);
        }
    }
}
