//! Runs the gates on the result of a merge before the target moves.
//!
//! Work that passes on its own can still fail together with what was merged before it. That it did is recorded, by
//! whatever merge ran the gates, so that no command suggests to merge it, and a merge runs them again.

use crate::coordinate::claim::ownership;
use crate::coordinate::sync;
use crate::coordinate::worktree::branch::tree_here;
use crate::coordinate::worktree::target;
use crate::error::{Error, Hint, Kind, Reason, Result};
use crate::model::doc::Doc;
use crate::model::item::Item;
use crate::model::settings::SyncMode;
use crate::model::text::{actor, one_line};
use crate::model::uid::Uid;
use crate::model::value::Value;
use crate::pm::Pm;
use crate::secret;
use crate::store::state::State;
use crate::store::transaction::Tx;
use crate::work::task::approval;
use crate::work::task::gates;
use crate::work::task::integrate::{IntegrateOptions, prepare};
use crate::work::task::merge;
use crate::work::task::merge::contested;
use crate::work::task::merge::stacked_on;
use crate::work::task::transition::require_item;

/// The register of an item with the commit of its work and what was said of the gate that this failed on its merge.
const GATE_FAILED: &str = "gate_failed";

/// The tree that passed the gates.
#[derive(Clone, Debug)]
pub(crate) struct Gated(pub(super) String);

/// Runs the gates on the result of a merge of an item into its target, which is not made.
/// `None` if there is nothing to merge.
///
/// # Errors
/// Kind `Refused`, reason `merge.gate_failed`, with the end of the output of a gate that fails;
/// as a merge if the branch does not merge.
pub(crate) fn gate_merge(pm: &Pm, id: &str) -> Result<Option<Gated>> {
    let state = pm.store.state()?;
    let item = state.find(id)?;
    let target = target::target_of(pm, &state, item, None)?;
    let git = pm.store.repo().git().plain();
    let id = state.shown_id(item);
    let Some(branch) = &item.branch else {
        return Ok(None);
    };
    let options = IntegrateOptions {
        branch: branch.clone(),
        target: target.clone(),
        strategy: merge::strategy(pm, None)?,
        message: id.clone(),
        author: None,
    };
    let prepared = prepare(&git, &options, &stacked_on::brought_below(pm, &state, item));
    let commit = match prepared {
        Ok(prepared) => prepared.new_commit().to_string(),
        Err(error) if error.kind() == Kind::Refused => return Ok(None),
        Err(error) if error.kind() == Kind::Conflict => {
            return Err(contested::with_contested(pm, &state, item, &target, error));
        }
        Err(error) => return Err(error),
    };
    gate_result(pm, item, &target, &commit)?;
    Ok(Some(Gated(tree_here(pm.store.repo(), &commit)?)))
}

/// True if work has to pass gates first that are not recorded for its commit, or one of which failed on an earlier
/// merge of it, which is said.
pub(super) fn has_to_run(pm: &Pm, state: &State<'_>, item: &Item, target: &str) -> Result<bool> {
    // Work that is not here is not merged.
    let Ok(commit) = approval::work_of(pm, state, item) else {
        return Ok(false);
    };
    let told = match failed_gate(pm, state, item) {
        None => gates::told_not_recorded(pm, state, item, &commit, target)?,
        told => {
            told.filter(|_| !gates::gates_for(pm, target, &commit).is_ok_and(|all| all.is_empty()))
        }
    };
    if let Some(told) = &told {
        pm.notice(format!("{told}; the gates run on the result first"));
    }
    Ok(told.is_some())
}

/// Refuses a result that is not the one that passed the gates.
pub(super) fn require_gated(pm: &Pm, gated: &Gated, commit: &str, target: &str) -> Result<()> {
    if tree_here(pm.store.repo(), commit)? == gated.0 {
        return Ok(());
    }
    Err(Error::conflict(format!(
        "`{}` was updated while the gates ran; nothing was changed",
        one_line(target)
    ))
    .because(Reason::MergeBranchMoved)
    .about(target)
    .hint("run the command again"))
}

/// Runs the gates of a target on a commit, in a temporary worktree, and records of the work whether it fails one.
pub(super) fn gate_result(pm: &Pm, item: &Item, target: &str, commit: &str) -> Result<()> {
    let state = pm.store.state()?;
    let (id, work) = (state.shown_id(item), approval::work_of(pm, &state, item));
    drop(state);
    let is_own = gates::is_own_work(pm, item)?;
    let result = gate_commit(pm, (&id, is_own), target, commit, commit);
    let failed = result.as_ref().err();
    let is_result = match &result {
        Ok(any) => *any,
        Err(error) => error.reason() == Reason::MergeGateFailed,
    };
    if let (Ok(work), true) = (work, is_result) {
        record(pm, &item.uid, &work, failed.map(Error::message));
    }
    result.map(drop)
}

