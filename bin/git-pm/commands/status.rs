//! `git pm status`, and `git pm` alone.

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Show where you are and what you could do next
///
/// Who you are, what you hold, what is ready, what waits for review, the branches of started
/// tasks, live reservations, notices to you, and how the state stands to its remote. Reads only
/// what is here; `git pm sync` asks the remote. A notice that something was taken from you, marked
/// `!`, is shown for a week or until you acknowledge it; every other one is shown once.
#[derive(clap::Args, Debug, Default)]
pub struct StatusArgs {
    /// Acknowledges the notices that are shown, so that they are not shown again.
    #[arg(long)]
    pub ack: bool,
}

/// Shows the status.
///
/// # Errors
/// When the state cannot be read.
pub fn run(context: &Context, args: &StatusArgs) -> Outcome {
    let pm = context.pm()?;
    let status = pm.state().status()?;
    let outcome = context.answer(&status, render::status::page)?;
    if args.ack {
        pm.state().acknowledge(&status.notices)?;
    } else {
        // Where it cannot be noted, they are shown once more.
        let _ = pm.state().note_shown(&status.notices);
    }
    Ok(outcome)
}
