//! The gates on work: which apply to what it changes, in which sandbox and checkout they run, and which it has passed.

use std::collections::BTreeSet;
use std::path::Path;

use super::criteria::told_gone;
use super::integrate::{hold_checkout, without_hooks};
use super::run_command::run_command;
use super::tests_first::require_tests_first;
use super::work_commit::short;
use crate::coordinate::claim::ownership;
use crate::coordinate::gate::Gate;
use crate::coordinate::gate::gates_to_run;
use crate::coordinate::worktree::followed_branch;
use crate::coordinate::worktree::work_ends::Ends;
use crate::coordinate::worktree::{list, name_template};
use crate::error::{Details, Error, Reason, Result};
use crate::model::doc::Doc;
use crate::model::item::{Claim, Item};
use crate::model::status::Status;
use crate::model::text::{one_line, spelled};
use crate::model::usage::name_of;
use crate::pm::{Confined, Pm};
use crate::store::state::State;
use crate::work::task::approved_by_gates;
use crate::work::task::branch_work;
use crate::work::task::merge::{gate_result, stacked_on};
use crate::work::task::start::decisions;
use crate::work::task::start::new_checkout;

/// The field with the gates that the last submission of an item passed.
pub(crate) const GATES_PASSED: &str = "gates_passed";

/// The number of names that are read from that field, which anyone who can push can write.
const NAMES_MAX: usize = 100;

/// The names of the gates that the last submission of an item passed.
pub(crate) fn gates_passed(doc: &Doc) -> Vec<String> {
    let names = doc.text(GATES_PASSED).unwrap_or_default().split(", ");
    // With the commit at which the tests alone failed.
    let names = names.map(|name| {
        name.split_once(" (failed at ")
            .map_or(name, |(name, _)| name)
    });
    let names = names.map(name_of).filter(|name| !name.is_empty());
    names.take(NAMES_MAX).collect()
}

/// The required gates of this clone and of a target that are not recorded as passed for just this commit of an
/// item's work: the target may have got them after the work was submitted. None of work that was
/// submitted by force, which its approver takes as it is.
///
/// # Errors
/// When the file on the target is not valid.
pub(crate) fn not_recorded(
    pm: &Pm,
    state: &State<'_>,
    item: &Item,
    commit: &str,
    target: &str,
) -> Result<BTreeSet<String>> {
    let none = Ok(BTreeSet::new());
    let (Some(onto), false) = (followed_branch::newest_tip(pm, target)?, item.forced) else {
        return none;
    };
    // What cannot be combined here is not merged.
    let names = branch_work::changed_names(pm, target, commit).unwrap_or_default();
    if names.is_empty() {
        return none;
    }
    let doc = state
        .doc(&item.uid)
        .filter(|doc| doc.text("finished_commit") == Some(commit));
    let passed = doc
        .and_then(|doc| doc.text(GATES_PASSED))
        .unwrap_or_default();
    let passed = format!(", {passed}, ");
    // A name may be a whole command, with commas.
    let is_passed = |name: &String| {
        passed.contains(&format!(", {name}, ")) || passed.contains(&format!(", {name} (failed at "))
    };
    let mut needed = gates_to_run::required_of(pm, [onto, onto], &names)?;
    needed.retain(|name| !is_passed(name));
    Ok(needed)
}

/// What [`not_recorded`] finds, as a sentence; none if it finds nothing.
///
/// # Errors
/// As there.
pub(crate) fn told_not_recorded(
    pm: &Pm,
    state: &State<'_>,
    item: &Item,
    commit: &str,
    target: &str,
) -> Result<Option<String>> {
    let names = not_recorded(pm, state, item, commit, target)?;
    if names.is_empty() {
        return Ok(None);
    }
    let (gates, are) = match names.len() {
        1 => ("gate", "is"),
        _ => ("gates", "are"),
    };
    let names: Vec<String> = names
        .iter()
        .map(|name| spelled(name).into_owned())
        .collect();
    Ok(Some(format!(
        "{}: the {gates} {} {are} not recorded as passed for {}",
        state.shown_id(item),
        names.join(", "),
        short(commit)
    )))
}

/// What the submission of an item passed over by force, if it waits for its approval or its merge.
pub(crate) fn told_forced(item: &Item) -> Option<String> {
    let submitted = matches!(item.status, Status::InReview | Status::ReadyForIntegration);
    let what = item.forced_words().filter(|_| submitted)?;
    Some(format!("submitted by force: {}", one_line(what)))
}

/// Says what [`told_forced`] and [`told_gone`] find.
pub(crate) fn notice_forced(pm: &Pm, state: &State<'_>, item: &Item) {
    let told = told_forced(item).into_iter();
    for told in told.chain(told_gone(pm, state, item)) {
        pm.notice(format!("{}: {told}", state.shown_id(item)));
    }
}

/// What those who approve work are told of it: what it passed over by force, or else which gates are not
/// recorded for it; which one it failed on its merge; and which criteria are gone since it began.
///
/// # Errors
/// As [`not_recorded`].
pub(crate) fn told_before_approval(
    pm: &Pm,
    state: &State<'_>,
    item: &Item,
    commit: &str,
    target: &str,
) -> Result<Option<String>> {
    let id = state.shown_id(item);
    let told = match told_forced(item) {
        Some(told) => Some(format!("{id}: {told}")),
        None => {
            let told = told_not_recorded(pm, state, item, commit, target)?;
            told.map(|told| format!("{told}; `git pm merge {id}` runs the gates first"))
        }
    };
    let gone = told_gone(pm, state, item).map(|gone| format!("{id}: {gone}"));
    let failed = gate_result::failed_gate(pm, state, item);
    let all: Vec<String> = told.into_iter().chain(failed).chain(gone).collect();
    Ok((!all.is_empty()).then(|| all.join("; ")))
}

