//! `git pm why` and `blocked`.

use git_pm::verbs::work::{Blocked, Why};

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Explains one item.
pub fn why(context: &Context, request: Why) -> Outcome {
    context.answer(&context.verb(request)?, render::dependencies::why)
}

/// Lists blocked items.
pub fn blocked(context: &Context, request: Blocked) -> Outcome {
    context.list(&context.verb(request)?.items, render::dependencies::blocked)
}
