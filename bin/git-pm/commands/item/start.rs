//! `start`.

use git_pm::tasks::StartOptions;

use crate::arguments::item::StartArgs;
use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Starts an item.
pub fn run(context: &Context, args: &StartArgs) -> Outcome {
    let options = StartOptions {
        resume: args.resume,
        ..args.place.options()
    };
    context.ask_first_push(false)?;
    let started = context.pm()?.tasks().start(&args.id, &options)?;
    context.answer(&started, render::workflow::started)
}
