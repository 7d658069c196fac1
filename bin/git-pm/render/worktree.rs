//! Renders worktrees.

use git_pm::text::bytes;
use git_pm::worktrees::{GcView, WorktreeView};

use super::page::Page;
use super::style::Label;
use super::table::Cell;

/// Worktrees as a table.
pub fn worktrees(page: &mut Page, worktrees: &[WorktreeView]) {
    page.rows("", 3, worktrees, |_, worktree| {
        let status = worktree.status.as_deref().unwrap_or("");
        let note = match (worktree.main, worktree.dirty) {
            _ if worktree.problem.is_some() => worktree.problem.as_deref().unwrap_or(""),
            (true, Some(true)) => "main, uncommitted changes",
            (true, _) => "main",
            (false, Some(true)) => "uncommitted changes",
            (false, _) => "",
        };
        [
            Label::Id.of(&worktree.item),
            Cell::status(status),
            Label::Path.of(&worktree.branch),
            Label::Text.of(&worktree.path),
            Label::Dim.of(worktree.size.map(bytes)),
            Label::Active.of(note),
        ]
    });
}

/// The report of `worktree gc`.
pub fn gc(page: &mut Page, views: &[GcView], dry_run: bool) {
    let removed = if dry_run { "would remove" } else { "removed" };
    page.list("No item has a worktree.", 2, views, |_, view| {
        let word = if view.removed { removed } else { "kept" };
        [
            Label::good_if(view.removed).of(word),
            Label::Id.of(&view.item),
            Label::Path.of(&view.path),
            Label::Dim.of(&view.reason),
        ]
    });
}