/// Records what was said of a gate that the work of an item failed on its merge, or that it passes them. An obstacle
/// is a notice.
fn record(pm: &Pm, uid: &Uid, work: &str, failed: Option<&str>) {
    let stage = |tx: &mut Tx<'_>| -> Result<bool> {
        let id = tx.state.shown_id(&require_item(&tx.state, uid)?);
        let has = |doc: &Doc| doc.text(GATE_FAILED).is_some();
        match failed {
            Some(text) => put_failed(tx, uid, work, text)?,
            None if tx.state.doc(uid).is_some_and(has) => {
                tx.edit(uid, |doc, clock| doc.set(GATE_FAILED, Value::Null, clock))?;
            }
            None => return Ok(false),
        }
        let result = if failed.is_some() { "failed" } else { "passed" };
        tx.describe(
            "task gates",
            &[&id],
            &format!("{id}: {result} on its merge"),
        );
        Ok(true)
    };
    let actor = pm.named_writer("task gates");
    match actor.and_then(|actor| pm.store.write(&actor, stage)) {
        Ok(written) if written.value && pm.sync_mode() == SyncMode::Always => sync::try_sync(pm),
        Ok(_) => {}
        Err(error) => pm.notice(format!(
            "the result of the gates could not be recorded: {}",
            error.message()
        )),
    }
}

/// Stages that the work of an item failed a gate on its merge, with the first line of what was said.
pub(super) fn put_failed(tx: &mut Tx<'_>, uid: &Uid, work: &str, text: &str) -> Result<()> {
    let text = secret::redacted(text).0;
    let failed = format!("{work} {}", text.lines().next().unwrap_or_default());
    tx.edit(uid, |doc, clock| {
        doc.set(GATE_FAILED, failed.as_str(), clock)
    })?;
    Ok(())
}

/// What is recorded of the present work of an item that failed a gate on its merge.
pub(crate) fn failed_gate(pm: &Pm, state: &State<'_>, item: &Item) -> Option<String> {
    let (work, said) = state.doc(&item.uid)?.text(GATE_FAILED)?.split_once(' ')?;
    let now = approval::work_of(pm, state, item).ok()?;
    (now == work).then(|| one_line(said))
}

/// Refuses work that failed a gate on its merge, until it changes: a merge of it would run the gates again.
pub(super) fn require_passed(pm: &Pm, state: &State<'_>, item: &Item) -> Result<()> {
    let Some(said) = failed_gate(pm, state, item) else {
        return Ok(());
    };
    let id = state.shown_id(item);
    let why = format!("{said}; `git pm merge {id}` runs it again first");
    Err(Error::refused(why)
        .because(Reason::MergeGateFailed)
        .about(&id))
}

/// What continues the work on an item: only who holds it can.
fn continued(pm: &Pm, id: &str) -> Result<Hint> {
    let state = pm.store.state()?;
    let item = state.find(id)?;
    let other = item
        .holder()
        .filter(|claim| !ownership::holds(pm, item, claim));
    let Some(holder) = other else {
        return Ok(Hint::run(["start", id, "--resume"], "continues the work"));
    };
    let to = format!("returns it to {}", actor(&holder.actor));
    let returns = Hint::run(["task", "return", id, "--note", "TEXT"], to);
    Ok(ownership::of_human(pm, returns))
}

/// Runs the gates of a target that apply to the commit `of` on another commit, which has the
/// work of the item and no other than the caller's own, or not. False if there are none.
///
/// # Errors
/// Reason `merge.gate_failed` if one fails; another if it was stopped, or its program is not installed, which says
/// nothing of the work.
pub(super) fn gate_commit(
    pm: &Pm,
    (id, is_own): (&str, bool),
    target: &str,
    of: &str,
    commit: &str,
) -> Result<bool> {
    let gates = gates::gates_for(pm, target, of)?;
    if gates.is_empty() {
        return Ok(false);
    }
    let confined = gates::confined(pm, is_own)?;
    // What the work of others leaves in a checkout does not decide the next gate.
    let together = match &confined {
        Some(_) => 1,
        None => gates.len(),
    };
    let failed = |error: Error| {
        let reason = match error.reason() {
            Reason::CommandStopped => return error,
            Reason::CommandNotFound => Reason::CommandNotFound,
            _ => Reason::MergeGateFailed,
        };
        let (target, why) = (one_line(target), error.message());
        let error = Error::refused(format!("with {id} merged into {target}, {why}"))
            .because(reason)
            .about(id)
            .with(error.details().clone());
        match continued(pm, id) {
            Ok(next) => error.hint(next),
            Err(_) => error,
        }
    };
    gates.chunks(together).try_for_each(|gates| {
        gates::in_checkout(pm, &format!("merge-{id}"), commit, |place| {
            let mut gates = gates.iter();
            gates
                .try_for_each(|gate| gates::passes(pm, gate, place, confined.as_ref()).map(drop))
                .map_err(failed)
        })
    })?;
    Ok(true)
}
