//! `git pm predict`.

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Predict the problems that an item is likely to run into
///
/// Looks at the earlier items that changed the same paths, according to their commits and planned
/// paths: how many were reopened, blocked, dropped, in conflict or late, or had bugs, each with
/// evidence. Also shows what was learned about these paths.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm predict T-0012
  git pm predict T-0012 --json")]
pub struct PredictArgs {
    /// Item ID; by default the item whose branch is checked out.
    pub id: Option<String>,
}

/// Predicts trouble with one item.
pub fn run(context: &Context, args: &PredictArgs) -> Outcome {
    let found = context.pm()?.memory().predict(args.id.as_deref())?;
    context.answer(&found, render::memory::prediction)
}
