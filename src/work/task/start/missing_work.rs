//! Earlier work that is not here: of finished prerequisites, of a former holder, of parts of an epic.
//!
//! The merged work of a prerequisite is not in the item's branch because the target
//! branch was not pushed after the merge, for example.

use std::collections::BTreeSet;

use crate::coordinate::claim::ownership;
use crate::coordinate::sync;
use crate::coordinate::worktree::name_template::check_branch;
use crate::coordinate::worktree::{followed_branch, integrated, target};
use crate::error::{Error, Hint, Reason, Result};
use crate::model::id::word;
use crate::model::item::{Claim, Item};
use crate::model::stamp::parse_rfc3339;
use crate::model::text::{actor, one_line};
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::pm::lost_merge::LostMerge;
use crate::store::git::repo::{Oid, short};
use crate::store::index::Scan;
use crate::store::state::State;
use crate::work::task::finish;
use crate::work::task::landed_commits;
use crate::work::task::left_work;
use crate::work::task::merge::{lost_merges, remote_target};
use crate::work::task::work_commit;

/// The maximum number of prerequisites, and of ready items, that are looked at.
const MAX_LOOKED_AT: usize = 20;

/// The number of merges that are named.
const NAMED: usize = 3;

/// The first finished prerequisite of an item whose merge is not in this clone: it was merged in
/// another one, and its target has not been pushed, or not been fetched since.
pub(crate) fn unreached<'s>(pm: &Pm, state: &'s State<'_>, item: &Item) -> Option<&'s Item> {
    needed(state, item).find(|before| is_reached(pm, state, before) == Some(false))
}

/// The first prerequisites of an item.
fn needed<'s>(state: &'s State<'_>, item: &Item) -> impl Iterator<Item = &'s Item> {
    let hard = item.depends_on.iter().filter(|on| !on.soft);
    hard.take(MAX_LOOKED_AT)
        .filter_map(|on| state.item(on.target.uid.as_ref()?))
}

/// True if this clone has the merge of a closed item.
fn is_reached(pm: &Pm, state: &State<'_>, item: &Item) -> Option<bool> {
    let is_here = |item: &Item| Some(place(pm, state, item, merged_commit(pm, item)?).is_some());
    // What is in the branch of an epic comes with the epic, perhaps as one commit.
    let epic = item.epic.as_ref().and_then(|epic| epic.uid.as_ref());
    let epic = epic.and_then(|epic| state.item(epic));
    Some(is_here(item)? || epic.and_then(is_here) == Some(true))
}

/// What is said of a closed item whose merge this clone does not have: its work is not in the target here.
pub(crate) fn not_here(pm: &Pm, state: &State<'_>, item: &Item) -> Option<String> {
    if is_reached(pm, state, item) != Some(false) {
        return None;
    }
    let [by, into, at] = merge_words(state, item);
    let id = state.shown_id(item);
    Some(format!(
        "{by} merged {id} into {into} at {at}, which this clone does not have: it was not pushed yet, or not fetched"
    ))
}

/// The same of the items that were closed last.
pub(crate) fn not_here_lately(pm: &Pm, state: &State<'_>) -> Vec<String> {
    let last = lost_merges::closed_last(pm, state);
    let said = last.iter().filter_map(|item| not_here(pm, state, item));
    said.take(NAMED).collect()
}

/// The commit as which an item was merged that is closed.
fn merged_commit(pm: &Pm, item: &Item) -> Option<Oid> {
    let merged = item.merged_commit.as_deref();
    let merged = merged.filter(|_| item.status.is_closed());
    pm.store.repo().parse_id(merged?)
}

/// Who merged an item, into which branch, and as which commit, as far as the state says.
pub(super) fn merge_words(state: &State<'_>, item: &Item) -> [String; 3] {
    let doc = state.doc(&item.uid);
    let known = [
        ("closed_by", "another clone"),
        ("merged_into", "its target"),
    ];
    let [by, into] =
        known.map(|(name, or)| one_line(doc.and_then(|doc| doc.text(name)).unwrap_or(or)));
    let at = item.merged_commit.iter().flat_map(|hex| hex.chars());
    [by, into, at.take(10).collect()]
}

