//! `git pm tracks`.

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// List lanes of open work that can go on side by side
///
/// Nothing in a lane waits for anything in another one, so that as many people as there are lanes
/// can work without waiting for each other.
#[derive(clap::Args, Debug)]
pub struct TracksArgs {
    /// Shows at most N lanes; 0 for all.
    #[arg(long, value_name = "N", value_parser = crate::arguments::values::limit)]
    pub limit: Option<usize>,
}

/// Lists the lanes.
///
/// # Errors
/// When the state cannot be read.
pub fn tracks(context: &Context, args: &TracksArgs) -> Outcome {
    let view = context.pm()?.insights().tracks(args.limit)?;
    context.paged(&view, render::graph::tracks)
}
