//! Renders milestones and epics.

use git_pm::plans::{EpicView, MilestoneLine};
use git_pm::text::done_of;

use super::page::Page;
use super::style::{self, Label};
use super::table::Cell;

/// Milestones with their acceptance criteria.
pub fn milestones(page: &mut Page, milestones: &[MilestoneLine]) {
    if milestones.is_empty() {
        page.line("No milestones.");
        page.next(&["git pm plan new FILE"]);
    }
    for milestone in milestones {
        page.gap().put(Label::Id, &milestone.id).text("  ");
        page.text(&milestone.title).text("  ").put(
            style::status(&milestone.status),
            done_of(milestone.done, milestone.cancelled, milestone.total),
        );
        if !milestone.after.is_empty() {
            let after = milestone.after.join(", ");
            page.put(Label::Dim, format!("  after {after}"));
        }
        page.end();
        for outcome in &milestone.acceptance {
            let tick = if outcome.done { "x" } else { " " };
            page.line(format!("  [{tick}] {}", outcome.text));
        }
    }
}

/// An epic with its parts.
pub fn epic(page: &mut Page, epic: &EpicView) {
    super::item::full(page, &epic.epic);
    if epic.total == 0 {
        return;
    }
    let done = done_of(epic.done, epic.cancelled, epic.total);
    let what = ["Parts", "Tasks"][usize::from(epic.epics.is_empty())];
    page.heading(format!("{what}, {done}"));
    page.rows("  ", 2, epic.epics.iter().chain(&epic.tasks), |_, part| {
        [
            Label::Id.of(&part.id),
            Cell::status(part.status.as_str()),
            Label::Text.of(&part.title),
        ]
    });
}
