//! `git pm search`: full text over items and comments.

use git_pm::verbs::list::SearchItems;

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Lists the matches.
pub fn run(context: &Context, request: SearchItems) -> Outcome {
    let all = request.all;
    context.list(&context.verb(request)?.items, |page, hits| {
        render::item::hits(page, hits, all);
    })
}
