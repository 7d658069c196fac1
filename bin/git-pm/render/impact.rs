//! Renders the items that touch files.

use git_pm::insights::ImpactView;

use super::page::Page;
use super::style::{self, Label};
use super::table::Table;

/// The items of each path.
pub fn impact(page: &mut Page, views: &[ImpactView]) {
    for view in views {
        page.gap();
        page.put(Label::Path, &view.path).end();
        if view.items.is_empty() {
            page.line("  no items");
        }
        let mut table = Table::new(2);
        for item in &view.items {
            let commits = match item.commits {
                0 => String::new(),
                1 => "1 commit".into(),
                n => format!("{n} commits"),
            };
            let last = item.last_commit_at.as_deref().map(|at| page.when(at));
            let plans = match item.planned.is_empty() {
                true => String::new(),
                false => format!("plans {}", item.planned.join(", ")),
            };
            table.row([
                (Label::Id, item.item.id.as_str()),
                (style::status(&item.item.status), &item.item.status),
                (Label::Text, &item.item.title),
                (Label::Dim, &commits),
                (Label::Dim, last.as_deref().unwrap_or("")),
                (Label::Path, &plans),
            ]);
        }
        page.table("  ", &table);
    }
}
