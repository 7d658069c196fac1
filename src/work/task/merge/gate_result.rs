//! Runs the gates on the result of a merge before the target moves.
//!
//! Work that passes on its own can still fail together with what was merged before it. That it did is recorded, so
//! that nobody is told to merge it, and a merge runs the gates again.

use crate::coordinate::claim::ownership;
use crate::coordinate::worktree::branch::tree_of;
use crate::coordinate::worktree::target;
use crate::error::{Error, Hint, Kind, Reason, Result};
use crate::model::item::Item;
use crate::model::text::{actor, one_line};
use crate::pm::Pm;
use crate::store::state::State;
use crate::work::task::approval;
use crate::work::task::gates;
use crate::work::task::integrate::{IntegrateOptions, prepare};
use crate::work::task::merge;
use crate::work::task::merge::contested;
use crate::work::task::merge::stacked_on;

/// The register of an item with the commit of its work and what the queue said of the gate that this failed.
pub(super) const GATE_FAILED: &str = "gate_failed";

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
    Ok(Some(Gated(tree_of(&git, &commit)?)))
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
        told => told,
    };
    if let Some(told) = &told {
        pm.notice(format!("{told}; the gates run on the result first"));
    }
    Ok(told.is_some())
}

/// Refuses a result that is not the one that passed the gates.
pub(super) fn require_gated(pm: &Pm, gated: &Gated, commit: &str, target: &str) -> Result<()> {
    let git = pm.store.repo().git().plain();
    if tree_of(&git, commit)? == gated.0 {
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

/// Runs the gates of a target on a commit, in a temporary worktree.
pub(super) fn gate_result(pm: &Pm, item: &Item, target: &str, commit: &str) -> Result<()> {
    let id = pm.store.state()?.shown_id(item);
    let is_own = gates::is_own_work(pm, item)?;
    gate_commit(pm, (&id, is_own), target, commit, commit)
}

/// What is recorded of the present work of an item that failed a gate on its merge.
fn failed_gate(pm: &Pm, state: &State<'_>, item: &Item) -> Option<String> {
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
/// work of the item and no other than the caller's own, or not.
pub(super) fn gate_commit(
    pm: &Pm,
    (id, is_own): (&str, bool),
    target: &str,
    of: &str,
    commit: &str,
) -> Result<()> {
    let gates = gates::gates_for(pm, target, of)?;
    if gates.is_empty() {
        return Ok(());
    }
    let confined = gates::confined(pm, is_own)?;
    // What the work of others leaves in a checkout does not decide the next gate.
    let together = match &confined {
        Some(_) => 1,
        None => gates.len(),
    };
    let failed = |error: Error| {
        let (target, why) = (one_line(target), error.message());
        let error = Error::refused(format!("with {id} merged into {target}, {why}"))
            .because(Reason::MergeGateFailed)
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
    })
}
