//! `git pm issue close`, and the choice of the next issue.

use git_pm::verbs::issue::{Close, Closed};

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Closes issues.
pub fn run(context: &Context, request: Close) -> Outcome {
    if request.claim_next || request.go_on {
        context.ask_first_push(false)?;
    }
    let all = context.verb(request)?;
    let (closed, unblocked, claimed, not_claimed) = match &all {
        Closed::Only(closed) => return context.summaries("Closed", closed.items()),
        Closed::Followed {
            closed,
            unblocked,
            claimed,
            not_claimed,
        } => (closed, unblocked, claimed, not_claimed),
    };
    if context.beads.get() {
        return context.items(closed, |_, _| {});
    }
    context.answer(&all, |page, _| {
        for item in closed {
            render::item::summary(page, "Closed", item);
        }
        if let Some(unblocked) = unblocked {
            render::item::list(page, unblocked, "Nothing was unblocked.");
        }
        if let Some(item) = claimed {
            render::item::summary(page, "Claimed", item);
        }
        if let Some(why) = not_claimed {
            page.dim(format!("Nothing was claimed: {why}"));
        }
    })
}
