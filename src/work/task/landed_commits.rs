//! Work of an open item that its target has or had: under a lost claim, without a submission, or reverted since.

use crate::coordinate::worktree::{MergeEvidence, followed_branch, integrated, target};
use crate::model::approval::APPROVAL;
use crate::model::item::Item;
use crate::model::stamp::DAY_MS;
use crate::model::status::Status;
use crate::model::text::one_line;
use crate::pm::Pm;
use crate::store::git::repo::{Oid, short};
use crate::store::state::State;
use crate::work::task::merge::reverts;
use crate::work::task::work_commit;

/// What is said of an item's work that its target has under another claim or without a submission, or had before it was
/// reverted.
pub(crate) fn said(pm: &Pm, state: &State<'_>, item: &Item) -> Option<String> {
    let landed = landed(pm, state, item).or_else(|| Some(reverted(pm, state, item)?.0));
    landed.or_else(|| unsubmitted(pm, state, item))
}

/// What is said of work that its target has, and that was not submitted, or was returned.
fn unsubmitted(pm: &Pm, state: &State<'_>, item: &Item) -> Option<String> {
    if item.status.is_closed() {
        return None;
    }
    let (repo, git) = (pm.store.repo(), pm.store.repo().git().plain());
    let name = item.branch.as_deref()?;
    let there = || {
        repo.ref_target(&followed_branch::at_remote(pm, name)?)
            .ok()?
    };
    let tip = work_commit::branch_here(pm, name).ok()?.or_else(there);
    let returned = item
        .returned
        .as_ref()
        .and_then(|one| repo.parse_id(one.commit.as_deref()?));
    let submitted = work_commit::reviewed(pm, state, item);
    let work = returned.or(tip).filter(|work| repo.is_commit(*work))?;
    if submitted == Some(work) {
        return None;
    }
    let target = target::target_of(pm, state, item, None).ok()?;
    let sides = followed_branch::sides(pm, &target).ok()?;
    let found = |work: Oid| {
        let mut sides = sides.iter().filter(|side| **side != work);
        sides.find_map(|side| integrated(&git, &work.to_string(), &side.to_string()).ok()?)
    };
    // Where a branch begins, its target has all of it.
    let is_none = |one: &MergeEvidence| match one {
        MergeEvidence::SameCommit | MergeEvidence::EmptyDiff => true,
        MergeEvidence::Ancestor => returned.is_none(),
        _ => false,
    };
    let why = found(work).filter(|one| !is_none(one))?;
    let (target, id, at) = (one_line(&target), state.shown_id(item), short(work));
    Some(match (submitted, item.returned.is_some()) {
        (Some(submitted), _) if found(submitted).is_some() => return None,
        (Some(_), _) => format!(
            "{target} has {at} of {}, which is not the submitted work ({why}): `git pm finish {id}` submits it",
            one_line(name)
        ),
        (None, true) => format!(
            "{target} has the work of {id} at {at}, which was returned ({why}): `git pm finish {id}` submits it again"
        ),
        (None, false) => format!(
            "{target} has the work of {id} at {at}, which was not submitted ({why}): `git pm finish {id}` does that"
        ),
    })
}

/// What is said of approved work that its target had, and reverted after the approval, which is no approval to merge
/// it again; true if another approval is one, and not if its commits are in the target's history.
pub(crate) fn reverted_since_approval(
    pm: &Pm,
    state: &State<'_>,
    item: &Item,
) -> Option<(String, bool)> {
    let (repo, doc) = (pm.store.repo(), state.doc(&item.uid)?);
    let approval = doc.regs.get(APPROVAL)?;
    let (said, by) = reverted(pm, state, item)?;
    // What is in its history, git merges as nothing.
    let work = repo.parse_id(doc.text("finished_commit")?)?;
    let is_behind = |tip: Oid| followed_branch::is_behind(pm, work, tip);
    let target = target::target_of(pm, state, item, None).ok()?;
    let mut sides = followed_branch::sides(pm, &target).ok()?.into_iter();
    let at = u64::try_from(repo.commit(by).ok()?.author.seconds).ok()?;
    let again = format!("{said}; `git revert {}` there brings it back", short(by));
    match sides.any(is_behind) {
        true => Some((again, false)),
        false => {
            (at > approval.stamp.ms / 1000).then(|| (format!("{said}, after its approval"), true))
        }
    }
}

