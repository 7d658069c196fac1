//! `git pm stats`.

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Show project statistics: counts, speed, age
///
/// Speed counts finished items, not cancelled ones. Weeks are periods of seven days that end now.
///
/// `git pm stats plan` reports on planning: how often plans are approved with few edits, the time
/// until the first start, and the errors of recommendations and estimates.
#[derive(clap::Args, Debug)]
pub struct StatsArgs {
    /// Topic; the whole project by default.
    #[arg(value_name = "WHAT", value_parser = ["plan"])]
    pub what: Option<String>,
}

/// Shows the numbers.
pub fn stats(context: &Context, args: &StatsArgs) -> Outcome {
    if args.what.is_some() {
        let stats = context.pm()?.plans().stats()?;
        return context.answer(&stats, render::stats::plan);
    }
    let view = context.pm()?.insights().stats()?;
    context.answer(&view, render::stats::health)
}
