//! Merges one task on the authority of its gates: approval, gates on the result, and moving the target.
//!
//! Runs on a thread of its own, as gates may take long.

use std::path::PathBuf;
use std::sync::Arc;

use super::task_commands::{private_of_merge, task_commands};
use crate::agent::sandbox::{Machine, Rules};
use crate::coordinate::finding::view::FindingView;
use crate::coordinate::worktree::target;
use crate::error::{Error, Kind, Reason, Result};
use crate::model::settings;
use crate::model::status::Status;
use crate::model::text::excerpt;
use crate::model::uid::Uid;
use crate::pm::pins::Pins;
use crate::pm::{Options, Pm};
use crate::process::Control;
use crate::run::lock;
use crate::store::env::Env;
use crate::store::fault;
use crate::work::task::approval;
use crate::work::task::branch_work;
use crate::work::task::decided;
use crate::work::task::human_paths;
use crate::work::task::merge;
use crate::work::task::merge::MergeOptions;
use crate::work::task::merge::contested;
use crate::work::task::merge::gate_result;
use crate::work::task::return_work;

/// The number of attempts while others move the target.
const ATTEMPTS: u32 = 10;

/// A merge to be made.
pub(super) struct MergeOrder {
    env: Env,
    options: Options,
    item: Uid,
    run: String,
    control: Control,
    /// For temporary files of the gates.
    private: PathBuf,
    machine: Arc<Machine>,
    /// What decides the merge, as it was when the run was started.
    pins: Option<Arc<Pins>>,
}

/// The outcome of a merge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Merged {
    /// The target has the work, and the item is done; the reason its worktree was kept, if it was.
    Done(Option<String>),
    /// A gate fails on the result.
    GateFailed {
        /// The reason, for the agent.
        text: String,
        /// The name of the gate.
        gate: Option<String>,
    },
    /// The work does not merge cleanly.
    Conflict {
        /// The reason.
        reason: String,
        /// The files.
        files: Vec<String>,
        /// What the agent has to do.
        remedy: String,
    },
    /// A human has to decide.
    Waits(String),
}

impl MergeOrder {
    pub(super) fn new(
        pm: &Pm,
        run: (&Uid, &str),
        item: &Uid,
        control: Control,
        machine: &Arc<Machine>,
    ) -> MergeOrder {
        let (folder, run) = (lock::run_folder(pm, run.0), run.1);
        MergeOrder {
            env: Env {
                interactive: false,
                ..pm.store.env().clone()
            },
            options: Options {
                actor: pm.options.actor.clone(),
                offline: pm.options.offline,
                sign: pm.options.sign,
                ..Options::default()
            },
            item: item.clone(),
            run: run.to_string(),
            control,
            private: private_of_merge(&folder, item),
            machine: machine.clone(),
            pins: pm.pinned.borrow().clone(),
        }
    }
}

/// Merges one task.
pub(super) fn merge(order: &MergeOrder) -> Merged {
    match try_to_merge(order) {
        Ok(merged) => merged,
        Err(error) => Merged::Waits(format!("not merged: {}", error.message())),
    }
}

/// The most claims in a reason, and the most characters of each.
const CLAIMS: (usize, usize) = (5, 200);

/// What the rules over diffs find that gates cannot judge, though it does not stop a human.
const OF_HUMANS: &[&str] = &["submodule-changed", "symlink-escapes"];

/// Why gates alone do not approve work: its review has not passed, or found what a human has to see. Names
/// no finding that stays in this clone, since others read the reason.
fn unreviewed(pm: &Pm, id: &str) -> Result<Option<String>> {
    let state = pm.store.snapshot()?;
    if state.find(id)?.status != Status::InReview {
        return Ok(None);
    }
    drop(state);
    let report = pm.findings().review(id)?;
    if let Some(one) = report.reviewers.iter().find(|one| one.failed.is_some()) {
        return Ok(Some(format!("the reviewer `{}` has no answer", one.name)));
    }
    let is_blocked = pm.store.repo().is_on(&settings::DIFF_BLOCK);
    let asks = |rule: &str| OF_HUMANS.contains(&rule) || is_blocked && rule == "change-large";
    let asks = |one: &&FindingView| one.blocks || one.rule.as_deref().is_some_and(asks);
    let open: Vec<&FindingView> = report.open.iter().filter(asks).collect();
    let shared = open.iter().filter(|one| !one.private);
    let claims = claims(shared.map(|one| one.claim.as_str()));
    Ok((!report.passed || !open.is_empty())
        .then(|| format!("a human has to look at the findings of its review{claims}")))
}

