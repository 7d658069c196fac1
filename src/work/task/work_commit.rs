//! Which commit is the work of an item that was submitted, approved or merged.
//!
//! It comes with the present commit of its branch.

use crate::coordinate::claim::ownership;
use crate::coordinate::worktree::followed_branch;
use crate::error::{Error, Hint, Result};
use crate::model::item::Item;
use crate::model::status::Status;
use crate::model::text::{excerpt, one_line};
use crate::pm::Pm;
use crate::pm::shared_views::{BranchStanding, WorkView};
use crate::store::git::repo::Oid;
use crate::store::state::State;
use crate::work::task::approval_validity;
use crate::work::task::finish;
use crate::work::task::merge::gate_result;
use crate::work::task::merge::lost_merges;

/// The fewest digits that name a commit.
const DIGITS_MIN: usize = 7;

/// The number of digits shown of a commit.
const SHORT: usize = 10;

/// A commit's abbreviated id.
pub(super) fn short(commit: &str) -> &str {
    commit.get(..SHORT).unwrap_or(commit)
}

/// The commit that others were asked to review or have approved, of an item that waits for one of both.
pub(crate) fn reviewed(pm: &Pm, state: &State<'_>, item: &Item) -> Option<Oid> {
    let finished = || state.doc(&item.uid)?.text("finished_commit");
    let hex = match item.status {
        Status::InReview => finished(),
        Status::ReadyForIntegration => match &item.approval {
            Some(_) if newer_submission(pm, state, item).is_some() => finished(),
            Some(one) => Some(one.commit.as_str()),
            None => finished(),
        },
        _ => None,
    };
    pm.store.repo().parse_id(hex?)
}

/// The commit of a branch of this clone, unless that was left here.
pub(crate) fn branch_here(pm: &Pm, name: &str) -> Result<Option<Oid>> {
    let here = pm.store.repo().ref_target(&format!("refs/heads/{name}"))?;
    Ok(here.filter(|tip| !is_left(pm, name, *tip)))
}

/// True if a branch of this clone is only what its remote had before it was rewritten there, as a merge that
/// was refused leaves it: it is checked out nowhere, and has no commits of this clone alone.
pub(crate) fn is_left(pm: &Pm, name: &str, tip: Oid) -> bool {
    let repo = pm.store.repo();
    let Some(there) = followed_branch::at_remote(pm, name) else {
        return false;
    };
    let now = repo.ref_target(&there).ok().flatten();
    now.is_some_and(|now| now != tip && !followed_branch::is_behind(pm, now, tip))
        && repo.logged(&there).contains(&tip)
        && !pm.here().worktrees.contains_key(name)
}

/// A submission of approved work that its approver did not know: it was made in another clone, while the earlier one
/// was approved. It is what is shown, reviewed and approved from then on.
pub(crate) fn newer_submission(pm: &Pm, state: &State<'_>, item: &Item) -> Option<Oid> {
    let is_approved = item.status == Status::ReadyForIntegration;
    let approval = item.approval.as_ref().filter(|_| is_approved)?;
    let id = |hex: Option<&str>| pm.store.repo().parse_id(hex?);
    let approved = id(Some(&approval.commit))?;
    let finished = id(state.doc(&item.uid)?.text("finished_commit"))?;
    let known = id(approval.submitted.as_deref()).unwrap_or(approved);
    // Older versions did not record what was submitted when an approver named a later commit.
    let is_newer = finished != known && !followed_branch::is_behind(pm, finished, approved);
    is_newer.then_some(finished)
}

/// How a commit stands to the reviewed one.
pub(crate) fn standing(pm: &Pm, reviewed: Oid, tip: Oid) -> BranchStanding {
    match tip {
        _ if tip == reviewed => BranchStanding::Same,
        _ if !pm.store.repo().has_object(reviewed) => BranchStanding::Unknown,
        _ if followed_branch::is_behind(pm, reviewed, tip) => BranchStanding::Ahead,
        _ if followed_branch::is_behind(pm, tip, reviewed) => BranchStanding::Behind,
        _ => BranchStanding::Diverged,
    }
}

/// True if the tip of a branch of this clone belongs to the reviewed work of an item: it contains
/// it, was rewritten where it was submitted, or has just what was approved. A branch that others submitted
/// under the same name, or that was left here earlier, does not.
pub(crate) fn is_work(pm: &Pm, state: &State<'_>, item: &Item, reviewed: Oid, tip: Oid) -> bool {
    match standing(pm, reviewed, tip) {
        BranchStanding::Same | BranchStanding::Covered | BranchStanding::Ahead => true,
        BranchStanding::Behind => false,
        BranchStanding::Diverged | BranchStanding::Unknown => {
            let mut holder = item.holder().into_iter();
            holder.any(|claim| ownership::is_here(pm, &claim.replica))
                || approval_validity::covers(pm, state, item, tip)
        }
    }
}

