//! `git pm status`, and `git pm` alone.

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Show where you are and what you can do next
///
/// Prints your name, your items, ready items, items to review, the branches of started tasks, live
/// reservations, your notices, and how the state differs from the remote's. Reads local data only;
/// `git pm sync` contacts the remote. A notice that you lost a claim or reservation, marked `!`, is
/// shown for a week or until you acknowledge it; other notices are shown once.
#[derive(clap::Args, Debug, Default)]
pub struct StatusArgs {
    /// Acknowledge the notices shown, so that they are not shown again.
    #[arg(long)]
    pub ack: bool,
}

/// Shows the status.
pub fn run(context: &Context, args: &StatusArgs) -> Outcome {
    let pm = context.pm()?;
    let status = pm.state().status()?;
    let outcome = context.answer(&status, render::status::page)?;
    if args.ack {
        pm.state().acknowledge(&status.notices)?;
    } else {
        // If this fails, the notices are shown again.
        let _ = pm.state().note_shown(&status.notices);
    }
    Ok(outcome)
}
