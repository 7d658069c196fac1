//! Requests from other processes, and other outside changes that affect a run.

use super::{Engine, Step};
use crate::error::Result;
use crate::model::status::Status;
use crate::model::transitions::of_run_task;
use crate::model::uid::Uid;
use crate::run::options::RunEvent;
use crate::run::record::{self, MergeRule, RunStatus, Verb};
use crate::run::write_record;

impl Engine<'_> {
    /// Obeys the requests recorded since the last poll.
    pub(super) fn obey(&mut self) -> Result<()> {
        if self.options.interrupted() && self.stopping.is_none() {
            self.stop("interrupted");
        }
        let tip = self.pm.store.require_tip()?;
        if self.seen == Some(tip) {
            return Ok(());
        }
        self.seen = Some(tip);
        let requests = {
            let state = self.pm.store.state()?;
            record::run(&state, &self.run).map_or_else(Vec::new, |run| run.requests)
        };
        for request in requests.iter().filter(|request| !request.done) {
            // Recorded first: a request that ends this process is not obeyed twice.
            write_record::write_obeyed(self.pm, &self.run, request)?;
            let by = format!("by {}", request.by);
            match (request.verb, &request.item) {
                (Verb::Pause, None) => self.pause(&by)?,
                (Verb::Pause, Some(item)) => self.pause_one(item, &by)?,
                (Verb::Resume, None) => self.resume()?,
                (Verb::Stop, None) => self.stop(&by),
                (Verb::Stop | Verb::Skip, Some(item)) => self.leave_out(item, request.verb, &by)?,
                (Verb::Retry | Verb::Resume, Some(item)) => {
                    let note = request.note.as_deref();
                    let note = note.map(|note| format!("A note from {}:\n\n{note}", request.by));
                    self.take_up(item, note)?;
                }
                (Verb::Skip | Verb::Retry, None) => {}
            }
        }
        self.end_closed()
    }

    /// Halts all agents and starts nothing.
    pub(super) fn pause(&mut self, reason: &str) -> Result<()> {
        self.paused = true;
        for working in self.working.values() {
            working.control.pause();
        }
        write_record::write_run(self.pm, &self.run, RunStatus::Paused, Some(reason))?;
        (self.tell)(RunEvent::run(RunStatus::Paused, reason));
        Ok(())
    }

    /// Halts the agent of one task, or holds the task back.
    fn pause_one(&mut self, item: &Uid, reason: &str) -> Result<()> {
        let mut job = self.job(item);
        let working = self.working.get(item);
        let Some(status) = of_run_task(Verb::Pause, job.status, working.is_some()) else {
            return Ok(());
        };
        if let Some(working) = working {
            working.control.pause();
        }
        (job.status, job.reason) = (status, Some(reason.to_string()));
        self.record(job)
    }

    /// Continues after a pause of the run; tasks that were paused individually stay paused.
    fn resume(&mut self) -> Result<()> {
        self.paused = false;
        self.decided = None;
        write_record::write_run(self.pm, &self.run, RunStatus::Running, None)?;
        for (item, working) in &self.working {
            if self.job(item).status != RunStatus::Paused {
                working.control.resume();
            }
        }
        (self.tell)(RunEvent::run(RunStatus::Running, "resumed"));
        Ok(())
    }

    fn stop(&mut self, reason: &str) {
        self.stopping = Some(reason.to_string());
        for working in self.working.values_mut() {
            working.ending = Some((RunStatus::Stopped, reason.to_string()));
        }
        self.stop_all();
        (self.tell)(RunEvent::run(RunStatus::Stopped, reason));
    }

    /// Ends the work on one task without a result.
    fn leave_out(&mut self, item: &Uid, request: Verb, reason: &str) -> Result<()> {
        self.not_before.remove(item);
        let mut job = self.job(item);
        let working = self.working.get_mut(item);
        let Some(status) = of_run_task(request, job.status, working.is_some()) else {
            return Ok(());
        };
        if let Some(working) = working {
            working.ending = Some((status, reason.to_string()));
            working.control.stop();
            return Ok(());
        }
        if self.is_merging(item) {
            return Ok(());
        }
        self.merges.retain(|waiting| waiting != item);
        (job.status, job.step, job.reason) = (status, None, Some(reason.to_string()));
        let agent = job.agent.clone();
        self.record(job)?;
        if let Some(agent) = agent {
            self.give_back(item, &agent);
        }
        Ok(())
    }

    /// Resumes or retries a task that is paused, failed, blocked, skipped or stopped, or whose
    /// merge waits.
    fn take_up(&mut self, item: &Uid, note: Option<String>) -> Result<()> {
        let mut job = self.job(item);
        let working = self.working.get(item);
        let Some(status) = of_run_task(Verb::Resume, job.status, working.is_some()) else {
            return Ok(());
        };
        if let Some(working) = working {
            working.control.resume();
            (job.status, job.reason) = (status, None);
            return self.record(job);
        }
        if self.is_merging(item) || self.merges.contains(item) {
            return Ok(());
        }
        self.tried.remove(item);
        self.routing.begin_again(item);
        self.not_before.remove(item);
        // Work in review is merged after all, unless the agent is to change it.
        let merge = self.options.merge == MergeRule::Gates
            && note.is_none()
            && matches!(job.status, RunStatus::Completed | RunStatus::Stopped)
            && self.is_submitted(item)?;
        if merge {
            (job.status, job.step, job.reason) = (RunStatus::Running, Some(Step::Review), None);
            self.merges.push_back(item.clone());
            return self.record(job);
        }
        job.note = note.or(job.note).or(job.reason.take());
        (job.status, job.step, job.reason) = (status, None, None);
        self.record(job)
    }

    pub(super) fn is_submitted(&self, item: &Uid) -> Result<bool> {
        let state = self.pm.store.state()?;
        let status = state.item(item).map(|item| item.status.clone());
        Ok(matches!(
            status,
            Some(Status::InReview | Status::ReadyForIntegration)
        ))
    }

    pub(super) fn is_merging(&self, item: &Uid) -> bool {
        let merging = self.merging.as_ref();
        merging.is_some_and(|(merging, _)| merging == item)
    }

    /// Ends agents whose item has since been closed, stopped or taken over.
    fn end_closed(&mut self) -> Result<()> {
        let state = self.pm.store.state()?;
        for (uid, working) in &mut self.working {
            let item = state.item(uid).filter(|item| !item.deleted);
            let closed_by = || state.doc(uid).and_then(|doc| doc.text("closed_by"));
            let holder = item.and_then(|item| item.holder());
            let ending = match item.map(|item| &item.status) {
                None => (RunStatus::Skipped, "its item was deleted"),
                Some(status) if status.is_closed() => {
                    match closed_by() == Some(working.agent.as_str()) {
                        true => (RunStatus::Failed, "its agent closed it"),
                        false => (RunStatus::Completed, "closed manually"),
                    }
                }
                Some(Status::Blocked | Status::Deferred) => {
                    (RunStatus::Blocked, "its item was blocked or deferred")
                }
                Some(_) if holder.is_some_and(|holder| holder.actor != working.agent) => {
                    (RunStatus::Blocked, "another actor has taken it over")
                }
                Some(_) => continue,
            };
            if working.ending.is_none() {
                working.ending = Some((ending.0, ending.1.to_string()));
                working.control.stop();
            }
        }
        Ok(())
    }
}
