//! Renders suggestions.

use git_pm::insights::SuggestView;

use super::page::Page;
use super::style::Label;
use super::table::Table;

/// The suggestions.
pub fn suggest(page: &mut Page, view: &SuggestView) {
    let found = [
        view.silent.len(),
        view.duplicates.len(),
        view.edges.len(),
        view.labels.len(),
    ];
    if found == [0; 4] {
        page.line("No suggestions.");
    }
    if !view.silent.is_empty() {
        page.heading("inactive holders");
        let mut table = Table::new(1);
        for one in &view.silent {
            table.row([
                (Label::Id, one.id.as_str()),
                (Label::Text, &one.message),
                (Label::Command, &one.command),
            ]);
        }
        page.table("  ", &table);
    }
    if !view.duplicates.is_empty() {
        page.heading("possible duplicates");
        let mut table = Table::new(1);
        for hint in &view.duplicates {
            table.row([
                (Label::Id, format!("{} = {}", hint.id, hint.of).as_str()),
                (Label::Text, &hint.title),
                (Label::Dim, &format!("{:.0}%", hint.similarity * 100.0)),
                (Label::Command, &hint.command),
            ]);
        }
        page.table("  ", &table);
    }
    if !view.edges.is_empty() {
        page.heading("dependencies mentioned in texts");
        let mut table = Table::new(1);
        for hint in &view.edges {
            table.row([
                (Label::Id, hint.id.as_str()),
                (Label::Text, &hint.reason),
                (Label::Command, &hint.command),
            ]);
        }
        page.table("  ", &table);
    }
    if !view.labels.is_empty() {
        page.heading("labels");
        let mut table = Table::new(1);
        for hint in &view.labels {
            table.row([
                (Label::Id, hint.id.as_str()),
                (Label::Text, &hint.title),
                (Label::Dim, &hint.reason),
                (Label::Command, &hint.command),
            ]);
        }
        page.table("  ", &table);
    }
}
