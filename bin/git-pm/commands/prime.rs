//! `git pm prime`: the briefing of an agent.

use git_pm::context::{BUDGET, Briefing, PrimeOptions};
use serde_json::json;

use crate::context::Context;
use crate::failure::{Exit, Failure, Outcome};
use crate::output::{stderr, stdout};

/// Print what an agent needs to know now
///
/// With an ID, or in the worktree of a task: the project context, the task with its acceptance
/// criteria, branch and dependencies, the reservations that overlap its paths, the handoff,
/// related learnings, the newest comments, unread messages, and the next commands. Elsewhere: the
/// project context, your branch, your items, the ready items, and the reservations of others. The
/// text stays within a token budget, with token counts estimated on the high side; parts are
/// shortened in a fixed order. It contains no times, so the same state gives the same text.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm prime
  git pm prime T-0007 --budget 600
  git pm prime --hook-json      as the session-start hook of an agent CLI")]
pub struct PrimeArgs {
    /// Item ID; by default the item of this worktree.
    pub id: Option<String>,
    /// Maximum size in tokens, at least 200.
    #[arg(long, value_name = "TOKENS", default_value_t = BUDGET)]
    pub budget: usize,
    /// Print the JSON that session-start hooks of agent CLIs expect.
    #[arg(long)]
    pub hook_json: bool,
}

/// Prints the briefing.
pub fn run(context: &Context, args: PrimeArgs) -> Outcome {
    let briefing = || -> Result<Briefing, Failure> {
        let options = PrimeOptions {
            id: args.id.clone(),
            budget: args.budget,
        };
        Ok(context.pm()?.memory().prime(&options)?)
    };
    if !args.hook_json {
        let briefing = briefing()?;
        if context.globals.json {
            return context.json(&briefing);
        }
        stdout::write(&briefing.text)?;
        return Ok(Exit::DONE);
    }
    // A failed hook would disturb the session.
    match briefing() {
        Ok(briefing) => context.bare(&json!({
            "hookSpecificOutput": {
                "hookEventName": "SessionStart",
                "additionalContext": briefing.text,
            }
        })),
        Err(Failure::Error(error)) => {
            stderr::print(&error, false);
            context.bare(&json!({}))
        }
        Err(closed) => Err(closed),
    }
}
