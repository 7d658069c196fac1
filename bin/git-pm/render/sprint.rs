//! Renders a sprint.

use git_pm::plans::SprintView;

use super::format::counted;
use super::page::Page;
use super::style::Label;

/// A sprint.
pub fn sprint(page: &mut Page, sprint: &SprintView) {
    page.rows("", 2, &sprint.tasks, |_, task| {
        let about = if task.given { "" } else { "~" };
        [
            Label::Id.of(&task.id),
            Label::Text.of(format!("{about}{}", task.points)),
            Label::Text.of(&task.title),
        ]
    });
    page.line(format!("{} of {} points", sprint.points, sprint.capacity));
    if sprint.over {
        let over = sprint.points - sprint.capacity;
        page.warning(format!("{} over capacity", counted(over, "point")));
    }
    for task in &sprint.left_out {
        page.put(Label::Dim, "  does not fit: ");
        page.put(Label::Id, &task.id).text(" ").line(&task.title);
    }
}
