//! `git pm log`.

use git_pm::request::LogFilter;

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Show what happened, newest first
///
/// Every change is a commit on refs/pm/main; this lists them, of one item if an id is given.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm log T-0001             the life of a task
  git pm log --conflicts        what merging two clones overrode")]
pub struct LogArgs {
    /// Only changes of this item.
    #[arg(value_name = "ID")]
    pub id: Option<String>,
    /// Shows at most so many.
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    /// Shows the values that merges overrode instead, because two clones wrote the same field.
    #[arg(long)]
    pub conflicts: bool,
}

/// Shows the history.
///
/// # Errors
/// When the history cannot be read.
pub fn run(context: &Context, args: &LogArgs) -> Outcome {
    let filter = LogFilter {
        item: args.id.clone(),
        limit: args.limit,
    };
    let pm = context.pm()?;
    if args.conflicts {
        let values = pm.log_conflicts(&filter)?;
        return context.paged_list(&values, render::history::overridden);
    }
    let entries = pm.log(&filter)?;
    context.paged_list(&entries, render::history::log)
}
