//! `git pm related`.

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

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
    #[arg(long, value_name = "N", value_parser = crate::arguments::values::limit, default_value_t = git_pm::work::insight::LIMIT)]
    pub limit: usize,
}

/// Lists what is related.
///
/// # Errors
/// When there is no such item.
pub fn related(context: &Context, args: &RelatedArgs) -> Outcome {
    let items = context
        .pm()?
        .insights()
        .related(&args.id, Some(args.limit))?;
    context.list(&items, render::related::related)
}
