//! Work that came into its target by other means than `merge`, as by a pull request at a host.
//!
//! It is found by its commits, patches and files, and ends its task.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Serialize;

use super::super::integrate::{Strategy, earlier};
use crate::coordinate::sync;
use crate::coordinate::worktree::followed_branch;
use crate::coordinate::worktree::target;
use crate::coordinate::worktree::{MergeEvidence, brought_by, integrated};
use crate::error::Result;
use crate::model::item::Item;
use crate::model::status::Status;
use crate::model::text::one_line;
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::pm::handles::Tasks;
use crate::store::git::repo::Oid;
use crate::store::state::State;
use crate::work::task::approval;
use crate::work::task::branch_work;
use crate::work::task::landed_commits;
use crate::work::task::merge::record;
use crate::work::task::merge::remote_target;
use crate::work::task::work_commit;
use crate::work::{ending, nothing_to_start};

/// The number of items that are looked for at once.
const MAX_ITEMS_AT_ONCE: usize = 50;

/// Submitted work that is in its target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FoundMerge {
    /// The item.
    pub id: String,
    /// The branch that has the work.
    pub target: String,
    /// The commit of that branch that brought the work; its tip, as this clone knows it, if that
    /// cannot be told.
    pub commit: String,
    /// How it was found.
    pub reason: MergeEvidence,
}

impl Tasks<'_> {
    /// The place of submitted work on an item in its target, if others have merged, squashed or
    /// rebased it there; none if this clone does not know of that, or the work is not submitted.
    /// Nothing is fetched and nothing written: `sync` does both.
    ///
    /// # Errors
    /// If the item is not found, or git fails.
    pub fn merged(&self, id: &str) -> Result<Option<FoundMerge>> {
        let state = self.pm.store.state()?;
        found_in_target(self.pm, &state, state.find(id)?)
    }
}

pub(crate) fn found_in_target(
    pm: &Pm,
    state: &State<'_>,
    item: &Item,
) -> Result<Option<FoundMerge>> {
    let submitted = matches!(item.status, Status::InReview | Status::ReadyForIntegration);
    // Forced work may have no commits of its own.
    let is_forced = state
        .doc(&item.uid)
        .is_some_and(|doc| doc.value("forced").is_true());
    if !submitted || is_forced || item.branch.is_none() {
        return Ok(None);
    }
    let repo = pm.store.repo();
    let target = target::target_of(pm, state, item, None)?;
    let tip = repo.parse_id(&approval::work_of(pm, state, item)?);
    let reviewed = work_commit::reviewed(pm, state, item).or(tip);
    // What was added to the work before its review came with it; what was approved is all that is done.
    let is_added = |tip: &Oid| {
        let is_open = item.status == Status::InReview;
        is_open && reviewed.is_some_and(|one| followed_branch::is_behind(pm, one, *tip))
    };
    let works = reviewed.into_iter().chain(tip.filter(is_added));
    for work in works.filter(|work| repo.has_object(*work)) {
        let found = found_at(pm, state, item, (&target, work))?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// The place of a commit of an item in a target.
fn found_at(
    pm: &Pm,
    state: &State<'_>,
    item: &Item,
    (target, work): (&str, Oid),
) -> Result<Option<FoundMerge>> {
    let git = pm.store.repo().git().plain();
    for tip in followed_branch::sides(pm, target)? {
        let found = match tip == work {
            true => branch_work::submission_in(pm, state, item, tip)?,
            false if followed_branch::is_behind(pm, tip, work) => None,
            false => integrated(&git, &work.to_string(), &tip.to_string())?,
        };
        let found = found.filter(|one| *one != MergeEvidence::EmptyDiff);
        // Its commits stay in the history of a target that took their changes back.
        let is_left = || landed_commits::reverted(pm, state, item).is_none();
        if let Some(reason) = found.filter(|_| is_left()) {
            let (work, tip) = (work.to_string(), tip.to_string());
            return Ok(Some(FoundMerge {
                id: state.shown_id(item),
                target: target.to_string(),
                commit: brought_by(&git, &reason, &work, &tip)?.unwrap_or(tip),
                reason,
            }));
        }
    }
    Ok(None)
}

/// Ends those of these tasks whose submitted work the remote's target has, and takes them out of
/// the list. Agents leave that to humans, as they may have pushed there themselves. Obstacles
/// become notices.
///
/// # Errors
/// When the state cannot be read or written.
pub(crate) fn end_merged_by_others(pm: &Pm, all: &mut Vec<Item>) -> Result<()> {
    if pm.actor.is_agent || all.is_empty() {
        return Ok(());
    }
    let state = pm.store.state()?;
    let open: Vec<Item> = all.iter().take(MAX_ITEMS_AT_ONCE).cloned().collect();
    let targets = open
        .iter()
        .filter_map(|item| target::target_of(pm, &state, item, None).ok());
    for target in targets.collect::<BTreeSet<String>>() {
        remote_target::fetch_followed(pm, &target)?;
    }
    let mut ended = false;
    for item in &open {
        match found_in_target(pm, &state, item) {
            Ok(Some(found)) => {
                ended |= end_found(pm, &item.uid, &found)?;
                all.retain(|one| one.uid != item.uid);
            }
            Ok(None) => {}
            Err(error) => pm.notice(error.message().to_string()),
        }
    }
    drop(state);
    if ended {
        sync::try_sync(pm);
    }
    Ok(())
}

/// Records that an item's work is in its target. False if it has open parts, which is said: an epic is not
/// done because its branch was merged.
pub(crate) fn end_found(pm: &Pm, uid: &Uid, found: &FoundMerge) -> Result<bool> {
    let (id, target) = (&found.id, one_line(&found.target));
    let state = pm.store.state()?;
    let is_approved = state.item(uid).is_some_and(|item| item.approval.is_some());
    let whole = state
        .item(uid)
        .map_or(Ok(()), |item| ending::require_whole(pm, &state, item, &[]));
    drop(state);
    if let Err(open) = whole {
        let open = open.message();
        pm.notice(format!(
            "the work of {id} is in {target}, but {open}: it is not done before them"
        ));
        return Ok(false);
    }
    let merged = earlier(Strategy::Merge, &found.target, &found.commit);
    record::record_merge(pm, uid, &merged)?;
    let why = &found.reason;
    let unapproved = match is_approved {
        true => "",
        false => "; it was not approved",
    };
    pm.notice(format!(
        "{id} is done: its work is in {target} ({why}){unapproved}"
    ));
    nothing_to_start::report_completed_epic(pm, uid)?;
    Ok(true)
}
