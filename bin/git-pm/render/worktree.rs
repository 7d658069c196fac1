//! Renders worktrees.

use git_pm::text::bytes;
use git_pm::worktrees::{GcView, WorktreeView};

use super::page::Page;
use super::style::{self, Label};
use super::table::Table;

/// Worktrees as a table.
pub fn worktrees(page: &mut Page, worktrees: &[WorktreeView]) {
    let mut table = Table::new(3);
    for worktree in worktrees {
        let status = worktree.status.as_deref().unwrap_or("");
        let note = match (worktree.main, worktree.dirty) {
            (true, Some(true)) => "main, uncommitted changes",
            (true, _) => "main",
            (false, Some(true)) => "uncommitted changes",
            (false, _) => "",
        };
        table.row([
            (Label::Id, worktree.item.as_deref().unwrap_or("")),
            (style::status(status), status),
            (Label::Path, worktree.branch.as_deref().unwrap_or("")),
            (Label::Text, &worktree.path),
            (Label::Dim, &worktree.size.map(bytes).unwrap_or_default()),
            (Label::Active, note),
        ]);
    }
    page.table("", &table);
}

/// The report of `worktree gc`.
pub fn gc(page: &mut Page, views: &[GcView], dry_run: bool) {
    if views.is_empty() {
        page.line("No worktrees of items.");
    }
    let removed = if dry_run { "would remove" } else { "removed" };
    let mut table = Table::new(2);
    for view in views {
        let (label, word) = if view.removed {
            (Label::Good, removed)
        } else {
            (Label::Dim, "kept")
        };
        table.row([
            (label, word),
            (Label::Id, view.item.as_deref().unwrap_or("")),
            (Label::Path, &view.path),
            (Label::Dim, &view.reason),
        ]);
    }
    page.table("", &table);
}
