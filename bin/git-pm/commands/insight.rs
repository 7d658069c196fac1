//! `git pm triage`, `insight` and `stats`: what to do next, what everything hangs on, how it goes.

use clap::builder::PossibleValuesParser;
use git_pm::work::insight::Metric;

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
    #[arg(long, value_name = "N", value_parser = crate::parse::limit, default_value_t = git_pm::work::insight::LIMIT)]
    pub limit: usize,
}

/// Shows what to do next.
///
/// # Errors
/// When the state cannot be read.
pub fn triage(context: &Context, args: &TriageArgs) -> Outcome {
    let view = context.pm()?.triage(Some(args.limit))?;
    context.paged(&view, render::triage::triage)
}

/// Show the project in numbers: counts, speed, age
///
/// Speed is what was finished, not what was given up. A week is seven days; the last one ends now.
///
/// `git pm stats plan` tells how planning goes: how often plans are approved with few edits, how long
/// until the first start, how far recommendations and estimates were off.
#[derive(clap::Args, Debug)]
pub struct StatsArgs {
    /// Of what; everything without.
    #[arg(value_name = "WHAT", value_parser = ["plan"])]
    pub what: Option<String>,
}

/// Shows the numbers.
///
/// # Errors
/// When the state cannot be read.
pub fn stats(context: &Context, args: &StatsArgs) -> Outcome {
    if args.what.is_some() {
        let stats = context.pm()?.plan_stats()?;
        return context.answer(&stats, render::plan::stats);
    }
    let view = context.pm()?.stats()?;
    context.answer(&view, render::triage::health)
}

/// Measure the graph of open items: what everything hangs on
///
/// Cycles, the critical path and its slack, PageRank, betweenness, articulation points, cores,
/// degrees and staleness. Each measure says whether it was computed, approximated (then how) or
/// skipped.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm insight
  git pm insight --only critical-path --limit 3
  git pm insight --only pagerank --only betweenness --json")]
pub struct InsightArgs {
    /// Computes only this measure; may be given several times.
    #[arg(long, value_name = "MEASURE", value_parser = PossibleValuesParser::new(Metric::ALL.map(Metric::as_str)))]
    pub only: Vec<String>,
    /// Shows at most N items of each measure; 0 for all.
    #[arg(long, value_name = "N", value_parser = crate::parse::limit, default_value_t = git_pm::work::insight::LIMIT)]
    pub limit: usize,
}

/// Shows the measures.
///
/// # Errors
/// When the state cannot be read.
pub fn insight(context: &Context, args: &InsightArgs) -> Outcome {
    let only: Vec<Metric> = args.only.iter().filter_map(|m| Metric::parse(m)).collect();
    let view = context.pm()?.insight(&only, Some(args.limit))?;
    context.paged(&view, |page, view| {
        render::insight::insight(page, view, args.limit);
    })
}
