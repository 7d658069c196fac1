//! `git pm show` and `git pm task show`.

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Show everything about one item
///
/// The fields, the acceptance criteria with the numbers that `git pm task accept` takes, the
/// edges, the text and the comments.
#[derive(clap::Args, Debug)]
pub struct ShowArgs {
    /// The item's id.
    #[arg(value_name = "ID")]
    pub id: String,
}

/// Shows an item.
///
/// # Errors
/// When there is no such item.
pub fn run(context: &Context, args: &ShowArgs) -> Outcome {
    let item = context.pm()?.show(&args.id)?;
    context.paged(&item, render::item::full)
}
