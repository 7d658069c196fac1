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

/// An epic with its tasks.
pub fn epic(page: &mut Page, epic: &EpicView) {
    super::item::full(page, &epic.epic);
    if epic.total == 0 {
        return;
    }
    let done = done_of(epic.done, epic.cancelled, epic.total);
    page.heading(format!("Tasks, {done}"));
    page.rows("  ", 2, &epic.tasks, |_, task| {
        [
            Label::Id.of(&task.id),
            Cell::status(task.status.as_str()),
            Label::Text.of(&task.title),
        ]
    });
}
