//! Renders checklists.

use git_pm::tasks::{ChecklistAnswer, ChecklistReport};

use super::page::Page;
use super::style::Label;
use super::table::Cell;

/// The checklists of an item.
pub fn report(page: &mut Page, report: &ChecklistReport) {
    page.put(Label::Id, &report.id).text("  ");
    page.put(Label::Heading, &report.title).end();
    for list in &report.lists {
        page.gap();
        page.put(Label::Heading, &list.name);
        if let Some(step) = list.before {
            page.put(Label::Dim, format!(" (before {step})"));
        }
        page.end();
        page.list("No items.", 2, &list.items, |_, one| -> [Cell; 4] {
            let given = &one.answered;
            let label = match given.answer {
                ChecklistAnswer::Open => Label::Bad,
                ChecklistAnswer::Done => Label::Good,
                ChecklistAnswer::NotApplicable => Label::Dim,
            };
            let (by, reason) = (given.by.as_deref(), given.reason.as_deref());
            let why: Vec<&str> = by.into_iter().chain(reason).collect();
            [
                label.of(given.answer.as_str().replace('_', " ")),
                Label::Id.of(&one.id),
                Label::Text.of(&one.text),
                Label::Dim.of(why.join(": ")),
            ]
        });
    }
}
