//! `git pm triage`.

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Say what to do next and why, ranked, with the exact commands
///
/// The best picks, open work ranked by priority, what waits for it, PageRank, betweenness and age,
/// small things that can be done now, what holds others up, how the project does, and what is not
/// as it should be. A pick is never blocked, never held by anybody, never assigned to somebody
/// else.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm triage
  git pm triage --limit 3 --json
  git pm --as claude-2 triage   what is there for claude-2?")]
pub struct TriageArgs {
    /// Shows at most N items of each list; 0 for all.
    #[arg(long, value_name = "N", value_parser = crate::arguments::values::limit, default_value_t = git_pm::work::insight::LIMIT)]
    pub limit: usize,
}

/// Shows what to do next.
///
/// # Errors
/// When the state cannot be read.
pub fn triage(context: &Context, args: &TriageArgs) -> Outcome {
    let view = context.pm()?.insights().triage(Some(args.limit))?;
    context.paged(&view, render::triage::triage)
}
