//! `git pm insight`.

use clap::builder::PossibleValuesParser;
use git_pm::insights::Metric;

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Measure the dependency graph of open items
///
/// Computes cycles, the critical path and its slack, PageRank, betweenness, articulation points,
/// cores, degrees and staleness. Each measure is marked as computed, approximated (and how) or
/// skipped.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm insight
  git pm insight --only critical-path --limit 3
  git pm insight --only pagerank --only betweenness --json")]
pub struct InsightArgs {
    /// Measure to compute (repeatable).
    #[arg(long, value_name = "MEASURE", value_parser = PossibleValuesParser::new(Metric::ALL.map(Metric::as_str)))]
    pub only: Vec<String>,
    /// Maximum number of items per measure; 0 for all.
    #[arg(long, value_name = "N", value_parser = crate::arguments::values::limit, default_value_t = git_pm::insights::LIMIT)]
    pub limit: usize,
}

/// Shows the measures.
pub fn insight(context: &Context, args: &InsightArgs) -> Outcome {
    let only: Vec<Metric> = args.only.iter().filter_map(|m| Metric::parse(m)).collect();
    let view = context.pm()?.insights().measures(&only, Some(args.limit))?;
    context.paged(&view, |page, view| {
        render::insight::insight(page, view, args.limit);
    })
}
