//! `git pm issue close`, and the choice of the next issue.

use git_pm::issues::Record;
use git_pm::items::ItemView;
use git_pm::verbs::issue::{Close, Closed};
use serde::Serialize;

use crate::context::Context;
use crate::failure::Outcome;
use crate::output::stderr;
use crate::render;

/// What beads prints if something followed the close.
#[derive(Serialize)]
struct Followed {
    closed: Vec<Record>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unblocked: Vec<Record>,
    #[serde(rename = "continue", skip_serializing_if = "Option::is_none")]
    next: Option<Continued>,
    #[serde(skip_serializing_if = "Option::is_none")]
    claimed: Option<Record>,
}

/// Beads' result of `--continue`.
#[derive(Serialize)]
struct Continued {
    closed_step: Option<Record>,
    next_step: Record,
    auto_advanced: bool,
    molecule_complete: bool,
}

/// Closes issues.
pub fn run(context: &Context, request: Close) -> Outcome {
    let goes_on = request.go_on;
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
        let issues = context.pm()?.issues();
        let records = |items: &[ItemView]| {
            let uids: Vec<&str> = items.iter().map(|item| item.uid.as_str()).collect();
            issues.beads_records(&uids)
        };
        if let Some(why) = not_claimed {
            stderr::note(&format!("nothing was claimed: {why}"));
        }
        let unblocked = records(unblocked.as_deref().unwrap_or_default())?;
        let claimed = claimed.as_deref().map(std::slice::from_ref);
        let claimed = records(claimed.unwrap_or_default())?.pop();
        if unblocked.is_empty() && claimed.is_none() {
            return context.items(closed, |_, _| {});
        }
        let closed = records(closed)?;
        let (next, claimed) = match claimed {
            Some(next_step) if goes_on => {
                let next = Continued {
                    closed_step: closed.last().cloned(),
                    next_step,
                    auto_advanced: true,
                    molecule_complete: false,
                };
                (Some(next), None)
            }
            claimed => (None, claimed),
        };
        return context.bare(&Followed {
            closed,
            unblocked,
            next,
            claimed,
        });
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
