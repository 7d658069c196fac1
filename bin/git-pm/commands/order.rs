//! `git pm order`.

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// List open work in dependency order
///
/// Items come after the items that they wait for. Among the next candidates, the one that starts
/// the longest chain of work by estimate (the critical path) comes first.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm order                  all open items
  git pm order E-0001           items below an epic
  git pm order --limit 5")]
pub struct OrderArgs {
    /// Item whose descendants are listed.
    #[arg(value_name = "ID")]
    pub id: Option<String>,
    /// Maximum number of items; 0 for all.
    #[arg(long, value_name = "N", value_parser = crate::arguments::values::limit)]
    pub limit: Option<usize>,
}

/// Lists the order.
pub fn order(context: &Context, args: &OrderArgs) -> Outcome {
    let mut items = context.pm()?.insights().order(args.id.as_deref())?;
    items.truncate(args.limit.unwrap_or(usize::MAX));
    context.paged_list(&items, render::graph::order)
}
