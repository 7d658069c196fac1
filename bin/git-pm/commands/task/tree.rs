//! `git pm task tree`.

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Show items as a tree: epics, tasks, their parts
#[derive(clap::Args, Debug)]
pub struct TreeArgs {
    /// The item to begin with; everything without one.
    #[arg(value_name = "ID")]
    pub id: Option<String>,
}

/// Shows the tree.
///
/// # Errors
/// When there is no such item.
pub fn run(context: &Context, args: &TreeArgs) -> Outcome {
    let nodes = context.pm()?.items().tree(args.id.as_deref())?;
    context.list(&nodes, |page, nodes| {
        render::dependencies::tree(page, nodes, "No items.");
    })
}
