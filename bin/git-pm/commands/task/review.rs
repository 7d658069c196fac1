//! `git pm task diff` and `git pm task return`: the review of submitted work.

use git_pm::verbs::item::Return;

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Show what the work on a task changes
///
/// Compares the submitted commit, or else the tip of the task's branch, with the commit at which the
/// branch left its target. The work is fetched if it is not in this clone.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm task diff T-0001
  git pm task diff T-0001 --stat
  git pm task diff T-0001 src/login tests/login.rs")]
pub struct DiffArgs {
    /// Item ID.
    pub id: String,
    /// Only these files and folders, from the top of the repository.
    #[arg(value_name = "PATH")]
    pub paths: Vec<String>,
    /// Only the names of the files, with the numbers of changed lines.
    #[arg(long)]
    pub stat: bool,
}

/// Shows what the work on a task changes.
pub fn diff(context: &Context, args: &DiffArgs) -> Outcome {
    let mut diff = context.pm()?.tasks().diff(&args.id, &args.paths)?;
    if args.stat {
        diff.diff = None;
    }
    context.paged(&diff, |page, diff| {
        render::workflow::work_diff(page, diff, args.stat);
    })
}

/// Returns submitted work to its author.
pub fn return_work(context: &Context, request: Return) -> Outcome {
    let item = context.verb(request)?;
    context.answer(&item, render::workflow::returned_work)
}
