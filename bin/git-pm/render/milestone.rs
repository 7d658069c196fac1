//! Renders milestones and epics.

use git_pm::plans::{EpicView, MilestoneLine};

use super::page::Page;
use super::style::{self, Label};
use super::table::Table;

/// Milestones with their acceptance criteria.
pub fn milestones(page: &mut Page, milestones: &[MilestoneLine]) {
    if milestones.is_empty() {
        page.line("No milestones.");
        page.next(&["git pm plan new FILE"]);
    }
    for milestone in milestones {
        page.gap()
            .put(Label::Id, &milestone.id)
            .text("  ")
            .text(&milestone.title);
        page.text("  ").put(
            style::status(&milestone.status),
            &format!("{} of {} tasks", milestone.done, milestone.total),
        );
        if !milestone.after.is_empty() {
            page.put(
                Label::Dim,
                &format!("  after {}", milestone.after.join(", ")),
            );
        }
        page.end();
        for outcome in &milestone.acceptance {
            let tick = if outcome.done { "x" } else { " " };
            page.text(&format!("  [{tick}] {}", outcome.text)).end();
        }
    }
}

/// An epic with its tasks.
pub fn epic(page: &mut Page, epic: &EpicView) {
    super::item::full(page, &epic.epic);
    if epic.total == 0 {
        return;
    }
    page.heading(&format!("Tasks, {} of {} closed", epic.done, epic.total));
    let mut table = Table::new(2);
    for task in &epic.tasks {
        table.row([
            (Label::Id, task.id.as_str()),
            (style::status(&task.status), &task.status),
            (Label::Text, &task.title),
        ]);
    }
    page.table("  ", &table);
}
