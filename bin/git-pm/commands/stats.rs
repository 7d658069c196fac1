//! `git pm stats`.

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Show the project in numbers: counts, speed, age
///
/// Speed is what was finished, not what was given up. A week is seven days; the last one ends now.
///
/// `git pm stats plan` tells how planning goes: how often plans are approved with few edits, how long
/// until the first start, how far recommendations and estimates were off.
#[derive(clap::Args, Debug)]
pub struct StatsArgs {
    /// Of what; everything without.
    #[arg(value_name = "WHAT", value_parser = ["plan"])]
    pub what: Option<String>,
}

/// Shows the numbers.
///
/// # Errors
/// When the state cannot be read.
pub fn stats(context: &Context, args: &StatsArgs) -> Outcome {
    if args.what.is_some() {
        let stats = context.pm()?.plans().stats()?;
        return context.answer(&stats, render::stats::plan);
    }
    let view = context.pm()?.insights().stats()?;
    context.answer(&view, render::stats::health)
}
