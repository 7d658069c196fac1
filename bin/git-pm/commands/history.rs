//! `git pm log` and `git pm diff`: the history of the state.

use git_pm::log::LogFilter;

use crate::arguments::values::limit;
use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// The commands, in the order of the help.
// Not deferred: `log --actor` takes the place of the global option of that name.
#[derive(clap::Subcommand, Debug)]
pub enum HistoryCommand {
    /// Show the history, newest first
    ///
    /// Lists the changes, which are commits on refs/pm/main. With an ID, lists those of one item,
    /// including changes made under a former ID. All filters apply together. A time is a day
    /// (2026-11-20, in UTC, inclusive), a timestamp (2026-11-20T10:30:00Z), `today`, `yesterday`,
    /// or a relative time (2d or "3 weeks ago").
    #[command(after_help = "\
Examples:
  git pm log T-0001             the history of a task
  git pm log --actor ana --since yesterday
  git pm log --op task --limit 20
  git pm log --conflicts        values that merges overrode")]
    Log {
        /// Filter by item.
        id: Option<String>,
        /// Filter by actor; with `--conflicts`, by the actor whose value was kept or overridden.
        #[arg(long, value_name = "NAME")]
        actor: Option<String>,
        /// Filter by operation prefix: `task`, `task edit`, `merge`.
        #[arg(long)]
        op: Option<String>,
        /// Filter by time: this time or later.
        #[arg(long, value_name = "WHEN")]
        since: Option<String>,
        /// Filter by time: this time or earlier.
        #[arg(long, value_name = "WHEN")]
        until: Option<String>,
        /// Maximum number of changes; 0 for all.
        #[arg(long, value_name = "N", value_parser = limit)]
        limit: Option<usize>,
        /// Instead, list the values that merges overrode because two clones wrote the same field.
        #[arg(long)]
        conflicts: bool,
        /// Verify and show each commit's signature.
        #[arg(long, conflicts_with = "conflicts")]
        show_signature: bool,
    },
    /// Show the changes between two states, item by item
    ///
    /// Prints created, changed and deleted items, with the old and new values, criteria, claims,
    /// comments and texts. Each end of the range is a commit of the state (from `git pm log`, or
    /// any git revision such as refs/pm/main~3) or a time, as in `git pm log`; a range includes its
    /// first and last day. A single REV is compared with the current state. Without an argument,
    /// the last synced state is compared with the current one.
    #[command(after_help = "\
Examples:
  git pm diff                       unsynced changes
  git pm diff yesterday
  git pm diff \"1 week ago\"..today
  git pm diff 3f2a91c8d0..          since a commit from `git pm log`
  git pm diff refs/pm/main~3..refs/pm/main")]
    Diff {
        /// The two states to compare, or the old one.
        #[arg(value_name = "REV..REV")]
        range: Option<String>,
    },
}

/// Runs a command of the group.
pub fn run(context: &Context, command: HistoryCommand) -> Outcome {
    let history = context.pm()?.history();
    match command {
        HistoryCommand::Diff { range } => {
            context.paged(&history.diff(range.as_deref())?, render::diff::diff)
        }
        HistoryCommand::Log {
            id,
            actor,
            op,
            since,
            until,
            limit,
            conflicts,
            show_signature,
        } => {
            let filter = LogFilter {
                item: id,
                actor,
                op,
                since,
                until,
                limit,
                signatures: show_signature,
            };
            if conflicts {
                let values = history.log_conflicts(&filter)?;
                return context.paged_list(&values, render::log::overridden);
            }
            context.stream(
                |show| history.log_each(&filter, |entry| Ok(show(entry))),
                render::log::log,
            )
        }
    }
}
