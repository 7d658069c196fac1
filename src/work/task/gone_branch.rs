//! The branch of an item that is not in this clone: if it was deleted here, what it had, how it comes back.

use crate::coordinate::rules::target_branches;
use crate::coordinate::worktree::followed_branch;
use crate::coordinate::worktree::name_template::check_branch;
use crate::error::{Error, Hint};
use crate::model::id::word;
use crate::model::item::{Claim, Item};
use crate::model::text::one_line;
use crate::pm::Pm;
use crate::store::git::irregular;
use crate::store::git::repo::Oid;
use crate::store::state::State;
use crate::work::task::absent_work;
use crate::work::task::finish;
use crate::work::task::work_commit::short;

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

/// The commit that a deleted branch had, as far as it is known: the submitted one, unless it was left at a later one.
fn had(pm: &Pm, state: &State<'_>, item: &Item, branch: &str) -> Option<String> {
    let repo = pm.store.repo();
    let id = |hex: &String| repo.parse_id(hex);
    let submitted = finish::submitted(pm, state, item);
    let submitted = submitted.filter(|hex| id(hex).is_some_and(|one| repo.is_commit(one)));
    let is_later = |left: &String| match (submitted.as_ref().and_then(id), id(left)) {
        (Some(submitted), Some(left)) => followed_branch::is_behind(pm, submitted, left),
        _ => true,
    };
    left_at(pm, branch).filter(is_later).or(submitted)
}

/// Makes the branch of submitted work again that was deleted here; false if it cannot be made. Either is said.
pub(super) fn restore(pm: &Pm, id: &str, branch: &str, commit: Oid) -> bool {
    let (repo, name, hex) = (pm.store.repo(), one_line(branch), commit.to_string());
    if !repo.is_commit(commit) {
        pm.notice(format!(
            "the branch {name} of {id} was deleted in this clone, and {}, the commit that was \
             submitted, is neither here nor at the remote, so it cannot be reviewed: `git pm task \
             return {id} --note TEXT` gives it back",
            short(&hex)
        ));
        return false;
    }
    // The name comes from the state, which others write.
    if check_branch(branch).is_err() || target_branches::is_target(pm, branch) {
        return false;
    }
    let git = repo.git().plain();
    let made = git.require(&["branch", "--no-track", "--", branch, &hex]);
    pm.notice(match &made {
        Ok(_) => format!(
            "{name}, which was deleted in this clone, was made again at {}, the submitted commit \
             of {id}",
            short(&hex)
        ),
        Err(error) => error.message().to_string(),
    });
    made.is_ok()
}

/// The error for work on a branch that is not in this clone.
pub(crate) fn not_here(pm: &Pm, state: &State<'_>, item: &Item, branch: &str) -> Error {
    let (name, plain, id) = (one_line(branch), word(branch), state.shown_id(item));
    if !is_deleted(pm, item, branch) {
        let error = Error::not_found(format!("the branch {name} of {id} is not in this clone"));
        let submitted = finish::submitted(pm, state, item);
        let absent = submitted.filter(|hex| {
            let commit = pm.store.repo().parse_id(hex);
            commit.is_some_and(|commit| absent_work::is_absent(pm, commit))
        });
        return match absent {
            Some(commit) => error.hint(absent_work::push_hint(pm, state, item, &commit)),
            None => error.hint("fetch it first: `git fetch`"),
        };
    }
    let error = Error::not_found(format!(
        "the branch {name} of {id} was deleted in this clone"
    ));
    match had(pm, state, item, branch).or_else(|| followed_branch::at_remote(pm, branch)) {
        Some(at) => error.hint(format!("`git branch {plain} {}` brings it back", word(&at))),
        None => error.hint(Hint::run(["start", &id], "begins a new branch")),
    }
}

/// Says that a new branch takes the place of one that was deleted.
pub(crate) fn tell_new(pm: &Pm, state: &State<'_>, item: &Item, branch: &str) {
    if !is_deleted(pm, item, branch) || followed_branch::at_remote(pm, branch).is_some() {
        return;
    }
    let had = had(pm, state, item, branch).map_or(String::new(), |commit| {
        format!("; it had {commit:.12}: `git merge {commit}` in the new one brings that back")
    });
    let (name, id) = (one_line(branch), state.shown_id(item));
    pm.notice(format!(
        "the branch {name} of {id} was deleted in this clone, and a new one begins{had}"
    ));
}
