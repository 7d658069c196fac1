//! `git pm task diff` and `git pm task return`: the review of submitted work.

use std::path::PathBuf;

use crate::arguments::stdin::{file_or_stdin, text_or_stdin};
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

/// Return submitted work to its author
///
/// The task is queued again, for its author first: `git pm next --claim` and `git pm start` continue
/// it on the same branch, with the note in the briefing. After the time of a lease anybody may take
/// it. Only a human can return approved work. A line `path:line: text` in the note is about that line
/// of a file.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm task return T-0001 --note \"handle an empty list\"
  git pm task return T-0001 -F review.txt
  printf 'src/login.rs:12: the name is misleading\\n' | git pm task return T-0001 -F -")]
pub struct ReturnArgs {
    /// Item ID.
    pub id: String,
    /// What to change, in Markdown; `-` reads standard input.
    #[arg(
        short = 'm',
        long,
        value_name = "TEXT",
        required_unless_present = "file"
    )]
    pub note: Option<String>,
    /// File with the note; `-` reads standard input.
    #[arg(short = 'F', long, value_name = "FILE", conflicts_with = "note")]
    pub file: Option<PathBuf>,
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
pub fn return_work(context: &Context, args: &ReturnArgs) -> Outcome {
    let note = match &args.file {
        Some(file) => file_or_stdin(file)?,
        None => text_or_stdin(args.note.as_deref().unwrap_or_default())?,
    };
    let item = context.pm()?.tasks().return_work(&args.id, &note)?;
    context.answer(&item, render::workflow::returned_work)
}