/// The commit of this clone that has the work of a merge, whose commit `merged` may have been rebased or
/// amended before it was pushed.
fn place(pm: &Pm, state: &State<'_>, item: &Item, merged: Oid) -> Option<Oid> {
    match pm.store.repo().has_object(merged) {
        true => Some(merged),
        false => rewritten(pm, state, item),
    }
}

/// The newest commit since the merge of an item, in its target at the remote, that names it in a trailer
/// `Task:`. Its author decides only where the work is: it is the state that calls it merged.
fn rewritten(pm: &Pm, state: &State<'_>, item: &Item) -> Option<Oid> {
    let (repo, doc) = (pm.store.repo(), state.doc(&item.uid)?);
    let since = parse_rfc3339(doc.text("closed_at")?)? / 1000;
    let (remote, there) = followed_branch::upstream_of(pm, doc.text("merged_into")?)?;
    let tip = repo.ref_target(&format!("refs/remotes/{remote}/{there}"));
    landed_commits::naming(pm, state, item, tip.ok().flatten()?, since)
}

/// Refuses to end an epic of which a part was merged into its branch by a commit that neither that branch nor
/// the epic's target has here.
///
/// # Errors
/// Reason `start.not_reached`.
pub(crate) fn require_parts(pm: &Pm, state: &State<'_>, epic: &Item) -> Result<()> {
    let Some(branch) = epic.branch.as_deref().filter(|_| epic.is_epic()) else {
        return Ok(());
    };
    let git = pm.store.repo().git().plain();
    // Parts are in the branch, as a rule.
    let mut tips: Vec<Oid> = work_commit::branch_now(pm, branch)?.into_iter().collect();
    let target = target::target_of(pm, state, epic, None)?;
    tips.extend(followed_branch::sides(pm, &target)?);
    for part in state.children(&epic.uid) {
        let [by, into, commit] = merge_words(state, part);
        let Some(merged) = merged_commit(pm, part).filter(|_| into == branch) else {
            continue;
        };
        let at = place(pm, state, part, merged);
        let has = |at: Oid, tip: &Oid| {
            let found = integrated(&git, &at.to_string(), &tip.to_string());
            matches!(found, Ok(Some(_)))
        };
        // The history tells it without git, as a rule.
        let is_in =
            |at: Oid| followed_branch::is_in(pm, at, &tips) || tips.iter().any(|tip| has(at, tip));
        if !at.is_some_and(is_in) {
            let [id, part] = [epic, part].map(|item| state.shown_id(item));
            let brings = "brings it, in the worktree of the epic";
            let hint = match at {
                Some(at) => Hint::git(["merge", &short(at)], brings),
                None => format!("ask {by} to push {into}, then finish {id}").into(),
            };
            let what = format!("{by} merged {part} into {into} at {commit}");
            let what = format!("{id} is not whole here: {what}, which this clone's {into} lacks");
            let error = Error::refused(what).because(Reason::StartNotReached);
            return Err(error.about(&id).hint(hint));
        }
    }
    Ok(())
}

/// What is said of the merge of a closed item whose work includes this commit, and whether this clone has it.
pub(crate) fn landed(pm: &Pm, state: &State<'_>, item: &Item, tip: Oid) -> Option<(String, bool)> {
    let work = pm
        .store
        .repo()
        .parse_id(&finish::submitted(pm, state, item)?)?;
    if work != tip && !followed_branch::is_behind(pm, tip, work) {
        return None;
    }
    let is_here = is_reached(pm, state, item)?;
    let [by, into, at] = merge_words(state, item);
    let lacking = [", which is not in this clone yet", ""][usize::from(is_here)];
    Some((
        format!("{by} merged it into {into} at {at}{lacking}"),
        is_here,
    ))
}

