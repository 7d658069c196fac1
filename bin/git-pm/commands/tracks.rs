//! `git pm tracks`.

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// List lanes of open work that can proceed in parallel
///
/// Items in one lane never wait for items in another, so one person per lane can work
/// independently.
#[derive(clap::Args, Debug)]
pub struct TracksArgs {
    /// Maximum number of lanes; 0 for all.
    #[arg(long, value_name = "N", value_parser = crate::arguments::values::limit)]
    pub limit: Option<usize>,
}

/// Lists the lanes.
pub fn tracks(context: &Context, args: &TracksArgs) -> Outcome {
    let view = context.pm()?.insights().tracks(args.limit)?;
    context.paged(&view, render::graph::tracks)
}
