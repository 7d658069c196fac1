//! The merge queue: merges all items that can be merged, in order; leaves out those whose gates fail.
//!
//! Each is built on top of those before it, and tested there; the target is then moved by the merge
//! of each item, as `merge ID` moves it, so that a process that is killed leaves whole merges.
//!
//! A chain is commits that no ref reaches (`chain.rs`): each candidate on top of the target and of
//! those before it. The gates run on its top; if they fail, bisection finds the first candidate
//! with which they do, which is left out, and the rest is built again. The target alone is tested
//! before the first of a chain is blamed. No state of the queue is stored, so a killed one is
//! completed by running it again.

mod candidates;
mod chain;
mod gates;
mod notes;
mod order;
mod plan;
pub(crate) mod report;

use std::collections::VecDeque;

use candidates::Candidate;
use chain::{Built, Chain, Link};
use gates::Results;
use plan::is_of_one;
use report::{LeftOut, QueueMerge, QueueReport, QueuedItem};

use super::{Gated, MergeOptions, Uncleared};
use crate::coordinate::rules::unauthorized_changes;
use crate::coordinate::sync;
use crate::coordinate::worktree::branch::tree_here;
use crate::coordinate::worktree::path;
use crate::error::{Error, Kind, Reason, Result};
use crate::model::settings::SyncMode;
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::pm::handles::Tasks;
use crate::store::fault;
use crate::work::task::integrate::{Strategy, hold_queue};
use crate::work::task::merge;
use crate::work::task::merge::ask_remote;
use crate::work::task::merge::contested;

/// The number of times that a candidate is built again because its target was moved.
const ATTEMPTS: u32 = 10;

/// The greatest number of items that can be built on top of each other.
pub const BATCH_MAX: usize = 100;

/// Options of the merge queue.
#[derive(Clone, Debug)]
pub struct QueueOptions {
    /// Report the order and the risks, and change nothing.
    pub plan: bool,
    /// The number of items that are built on top of each other and tested together. With 1, every
    /// commit of the target has passed the gates; with more, the last one of each batch has.
    pub batch: usize,
    /// The strategy; `pm.mergeStrategy`, else squash, by default.
    pub strategy: Option<Strategy>,
    /// Only these items, by id or uid; all that are approved if empty.
    pub only: Vec<String>,
    /// Keep the branches, here and at the remote.
    pub keep_branch: bool,
}

impl Default for QueueOptions {
    fn default() -> Self {
        QueueOptions {
            plan: false,
            batch: 1,
            strategy: None,
            only: Vec::new(),
            keep_branch: false,
        }
    }
}

impl Tasks<'_> {
    /// Merges all approved items that can be merged: those that others depend on first, then by
    /// critical path, priority and id. The gates run on each result. An item that conflicts, or
    /// fails the gates, is left out, and so are its dependents; its owner is notified.
    ///
    /// # Errors
    /// When a queue is running already, or the repository, the state or a gate cannot be used; what
    /// was merged until then stays merged.
    pub fn merge_queue(&self, options: &QueueOptions) -> Result<QueueReport> {
        require_queue_options(self.pm, options)?;
        match options.plan {
            true => plan_queue(self.pm, options),
            false => run_queue(self.pm, options),
        }
    }
}

/// A queue at work.
struct Running {
    batch: usize,
    strategy: Strategy,
    keep_branch: bool,
    pending: VecDeque<Candidate>,
    report: QueueReport,
    /// The gate results so far.
    results: Results,
    /// The items with a text conflict.
    conflicts: Vec<Uid>,
    /// Merges whose worktree holds the caller's current folder.
    uncleared: Vec<Uncleared>,
    /// The number of times that the first candidate was built in vain.
    attempts: u32,
    /// True if the state has comments that were not exchanged yet.
    is_noted: bool,
}

/// The outcome of a merge.
enum Landed {
    Merged,
    /// The target was moved meanwhile: it is built again.
    Again(Error),
    LeftOut(Error),
}

fn require_queue_options(pm: &Pm, options: &QueueOptions) -> Result<()> {
    if !(1..=BATCH_MAX).contains(&options.batch) {
        return Err(Error::usage(format!(
            "a batch of {} items is not possible",
            options.batch
        ))
        .hint(format!("use a number from 1 to {BATCH_MAX}")));
    }
    let one_item = [
        (pm.options.idempotency_key.is_some(), "--idempotency-key"),
        (pm.options.if_version.is_some(), "--if-version"),
    ];
    match one_item.into_iter().find(|(given, _)| *given) {
        Some((_, option)) => Err(Error::usage(format!(
            "{option} applies to one item, but the queue merges several"
        ))
        .hint("leave it out: running the queue again continues with the remaining items")),
        None => Ok(()),
    }
}

