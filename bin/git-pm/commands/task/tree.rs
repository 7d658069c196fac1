//! `git pm task tree`.

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Show items as a tree: epics, tasks and their children
#[derive(clap::Args, Debug)]
pub struct TreeArgs {
    /// Root item; all items by default.
    #[arg(value_name = "ID")]
    pub id: Option<String>,
}

/// Shows the tree.
pub fn run(context: &Context, args: &TreeArgs) -> Outcome {
    let nodes = context.pm()?.items().tree(args.id.as_deref())?;
    context.list(&nodes, |page, nodes| {
        render::dependencies::tree(page, nodes, "No items.");
    })
}
