//! `git pm undo`.

use git_pm::verbs::clone::Undo;

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Undoes an operation.
pub fn run(context: &Context, request: Undo) -> Outcome {
    context.answer(&context.verb(request)?, render::diff::undo)
}
