//! `git pm triage`.

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Recommend what to do next, with reasons and commands
///
/// Prints the best picks, open work ranked by priority, dependents, PageRank, betweenness and age,
/// quick wins, blockers, project health, and alerts. A pick is never blocked, claimed, or assigned
/// to another actor.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm triage
  git pm triage --limit 3 --json
  git pm --as claude-2 triage   recommend for claude-2")]
pub struct TriageArgs {
    /// Maximum number of items in each list; 0 for all.
    #[arg(long, value_name = "N", value_parser = crate::arguments::values::limit, default_value_t = git_pm::insights::LIMIT)]
    pub limit: usize,
}

/// Shows recommendations.
pub fn triage(context: &Context, args: &TriageArgs) -> Outcome {
    let view = context.pm()?.insights().triage(Some(args.limit))?;
    context.paged(&view, render::analyze::triage)
}
