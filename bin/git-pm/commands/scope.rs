//! `git pm scope`.

use git_pm::verbs::plan::ScopeRequest;

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Estimates the scope of a document.
pub fn run(context: &Context, request: ScopeRequest) -> Outcome {
    let document = request.document.clone();
    let scope = context.verb(request)?;
    context.answer(&scope, |page, scope| {
        render::prd::scope(page, scope, &document)
    })
}