/// Fetches the target of merges of other clones for which items wait that are ready otherwise.
///
/// # Errors
/// When git cannot be started, or the state cannot be read.
pub(crate) fn fetch_reached(pm: &Pm) -> Result<bool> {
    if !pm.is_online() {
        return Ok(false);
    }
    let waits = || -> Result<Option<String>> {
        let state = pm.store.state()?;
        let first = state.scan(&Scan::Ready(pm.now_ms()), |_| true, MAX_LOOKED_AT);
        let mut first = first.into_iter();
        let before = first.find_map(|item| unreached(pm, &state, item));
        Ok(before.map(|before| merge_words(&state, before)[1].clone()))
    };
    let Some(into) = waits()? else {
        return Ok(false);
    };
    match check_branch(&into) {
        Ok(()) => remote_target::fetch_followed(pm, &into)?,
        Err(_) => return Ok(false),
    }
    Ok(waits()?.is_none())
}

/// Fetches the targets of merges of other clones that are the last ones and that this clone does not have.
///
/// # Errors
/// When git cannot be started, or the state cannot be read.
pub(crate) fn fetch_merged(pm: &Pm) -> Result<()> {
    let state = pm.store.state()?;
    let last = lost_merges::closed_last(pm, &state).into_iter();
    let last = last.filter(|item| is_reached(pm, &state, item) == Some(false));
    let targets: BTreeSet<String> = last
        .map(|item| merge_words(&state, &item)[1].clone())
        .collect();
    drop(state);
    for into in targets.iter().filter(|into| check_branch(into).is_ok()) {
        remote_target::fetch_followed(pm, into)?;
    }
    Ok(())
}

/// Refuses to start work without that of a prerequisite.
///
/// # Errors
/// Kind `Refused`.
pub(super) fn require_reached(pm: &Pm, state: &State<'_>, item: &Item) -> Result<()> {
    let Some(before) = unreached(pm, state, item) else {
        return Ok(());
    };
    // The target may have been pushed meanwhile, and the clone that merged it may have said as which commit.
    if let Some(remote) = pm.main_remote().filter(|_| pm.is_online()) {
        let into = (state.doc(&before.uid)).and_then(|doc| doc.text("merged_into"));
        if let Some(into) = into.filter(|into| check_branch(into).is_ok()) {
            remote_target::fetch_followed(pm, into)?;
        }
        let _ = sync::pull_from(pm, &remote);
    }
    let state = &pm.store.state()?;
    let Some(before) = unreached(pm, state, item) else {
        return Ok(());
    };
    let (id, before_id) = (state.shown_id(item), state.shown_id(before));
    let [by, into, at] = merge_words(state, before);
    Err(Error::refused(format!(
        "{id} waits for {before_id}: {by} merged it into {into} at {at}, which was not pushed yet"
    ))
    .because(Reason::StartNotReached)
    .about(&id)
    .hint(format!(
        "ask {by} to push {into}; if it was rebased, their next `git pm sync` says where the work is"
    ))
    .hint(format!(
        "`git pm start {id} --base REF` starts from a commit that you choose"
    )))
}

/// A warning that the new branch of a reopened item begins after the merge of its earlier work, and so without that if
/// the merge was undone; with where the commits are.
pub(super) fn merged_before(pm: &Pm, state: &State<'_>, uid: &Uid) -> Option<String> {
    let (repo, item, doc) = (pm.store.repo(), state.item(uid)?, state.doc(uid)?);
    let branch = item.branch.as_deref()?;
    let tip = repo.ref_target(&format!("refs/heads/{branch}")).ok()??;
    let merged = repo.parse_id(item.merged_commit.as_deref()?)?;
    if !followed_branch::is_behind(pm, merged, tip) {
        return None;
    }
    let work = repo.parse_id(doc.text("finished_commit")?)?;
    let backups = repo.refs_under(&format!("refs/pm-local/backup/{branch}/"));
    let backup = backups.ok()?.into_iter().rfind(|(_, kept)| *kept == work);
    let kept = backup.map_or_else(|| short(work), |(name, _)| word(&name));
    let again = match repo.is_commit(work) && !followed_branch::is_behind(pm, work, tip) {
        true => format!("`git merge {kept}`"),
        false => "reverting that commit".into(),
    };
    Some(format!(
        "{} was merged into {} at {}, before this branch: if a commit took it back, {again} brings it again",
        state.shown_id(item),
        one_line(doc.text("merged_into").unwrap_or("its target")),
        short(merged)
    ))
}

