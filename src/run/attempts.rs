//! What a task's record keeps of its attempts: begun, ended, failed gates, use.

use super::record::{Job, RunStatus};
use crate::model::usage::{Attempt, Used};

impl Job {
    /// Records that the current attempt's agent was started.
    pub(crate) fn begin_attempt(&mut self, attempt: Attempt) {
        self.attempts.retain(|known| known.number != attempt.number);
        self.attempts.push(attempt);
    }

    /// Records that the current attempt's agent has ended.
    pub(crate) fn end_attempt(&mut self, now: &str) {
        if let Some(attempt) = self.present_attempt()
            && attempt.ended.is_none()
        {
            attempt.ended = Some(now.to_string());
        }
    }

    /// Records the gate that the current attempt's work did not pass.
    pub(crate) fn fail_gate(&mut self, gate: Option<&str>) {
        if let Some(attempt) = self.present_attempt() {
            attempt.failed_gate = gate.map(str::to_string);
        }
    }

    /// Adds the current attempt's usage.
    pub(crate) fn use_up(&mut self, used: Used) {
        self.spent.add(used.spent);
        if let Some(attempt) = self.present_attempt() {
            attempt.used = used;
        }
    }

    /// The current attempt, while its agent is running.
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
