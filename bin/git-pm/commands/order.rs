//! `git pm order`.

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// List open work in an order in which it can be done
///
/// What waits comes after what it waits for. Among what could be next, the critical path comes
/// first: the item from which the longest chain of work hangs, by estimate.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm order                  everything open
  git pm order E-0001           what is below an epic
  git pm order --limit 5")]
pub struct OrderArgs {
    /// Lists only what is below this item.
    #[arg(value_name = "ID")]
    pub id: Option<String>,
    /// Shows at most N; 0 for all.
    #[arg(long, value_name = "N", value_parser = crate::arguments::values::limit)]
    pub limit: Option<usize>,
}

/// Lists the order.
///
/// # Errors
/// When there is no such item.
pub fn order(context: &Context, args: &OrderArgs) -> Outcome {
    let mut items = context.pm()?.insights().order(args.id.as_deref())?;
    items.truncate(args.limit.unwrap_or(usize::MAX));
    context.paged_list(&items, render::graph::order)
}
