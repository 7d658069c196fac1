//! `git pm merge`.

use git_pm::error::Kind;
use git_pm::verbs::work::{Merge, Merged};

use super::learn;
use crate::context::Context;
use crate::failure::{Exit, Outcome};
use crate::render;

/// Merges an item's branch, or works off the queue.
pub fn run(context: &Context, request: Merge) -> Outcome {
    if !request.pr
        && context.asks()
        && let Some(id) = request.item(context.pm()?)?
    {
        context.ask_target_push(&id, request.target.as_deref())?;
    }
    match context.leaving(|| context.verb(request))? {
        Merged::Item(merged) => context.answer(&*merged, |page, merged| {
            render::workflow::merged(page, merged, &|id| learn::teaches(context, id));
        }),
        Merged::Queue(report) => {
            context.answer(&*report, render::merge_queue::queue)?;
            let failed = !report.plan && !report.left_out.is_empty();
            Ok(Exit::of_if(failed, Kind::Refused))
        }
    }
}
