//! `git pm forecast`.

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Say when work may be finished, judged by how long work took
///
/// The days of the last twelve weeks are drawn at random, two thousand times, until what is left
/// is done; the answer says on how many finished items it rests and how sure it is. The same state
/// at the same time gives the same answer.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm forecast               everything open
  git pm forecast E-0001        an epic: all that is below it and what that waits for
  git pm forecast T-0012")]
pub struct ForecastArgs {
    /// The item or epic; everything open without.
    #[arg(value_name = "ID")]
    pub id: Option<String>,
}

/// Shows a forecast.
///
/// # Errors
/// When there is no such item.
pub fn forecast(context: &Context, args: &ForecastArgs) -> Outcome {
    let view = context.pm()?.insights().forecast(args.id.as_deref())?;
    context.answer(&view, render::forecast::forecast)
}
