//! `git pm status`, and `git pm` alone.

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Show where you are and what you could do next
///
/// Who you are, what you hold, what is ready, what waits for review, the branches of started
/// tasks, live reservations, notices to you, and how the state stands to its remote. Reads only
/// what is here; `git pm sync` asks the remote.
#[derive(clap::Args, Debug)]
pub struct StatusArgs {}

/// Shows the status.
///
/// # Errors
/// When the state cannot be read.
pub fn run(context: &Context) -> Outcome {
    let status = context.pm()?.status()?;
    context.answer(&status, render::status::page)
}
