//! `git pm merge`.

use git_pm::error::Kind;
use git_pm::tasks::{MergeOptions, MergeStrategy, QUEUE_BATCH_MAX, QueueOptions};

use crate::arguments::values::Words;
use crate::context::Context;
use crate::failure::{Exit, Outcome};
use crate::render;

/// Merge the branch of an approved task, or of all approved tasks
///
/// Updates the target branch atomically, marks the task done and removes its worktree if it
/// is clean and no other process works in it. The
/// branch must match the approval; a rebase that keeps its changes is allowed. Fails without any
/// effect if files conflict or have uncommitted changes in the target's checkout.
///
/// The approval is first checked against the remote; a warning says so if this check is disabled or
/// fails to reach the remote. For an agent, it is always checked, even with `--offline` or
/// `pm.sync manual`, and items that a human blocked, deferred, cancelled or deleted are not merged.
///
/// With `--queue`, all approved items are merged, after the same checks: first those that others
/// depend on or are stacked on, then by critical path, priority and ID. Each is built on top of the
/// target and the items before it, and the gates run on the result (with `--batch`, on the last one
/// of a batch). An item that conflicts or fails the gates is left out, as is what depends on it;
/// the reason is kept as a comment, and the owner is notified. The exit code is 1 if an item was
/// left out, including one that only awaits approval. To complete a queue that was stopped, run it
/// again.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm merge T-0001
  git pm merge T-0001 --strategy rebase --target release-1.2
  git pm merge --queue --plan     the order, and where conflicts are expected
  git pm merge --queue --batch 8  the gates run once for eight items")]
pub struct MergeArgs {
    /// ID of a task, issue or epic.
    #[arg(required_unless_present = "queue")]
    pub id: Option<String>,
    /// Merge strategy; `pm.mergeStrategy` by default, else squash.
    #[arg(long, value_name = "HOW", value_parser = Words(MergeStrategy::VOCABULARY.words))]
    pub strategy: Option<String>,
    /// Target branch; if omitted, the epic's branch, else the default branch.
    #[arg(long, value_name = "BRANCH", conflicts_with = "queue")]
    pub target: Option<String>,
    /// Run the gates on the result before the target moves; `--queue` always does.
    #[arg(long, conflicts_with = "queue")]
    pub gates: bool,
    /// Merge all approved items, in dependency order.
    #[arg(long, conflicts_with = "id")]
    pub queue: bool,
    /// Show the order of the queue with the risk of conflicts; change nothing.
    #[arg(long, requires = "queue", conflicts_with = "id")]
    pub plan: bool,
    /// Number of items that are built on top of each other and tested together, 1 by default. If
    /// the gates fail, bisection finds the first item that makes them fail.
    #[arg(long, value_name = "N", requires = "queue", conflicts_with = "id",
        value_parser = clap::value_parser!(u64).range(1..=QUEUE_BATCH_MAX as u64))]
    pub batch: Option<u64>,
}

/// Merges an item's branch, or works off the queue.
pub fn run(context: &Context, args: MergeArgs) -> Outcome {
    let strategy = args.strategy.map(|text| text.parse::<MergeStrategy>());
    let strategy = strategy.transpose()?;
    let pm = context.pm()?;
    let Some(id) = args.id else {
        let default = QueueOptions::default();
        let batch = args.batch.and_then(|batch| usize::try_from(batch).ok());
        let options = QueueOptions {
            plan: args.plan,
            batch: batch.unwrap_or(default.batch),
            strategy,
            ..default
        };
        let report = pm.tasks().merge_queue(&options)?;
        context.answer(&report, render::merge_queue::queue)?;
        let failed = !report.plan && !report.left_out.is_empty();
        return Ok(Exit::of_if(failed, Kind::Refused));
    };
    let options = MergeOptions {
        strategy,
        target: args.target,
        gates: args.gates,
    };
    let merged = pm.tasks().merge(&id, &options)?;
    context.ask_target_push(&merged.merged.target)?;
    context.answer(&merged, render::workflow::merged)
}
