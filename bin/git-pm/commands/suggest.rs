//! `git pm suggest`.

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Suggest duplicates, dependencies and labels
///
/// Finds open items with similar titles, dependencies that texts mention (`depends on T-0007`),
/// labels of items with similar words, and claims whose holders are inactive. No language model is
/// used and nothing is changed: each suggestion includes the command that applies it.
#[derive(clap::Args, Debug)]
pub struct SuggestArgs {
    /// Maximum number of suggestions of each kind; 0 for all.
    #[arg(long, value_name = "N", value_parser = crate::arguments::values::limit, default_value_t = git_pm::insights::LIMIT)]
    pub limit: usize,
}

/// Lists suggestions.
pub fn suggest(context: &Context, args: &SuggestArgs) -> Outcome {
    let view = context.pm()?.insights().suggest(Some(args.limit))?;
    context.answer(&view, render::analyze::suggest)
}
