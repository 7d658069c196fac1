//! `git pm worktree`: the worktrees of items.

use git_pm::verbs::clone::{ListWorktrees, WorktreeGc, WorktreePath};

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// List and clean up the worktrees of tasks
#[derive(clap::Subcommand, Debug)]
#[command(defer = true, disable_help_subcommand = true)]
pub enum WorktreeCommand {
    List(ListWorktrees),
    Path(WorktreePath),
    Gc(WorktreeGc),
}

/// Runs a verb of the group.
pub fn run(context: &Context, command: WorktreeCommand) -> Outcome {
    match command {
        WorktreeCommand::List(request) => context.listed(request, render::worktree::worktrees),
        WorktreeCommand::Path(request) => context.shown(request, |page, found| {
            page.line(&found.path);
        }),
        WorktreeCommand::Gc(request) => {
            let dry_run = request.dry_run;
            context.listed(request, |page, views| {
                render::worktree::gc(page, views, dry_run);
            })
        }
    }
}
