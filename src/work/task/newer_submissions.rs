//! What was submitted in other clones since: the remote is asked before work is approved or returned.

use super::work_commit::short;
use crate::coordinate::sync;
use crate::error::{Error, Hint, Reason, Result};
use crate::model::item::Item;
use crate::model::status::Status;
use crate::pm::Pm;
use crate::store::state::State;
use crate::work::task::approval_validity;
use crate::work::task::finish;

/// Joins the remote's state, if some work that is judged is approved as far as is known here, and refuses
/// what was submitted since: its approver has not seen it.
pub(super) fn require_latest(pm: &Pm, ids: &[&str]) -> Result<()> {
    let state = pm.store.state()?;
    let items = ids.iter().filter_map(|id| state.find(id).ok());
    let known: Vec<(Item, Option<String>)> = items
        .filter(|item| item.status == Status::ReadyForIntegration)
        .map(|item| (item.clone(), finish::submitted(pm, &state, item)))
        .collect();
    drop(state);
    if known.is_empty() || pm.actor.is_agent {
        return Ok(());
    }
    hear_submissions(pm);
    let state = pm.store.state()?;
    for (item, before) in &known {
        let now = state.item(&item.uid);
        let waits = now.is_some_and(|now| now.status == Status::InReview);
        let newer = finish::submitted(pm, &state, item).filter(|_| waits);
        if let Some(newer) = newer.filter(|newer| before.as_ref() != Some(newer)) {
            return Err(refused(pm, &state, item, &newer));
        }
    }
    Ok(())
}

/// Joins the remote's state, if some work that is judged is not in review as far as is known here: it
/// may have been submitted since. Where that is not possible, the refusal says so.
pub(super) fn ask_for_submissions(pm: &Pm, ids: &[&str]) -> Result<()> {
    let state = pm.store.state()?;
    let submitted = [Status::InReview, Status::ReadyForIntegration];
    let is_known = |id: &&str| {
        let item = state.find(id);
        item.is_ok_and(|item| submitted.contains(&item.status) || item.status.is_closed())
    };
    if !ids.iter().all(is_known) {
        hear_submissions(pm);
    }
    Ok(())
}

/// Joins the remote's state, which has what was submitted since. An obstacle becomes a notice.
pub(super) fn hear_submissions(pm: &Pm) {
    if let Some(remote) = pm.main_remote()
        && pm.is_online()
        && let Err(error) = sync::pull_from(pm, &remote)
    {
        pm.notice(format!(
            "{} could not be asked what was submitted since: {}",
            remote.shown(),
            error.message()
        ));
    }
}

/// The refusal to approve a submission that came after an approval, by those who do not name it.
pub(super) fn refused(pm: &Pm, state: &State<'_>, item: &Item, newer: &str) -> Error {
    let id = state.shown_id(item);
    let why = approval_validity::newer_than_approved(pm, state, item, newer);
    let approve = ["task", "approve", &id, "--commit", short(newer)];
    Error::refused(format!("{why}: nothing was approved"))
        .because(Reason::ApprovalOutdated)
        .about(&id)
        .hint(Hint::run(["task", "diff", &id], "shows it"))
        .hint(Hint::run(approve, "approves that commit"))
}