/// The gates of a target that apply to the work that leads to `tip`, in order.
///
/// # Errors
/// As [`gates_to_run::gates`].
pub(super) fn gates_for(pm: &Pm, target: &str, tip: &str) -> Result<Vec<Gate>> {
    let mut gates = gates_to_run::gates(pm, target)?;
    if gates.iter().all(|gate| gate.paths.is_empty()) {
        return Ok(gates);
    }
    if followed_branch::newest_tip(pm, target)?.is_none() {
        return Ok(gates);
    }
    let names: Vec<String> = branch_work::changed_names(pm, target, tip)?;
    gates.retain(|gate| gate.applies_to(&names));
    Ok(gates)
}

/// The sandbox of the user's commands on work: that of the run, or, unless the caller alone has
/// made the work, the one that the caller gave for such commands.
///
/// # Errors
/// When a sandbox is required and not available.
pub(crate) fn confined(pm: &Pm, is_own: bool) -> Result<Option<Confined>> {
    match (&pm.of_run, pm.options.confine) {
        (Some(run), _) => Ok(run.confined.clone()),
        (None, Some(confine)) if !is_own => confine(pm),
        (None, _) => Ok(None),
    }
}

/// True if nobody but this agent, or but persons at this clone, has worked on an item, and on
/// what it is stacked on, and a human has approved the rest.
///
/// # Errors
/// When the state cannot be read.
pub(crate) fn is_own_work(pm: &Pm, item: &Item) -> Result<bool> {
    let state = pm.store.state()?;
    let is_own = |claim: &Claim| {
        ownership::is_here(pm, &claim.replica)
            && (claim.agent.is_none() || claim.agent == pm.actor.own)
    };
    let below = stacked_on::below(&state, item).into_iter();
    let mut below = below.filter(|below| !below.status.is_closed());
    let repo = pm.store.repo();
    if let Some(name) = &item.branch
        && let Some(tip) = repo.ref_target(&format!("refs/heads/{name}"))?
        && approved_by_gates::has_unseen(pm, tip)?
    {
        return Ok(false);
    }
    Ok(!item.claims.is_empty()
        && item.claims.iter().all(is_own)
        && below.all(|below| below.claims.iter().all(is_own)))
}

/// Runs a gate in a worktree; true if the work passes it. An advisory one that fails is
/// reported.
///
/// # Errors
/// Kind `Refused` with the end of its output, if a required one fails.
pub(super) fn passes(
    pm: &Pm,
    gate: &Gate,
    place: &Path,
    confined: Option<&Confined>,
) -> Result<bool> {
    let what = format!("the gate `{}`", one_line(&gate.name));
    let (command, timeout) = (&gate.run, gate.timeout);
    match run_command(pm, place, &what, command, timeout, confined) {
        Ok(()) => Ok(true),
        Err(error) if error.reason() == Reason::CommandStopped => Err(error),
        Err(error) if gate.required => Err(error.with(Details::Gate(gate.name.clone()))),
        Err(error) if error.reason() == Reason::CommandNotFound => {
            pm.notice(format!("{what} was skipped: its program is not installed"));
            Ok(false)
        }
        Err(error) => {
            pm.notice(format!("advisory gate: {}", error.message()));
            Ok(false)
        }
    }
}

/// Runs some gates on a commit in a temporary worktree; returns why it does not pass.
///
/// # Errors
/// When a checked-in file is not trusted, the worktree cannot be made, or the user stops it.
pub(crate) fn failing(pm: &Pm, ends: &Ends, names: &BTreeSet<String>) -> Result<Vec<Error>> {
    let mut gates = gates_to_run::gates(pm, &ends.target)?;
    gates.retain(|gate| names.contains(&gate.name));
    let (commit, confined) = (ends.commit.to_string(), confined(pm, false)?);
    let (confined, mut failed) = (confined.as_ref(), Vec::new());
    in_checkout(pm, "check", &commit, |place| {
        for gate in &gates {
            let passed = passes(pm, gate, place, confined).and_then(|_| match gate.tests_first {
                true => require_tests_first(pm, "it", gate, ends.onto, &commit, confined).map(drop),
                false => Ok(()),
            });
            match passed {
                Err(error) if error.reason() == Reason::CommandStopped => return Err(error),
                passed => failed.extend(passed.err()),
            }
        }
        Ok(())
    })?;
    Ok(failed)
}

/// Runs an operation in a temporary worktree of a commit.
pub(crate) fn in_checkout(
    pm: &Pm,
    name: &str,
    commit: &str,
    work: impl FnOnce(&Path) -> Result<()>,
) -> Result<()> {
    let _lock = hold_checkout(&pm.store.repo().git().common_dir()?, name)?;
    let fields = name_template::Fields {
        id: name,
        ..name_template::Fields::default()
    };
    let place = decisions::worktree_place(pm, &fields, &list(pm.store.repo().git())?)?;
    let shown = place.display().to_string();
    let git = without_hooks(&pm.store.repo().git_at_home())?.among_others();
    let remove = || git.run(&["worktree", "remove", "--force", "--force", &shown]);
    // A process that was killed may have left it.
    if place.exists() {
        remove()?;
        git.run(&["worktree", "prune"])?;
    }
    git.require(&["worktree", "add", "--detach", "--", &shown, commit])?;
    let worked = new_checkout::set_up(pm, &place, &|| Ok(false)).and_then(|()| work(&place));
    let removed = remove()?;
    if !removed.ok() {
        pm.notice(format!(
            "the temporary worktree {} could not be removed: {}",
            one_line(&shown),
            removed.reason()
        ));
    }
    worked
}
