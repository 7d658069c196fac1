//! `git pm why` and `blocked`.

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Explain why an item can or cannot be started
///
/// Prints the chain from the item down to the root blocker.
#[derive(clap::Args, Debug)]
pub struct WhyArgs {
    /// Item ID.
    pub id: String,
}

/// Explains one item.
pub fn why(context: &Context, args: &WhyArgs) -> Outcome {
    let view = context.pm()?.tasks().why(&args.id)?;
    context.answer(&view, render::dependencies::why)
}

/// Lists blocked items.
pub fn blocked(context: &Context) -> Outcome {
    let views = context.pm()?.tasks().blocked()?;
    context.list(&views, render::dependencies::blocked)
}
