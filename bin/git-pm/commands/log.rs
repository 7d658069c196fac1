//! `git pm log`.

use git_pm::log::LogFilter;

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Show the history, newest first
///
/// Lists the changes, which are commits on refs/pm/main. With an ID, lists those of one item,
/// including changes made under a former id. All filters apply together. A time is a day
/// (2026-11-20, in UTC, inclusive), a timestamp (2026-11-20T10:30:00Z), `today`, `yesterday`, or a
/// time ago (2d, "3 weeks ago").
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm log T-0001             the history of a task
  git pm log --actor ana --since yesterday
  git pm log --op task --limit 20
  git pm log --conflicts        values that merges overrode")]
pub struct LogArgs {
    /// Filter by item.
    pub id: Option<String>,
    /// Filter by actor; with `--conflicts`, by the actor whose value was kept or overridden.
    #[arg(long, value_name = "NAME")]
    pub actor: Option<String>,
    /// Filter by operation prefix: `task`, `task edit`, `merge`.
    #[arg(long)]
    pub op: Option<String>,
    /// Filter by time: this time or later.
    #[arg(long, value_name = "WHEN")]
    pub since: Option<String>,
    /// Filter by time: this time or earlier.
    #[arg(long, value_name = "WHEN")]
    pub until: Option<String>,
    /// Maximum number of changes; 0 for all.
    #[arg(long, value_name = "N", value_parser = crate::arguments::values::limit)]
    pub limit: Option<usize>,
    /// List instead the values that merges overrode because two clones wrote the same field.
    #[arg(long)]
    pub conflicts: bool,
    /// Verify and show each commit's signature.
    #[arg(long, conflicts_with = "conflicts")]
    pub show_signature: bool,
}

/// Shows the history.
pub fn run(context: &Context, args: LogArgs) -> Outcome {
    let filter = LogFilter {
        item: args.id,
        actor: args.actor,
        op: args.op,
        since: args.since,
        until: args.until,
        limit: args.limit,
        signatures: args.show_signature,
    };
    let pm = context.pm()?;
    if args.conflicts {
        let values = pm.history().log_conflicts(&filter)?;
        return context.paged_list(&values, render::log::overridden);
    }
    context.stream(
        |show| pm.history().log_each(&filter, |entry| Ok(show(entry))),
        render::log::log,
    )
}
