//! `git pm insight`.

use clap::builder::PossibleValuesParser;
use git_pm::work::insight::Metric;

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

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
    #[arg(long, value_name = "N", value_parser = crate::arguments::values::limit, default_value_t = git_pm::work::insight::LIMIT)]
    pub limit: usize,
}

/// Shows the measures.
///
/// # Errors
/// When the state cannot be read.
pub fn insight(context: &Context, args: &InsightArgs) -> Outcome {
    let only: Vec<Metric> = args.only.iter().filter_map(|m| Metric::parse(m)).collect();
    let view = context.pm()?.insights().measures(&only, Some(args.limit))?;
    context.paged(&view, |page, view| {
        render::insight::insight(page, view, args.limit);
    })
}
