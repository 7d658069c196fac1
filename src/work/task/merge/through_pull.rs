//! Work that a forge merges by its pull request: held to what a merge here is held to.

use super::super::integrate::Strategy;
use super::move_target::{self, Ready};
use super::{
    Gates, MergeOptions, MergedItem, ask_remote, at_host, ends_of_merge, merge_gated, remote_target,
};
use crate::coordinate::rules::unauthorized_changes;
use crate::coordinate::worktree::MergeEvidence;
use crate::error::{Error, Hint, Reason, Result};
use crate::model::status::Status;
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::pm::who_acts::require_name;
use crate::work::task::merge::FoundMerge;

/// Work that may be merged now.
pub(crate) struct Mergeable {
    pub(crate) uid: Uid,
    pub(crate) id: String,
    /// The branch's commit.
    pub(crate) commit: String,
    pub(crate) strategy: Strategy,
    /// The message of the new commit; none where there is none.
    pub(crate) message: Option<String>,
}

/// Checks an item as for a merge, and moves nothing. None if its work is in the target already.
///
/// # Errors
/// As those of a merge.
pub(crate) fn mergeable(pm: &Pm, id: &str, options: &MergeOptions) -> Result<Option<Mergeable>> {
    require_name(&pm.actor)?;
    let heard = ask_remote::join_remote_first(pm)?;
    unauthorized_changes::hold_rules(pm)?;
    let state = pm.store.state()?;
    let item = state.find(id)?.clone();
    let id = state.shown_id(&item);
    if item.status.is_closed() && item.merged_commit.is_some() {
        return Ok(None);
    }
    let (branch, target, strategy) = ends_of_merge(pm, &state, &item, options)?;
    remote_target::follow_remote(pm, &target)?;
    let gates = Gates::of(pm, &state, &item, &target, options)?;
    let names = (branch.as_str(), target.as_str());
    let ready = move_target::ready(pm, &state, &item, names, strategy, heard, &gates)?;
    let Ready::Prepared(prepared) = ready else {
        return Ok(None);
    };
    let has_message = strategy != Strategy::Rebase;
    Ok(Some(Mergeable {
        uid: item.uid.clone(),
        id,
        commit: prepared.branch_commit().to_string(),
        strategy,
        message: has_message.then(|| prepared.message().to_string()),
    }))
}

/// Ends an item whose pull request was merged, whatever its branch here has. False if it ended before.
///
/// # Errors
/// When the state cannot be read or written.
pub(crate) fn end_merged(
    pm: &Pm,
    uid: &Uid,
    number: u64,
    target: &str,
    commit: &str,
) -> Result<bool> {
    let state = pm.store.state()?;
    let Some(item) = state.item(uid) else {
        return Ok(false);
    };
    if item.status.is_closed() {
        return Ok(false);
    }
    let found = FoundMerge {
        id: state.shown_id(item),
        target: target.to_string(),
        commit: commit.to_string(),
        reason: MergeEvidence::PullRequest(number),
    };
    remote_target::fetch_followed(pm, target)?;
    at_host::end_found(pm, uid, &found)
}

/// The rest of a merge that was recorded: the target here follows, and the worktree goes.
///
/// # Errors
/// As those of a merge.
pub(crate) fn follow_up(pm: &Pm, uid: &Uid) -> Result<MergedItem> {
    let state = pm.store.state()?;
    let item = state.find(uid.as_str())?;
    if item.status != Status::Done || item.merged_commit.is_none() {
        let id = state.shown_id(item);
        return Err(Error::refused(format!(
            "the work of {id} is in its target, but not by a pull request of its branch"
        ))
        .because(Reason::MergeNotReady)
        .about(&id)
        .hint(Hint::run(
            ["sync"],
            "looks for work that came there by other means",
        )));
    }
    drop(state);
    merge_gated(pm, uid.as_str(), &MergeOptions::default(), None)
}
