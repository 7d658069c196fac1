//! `git pm trace`.

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Follow the chain from a document to commits, or back
///
/// Of a PRD, an epic, a task, a requirement (FR-3), a line of a document (docs/login.md:54) or a commit:
/// the document, its epic, the tasks with the lines they came from, their criteria, branches, commits
/// (by their `Task:` trailers) and approvals.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm trace T-0003
  git pm trace FR-3
  git pm trace docs/login.md:54
  git pm trace HEAD")]
pub struct TraceArgs {
    /// Where to begin.
    #[arg(value_name = "ID|FILE:LINE|COMMIT")]
    pub what: String,
}

/// Follows a chain.
///
/// # Errors
/// When there is nothing of that name.
pub fn trace(context: &Context, args: &TraceArgs) -> Outcome {
    let trace = context.pm()?.plans().trace(&args.what)?;
    context.paged(&trace, render::trace::trace)
}
