//! `git pm task diff` and `git pm task return`: the review of submitted work.

use git_pm::verbs::item::Return;
use git_pm::verbs::work::Diff;

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Shows what the work on a task changes.
pub fn diff(context: &Context, request: Diff) -> Outcome {
    let stat = request.stat;
    context.paged(&context.verb(request)?, |page, diff| {
        render::workflow::work_diff(page, diff, stat);
    })
}

/// Returns submitted work to its author.
pub fn return_work(context: &Context, request: Return) -> Outcome {
    let item = context.verb(request)?;
    context.answer(&item, render::workflow::returned_work)
}
