//! `git pm log`.

use git_pm::history::log::LogFilter;

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Show what happened, newest first
///
/// Every change is a commit on refs/pm/main; this lists them, of one item if an id is given,
/// whatever its id was at the time. What is given narrows the list together. A time is a day
/// (2026-11-20, in UTC; both ends of it count), a time with its zone (2026-11-20T10:30:00Z),
/// `today`, `yesterday`, or how long ago (2d, "3 weeks ago").
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm log T-0001             the life of a task
  git pm log --actor ana --since yesterday
  git pm log --op task --limit 20
  git pm log --conflicts        what merging two clones overrode")]
pub struct LogArgs {
    /// Only changes of this item.
    #[arg(value_name = "ID")]
    pub id: Option<String>,
    /// Only by this actor; with `--conflicts`, what this actor's write won or lost.
    #[arg(long, value_name = "NAME")]
    pub actor: Option<String>,
    /// Only operations whose words begin so: `task`, `task edit`, `merge`.
    #[arg(long, value_name = "OP")]
    pub op: Option<String>,
    /// Only what was done at this time or later.
    #[arg(long, value_name = "WHEN")]
    pub since: Option<String>,
    /// Only what was done at this time or before.
    #[arg(long, value_name = "WHEN")]
    pub until: Option<String>,
    /// Shows at most N; 0 for all.
    #[arg(long, value_name = "N", value_parser = crate::arguments::values::limit)]
    pub limit: Option<usize>,
    /// Shows the values that merges overrode instead, because two clones wrote the same field.
    #[arg(long)]
    pub conflicts: bool,
    /// Shows what git says of each commit's signature.
    #[arg(long, conflicts_with = "conflicts")]
    pub show_signature: bool,
}

/// Shows the history.
///
/// # Errors
/// When the history cannot be read, or a filter names what is not there.
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
