//! `git pm merge`.

use git_pm::tasks::{MergeOptions, MergeStrategy};

use crate::arguments::values::Words;
use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Merge the branch of an approved task
///
/// Updates the target branch atomically, marks the task done and removes its worktree if clean. The
/// branch must match the approval; a rebase that keeps its changes is allowed. Fails without any
/// effect if files conflict or have uncommitted changes in the target's checkout.
///
/// The approval is first checked against the remote; a warning says so if it was not. For an agent,
/// it is always checked, even with `--offline` or `pm.sync manual`, and items that a human blocked,
/// deferred, cancelled or deleted are not merged.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm merge T-0001
  git pm merge T-0001 --strategy rebase --target release-1.2")]
pub struct MergeArgs {
    /// ID of a task, issue or epic.
    pub id: String,
    /// Merge strategy; `pm.mergeStrategy` by default, else squash.
    #[arg(long, value_name = "HOW", value_parser = Words(MergeStrategy::VOCABULARY.words))]
    pub strategy: Option<String>,
    /// Target branch; the epic's or the default branch by default.
    #[arg(long, value_name = "BRANCH")]
    pub target: Option<String>,
    /// Run the gates on the result before the target moves.
    #[arg(long)]
    pub gates: bool,
}

/// Merges an item's branch.
pub fn run(context: &Context, args: MergeArgs) -> Outcome {
    let options = MergeOptions {
        strategy: args
            .strategy
            .map(|text| text.parse::<MergeStrategy>())
            .transpose()?,
        target: args.target,
        gates: args.gates,
    };
    let merged = context.pm()?.tasks().merge(&args.id, &options)?;
    context.answer(&merged, render::workflow::merged)
}
