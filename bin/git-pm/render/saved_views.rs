//! Renders saved views.

use git_pm::items::SavedView;

use super::page::Page;
use super::style::Label;
use super::table::Table;

/// Name and query in one line.
pub fn line(page: &mut Page, view: &SavedView) {
    page.put(Label::Id, &view.name).text("  ");
    page.line(&view.query);
}

/// Saved views as a table.
pub fn list(page: &mut Page, views: &[SavedView]) {
    if views.is_empty() {
        page.line("No views.");
        page.next(&["git pm view save NAME QUERY"]);
    }
    let mut table = Table::new(1);
    for view in views {
        table.row([
            (Label::Id, view.name.as_str()),
            (Label::Text, &view.query),
            (Label::Actor, view.saved_by.as_deref().unwrap_or("")),
        ]);
    }
    page.table("", &table);
}

/// A view in full.
pub fn full(page: &mut Page, view: &SavedView) {
    page.put(Label::Heading, &view.name).end();
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    page.field("query", Label::Text, &view.query);
    page.field("kind", Label::Text, &text(&view.kind));
    page.field("sort", Label::Text, &text(&view.sort));
    page.field("columns", Label::Text, &text(&view.columns));
    if view.all {
        page.field("closed items", Label::Text, "included");
    }
    let when = view.saved_at.as_deref().map(|at| page.when(at));
    let saved = format!("{} by {}", when.unwrap_or_default(), text(&view.saved_by));
    page.field("saved", Label::Dim, &saved);
}
