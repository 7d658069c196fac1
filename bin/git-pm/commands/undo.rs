//! `git pm undo`.

use git_pm::log::UndoOptions;

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Undo an operation
///
/// Restores the previous values in a new commit: nothing is lost, and an undo can be undone.
/// Without a commit, undoes your last operation that has not been undone. Items that the operation
/// created are deleted, its claims are released and its reservations end. Claims that it ended are
/// not restored.
///
/// If later work depends on the operation, nothing changes and the reasons are listed. Effects
/// outside the state remain: the branch and worktree of a start, and sent notices. Use `git revert`
/// to undo a merge into a branch.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm undo                   your last operation
  git pm undo --dry-run
  git pm undo 3f2a91c8d0        a commit from `git pm log`
  git pm undo 3f2a91c8d0 --force")]
pub struct UndoArgs {
    /// Commit of the operation.
    pub op: Option<String>,
    /// Undo everything except what later work depends on.
    #[arg(long)]
    pub force: bool,
    /// Show what would change.
    #[arg(long)]
    pub dry_run: bool,
}

/// Undoes an operation.
pub fn run(context: &Context, args: &UndoArgs) -> Outcome {
    let options = UndoOptions {
        force: args.force,
        dry_run: args.dry_run,
    };
    let report = context.pm()?.history().undo(args.op.as_deref(), &options)?;
    context.answer(&report, render::diff::undo)
}
