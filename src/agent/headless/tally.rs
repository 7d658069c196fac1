//! What adapters note while they read events: messages, tools, refusals, usage; the same for all agents.

use std::collections::VecDeque;

use super::clean_text;
use super::invocation::is_session;
use super::limits;
use super::report::{Class, Update, Usage, Wait};
use crate::agent::headless::failure::Failure;
use crate::model::text;

/// The terminal event of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum LastEvent {
    Done,
    Failed(Failure),
}

/// The state of a run as derived from its output.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub session: Option<String>,
    pub model: Option<String>,
    pub usage: Usage,
    pub message: Option<String>,
    pub messages: u64,
    pub tools: u64,
    pub refused: Vec<String>,
    pub unreadable: u64,
    /// The last terminal event.
    pub outcome: Option<LastEvent>,
    /// The last error, unless the agent continued after it.
    pub pending: Option<Failure>,
    /// The end of the output that is not events: standard error, and stray lines.
    tail: String,
    open: VecDeque<(String, String, String)>,
    updates: Vec<Update>,
}

impl Tally {
    /// The updates since the last call.
    pub(super) fn take(&mut self) -> Vec<Update> {
        std::mem::take(&mut self.updates)
    }

    pub(super) fn push(&mut self, update: Update) {
        if self.updates.len() < limits::LINE_UPDATES_MAX {
            self.updates.push(update);
        }
    }

    pub(super) fn session(&mut self, id: &str) {
        if is_session(id) && self.session.as_deref() != Some(id) {
            self.session = Some(id.to_string());
            self.push(Update::Session(id.to_string()));
        }
    }

    /// Records the name of the model.
    pub(super) fn model(&mut self, name: &str) {
        let name = clean_text::name(name);
        if !name.is_empty() {
            self.model = Some(name);
        }
    }

    /// Records a text of the model, which clears a pending error.
    pub(super) fn message(&mut self, raw: &str) {
        let message = clean_text::message(raw);
        if message.is_empty() {
            return;
        }
        self.pending = None;
        self.messages += 1;
        self.message = Some(message.clone());
        self.push(Update::Message(message));
    }

    /// Records the start of a tool call; `id` identifies it if its end is reported without a name.
    pub(super) fn tool_began(&mut self, id: &str, name: &str, detail: &str) {
        let (name, detail) = (clean_text::name(name), clean_text::detail(detail));
        self.pending = None;
        self.tools += 1;
        if !id.is_empty() {
            if self.open.len() == limits::OPEN_TOOLS_MAX {
                self.open.pop_front();
            }
            let id = text::head(id, 200).to_string();
            self.open.push_back((id, name.clone(), detail.clone()));
        }
        self.push(Update::ToolBegan { name, detail });
    }

    /// Records the end of the tool call with this id.
    pub(super) fn tool_ended_by_id(&mut self, id: &str, ok: bool) {
        let id = text::head(id, 200);
        let at = self.open.iter().position(|(open, _, _)| open == id);
        let known = at.and_then(|at| self.open.remove(at));
        let (_, name, detail) =
            known.unwrap_or_else(|| (String::new(), "tool".into(), String::new()));
        self.pending = None;
        self.push(Update::ToolEnded { name, detail, ok });
    }

    /// Records the end of a tool call whose start may not have been reported.
    pub(super) fn tool_done(&mut self, id: &str, name: &str, detail: &str, ok: bool) {
        let id = text::head(id, 200);
        if id.is_empty() || !self.open.iter().any(|(open, _, _)| open == id) {
            self.tool_began("", name, detail);
        }
        self.open.retain(|(open, _, _)| open != id);
        let (name, detail) = (clean_text::name(name), clean_text::detail(detail));
        self.pending = None;
        self.push(Update::ToolEnded { name, detail, ok });
    }

    pub(super) fn refused(&mut self, name: &str) {
        if self.refused.len() < limits::REFUSED_TOOLS_MAX {
            self.refused.push(clean_text::name(name));
        }
    }

    /// Records the usage of the run so far.
    pub(super) fn usage(&mut self, usage: Usage) {
        if self.usage != usage {
            self.usage = usage;
            self.push(Update::Usage(usage));
        }
    }

    /// Records a failed request that is retried.
    pub(super) fn retrying(&mut self, failure: Failure, wait: Option<Wait>) {
        let message = failure.message.clone();
        self.push(match failure.class {
            Class::RateLimited { retry_after } => Update::RateLimited {
                message,
                wait: wait.or(retry_after),
            },
            _ => Update::Retrying { message, wait },
        });
        self.pending = Some(failure.waiting(wait));
    }

    /// Records an error that may not be final.
    pub(super) fn error(&mut self, failure: Failure) {
        let message = failure.message.clone();
        self.push(match failure.class {
            Class::RateLimited { retry_after } => Update::RateLimited {
                message,
                wait: retry_after,
            },
            _ => Update::Error(message),
        });
        self.pending = Some(failure);
    }

    /// Records the terminal event of success.
    pub(super) fn done(&mut self) {
        self.pending = None;
        if self.outcome.replace(LastEvent::Done) != Some(LastEvent::Done) {
            self.push(Update::Done);
        }
    }

    /// Records the terminal event of a failure.
    pub(super) fn failed(&mut self, failure: Failure) {
        // The wait is often given only with an earlier error.
        let wait = match self.pending.as_ref().map(|pending| pending.class) {
            Some(Class::RateLimited { retry_after }) => retry_after,
            _ => None,
        };
        let failure = match failure.class {
            Class::RateLimited { retry_after: None } => failure.waiting(wait),
            _ => failure,
        };
        self.error(failure.clone());
        self.outcome = Some(LastEvent::Failed(failure));
    }

    /// Records a line that is not an event.
    pub(super) fn noise(&mut self, line: &str) {
        let line = clean_text::without_sequences(text::head(line, limits::OUTPUT_TAIL_MAX));
        if line.trim().is_empty() {
            return;
        }
        self.tail.push_str(line.trim_end());
        self.tail.push('\n');
        if self.tail.len() > limits::OUTPUT_TAIL_MAX {
            self.tail = text::tail(&self.tail, limits::OUTPUT_TAIL_MAX / 2).to_string();
        }
    }

    /// The end of the lines that are not events.
    pub(super) fn tail(&self) -> &str {
        self.tail.trim()
    }
}
