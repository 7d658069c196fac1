//! The output of an agent, read line by line.

use super::events::{self, Events};
use super::invocation::{Invocation, Session};
use super::limits;
use super::report::{AgentReport, AgentVerdict, Class, ProcessEnd, Update};
use super::tally::{LastEvent, Tally};
use super::with::With;
use crate::agent::headless::failure::Failure;
use crate::model::text;
use std::time::Duration;

/// Reads the output of one run of an agent. Unknown events are ignored and unreadable ones counted;
/// no input makes it fail or exceed its memory bounds.
#[derive(Debug)]
pub struct Reader {
    events: Box<dyn Events + Send>,
    tally: Tally,
    before: Session,
}

impl Reader {
    /// A reader for the output of an agent that was started for an invocation.
    pub fn new(with: &With, to: &Invocation) -> Reader {
        let before = to.resume.clone().unwrap_or_else(|| Session {
            id: String::new(),
            used: Default::default(),
        });
        Reader {
            events: events::of(with, to),
            tally: Tally::default(),
            before,
        }
    }

    /// Reads a line of standard output, with or without its line ending.
    pub fn stdout(&mut self, line: &[u8]) -> Vec<Update> {
        if line.len() > limits::LINE_MAX {
            self.tally.unreadable += 1;
            return Vec::new();
        }
        for line in line.split(|c| *c == b'\n') {
            self.events.line(line, &mut self.tally);
        }
        self.tally.take()
    }

    /// The model, if the agent has reported it.
    pub fn model(&self) -> Option<&str> {
        self.tally.model.as_deref()
    }

    /// Reads a line of standard error, with or without its line ending.
    pub fn stderr(&mut self, line: &[u8]) -> Vec<Update> {
        let line = String::from_utf8_lossy(&line[..line.len().min(limits::LINE_MAX)]);
        self.events.error_line(&line, &mut self.tally);
        self.tally.noise(&line);
        self.tally.take()
    }

    /// Appends the agent's next input to `next`; false if nothing will follow.
    pub fn input(&mut self, next: &mut Vec<u8>) -> bool {
        self.events.input(next)
    }

    /// Asks the agent, with the next input, to stop its work; returns its grace period.
    pub fn cancel(&mut self) -> Option<Duration> {
        self.events.cancel()
    }

    /// Judges the run: by its terminal event first, then by how the process ended (RC-12).
    pub fn finish(mut self, ended: ProcessEnd) -> AgentReport {
        self.events.end(&mut self.tally);
        let verdict = match self.judge(ended) {
            None => AgentVerdict::Finished,
            Some(Failure { class, message }) => AgentVerdict::Failed { class, message },
        };
        let tally = self.tally;
        // A resumed session can get a new name.
        let id = tally.session.unwrap_or(self.before.id);
        let session = (!id.is_empty()).then(|| Session {
            used: self.before.used.plus(tally.usage),
            id,
        });
        AgentReport {
            verdict,
            session,
            model: tally.model,
            usage: tally.usage,
            message: tally.message,
            messages: tally.messages,
            tools: tally.tools,
            refused: tally.refused,
            unreadable: tally.unreadable,
        }
    }

    fn judge(&self, ended: ProcessEnd) -> Option<Failure> {
        match (&self.tally.outcome, ended) {
            (Some(LastEvent::Failed(failure)), _) => Some(failure.clone()),
            // Some agents hang when the work is done, and have to be terminated.
            (
                Some(LastEvent::Done),
                ProcessEnd::Code(0) | ProcessEnd::Signal(_) | ProcessEnd::Stopped,
            ) => None,
            (Some(LastEvent::Done), _) if !self.events.exit_code_counts() => None,
            (Some(LastEvent::Done), ProcessEnd::Code(code)) => Some(Failure::new(
                Class::Unknown,
                &format!("it reported success but exited with code {code}"),
            )),
            (None, _) => self.judge_without_terminal(ended),
        }
    }

    fn judge_without_terminal(&self, ended: ProcessEnd) -> Option<Failure> {
        if ended == ProcessEnd::Code(0) && !self.events.has_terminal() {
            return None;
        }
        if let Some(failure) = &self.tally.pending {
            return Some(failure.clone());
        }
        Some(match ended {
            ProcessEnd::Code(0) if !self.tally.refused.is_empty() => {
                Failure::new(Class::Permanent, "it stopped because a tool was refused")
            }
            ProcessEnd::Code(0) => Failure::new(
                Class::Transient,
                "it exited without reporting that it finished",
            ),
            ProcessEnd::Code(code) => {
                let ended = format!("it exited with code {code}");
                let tail = self.tally.tail();
                let message = match tail.is_empty() {
                    true => ended,
                    false => format!("{ended}: {}", text::tail(tail, 400)),
                };
                match self.events.exit_class(code) {
                    Some(class) => Failure::new(class, &message),
                    None => Failure {
                        message: Failure::new(Class::Unknown, &message).message,
                        ..Failure::from_message(tail, None)
                    },
                }
            }
            ProcessEnd::Signal(signal) => {
                Failure::new(Class::Unknown, &format!("it was killed by signal {signal}"))
            }
            ProcessEnd::Stopped => {
                Failure::new(Class::Unknown, "it was stopped before it finished")
            }
        })
    }
}
