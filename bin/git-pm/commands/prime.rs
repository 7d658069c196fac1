//! `git pm prime`: the briefing of an agent.

use git_pm::verbs::state::Prime;
use serde_json::json;

use crate::context::Context;
use crate::failure::{Exit, Outcome};
use crate::output::{stderr, stdout};

/// Prints the briefing.
pub fn run(context: &Context, request: Prime) -> Outcome {
    let is_hook = request.hook_json;
    let briefing = context.verb(request);
    if !is_hook {
        let briefing = briefing?;
        if context.globals.json {
            return context.json(&briefing);
        }
        stdout::write(&briefing.text)?;
        return Ok(Exit::DONE);
    }
    // A failed hook would disturb the session.
    match briefing {
        Ok(briefing) => context.bare(&json!({
            "hookSpecificOutput": {
                "hookEventName": "SessionStart",
                "additionalContext": briefing.text,
            }
        })),
        Err(error) => {
            stderr::print(&error, false);
            context.bare(&json!({}))
        }
    }
}
