//! The check of a merge that git is about to commit, for what it brings in.
//!
//! The staged files show only what the merging user changed: a file that is as on the other side has
//! its change from a commit there.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use crate::coordinate::here;
use crate::coordinate::reserve::guard::Guard;
use crate::coordinate::reserve::queue;
use crate::coordinate::{changes, worktree};
use crate::error::{ReservationConflict, Result};
use crate::model::reservation::Reservation;
use crate::pm::Pm;
use crate::pm::requester::Requester;

/// The reservations of others that commits violate which a merge brings in. Not those of the
/// holder, nor those that a remote or the branch for finished work has, where they were checked.
///
/// # Errors
/// When git or the state cannot be read.
pub(super) fn held_in_merge(pm: &Pm, requester: &Requester) -> Result<Vec<ReservationConflict>> {
    let repo = pm.store.repo();
    let sides = changes::merged_sides(repo);
    if sides.is_empty() {
        return Ok(Vec::new());
    }
    let state = pm.store.snapshot()?;
    let ranked = queue::ranked(&state, pm.now_ms(), here::case(pm));
    if ranked.is_empty() {
        return Ok(Vec::new());
    }
    let git = repo.git();
    let target = match repo.target_set() {
        Some(target) => Some(target),
        None => worktree::default_branch(repo)?,
    };
    let target = target.map(|name| repo.ref_target(&format!("refs/heads/{name}")));
    let known = [repo.head_commit(), target.transpose()?.flatten()];
    let known: Vec<String> = known.iter().flatten().map(ToString::to_string).collect();
    let commits = changes::range(git, &sides, &known, &["--not", "--remotes"])?;
    let ids: Vec<String> = commits.iter().map(|one| one.commit.clone()).collect();
    let by_branch: RefCell<HashMap<String, HashSet<String>>> = RefCell::default();
    let is_of_holder = |commit: &str, held: &Reservation| {
        let Some(branch) = held.branch.as_ref() else {
            return false;
        };
        let mut known = by_branch.borrow_mut();
        let of_branch = known.entry(branch.clone()).or_insert_with(|| {
            let tip = repo.ref_target(&format!("refs/heads/{branch}"));
            let of_tip = |tip: String| changes::ancestors_filter(git, &ids, &tip).ok();
            let tip = tip.ok().flatten().map(|tip| tip.to_string());
            tip.and_then(of_tip).into_iter().flatten().collect()
        });
        of_branch.contains(commit)
    };
    let guard = Guard::new(&state, &ranked, here::case(pm));
    guard.held_commits(git, &commits, requester, |commit, _, s| {
        commit.author == s.reservation.actor || is_of_holder(&commit.commit, &s.reservation)
    })
}
