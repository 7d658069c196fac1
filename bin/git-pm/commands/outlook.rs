//! `git pm impact`, `related`, `forecast` and `suggest`: what touches what, how long it may take,
//! what may be missing.

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Find the items that have to do with files
///
/// By the `Task:` trailers of commits that changed them, on local branches and HEAD, and by the
/// paths that items plan to touch.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm impact src/auth.rs
  git pm impact 'src/**/*.rs' docs")]
pub struct ImpactArgs {
    /// Files, folders or globs, from the repository's root; `./x` is meant from here.
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<String>,
}

/// Lists the items of each path.
///
/// # Errors
/// When a path is none.
pub fn impact(context: &Context, args: &ImpactArgs) -> Outcome {
    let views = context.pm()?.impact(&args.paths)?;
    context.list(&views, render::outlook::impact)
}

/// Find what has to do with an item
///
/// By edges either way, planned paths that could meet, the same parent, labels in common and
/// titles with the same words; each with its reasons.
#[derive(clap::Args, Debug)]
pub struct RelatedArgs {
    /// The item's id.
    #[arg(value_name = "ID")]
    pub id: String,
    /// Shows at most N; 0 for all.
    #[arg(long, value_name = "N", value_parser = crate::parse::limit, default_value_t = git_pm::work::insight::LIMIT)]
    pub limit: usize,
}

/// Lists what is related.
///
/// # Errors
/// When there is no such item.
pub fn related(context: &Context, args: &RelatedArgs) -> Outcome {
    let items = context.pm()?.related(&args.id, Some(args.limit))?;
    context.list(&items, render::outlook::related)
}

/// Say when work may be finished, judged by how long work took
///
/// The days of the last twelve weeks are drawn at random, two thousand times, until what is left
/// is done; the answer says on how many finished items it rests and how sure it is. The same state
/// at the same time gives the same answer.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm forecast               everything open
  git pm forecast E-0001        an epic: all that is below it and what that waits for
  git pm forecast T-0012")]
pub struct ForecastArgs {
    /// The item or epic; everything open without.
    #[arg(value_name = "ID")]
    pub id: Option<String>,
}

/// Shows a forecast.
///
/// # Errors
/// When there is no such item.
pub fn forecast(context: &Context, args: &ForecastArgs) -> Outcome {
    let view = context.pm()?.forecast(args.id.as_deref())?;
    context.answer(&view, render::outlook::forecast)
}

/// Suggest what may be missing: duplicates, dependencies, labels
///
/// Open items with similar titles, dependencies that texts mention (`depends on T-0007`), labels that
/// items with the same words have, and claims whose holders are silent. Nothing is guessed by a model,
/// and nothing is changed: each suggestion names the command that follows it.
#[derive(clap::Args, Debug)]
pub struct SuggestArgs {
    /// Shows at most N of each sort; 0 for all.
    #[arg(long, value_name = "N", value_parser = crate::parse::limit, default_value_t = git_pm::work::insight::LIMIT)]
    pub limit: usize,
}

/// Lists suggestions.
///
/// # Errors
/// When the state cannot be read.
pub fn suggest(context: &Context, args: &SuggestArgs) -> Outcome {
    let view = context.pm()?.suggest(Some(args.limit))?;
    context.answer(&view, render::outlook::suggest)
}