/// The commit at which the work of an item ends: the tip of its branch here, or else at a remote,
/// if that belongs to the reviewed work; otherwise the reviewed commit, even if it is not here.
pub(crate) fn end_of_work(pm: &Pm, state: &State<'_>, item: &Item) -> Result<Option<Oid>> {
    let Some(name) = &item.branch else {
        return Ok(reviewed(pm, state, item));
    };
    let repo = pm.store.repo();
    let here = branch_here(pm, name)?;
    let there = match followed_branch::at_remote(pm, name) {
        Some(remote) => repo.ref_target(&remote)?,
        None => None,
    };
    let Some(reviewed) = reviewed(pm, state, item) else {
        let finished = finish::submitted(pm, state, item);
        let finished = finished.and_then(|hex| repo.parse_id(&hex));
        return Ok(here.or(there).or(finished));
    };
    let has = |tip: &Oid| {
        let standing = standing(pm, reviewed, *tip);
        matches!(standing, BranchStanding::Same | BranchStanding::Ahead)
    };
    let here = here.filter(|tip| is_work(pm, state, item, reviewed, *tip));
    Ok(Some(here.or(there.filter(has)).unwrap_or(reviewed)))
}

/// The work of an item that was submitted, approved or merged, with what was submitted since. Only refs
/// and commits are read: its branch here, or else the remotes' of that name; git is not started unless
/// that is another commit than the approved one.
pub(super) fn work_view(pm: &Pm, state: &State<'_>, item: &Item) -> Result<Option<WorkView>> {
    let approved = item.approval.as_ref();
    let doc = state.doc(&item.uid);
    let text = |name: &str| doc.and_then(|doc| doc.text(name));
    let merged = text("merged_commit");
    let in_review = item.status == Status::InReview;
    if !in_review && approved.is_none() && merged.is_none() {
        return Ok(None);
    }
    let repo = pm.store.repo();
    let commit = match approved {
        Some(one) => Some(one.commit.as_str()),
        None => text("finished_commit").filter(|_| in_review),
    };
    let commit = commit.and_then(|hex| repo.parse_id(hex));
    let newer = approval_validity::unapproved_submission(pm, state, item);
    let is_closed = item.status.is_closed();
    let branch = match &item.branch {
        _ if newer.is_some() => newer,
        Some(name) if !is_closed => branch_now(pm, name)?,
        // What was committed since is not merged.
        Some(name) if merged.is_some() && approved.is_some() => {
            let into = merged.and_then(|hex| repo.parse_id(hex));
            let known: Vec<Oid> = [commit, into].into_iter().flatten().collect();
            let is_in = |tip: Oid| {
                known
                    .iter()
                    .any(|one| followed_branch::is_behind(pm, tip, *one))
            };
            branch_here(pm, name)?.filter(|tip| !is_in(*tip))
        }
        _ => None,
    };
    let elsewhere = commit.zip(branch).filter(|(commit, tip)| commit != tip);
    let is_remote = |name: &&String| matches!(branch_here(pm, name), Ok(None));
    let there = item.branch.as_ref().filter(|_| elsewhere.is_some());
    let there = there.filter(is_remote);
    let there = there.and_then(|name| followed_branch::at_remote(pm, name));
    let lost = lost_merges::lost_of(pm, state, item)?;
    // Reopened because of that, it is not merged any more.
    let merged = merged.filter(|_| is_closed || lost.is_none());
    if !in_review && approved.is_none() && merged.is_none() {
        return Ok(None);
    }
    Ok(Some(WorkView {
        commit: commit
            .or(branch.filter(|_| in_review || approved.is_some()))
            .map(|id| id.to_string()),
        branch_at: elsewhere.map(|(_, tip)| tip.to_string()),
        branch_found_at: there.and_then(|name| Some(name.strip_prefix("refs/remotes/")?.into())),
        branch_stands: elsewhere.map(|(commit, tip)| {
            match approval_validity::covers(pm, state, item, tip) {
                true => BranchStanding::Covered,
                false => standing(pm, commit, tip),
            }
        }),
        newer_submission: newer.map(|id| id.to_string()),
        gate_failed: gate_result::failed_gate(pm, state, item).filter(|_| !is_closed),
        merged: is_closed && merged.is_some() && lost.is_none(),
        merged_commit: merged.map(one_line),
        merged_into: merged.and_then(|_| text("merged_into").map(one_line)),
        lost: lost.filter(|_| is_closed),
    }))
}

/// The commit of a branch, here or else at a remote.
pub(super) fn branch_now(pm: &Pm, name: &str) -> Result<Option<Oid>> {
    if let Some(here) = branch_here(pm, name)? {
        return Ok(Some(here));
    }
    match followed_branch::at_remote(pm, name) {
        Some(remote) => pm.store.repo().ref_target(&remote),
        None => Ok(None),
    }
}

/// Refuses if the approver names another commit than the work's.
pub(super) fn require_meant(id: &str, at: &str, meant: Option<&str>) -> Result<()> {
    let Some(meant) = meant else {
        return Ok(());
    };
    let meant = meant.to_ascii_lowercase();
    if meant.len() < DIGITS_MIN || !meant.bytes().all(|b| b.is_ascii_hexdigit()) {
        let shown = excerpt(&meant, 60);
        return Err(
            Error::usage(format!("`{shown}` is not a commit id")).hint(format!(
                "give at least {DIGITS_MIN} of its digits, as shown by `git pm show {id}`"
            )),
        );
    }
    if at.starts_with(&meant) {
        return Ok(());
    }
    let now = short(at);
    Err(Error::refused(format!(
        "the work of {id} is at {now}, not at {meant}: nothing was approved"
    ))
    .hint(Hint::git(["diff", &meant, now], "shows what changed")))
}
