//! `git pm undo`.

use git_pm::history::undo::UndoOptions;

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Undo an operation
///
/// Writes what was there before, in a new commit: nothing is lost, and an undoing can be undone.
/// Without a commit it is your own last operation that stands. What the operation made is deleted,
/// a claim is released, a reservation ended; a claim that it ended does not come back by itself.
///
/// If later work depends on it, nothing is done and the reasons are listed. What lies outside the
/// state stays: the branch and worktree of a start, a message that was sent. A merge into a branch
/// is undone with `git revert`.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm undo                   your last operation
  git pm undo --dry-run
  git pm undo 3f2a91c8d0        the commit of `git pm log`; of an undo, too
  git pm undo 3f2a91c8d0 --force")]
pub struct UndoArgs {
    /// The operation's commit.
    #[arg(value_name = "OP")]
    pub op: Option<String>,
    /// Leaves what later work depends on, and undoes the rest.
    #[arg(long)]
    pub force: bool,
    /// Only shows what would change.
    #[arg(long)]
    pub dry_run: bool,
}

/// Undoes an operation.
///
/// # Errors
/// When it cannot be undone.
pub fn run(context: &Context, args: &UndoArgs) -> Outcome {
    let options = UndoOptions {
        force: args.force,
        dry_run: args.dry_run,
    };
    let report = context.pm()?.history().undo(args.op.as_deref(), &options)?;
    context.answer(&report, render::diff::undo)
}
