//! `git pm merge`.

use git_pm::work::task::merge::MergeOptions;

use crate::arguments::values::Words;
use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Merge the branch of an approved task
///
/// Moves the target branch in one step, marks the task done and removes its clean worktree. The
/// branch has to be as it was approved; a rebase that leaves its changes as they are does not matter.
/// Refuses before it moves anything when files conflict or the target's checkout has uncommitted
/// work in them.
///
/// The remote is asked first whether the approval stands; where it was not asked, that is said. For an
/// agent it is asked whatever `--offline` and `pm.sync` say, and what a human stopped is not merged.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm merge T-0001
  git pm merge T-0001 --strategy rebase --target release-1.2")]
pub struct MergeArgs {
    /// The id of a task, an issue or an epic.
    #[arg(value_name = "ID")]
    pub id: String,
    /// How to merge; `pm.mergeStrategy`, else squash, by default.
    #[arg(long, value_name = "HOW", value_parser = Words(&["squash", "merge", "rebase"]))]
    pub strategy: Option<String>,
    /// The branch to move; the epic's or the default branch otherwise.
    #[arg(long, value_name = "BRANCH")]
    pub target: Option<String>,
}

/// Merges an item's branch.
///
/// # Errors
/// When it is not approved, conflicts, or the target moved.
pub fn run(context: &Context, args: MergeArgs) -> Outcome {
    let options = MergeOptions {
        strategy: args.strategy,
        target: args.target,
    };
    let merged = context.pm()?.tasks().merge(&args.id, &options)?;
    context.answer(&merged, render::workflow::merged)
}
