//! What of the branches of open work has arrived at a remote: one that is deleted there is not pushed again unasked.
//!
//! As with git, whose fetches never make a branch again at a remote: a deletion is a decision. The command that
//! pushes it all the same is said once.

use crate::coordinate::worktree::followed_branch::is_behind;
use crate::error::Result;
use crate::model::id::word;
use crate::model::item::Item;
use crate::model::text::one_line;
use crate::pm::Pm;
use crate::store::git::repo::{Oid, short};
use crate::store::index::Scan;
use crate::store::remote_names::Remote;
use crate::store::sync::fetch::Asked;
use crate::work::task::remote_branch::push_command;

/// The refs of the commits that remotes have had, by remote and branch.
const ARRIVED: &str = "refs/pm-local/arrived/";

/// Those of them that a remote no longer has, which was said.
const GONE: &str = "refs/pm-local/gone/";

/// Notes that a remote has a branch at a commit.
pub(super) fn note(pm: &Pm, remote: &str, branch: &str, commit: Oid) {
    let [arrived, gone] = [ARRIVED, GONE].map(|kind| name(kind, remote, branch));
    if target(pm, &arrived) != Some(commit) {
        set(pm, &arrived, Some(commit));
    }
    if target(pm, &gone).is_some() {
        set(pm, &gone, None);
    }
}

/// Forgets what a remote had of a branch: a person asks for it there, and it has not arrived.
pub(super) fn forget(pm: &Pm, remote: &str, branch: &str) {
    for name in [ARRIVED, GONE].map(|kind| name(kind, remote, branch)) {
        if target(pm, &name).is_some() {
            set(pm, &name, None);
        }
    }
}

/// Notes what the remotes have of the branches of open work, as far as this clone knows, and drops the notes on
/// others.
///
/// # Errors
/// When refs cannot be listed.
pub(crate) fn note_all(pm: &Pm) -> Result<()> {
    let (repo, state) = (pm.store.repo(), pm.store.state()?);
    let is_open = |branch: &str| {
        let open = |item: &Item| !item.status.is_closed();
        !state.scan(&Scan::Branch(branch), open, 1).is_empty()
    };
    let remotes = repo.remotes();
    for remote in &remotes {
        let folder = format!("refs/remotes/{remote}/");
        for (full, tip) in repo.refs_under(&folder)? {
            if let Some(branch) = full.strip_prefix(&folder).filter(|branch| is_open(branch)) {
                note(pm, remote, branch, tip);
            }
        }
    }
    for kind in [ARRIVED, GONE] {
        for full in repo.refs_under(kind)?.into_keys() {
            let folders = remotes.iter().map(|remote| format!("{kind}{remote}/"));
            let mut branches = folders.filter_map(|folder| full.strip_prefix(&folder));
            if !branches.any(is_open) {
                set(pm, &full, None);
            }
        }
    }
    Ok(())
}

/// The commit at which a remote was last seen to have a branch.
pub(super) fn at(pm: &Pm, remote: &Remote, branch: &str) -> Option<Oid> {
    target(pm, &name(ARRIVED, &remote.name, branch))
}

/// True if a commit of a branch has not arrived at its remote yet, as far as this clone knows. Of one that the
/// remote had and lacks now, that is said once.
///
/// # Errors
/// When git cannot be started, or refs cannot be read.
pub(super) fn has_to_arrive(pm: &Pm, remote: &Remote, branch: &str, commit: Oid) -> Result<bool> {
    let tracking = format!("refs/remotes/{}/{branch}", remote.name);
    let has =
        |name: &str| target(pm, name).is_some_and(|at| at == commit || is_behind(pm, commit, at));
    let [arrived, gone] = [ARRIVED, GONE].map(|kind| name(kind, &remote.name, branch));
    if has(&tracking) {
        return Ok(false);
    }
    if !has(&arrived) {
        return Ok(true);
    }
    if has(&gone) || !pm.is_online() {
        return Ok(false);
    }
    // A clone of one branch has no remote-tracking branch of this one.
    let is_there = match remote.fetch_branch(&pm.store, branch)? {
        Asked::Failed(_) => return Ok(false),
        Asked::Absent => false,
        Asked::Fetched => true,
    };
    if has(&tracking) {
        return Ok(false);
    }
    set(pm, &gone, Some(commit));
    let (shown, at, id) = (one_line(branch), remote.shown(), short(commit));
    let lost = match is_there {
        true => format!("{at} no longer has {id} in {shown}"),
        false => format!("{at} no longer has {shown}"),
    };
    let push = match target(pm, &format!("refs/heads/{branch}")) {
        Some(_) => push_command(pm, remote, branch)?,
        None => {
            let from = word(&format!("{id}:refs/heads/{branch}"));
            format!("git push {} {from}", word(&at))
        }
    };
    pm.notice(format!(
        "{lost}, which had arrived there, so it is not pushed again: `{push}` does that"
    ));
    Ok(false)
}

fn name(kind: &str, remote: &str, branch: &str) -> String {
    format!("{kind}{remote}/{branch}")
}

fn target(pm: &Pm, name: &str) -> Option<Oid> {
    pm.store.repo().ref_target(name).ok().flatten()
}

/// Sets or deletes a note. Without it a branch may be pushed once more, which is no reason to fail.
fn set(pm: &Pm, name: &str, to: Option<Oid>) {
    let git = pm.store.repo().git_at_home();
    let _ = match to {
        Some(commit) => git.run(&["update-ref", name, &commit.to_string()]),
        None => git.run(&["update-ref", "-d", name]),
    };
}
