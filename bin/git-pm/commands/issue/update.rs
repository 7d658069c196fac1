//! `git pm issue update` and `claim`.

use git_pm::verbs::issue::{Claim, UpdateIssues};

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Changes issues.
pub fn run(context: &Context, request: UpdateIssues) -> Outcome {
    let is_claim = request.claim;
    if is_claim {
        context.ask_first_push(false)?;
    }
    let changed = context.verb(request)?;
    let said = match is_claim {
        true => "Claimed",
        false => context.edited("Changed"),
    };
    context.summaries(said, changed.items())
}

/// Claims an issue.
pub fn claim(context: &Context, request: &Claim) -> Outcome {
    context.ask_first_push(false)?;
    let started = context.pm()?.issues().claim_or_keep(&request.id)?;
    let moves = context.pm()?.tasks().moves(started.item.uid.as_str())?;
    context.item(&started.item, |page, item| {
        let said = ["Claimed", "Already claimed"][usize::from(started.again)];
        render::item::summary(page, said, item);
        page.next(&[render::next_steps::end(item, &moves)]);
    })
}
