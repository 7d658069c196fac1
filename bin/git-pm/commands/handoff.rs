//! `git pm handoff`: the state of work, for the actor who continues.

use git_pm::verbs::Verb;
use git_pm::verbs::msg::HandOff;

use super::msg::marked;
use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Shows or writes a handoff.
pub fn run(context: &Context, request: HandOff) -> Outcome {
    let request = request.typed()?;
    if !request.only_shows() {
        return context.shown(request, render::msg::sent);
    }
    // It counts as read once it was printed.
    let messages = context.pm()?.messages();
    let found = messages.handoff(request.id.as_deref())?;
    let done = context.answer(&found, |page, found| {
        render::msg::full(page, std::slice::from_ref(found));
    })?;
    marked(messages.mark_read(std::slice::from_ref(&found)));
    Ok(done)
}
