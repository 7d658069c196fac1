//! `git pm conflicts`: texts that two clones changed concurrently.

use git_pm::verbs::state::{Conflicts, ConflictsOrResolved};

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Lists or resolves conflicts.
pub fn run(context: &Context, request: Conflicts) -> Outcome {
    match context.verb(request)? {
        ConflictsOrResolved::Conflicts(found) => {
            context.list(&found.items, render::conflicts::conflicts)
        }
        ConflictsOrResolved::Section(section) => context.answer(&*section, |page, section| {
            page.text("Resolved ")
                .line(format!("context:{}", section.name));
        }),
        ConflictsOrResolved::Learning(resolved) => context.answer(&*resolved, |page, resolved| {
            render::learn::done(page, "Resolved", &resolved.learning);
        }),
        ConflictsOrResolved::Item(item) => context.summary("Resolved", &item),
    }
}
