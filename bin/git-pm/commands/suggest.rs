//! `git pm suggest`.

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Suggest what may be missing: duplicates, dependencies, labels
///
/// Open items with similar titles, dependencies that texts mention (`depends on T-0007`), labels that
/// items with the same words have, and claims whose holders are silent. Nothing is guessed by a model,
/// and nothing is changed: each suggestion names the command that follows it.
#[derive(clap::Args, Debug)]
pub struct SuggestArgs {
    /// Shows at most N of each sort; 0 for all.
    #[arg(long, value_name = "N", value_parser = crate::arguments::values::limit, default_value_t = git_pm::work::insight::LIMIT)]
    pub limit: usize,
}

/// Lists suggestions.
///
/// # Errors
/// When the state cannot be read.
pub fn suggest(context: &Context, args: &SuggestArgs) -> Outcome {
    let view = context.pm()?.insights().suggest(Some(args.limit))?;
    context.answer(&view, render::suggest::suggest)
}
