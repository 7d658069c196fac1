//! `git pm forecast`.

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Forecast when work may be finished
///
/// Simulates the remaining work 2,000 times with randomly drawn days of the last twelve weeks. The
/// result includes the number of finished items it is based on and its confidence. The same state
/// at the same time gives the same result.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm forecast               all open items
  git pm forecast E-0001        an epic, with its descendants and their dependencies
  git pm forecast T-0012")]
pub struct ForecastArgs {
    /// Item or epic; all open items by default.
    #[arg(value_name = "ID")]
    pub id: Option<String>,
}

/// Shows a forecast.
pub fn forecast(context: &Context, args: &ForecastArgs) -> Outcome {
    let view = context.pm()?.insights().forecast(args.id.as_deref())?;
    context.answer(&view, render::analyze::forecast)
}
