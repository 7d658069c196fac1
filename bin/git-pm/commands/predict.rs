//! `git pm predict`.

use git_pm::verbs::insight::Predict;

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Predicts trouble with one item.
pub fn run(context: &Context, request: Predict) -> Outcome {
    context.answer(&context.verb(request)?, render::memory::prediction)
}
