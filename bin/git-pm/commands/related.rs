//! `git pm related`.

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Find items related to an item
///
/// Items are related by edges, overlapping planned paths, a common parent, common labels or similar
/// titles. Each is listed with its reasons.
#[derive(clap::Args, Debug)]
pub struct RelatedArgs {
    /// Item ID.
    #[arg(value_name = "ID")]
    pub id: String,
    /// Maximum number of items; 0 for all.
    #[arg(long, value_name = "N", value_parser = crate::arguments::values::limit, default_value_t = git_pm::insights::LIMIT)]
    pub limit: usize,
}

/// Lists related items.
pub fn related(context: &Context, args: &RelatedArgs) -> Outcome {
    let items = context
        .pm()?
        .insights()
        .related(&args.id, Some(args.limit))?;
    context.list(&items, render::analyze::related)
}
