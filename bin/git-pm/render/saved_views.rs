//! Renders saved views.

use git_pm::items::SavedView;

use super::page::Page;
use super::style::Label;

/// Name and query in one line.
pub fn line(page: &mut Page, view: &SavedView) {
    page.put(Label::Id, &view.name).text("  ").line(&view.query);
}

/// Saved views as a table.
pub fn list(page: &mut Page, views: &[SavedView]) {
    page.list("No views.", 1, views, |_, view| {
        [
            Label::Id.of(&view.name),
            Label::Text.of(&view.query),
            Label::Actor.of(&view.saved_by),
        ]
    });
    if views.is_empty() {
        page.next(&["git pm view save NAME QUERY"]);
    }
}

/// A view in full.
pub fn full(page: &mut Page, view: &SavedView) {
    page.put(Label::Heading, &view.name).end();
    page.field("query", Label::Text, &view.query);
    page.field("kind", Label::Text, &view.kind);
    page.field("sort", Label::Text, &view.sort);
    page.field("columns", Label::Text, &view.columns);
    page.field("closed items", Label::Text, view.all.then_some("included"));
    let when = view.saved_at.as_deref().map(|at| page.when(at));
    let by = view.saved_by.as_deref().unwrap_or_default();
    let saved = format!("{} by {by}", when.unwrap_or_default());
    page.field("saved", Label::Dim, saved);
}
