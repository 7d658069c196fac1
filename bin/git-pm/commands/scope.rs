//! `git pm scope`.

use git_pm::verbs::plan::ScopeRequest;

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Estimates the scope of a document.
pub fn run(context: &Context, request: ScopeRequest) -> Outcome {
    context.answer(&context.verb(request)?, render::prd::scope)
}