fn plan_queue(pm: &Pm, options: &QueueOptions) -> Result<QueueReport> {
    let strategy = merge::strategy(pm, options.strategy)?;
    unauthorized_changes::hold_rules(pm)?;
    let state = pm.store.state()?;
    let (candidates, waiting) = candidates::queued(pm, &state, &options.only)?;
    let mut report = QueueReport {
        plan: true,
        batch: options.batch,
        left_out: waiting,
        ..QueueReport::default()
    };
    let conflicts = plan::expect(pm, &state, &candidates, strategy, &mut report)?;
    report.replan = contested::epics_to_replan(&state, &conflicts);
    Ok(report)
}

fn run_queue(pm: &Pm, options: &QueueOptions) -> Result<QueueReport> {
    crate::pm::who_acts::require_name(&pm.actor)?;
    let strategy = merge::strategy(pm, options.strategy)?;
    let _lock = hold_queue(&pm.store.repo().git().common_dir()?)?;
    ask_remote::join_remote_first(pm)?;
    unauthorized_changes::hold_rules(pm)?;
    let state = pm.store.state()?;
    let (candidates, waiting) = candidates::queued(pm, &state, &options.only)?;
    let order = candidates.iter().map(|candidate| QueuedItem {
        id: candidate.id.clone(),
        title: candidate.title.clone(),
        target: candidate.target.clone(),
        risk: None,
        paths: Vec::new(),
        with: Vec::new(),
    });
    let report = QueueReport {
        batch: options.batch,
        order: order.collect(),
        left_out: waiting,
        ..QueueReport::default()
    };
    drop(state);
    let mut running = Running {
        batch: options.batch,
        strategy,
        keep_branch: options.keep_branch,
        pending: candidates.into(),
        report,
        results: Results::default(),
        conflicts: Vec::new(),
        uncleared: Vec::new(),
        attempts: 0,
        is_noted: false,
    };
    let done = work_off(pm, &mut running);
    let Running {
        mut report,
        conflicts,
        uncleared,
        is_noted,
        ..
    } = running;
    if is_noted && pm.sync_mode() != SyncMode::Manual {
        sync::try_sync(pm);
    }
    if let Err(error) = done {
        let merged: Vec<&str> = report.merged.iter().map(|one| one.id.as_str()).collect();
        if !merged.is_empty() {
            pm.notice(format!(
                "merged before the queue stopped: {}",
                merged.join(", ")
            ));
        }
        return Err(error);
    }
    report.replan = contested::epics_to_replan(&pm.store.state()?, &conflicts);
    for merge in uncleared {
        let cleared = merge::with_cleared_worktree(pm, merge);
        let mut merged = report.merged.iter_mut();
        if let Some(one) = merged.find(|one| one.id == cleared.item.id) {
            one.worktree_kept = cleared.merged.worktree_kept;
        }
    }
    Ok(report)
}