/// What is said of submitted work that its target had lately, and reverted, and the commit that did.
pub(crate) fn reverted(pm: &Pm, state: &State<'_>, item: &Item) -> Option<(String, Oid)> {
    let repo = pm.store.repo();
    let submitted = matches!(item.status, Status::InReview | Status::ReadyForIntegration);
    let doc = Some(item).filter(|_| submitted);
    let doc = doc.and_then(|item| state.doc(&item.uid))?;
    let work = repo.parse_id(doc.text("finished_commit")?)?;
    let target = target::target_of(pm, state, item, None).ok()?;
    let git = repo.git().plain();
    let had = |commit: Oid| {
        let [work, commit] = [work, commit].map(|id| id.to_string());
        matches!(integrated(&git, &work, &commit), Ok(Some(_)))
    };
    let brought = |commit: Oid| {
        let before = repo.commit(commit).ok();
        let before = before.and_then(|commit| commit.parents.first().copied());
        had(commit) && !before.is_some_and(had)
    };
    let sides = followed_branch::sides(pm, &target).ok()?;
    let all = sides.into_iter().filter(|_| repo.is_commit(work));
    let mut all = all.filter_map(|tip| reverts::reverted_lately(pm, tip).ok());
    let (commit, by) = all.find_map(|all| all.into_iter().find(|(commit, _)| brought(*commit)))?;
    let (target, id, at) = (one_line(&target), state.shown_id(item), short(commit));
    let said = format!(
        "{target} had the work of {id} at {at}, and {0} reverted that: `git show {0}`",
        short(by)
    );
    Some((said, by))
}

/// What is said of the newest commit that names an item which is not closed, in its target; none if there is
/// no such commit. Only what was begun before is looked for, by a claim that has ended.
fn landed(pm: &Pm, state: &State<'_>, item: &Item) -> Option<String> {
    if item.status.is_closed() {
        return None;
    }
    let submitted = matches!(item.status, Status::InReview | Status::ReadyForIntegration);
    let ended = item.claims.iter().filter(|claim| claim.ended.is_some());
    // The clocks of two clones may differ.
    let since = ended.map(|claim| claim.at.ms).min()?.saturating_sub(DAY_MS) / 1000;
    let target = target::target_of(pm, state, item, None).ok()?;
    let mut sides = followed_branch::sides(pm, &target).ok()?.into_iter();
    let commit = sides.find_map(|tip| naming(pm, state, item, tip, since))?;
    // The submitted work is told apart from what was merged before the item was reopened.
    let is_known = |hex: Option<&str>| {
        let known = pm.store.repo().parse_id(hex?)?;
        Some(followed_branch::is_behind(pm, commit, known))
    };
    let finished = state
        .doc(&item.uid)
        .and_then(|doc| doc.text("finished_commit"));
    let known = [item.merged_commit.as_deref(), finished];
    if submitted && known.into_iter().any(|hex| is_known(hex) == Some(true)) {
        return None;
    }
    let there = followed_branch::tip_there(pm, &target).ok().flatten();
    let is_unpushed = there.is_some_and(|tip| !followed_branch::is_behind(pm, commit, tip));
    Some(format!(
        "{} has a commit of {} already{}: `git show {}`",
        one_line(&target),
        state.shown_id(item),
        ["", ", in this clone only"][usize::from(is_unpushed)],
        short(commit)
    ))
}

/// The newest commit up to a tip, and since a time in seconds, that names an item in a trailer `Task:`, as merges do.
pub(super) fn naming(pm: &Pm, state: &State<'_>, item: &Item, tip: Oid, since: u64) -> Option<Oid> {
    let repo = pm.store.repo();
    let format = "--format=%H%x1f%(trailers:key=Task,valueonly,separator=%x2C)";
    let [since, tip] = [format!("--since={since}"), tip.to_string()];
    let git = repo.git().plain();
    let log = ["log", "--grep=^Task:", format, &since, &tip, "--"];
    let out = git.run(&log).ok()?;
    let is_it = |name: &str| {
        let name = name.trim();
        // A name that no item has is not looked for further: that reads every item.
        let is_known = !name.is_empty() && !state.known_as(name).is_empty();
        is_known && state.find(name).is_ok_and(|one| one.uid == item.uid)
    };
    let mut lines = out.lines().into_iter().filter(|_| out.ok());
    lines.find_map(|line| {
        let (commit, names) = line.split_once('\u{1f}')?;
        let id = names.split(',').any(is_it).then(|| repo.parse_id(commit));
        id.flatten()
    })
}
