//! `git pm status`, and `git pm` alone.

use git_pm::verbs::state::Status;

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Shows the status. Notices count as shown once they are printed.
pub fn run(context: &Context, args: &Status) -> Outcome {
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
