//! `git pm issue update` and `claim`.

use git_pm::items::ItemView;
use git_pm::verbs::issue::{Claim, UpdateIssues};

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Changes issues.
pub fn run(context: &Context, request: UpdateIssues) -> Outcome {
    let said = match request.claim {
        true => "Claimed",
        false => "Changed",
    };
    if request.claim {
        context.ask_first_push(false)?;
    }
    let (before, is_claim) = (versions(context, &request.id), request.claim);
    let changed = context.verb(request)?;
    let is_same = !is_claim && is_unchanged(before, changed.items());
    context.summaries(if is_same { NO_CHANGES } else { said }, changed.items())
}

/// What is said of issues that were so already.
pub(super) const NO_CHANGES: &str = "No changes:";

/// The versions of issues before a change; none if one has no such name.
pub(super) fn versions(context: &Context, ids: &[String]) -> Option<Vec<String>> {
    let tasks = context.pm().ok()?.tasks();
    let versions = ids
        .iter()
        .map(|id| Some(tasks.meant(id).ok()?.version.clone()));
    versions.collect()
}

/// True if these issues still have these versions.
pub(super) fn is_unchanged(before: Option<Vec<String>>, after: &[ItemView]) -> bool {
    before.is_some_and(|before| before.iter().eq(after.iter().map(|item| &item.version)))
}

/// Claims an issue.
pub fn claim(context: &Context, request: &Claim) -> Outcome {
    context.ask_first_push(false)?;
    let started = context.pm()?.issues().claim_or_keep(&request.id)?;
    context.item(&started.item, |page, item| {
        let said = ["Claimed", "Already claimed"][usize::from(started.again)];
        render::item::summary(page, said, item);
        page.next(&[format!("git pm issue close {}", item.id)]);
    })
}
