//! `git pm trace`.

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Trace from a document to commits, or back
///
/// Starts from a PRD, epic, task, requirement (FR-3), line of a document (docs/login.md:54) or
/// commit. Prints the document, its epic, and the tasks with their source lines, criteria,
/// branches, commits (by their `Task:` trailers) and approvals.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm trace T-0003
  git pm trace FR-3
  git pm trace docs/login.md:54
  git pm trace HEAD")]
pub struct TraceArgs {
    /// Starting point.
    #[arg(value_name = "ID|FILE:LINE|COMMIT")]
    pub what: String,
}

/// Prints a trace.
pub fn trace(context: &Context, args: &TraceArgs) -> Outcome {
    let trace = context.pm()?.plans().trace(&args.what)?;
    context.paged(&trace, render::trace::trace)
}
