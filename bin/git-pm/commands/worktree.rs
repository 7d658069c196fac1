//! `git pm worktree`: the worktrees of items.

use git_pm::verbs::clone::{ListWorktrees, WorktreeGc, WorktreePath};

use crate::render;

group! {
    /// List and clean up the worktrees of tasks
    #[command(defer = true, disable_help_subcommand = true)]
    WorktreeCommand, run(context):
    List(request: ListWorktrees) => context.listed(request, render::worktree::worktrees),
    Path(request: WorktreePath) => context.shown(request, |page, found| {
        page.line(&found.path);
    }),
    Gc(request: WorktreeGc) => {
        let dry_run = request.dry_run;
        context.listed(request, |page, views| {
            render::worktree::gc(page, views, dry_run);
        })
    },
}