/// The first claims of findings, behind a colon.
pub(super) fn claims<'c>(all: impl Iterator<Item = &'c str>) -> String {
    let first = all.take(CLAIMS.0).map(|one| excerpt(one, CLAIMS.1));
    let first: Vec<String> = first.collect();
    match first.is_empty() {
        true => String::new(),
        false => format!(": {}", first.join(" ")),
    }
}

fn try_to_merge(order: &MergeOrder) -> Result<Merged> {
    let pm = Pm::open(order.env.clone(), order.options.clone())?;
    let rules = Rules::in_force(&pm, &order.machine)?;
    let of = (order.run.as_str(), order.item.as_str());
    let commands = task_commands(&pm, of, &order.control, &order.private, rules.as_ref())?;
    let pm = &pm.of_run(commands);
    pm.pinned.replace(order.pins.clone());
    let id = order.item.as_str();
    let state = pm.store.state()?;
    let item = state.find(id)?.clone();
    let doc = state.doc(&item.uid);
    if item.status.is_closed() {
        let merged = doc.and_then(|doc| doc.text("merged_commit")).is_some();
        return Ok(match merged {
            true => Merged::Done(None),
            false => Merged::Waits("it was closed without a merge".into()),
        });
    }
    if doc.is_some_and(|doc| doc.value("forced").is_true()) {
        return Ok(Merged::Waits(
            "finished with `--force`: a human has to approve it".into(),
        ));
    }
    if item.acceptance.iter().any(|criterion| !criterion.done) {
        return Ok(Merged::Waits(
            "not all criteria are accepted: a human has to approve it".into(),
        ));
    }
    let target = target::require_target_of(pm, &state, &item, None)?;
    decided::require_pinned(pm, &state, &item, &target)?;
    let finished = doc.and_then(|doc| doc.text("finished_commit"));
    let finished = finished.unwrap_or_default().to_string();
    let names = branch_work::changed_names(pm, &target, &finished)?;
    let guarded = human_paths::guarded(pm, &target, &names);
    if !guarded.is_empty() {
        return Ok(Merged::Waits(format!(
            "a human has to approve it: the work {}",
            guarded.join("; it ")
        )));
    }
    if let Some(why) = unreviewed(pm, id)? {
        return Ok(Merged::Waits(why));
    }
    for _ in 0..ATTEMPTS {
        // The gates run before the approval: work that has not passed them cannot be merged.
        let gated = match gate_result::gate_merge(pm, id) {
            Ok(gated) => gated,
            Err(error) => return after(pm, order, error),
        };
        let state = pm.store.state()?;
        if state.find(id)?.status == Status::InReview {
            approval::approve_by_gates(pm, id, &finished, &order.run)?;
            fault::step("run-approved")?;
        }
        match merge::merge_gated(pm, id, &MergeOptions::default(), gated) {
            Ok(done) => return Ok(Merged::Done(done.merged.worktree_kept)),
            Err(error)
                if [Reason::MergeBranchMoved, Reason::MergeTargetMoved]
                    .contains(&error.reason()) => {}
            Err(error) => return after(pm, order, error),
        }
    }
    Err(Error::conflict("its target branch keeps moving"))
}

/// The outcome of a failed merge.
fn after(pm: &Pm, order: &MergeOrder, error: Error) -> Result<Merged> {
    let reason = error.message().to_string();
    match (error.reason(), error.kind()) {
        (Reason::MergeGateFailed, _) => Ok(Merged::GateFailed {
            text: reason,
            gate: error.gate().map(str::to_string),
        }),
        (Reason::MergeConflict, _) => {
            let state = pm.store.state()?;
            let item = state.find(order.item.as_str())?;
            let files = contested::contested_by(pm, &state, item)?;
            let target = target::target_of(pm, &state, item, None)?;
            Ok(Merged::Conflict {
                remedy: return_work::conflict_note(
                    pm,
                    &state.shown_id(item),
                    item,
                    &target,
                    &files,
                    "",
                ),
                files,
                reason,
            })
        }
        (_, Kind::Refused | Kind::Conflict) => Ok(Merged::Waits(format!("not merged: {reason}"))),
        _ => Err(error),
    }
}
