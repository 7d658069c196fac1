//! Refuses to approve commits of work that its approver may not have seen.

use super::work_commit::short;
use crate::coordinate::worktree::followed_branch;
use crate::error::{Error, Hint, Reason, Result};
use crate::model::id::branch_word;
use crate::model::item::Item;
use crate::model::text::one_line;
use crate::pm::Pm;
use crate::store::state::State;
use crate::work::task::finish;

/// Refuses to approve another commit than the submitted one if the approver does not name it:
/// they may not have seen it.
pub(super) fn require_submitted(
    pm: &Pm,
    state: &State<'_>,
    item: &Item,
    commit: &str,
) -> Result<()> {
    let submitted = finish::submitted(pm, state, item);
    if submitted.as_deref() == Some(commit) {
        return require_whole(pm, state, item, commit);
    }
    let (id, now) = (state.shown_id(item), short(commit));
    let error = match submitted.as_deref().map(short) {
        Some(was) => Error::refused(format!(
            "{id} was submitted at commit {was}, and its branch is at {now}: nothing was \
                 approved"
        ))
        .hint(Hint::git(["diff", was, now], "shows what changed")),
        None => Error::refused(format!("no commit of {id} was submitted; it is at {now}")),
    };
    let approve = ["task", "approve", &id, "--commit", now];
    Err(error
        .because(Reason::ApprovalNotSubmitted)
        .about(&id)
        .hint(Hint::run(approve, "approves that commit")))
}

/// Refuses to approve work whose branch has further commits at the remote: they would be left
/// out.
fn require_whole(pm: &Pm, state: &State<'_>, item: &Item, commit: &str) -> Result<()> {
    let repo = pm.store.repo();
    let branch = item.branch.as_deref();
    let Some(there) = branch.and_then(|name| followed_branch::at_remote(pm, name)) else {
        return Ok(());
    };
    let tip = repo.ref_target(&there)?;
    let Some((tip, at)) = tip.zip(repo.parse_id(commit)) else {
        return Ok(());
    };
    if tip == at || !repo.is_ancestor(at, tip).unwrap_or(false) {
        return Ok(());
    }
    let (id, at) = (state.shown_id(item), short(commit));
    let shown = there.strip_prefix("refs/remotes/").unwrap_or(&there);
    let range = format!("{at}..{shown}");
    Err(Error::refused(format!(
        "{id} was submitted at commit {at}, and {} has newer commits: nothing was approved",
        one_line(shown)
    ))
    .because(Reason::ApprovalNotSubmitted)
    .about(&id)
    .hint(Hint::git(["log", &range], "shows them"))
    .hint(Hint::run(
        ["task", "approve", &id, "--commit", at],
        "approves what was submitted, without them",
    ))
    .hint(format!(
        "to include them, its author runs `git merge --ff-only {}` and `git pm finish {id}`",
        branch_word(shown)
    )))
}
