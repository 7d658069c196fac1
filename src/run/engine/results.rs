//! The transitions of a task after an attempt or a merge; `after_attempt.rs` decides on the next attempt.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use super::{Engine, Step, ThreadReport};
use crate::agent::route::Agent;
use crate::coordinate::finding::lookup;
use crate::coordinate::worktree::followed_branch;
use crate::coordinate::worktree::target;
use crate::error::Result;
use crate::model::stamp::rfc3339;
use crate::model::text::escape_controls;
use crate::model::uid::Uid;
use crate::model::usage::Attempt;
use crate::process::Control;
use crate::run::after_attempt::{AttemptEnd, AttemptOutcome, NextStep, gives_up, next};
use crate::run::candidates::{Candidates, may_merge_by_gates};
use crate::run::control;
use crate::run::merge_work::{self, Merged};
use crate::run::options::{Checkpoint, RunEvent};
use crate::run::record::{Job, MergeRule, RunStatus};
use crate::run::worker;
use crate::work::task::return_work;

/// The first wait before a task that could not be claimed is retried; it doubles each time.
const CLAIM_AGAIN: Duration = Duration::from_secs(2);

/// The number of attempts to claim it while nothing else is in progress.
const CLAIMS: u32 = 3;

impl Engine<'_> {
    pub(super) fn stepped(&mut self, item: &Uid, step: Step) -> Result<()> {
        let mut job = self.job(item);
        let now = rfc3339(self.pm.now_ms());
        match (step, self.working.get(item)) {
            (Step::Work, Some(working)) => job.begin_attempt(Attempt {
                began: Some(now),
                ..working.attempt.clone()
            }),
            (Step::Check, _) => job.end_attempt(&now),
            _ => {}
        }
        job.step = Some(step);
        self.record(job)
    }

    pub(super) fn worked(&mut self, item: &Uid, outcome: AttemptOutcome) -> Result<()> {
        let Some(working) = self.working.remove(item) else {
            return Ok(());
        };
        let mut job = self.job(item);
        let was_paused = job.status == RunStatus::Paused;
        job.end_attempt(&rfc3339(self.pm.now_ms()));
        job.use_up(outcome.used);
        if let AttemptEnd::Incomplete { gate, .. } = &outcome.end {
            job.fail_gate(gate.as_deref());
        }
        job.session = outcome.session.clone().or(job.session);
        if let Some((status, reason)) = working.ending {
            (job.status, job.step, job.reason) = (status, None, Some(reason));
            self.record(job)?;
            self.give_back(item, &working.agent);
            return Ok(());
        }
        let tried = self.tried.entry(item.clone()).or_default();
        let next = next(&outcome.end, tried, self.options);
        if let Some(cause) = gives_up(&outcome.end, &next, tried, self.options)
            && let Some(other) = self.pass_on(&job, &working.with, &cause)?
        {
            if let (AttemptEnd::Transient { is_limit: true, .. }, NextStep::Again { wait, .. }) =
                (&outcome.end, &next)
            {
                self.throttle(&working.with, *wait);
            }
            let (from, to) = (working.with.name(), other.name());
            let paused = was_paused.then_some(RunStatus::Paused);
            job.status = paused.unwrap_or(RunStatus::Queued);
            job.step = None;
            job.reason = Some(format!("{to} takes over: {from} has failed: {cause}"));
            self.tried.remove(item);
            self.decided = None;
            return self.record(job);
        }
        let tried = self.tried.entry(item.clone()).or_default();
        match next {
            NextStep::Submitted => self.submitted(job, outcome.held)?,
            NextStep::Again { reason, note, wait } => {
                if matches!(outcome.end, AttemptEnd::Transient { is_limit: true, .. }) {
                    self.throttle(&working.with, wait);
                }
                let paused = was_paused.then_some(RunStatus::Paused);
                job.status = paused.unwrap_or(RunStatus::Queued);
                (job.step, job.reason) = (None, Some(reason));
                job.note = note.or(job.note);
                self.not_before.insert(item.clone(), Instant::now() + wait);
                self.record(job)?;
            }
            NextStep::NotNow(reason) => {
                tried.claims += 1;
                let claims = tried.claims;
                job.attempt = job.attempt.saturating_sub(1);
                (job.status, job.step, job.reason) = (RunStatus::Queued, None, Some(reason));
                let alone = self.working.is_empty() && self.merging.is_none();
                if alone && claims >= CLAIMS {
                    job.status = RunStatus::Blocked;
                } else {
                    let wait = CLAIM_AGAIN * 2u32.pow(claims.min(5) - 1);
                    self.not_before.insert(item.clone(), Instant::now() + wait);
                }
                self.record(job)?;
            }
            NextStep::Failed(reason) => {
                (job.status, job.step, job.reason) = (RunStatus::Failed, None, Some(reason));
                self.fail(job, &working.agent)?;
                if let AttemptEnd::Asked(question) = &outcome.end {
                    self.pass_on_question(item, &working.agent, question)?;
                }
            }
        }
        self.at_checkpoint(item)
    }

    /// Starts no agent of a provider for a while; those of other providers continue (MR-14).
    fn throttle(&mut self, with: &Agent, wait: Duration) {
        let until = Instant::now() + wait;
        let limited = self.routing.limited.entry(with.provider()).or_insert(until);
        *limited = until.max(*limited);
        (self.tell)(RunEvent::notice(format!(
            "the provider of {} is rate-limiting requests: no task will be started with it for {} \
             seconds",
            with.name(),
            wait.as_secs()
        )));
    }

    /// The agent that takes over a task from one that gives it up, if any.
    fn pass_on(&mut self, job: &Job, from: &Agent, cause: &str) -> Result<Option<Agent>> {
        let state = self.pm.store.state()?;
        let Some(item) = state.item(&job.item) else {
            return Ok(None);
        };
        let passed = self
            .routing
            .pass_on(self.pm, (&state, item), job, from, cause);
        Ok(passed)
    }

    /// Records that a task has failed, releases it, and adds a comment for the human.
    fn fail(&mut self, job: Job, agent: &str) -> Result<()> {
        let item = job.item.clone();
        // The agent or a gate printed it: quoted, and posted in the agent's name.
        let reason = job.reason.clone().unwrap_or_default();
        let reason: Vec<String> = reason.lines().map(|line| format!("> {line}")).collect();
        let text = format!(
            "{}: failed on attempt {} ({agent}).\n\n{}\n\n`git pm logs {}` shows what the agent \
             printed; `git pm run retry TASK` retries a task.",
            self.id,
            job.attempt,
            escape_controls(&reason.join("\n")),
            self.id,
        );
        self.record(job)?;
        if let Err(error) = worker::comment(self.pm, &item, agent, &text) {
            (self.tell)(RunEvent::notice(error.message()));
        }
        self.give_back(&item, agent);
        Ok(())
    }

    /// Sends the question of an agent to the human who started the run.
    fn pass_on_question(&mut self, item: &Uid, agent: &str, question: &str) -> Result<()> {
        let to = control::find_run(self.pm, Some(self.run.as_str()))?.author;
        if let Err(error) = worker::ask(self.pm, item, agent, &to, question) {
            (self.tell)(RunEvent::notice(error.message()));
        }
        Ok(())
    }

    /// Releases an item that an agent of this run holds; its branch and worktree stay.
    pub(super) fn give_back(&mut self, item: &Uid, agent: &str) {
        if let Err(error) = worker::give_back(self.pm, item, agent) {
            (self.tell)(RunEvent::notice(error.message()));
        }
    }

    /// Records that a task is in review; queues its merge if gates may approve it.
    fn submitted(&mut self, mut job: Job, held: Option<String>) -> Result<()> {
        let (by_gates, found) = {
            let state = self.pm.store.state()?;
            let allowed = state.item(&job.item).is_some_and(may_merge_by_gates);
            let by_gates = allowed && held.is_none() && self.options.merge == MergeRule::Gates;
            (by_gates, lookup::findings_of(self.pm, &state, &job.item)?)
        };
        // Others read the reason: not what stays in this clone.
        let found = found
            .iter()
            .filter(|one| one.status.is_open() && !one.private);
        let found = merge_work::claims(found.map(|one| one.claim.as_str()));
        job.note = None;
        job.session = None;
        job.step = Some(Step::Review);
        if by_gates {
            job.status = RunStatus::Running;
            self.merges.push_back(job.item.clone());
        } else {
            job.status = RunStatus::Completed;
            let mut reason = "waits for a human's approval".to_string();
            if let Some(held) = held {
                reason.push_str(&format!("; {held}"));
            }
            if !found.is_empty() {
                reason.push_str(&format!("; its review found{found}"));
            }
            job.reason = Some(reason);
        }
        self.record(job)
    }

    /// Begins the next merge. Merges run one at a time: each is checked on top of the previous one.
    pub(super) fn merge_next(&mut self) -> Result<()> {
        if self.merging.is_some() {
            return Ok(());
        }
        let Some(item) = self.merges.pop_front() else {
            return Ok(());
        };
        let mut job = self.job(&item);
        (job.status, job.step) = (RunStatus::Running, Some(Step::Merge));
        self.record(job)?;
        let control = Control::new()?;
        let order = merge_work::MergeOrder::new(
            self.pm,
            (&self.run, &self.id),
            &item,
            control.clone(),
            &self.machine,
        );
        let sender = self.sender.clone();
        self.merging = Some((item.clone(), control));
        std::thread::spawn(move || {
            let merged = catch_unwind(AssertUnwindSafe(|| merge_work::merge(&order)));
            let merged = merged.unwrap_or_else(|_| {
                Merged::Waits("a bug in git pm ended the merge; please report it".into())
            });
            let _ = sender.send(ThreadReport::Merged(item, Box::new(merged)));
        });
        Ok(())
    }

    pub(super) fn merged(&mut self, item: &Uid, merged: Merged) -> Result<()> {
        self.merging = None;
        let mut job = self.job(item);
        if self.stopping.is_some() && !matches!(merged, Merged::Done(_)) {
            (job.status, job.reason) = (RunStatus::Stopped, self.stopping.clone());
            return self.record(job);
        }
        match merged {
            Merged::Done(kept) => {
                let reason = kept.map(|why| format!("its worktree was kept: {why}"));
                (job.status, job.step, job.reason) = (RunStatus::Completed, None, reason);
            }
            Merged::GateFailed { text, gate } => {
                job.fail_gate(gate.as_deref());
                self.back_to_agent(item, &mut job, AttemptEnd::Incomplete { text, gate });
            }
            Merged::Conflict {
                reason,
                files,
                remedy,
            } => {
                job.contested.extend(files);
                self.forgive_moved_target(item)?;
                let text = format!("{reason}\n\n{remedy}");
                self.back_to_agent(item, &mut job, AttemptEnd::Incomplete { text, gate: None });
                if job.status == RunStatus::Failed {
                    (job.status, job.reason) = (RunStatus::Blocked, Some(reason.clone()));
                    if let Err(error) =
                        return_work::report_conflict(self.pm, item, &reason, &remedy)
                    {
                        (self.tell)(RunEvent::notice(error.message()));
                    }
                }
            }
            Merged::Waits(reason) => {
                (job.status, job.step) = (RunStatus::Completed, Some(Step::Review));
                job.reason = Some(reason);
            }
        }
        match (job.status, job.agent.clone()) {
            (RunStatus::Failed, Some(agent)) => self.fail(job, &agent)?,
            _ => self.record(job)?,
        }
        self.at_checkpoint(item)
    }

    /// Counts no return of work that conflicts although its agent merged the target as it was when
    /// the work was returned last: others were merged since.
    fn forgive_moved_target(&mut self, item: &Uid) -> Result<()> {
        let (onto, tip) = {
            let state = self.pm.store.state()?;
            let found = state.find(item.as_str())?;
            let target = target::target_of(self.pm, &state, found, None)?;
            let branch = found.branch.as_ref();
            let branch = branch.map(|name| {
                self.pm
                    .store
                    .repo()
                    .ref_target(&format!("refs/heads/{name}"))
            });
            (
                followed_branch::tip_of(self.pm, &target)?,
                branch.transpose()?.flatten(),
            )
        };
        let before = match onto {
            Some(onto) => self.conflicted.insert(item.clone(), onto),
            None => None,
        };
        if let (Some(before), Some(tip)) = (before, tip)
            && self
                .pm
                .store
                .repo()
                .is_ancestor(before, tip)
                .unwrap_or(false)
        {
            self.tried.entry(item.clone()).or_default().returns = 0;
        }
        Ok(())
    }

    /// Returns work whose merge failed to an agent, up to the limit of returns.
    fn back_to_agent(&mut self, item: &Uid, job: &mut Job, end: AttemptEnd) {
        let tried = self.tried.entry(item.clone()).or_default();
        match next(&end, tried, self.options) {
            NextStep::Again { reason, note, .. } => {
                (job.status, job.step) = (RunStatus::Queued, None);
                (job.reason, job.note) = (Some(reason), note);
            }
            NextStep::Failed(reason) | NextStep::NotNow(reason) => {
                (job.status, job.step, job.reason) = (RunStatus::Failed, None, Some(reason));
            }
            NextStep::Submitted => {}
        }
    }

    /// Pauses the run at a checkpoint, except at its end.
    fn at_checkpoint(&mut self, item: &Uid) -> Result<()> {
        let is_open = |status| {
            matches!(
                status,
                RunStatus::Queued | RunStatus::Running | RunStatus::Paused
            )
        };
        let ended = self.jobs.get(item).is_some_and(|job| !is_open(job.status));
        let checkpoint = self.options.checkpoint;
        if self.stopping.is_some() || !ended || checkpoint == Checkpoint::Never {
            return Ok(());
        }
        let reason = {
            let state = self.pm.store.state()?;
            let Some(of) = state.item(item) else {
                return Ok(());
            };
            let candidates = Candidates::of(self.pm, &state, self.options)?;
            let candidates = candidates.routed(self.pm, &self.routing, &self.jobs);
            let left = candidates.left(&self.jobs);
            let in_stream = left
                .iter()
                .any(|other| other.stream == of.stream && other.epic == of.epic);
            match checkpoint {
                _ if left.is_empty() => return Ok(()),
                Checkpoint::EveryStream if in_stream => return Ok(()),
                Checkpoint::EveryStream => {
                    format!("checkpoint after the stream of {}", state.shown_id(of))
                }
                _ => format!("checkpoint after {}", state.shown_id(of)),
            }
        };
        self.pause(&reason)
    }
}
