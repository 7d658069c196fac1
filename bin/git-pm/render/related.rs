//! Renders related items.

use git_pm::insights::RelatedItem;

use super::page::Page;
use super::style::{self, Label};
use super::table::Table;

/// The items related to an item.
pub fn related(page: &mut Page, items: &[RelatedItem]) {
    if items.is_empty() {
        page.line("No related items.");
    }
    let mut table = Table::new(2);
    for item in items {
        table.row([
            (Label::Id, item.item.id.as_str()),
            (style::status(&item.item.status), &item.item.status),
            (Label::Text, &item.item.title),
            (Label::Dim, &item.reasons.join("; ")),
        ]);
    }
    page.table("", &table);
}