/// A warning that the work may have begun in another clone, whose claim was ended from elsewhere, as
/// by a takeover: its commits may not be here, as the remote has no branch of the item.
pub(super) fn begun_elsewhere(pm: &Pm, state: &State<'_>, uid: &Uid) -> Option<String> {
    let (item, doc) = (state.item(uid)?, state.doc(uid)?);
    let branch = item.branch.as_deref()?;
    let ended = item
        .claims
        .iter()
        .filter(|claim| claim.branch.is_some() && claim.ended.is_some());
    let left = ended.max_by(|a, b| a.at.cmp(&b.at)).and_then(|claim| {
        let left = doc.entry("claims", &claim.id)?.text(left_work::LEFT)?;
        let left = pm.store.repo().parse_id(left)?;
        (!pm.store.repo().has_object(left)).then_some((&claim.actor, left))
    });
    if let Some((who, left)) = left {
        return Some(format!(
            "{} left commits of {}, up to {}, that neither this clone nor its remote has: ask them to push \
             {}",
            actor(who),
            state.shown_id(item),
            short(left),
            one_line(branch)
        ));
    }
    if followed_branch::at_remote(pm, branch).is_some() {
        return None;
    }
    let was_taken = |claim: &&Claim| {
        let entry = doc.entry("claims", &claim.id);
        let ended = entry.and_then(|entry| entry.regs.get("ended"));
        !ownership::is_here(pm, &claim.replica)
            && claim.branch.is_some()
            && ended.is_some_and(|ended| ended.stamp.replica.as_str() != claim.replica)
    };
    let before = item.claims.iter().rfind(was_taken)?;
    Some(format!(
        "{} had begun {} in another clone and may have commits that are not here: ask them to push \
         {}, or to say that there are none",
        actor(&before.actor),
        state.shown_id(item),
        one_line(branch)
    ))
}

fn lost_of(pm: &Pm, state: &State<'_>, item: &Item) -> Option<LostMerge> {
    lost_merges::lost_of(pm, state, item).ok().flatten()
}

/// What is said of a finished item whose target has lost it, or of each such prerequisite of an open one.
pub(crate) fn lost_of_or_before(pm: &Pm, state: &State<'_>, item: &Item) -> Vec<String> {
    if item.status.is_closed() {
        let lost = lost_of(pm, state, item);
        let said = lost.map(|lost| format!("{}; else `{}`", lost.message(), lost.command));
        return said.into_iter().collect();
    }
    let lost = needed(state, item).filter_map(|before| lost_of(pm, state, before));
    lost.map(|lost| lost.message()).collect()
}

/// A warning for each finished prerequisite whose merge is not in the item's branch.
pub(super) fn missing_work(pm: &Pm, state: &State<'_>, item: &Item) -> Vec<String> {
    let repo = pm.store.repo();
    let branch = item
        .branch
        .as_ref()
        .map(|name| format!("refs/heads/{name}"));
    let tip = branch.and_then(|name| repo.ref_target(&name).ok().flatten());
    let Some(tip) = tip else { return Vec::new() };
    let lacking = |before: &Item| {
        let merged = merged_commit(pm, before)?;
        let is_in =
            |commit: Oid| repo.has_object(commit) && followed_branch::is_behind(pm, commit, tip);
        let has = is_in(merged) || rewritten(pm, state, before).is_some_and(is_in);
        let [_, into, at] = merge_words(state, before);
        (!has).then(|| {
            format!(
                "{} was merged into {into} at {at}, which this branch does not have: when it is \
                     pushed, fetch it and merge {into}",
                state.shown_id(before)
            )
        })
    };
    let lost = |before: &Item| Some(lost_of(pm, state, before)?.message());
    let said = needed(state, item).filter_map(|before| lost(before).or_else(|| lacking(before)));
    said.collect()
}
