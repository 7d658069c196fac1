//! Renders texts with concurrent versions.

use git_pm::state::ConflictView;

use super::page::Page;
use super::style::Label;

/// Texts with concurrent versions.
pub fn conflicts(page: &mut Page, conflicts: &[ConflictView]) {
    if conflicts.is_empty() {
        page.line("No conflicting texts.");
    }
    let of_one = conflicts.chunk_by(|a, b| a.id == b.id);
    for (of_one, conflict) in of_one.flat_map(|all| all.iter().map(move |one| (all, one))) {
        page.gap().put(Label::Id, &conflict.id).text("  ");
        page.put(Label::Heading, &conflict.title);
        page.dim(format!("  {}", conflict.field));
        for version in &conflict.versions {
            let when = page.when(&version.written_at);
            page.put(Label::Waiting, format!("  {}", version.number));
            let shown = if version.number == 1 { ", shown" } else { "" };
            let who = match &version.actor {
                Some(actor) => format!("{actor}, {when}"),
                None => format!("{when} in {}", version.replica),
            };
            page.dim(format!("  {who}{shown}"));
            page.prose("     ", &version.text);
        }
        if let Some(merged) = &conflict.merged {
            page.put(Label::Good, "  merged").end();
            page.prose("     ", merged);
        }
        let field = match of_one.len() {
            1 => String::new(),
            _ => format!(" --field {}", conflict.field),
        };
        let keep = format!("git pm conflicts {}{field} --keep 1", conflict.id);
        let take = format!("git pm conflicts {}{field} --merged", conflict.id);
        let edit = format!("git pm conflicts {}{field} --editor", conflict.id);
        match (conflict.merged.is_some(), conflict.versions.len()) {
            (true, _) => page.next(&[&take, &edit, &keep]),
            (false, 2) => page.next(&[&edit, &keep]),
            (false, _) => page.next(&[&keep]),
        };
    }
}
