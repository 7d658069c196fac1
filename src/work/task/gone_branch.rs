//! The branch of an item that is not in this clone: whether it was deleted here, and the commit that it had.

use crate::coordinate::worktree::followed_branch;
use crate::error::{Error, Hint};
use crate::model::id::word;
use crate::model::item::{Claim, Item};
use crate::model::text::one_line;
use crate::pm::Pm;
use crate::store::git::irregular;

/// True if the claim of this clone is on the branch: what was begun here is nowhere else unless it was pushed.
fn is_deleted(pm: &Pm, item: &Item, branch: &str) -> bool {
    let replica = pm.store.replica().map(|id| id.to_string());
    let is_own = |claim: &Claim| {
        claim.branch.as_deref() == Some(branch) && Some(&claim.replica) == replica.as_ref().ok()
    };
    item.open_claims().any(is_own)
}

/// The commit at which the main folder left the branch; git deletes the branch's own reflog with it.
fn left_at(pm: &Pm, branch: &str) -> Option<String> {
    let repo = pm.store.repo();
    let log = irregular::read(&repo.common_dir().join("logs").join("HEAD"))?;
    let left = format!("\tcheckout: moving from {branch} to ");
    let line = log.lines().rev().find(|line| line.contains(&left))?;
    repo.resolve(line.split(' ').next()?)
        .map(|commit| commit.to_string())
}

/// The error for work on a branch that is not in this clone.
pub(crate) fn not_here(pm: &Pm, item: &Item, id: &str, branch: &str) -> Error {
    let (name, plain) = (one_line(branch), word(branch));
    if !is_deleted(pm, item, branch) {
        return Error::not_found(format!("the branch {name} of {id} is not in this clone"))
            .hint("fetch it first: `git fetch`");
    }
    let error = Error::not_found(format!(
        "the branch {name} of {id} was deleted in this clone"
    ));
    match left_at(pm, branch).or_else(|| followed_branch::at_remote(pm, branch)) {
        Some(at) => error.hint(format!("`git branch {plain} {}` brings it back", word(&at))),
        None => error.hint(Hint::run(["start", id], "begins a new branch")),
    }
}

/// Says that a new branch takes the place of one that was deleted.
pub(crate) fn tell_new(pm: &Pm, item: &Item, id: &str, branch: &str) {
    if !is_deleted(pm, item, branch) || followed_branch::at_remote(pm, branch).is_some() {
        return;
    }
    let had = left_at(pm, branch).map_or(String::new(), |commit| {
        format!("; it had {commit:.12}: `git merge {commit}` in the new one brings that back")
    });
    let name = one_line(branch);
    pm.notice(format!(
        "the branch {name} of {id} was deleted in this clone, and a new one begins{had}"
    ));
}