fn work_off(pm: &Pm, running: &mut Running) -> Result<()> {
    while let Some(first) = running.pending.front().cloned() {
        if was_merged(pm, running, &first)? {
            continue;
        }
        let state = pm.store.state()?;
        let all = running.pending.iter();
        let built = chain::chain(pm, &state, all, running.batch, running.strategy);
        drop(state);
        match built {
            Ok((chain, None)) => land_chain(pm, running, &chain)?,
            Ok((_, Some(Built::Conflicts(paths, error)))) => {
                running.conflicts.push(first.uid.clone());
                leave_out(pm, running, &first, &error, paths)?;
            }
            // Nothing to build: the merge itself finds out whether the target has the work.
            Ok((_, Some(_))) => match land(pm, running, &first, None)? {
                Landed::Merged => {}
                Landed::Again(error) => again(pm, running, &first, error)?,
                Landed::LeftOut(error) => {
                    leave_out(pm, running, &first, &error, Vec::new())?;
                }
            },
            Err(error) if is_of_one(&error) => {
                leave_out(pm, running, &first, &error, Vec::new())?;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Takes a candidate out of the queue that another process has merged.
fn was_merged(pm: &Pm, running: &mut Running, first: &Candidate) -> Result<bool> {
    let state = pm.store.state()?;
    let doc = state.doc(&first.uid);
    let commit = doc.and_then(|doc| doc.text("merged_commit"));
    let is_closed = state
        .item(&first.uid)
        .is_some_and(|item| item.status.is_closed());
    let Some(commit) = commit.filter(|_| is_closed) else {
        return Ok(false);
    };
    let target = doc
        .and_then(|doc| doc.text("merged_into"))
        .unwrap_or_default();
    running.report.merged.push(QueueMerge {
        id: first.id.clone(),
        title: first.title.clone(),
        target: target.to_string(),
        commit: commit.to_string(),
        worktree_kept: None,
    });
    running.advance();
    Ok(true)
}

/// Tests a chain, merges the part of it that passes, and leaves out the next candidate if the
/// gates fail with it.
fn land_chain(pm: &Pm, running: &mut Running, chain: &Chain) -> Result<()> {
    let tested = match gates::test(pm, chain, &mut running.results) {
        Ok(tested) => tested,
        Err(error) if is_of_one(&error) => {
            let first = chain.links[0].candidate.clone();
            return leave_out(pm, running, &first, &error, Vec::new());
        }
        Err(error) => return Err(error),
    };
    fault::step("queue-tested")?;
    for link in &chain.links[..tested.passed] {
        let tree = tree_here(pm.store.repo(), &link.commit)?;
        match land(pm, running, &link.candidate, Some(Gated(tree)))? {
            Landed::Merged => {}
            // The links that follow were tested on top of it.
            Landed::Again(error) => return again(pm, running, &link.candidate, error),
            Landed::LeftOut(error) => {
                return leave_out(pm, running, &link.candidate, &error, Vec::new());
            }
        }
    }
    match (chain.links.get(tested.passed), tested.failure) {
        (Some(Link { candidate, .. }), Some(error)) => {
            leave_out(pm, running, candidate, &error, Vec::new())
        }
        _ => Ok(()),
    }
}

/// Merges the first candidate.
fn land(
    pm: &Pm,
    running: &mut Running,
    candidate: &Candidate,
    gated: Option<Gated>,
) -> Result<Landed> {
    let options = MergeOptions {
        strategy: Some(running.strategy),
        target: None,
        gates: true,
        keep_branch: running.keep_branch,
    };
    let done = match merge::merge_keeping_worktree(pm, candidate.uid.as_str(), &options, gated) {
        Ok(done) => done,
        Err(error) if error.kind() == Kind::Conflict => return Ok(Landed::Again(error)),
        Err(error) if is_of_one(&error) => return Ok(Landed::LeftOut(error)),
        Err(error) => return Err(error),
    };
    fault::step("queue-merged")?;
    let merged = &done.report.merged;
    let mut one = QueueMerge {
        id: done.report.item.id.clone(),
        title: candidate.title.clone(),
        target: merged.target.clone(),
        commit: merged.new.clone(),
        worktree_kept: None,
    };
    // The commands that follow need the current folder.
    let place = done.report.item.worktree.as_deref();
    let cwd = path::resolved(&pm.store.env().cwd);
    if place.is_some_and(|place| cwd.starts_with(path::resolved(place.as_ref()))) {
        running.uncleared.push(done);
    } else {
        one.worktree_kept = merge::with_cleared_worktree(pm, done).merged.worktree_kept;
    }
    running.report.merged.push(one);
    running.advance();
    Ok(Landed::Merged)
}

/// Builds the first candidate again, as its target or it was changed meanwhile.
fn again(pm: &Pm, running: &mut Running, first: &Candidate, error: Error) -> Result<()> {
    running.attempts += 1;
    if running.attempts < ATTEMPTS {
        return Ok(());
    }
    let error = error.because(Reason::MergeBranchMoved);
    leave_out(pm, running, first, &error, Vec::new())
}

/// Takes the first candidate out of the queue, and records the reason.
fn leave_out(
    pm: &Pm,
    running: &mut Running,
    first: &Candidate,
    error: &Error,
    paths: Vec<String>,
) -> Result<()> {
    let state = pm.store.state()?;
    let item = state.item(&first.uid);
    let branch = item.and_then(|item| item.branch.clone());
    let mut error = error.clone();
    if let (Some(item), Kind::Conflict) = (item, error.kind()) {
        error = contested::with_contested(pm, &state, item, &first.target, error);
    }
    drop(state);
    error = merge::with_return(pm, first.uid.as_str(), Some(&first.target), error);
    running.is_noted |= error.reason() == Reason::MergeConflict;
    let left = LeftOut::new(&first.id, &first.title, &error, paths);
    // About which its owner has to do something. Work that conflicts was returned to them.
    if error.reason() == Reason::MergeGateFailed
        && let Some(tip) = branch.and_then(|branch| {
            let name = format!("refs/heads/{branch}");
            pm.store.repo().ref_target(&name).ok().flatten()
        })
    {
        running.is_noted |= notes::note_left_out(pm, &first.uid, &tip.to_string(), &left);
    }
    running.report.left_out.push(left);
    running.advance();
    Ok(())
}

impl Running {
    /// Takes the first candidate out of the queue.
    fn advance(&mut self) {
        self.pending.pop_front();
        self.attempts = 0;
    }
}
