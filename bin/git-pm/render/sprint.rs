//! Renders a sprint.

use git_pm::plans::SprintView;

use super::page::Page;
use super::style::Label;
use super::table::Table;

/// A sprint.
pub fn sprint(page: &mut Page, sprint: &SprintView) {
    let mut table = Table::new(2);
    for task in &sprint.tasks {
        let points = match task.given {
            true => task.points.to_string(),
            false => format!("~{}", task.points),
        };
        table.row([
            (Label::Id, task.id.as_str()),
            (Label::Text, &points),
            (Label::Text, &task.title),
        ]);
    }
    page.table("", &table);
    page.line(&format!("{} of {} points", sprint.points, sprint.capacity));
    if sprint.over {
        page.warning(&format!(
            "{} points over capacity",
            sprint.points - sprint.capacity
        ));
    }
    for task in &sprint.left_out {
        page.put(Label::Dim, "  does not fit: ")
            .put(Label::Id, &task.id);
        page.text(" ").line(&task.title);
    }
}
