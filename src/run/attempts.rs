//! The attempts at a task of a run, as they begin and end.

use super::record::{Job, RunStatus};
use crate::model::usage::{Attempt, Used};

impl Job {
    /// Notes that an agent was started on the present attempt.
    pub(crate) fn begin_attempt(&mut self, attempt: Attempt) {
        self.attempts.retain(|known| known.number != attempt.number);
        self.attempts.push(attempt);
    }

    /// Notes that the agent of the present attempt has ended.
    pub(crate) fn end_attempt(&mut self, now: &str) {
        if let Some(attempt) = self.present_attempt()
            && attempt.ended.is_none()
        {
            attempt.ended = Some(now.to_string());
        }
    }

    /// Notes the gate that the work of the present attempt did not pass.
    pub(crate) fn fail_gate(&mut self, gate: Option<&str>) {
        if let Some(attempt) = self.present_attempt() {
            attempt.failed_gate = gate.map(str::to_string);
        }
    }

    /// Adds what the present attempt used.
    pub(crate) fn use_up(&mut self, used: Used) {
        self.spent.add(used.spent);
        if let Some(attempt) = self.present_attempt() {
            attempt.used = used;
        }
    }

    /// The present attempt, while its agent is at work.
    pub(crate) fn at_work(&self) -> Option<&Attempt> {
        let is_open = matches!(self.status, RunStatus::Running | RunStatus::Paused);
        let mut all = self.attempts.iter();
        let present = all.find(|attempt| attempt.number == self.attempt);
        present.filter(|attempt| is_open && attempt.ended.is_none())
    }

    fn present_attempt(&mut self) -> Option<&mut Attempt> {
        let number = self.attempt;
        let mut all = self.attempts.iter_mut();
        all.find(|attempt| attempt.number == number)
    }
}
