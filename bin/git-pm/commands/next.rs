//! `git pm next`.

use git_pm::verbs::work::{Next, NextOrStarted};

use crate::context::Context;
use crate::failure::Outcome;
use crate::output::shell_folder;
use crate::render;

/// Shows or starts the next item.
pub fn next(context: &Context, request: &Next) -> Outcome {
    if request.claim {
        context.ask_first_push(false)?;
    }
    // A command may wait as long as it was told to.
    match request.within(context.pm()?, request.wait.unwrap_or(0))? {
        NextOrStarted::Started(started) => {
            shell_folder::enter_of(&started.item);
            context.answer(&*started, render::workflow::started)
        }
        NextOrStarted::Next(next) => context.answer(&*next, |page, next| {
            render::item::brief(page, &next.item);
            page.next(&[&next.commands.claim]);
        }),
    }
}
