//! The reports of an agent, during its run and at its end.
//!
//! Texts have no terminal escapes and are of bounded length.

use std::time::Duration;

use super::invocation::Session;
use super::limits;

/// An update from a running agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Update {
    /// The name of its session.
    Session(String),
    /// A text of the model, or a line of a program without events.
    Message(String),
    /// It began to use a tool.
    ToolBegan {
        /// The tool's name.
        name: String,
        /// Its target: a command, a path.
        detail: String,
    },
    /// The end of what a tool returned, if nothing else of it reaches the log.
    Output(String),
    /// A tool is done.
    ToolEnded {
        /// The tool's name.
        name: String,
        /// Its target.
        detail: String,
        /// False if it failed or was refused.
        ok: bool,
    },
    /// A permission request was answered.
    Permission {
        /// The tool's name.
        name: String,
        /// Its intended target.
        detail: String,
        /// The reason for the refusal; none if it was allowed.
        refused: Option<String>,
    },
    /// A note about the interaction with the agent.
    Note(String),
    /// The usage of this run so far.
    Usage(Usage),
    /// A request failed and is retried by the agent.
    Retrying {
        /// The reason why it failed.
        message: String,
        /// The time until the next attempt, if known.
        wait: Option<Wait>,
    },
    /// The provider refuses requests for now; the agent may continue by itself (MR-13).
    RateLimited {
        /// The provider's message.
        message: String,
        /// The time until the next attempt, if known.
        wait: Option<Wait>,
    },
    /// Something failed; the agent may continue nevertheless.
    Error(String),
    /// It reports that its work is done. A process that runs on long after this can be ended.
    Done,
}

impl Update {
    /// True for updates that are not about the work itself: permissions, waits, notes.
    pub(crate) fn is_notice(&self) -> bool {
        matches!(
            self,
            Update::Permission { .. }
                | Update::RateLimited { .. }
                | Update::Retrying { .. }
                | Update::Note(_)
        )
    }
}

/// Tokens and cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Tokens that were sent to the model, including cached ones.
    pub input: u64,
    /// Sent tokens that the provider had in its cache.
    pub cached: u64,
    /// Tokens that the model wrote, including reasoning.
    pub output: u64,
    /// The cost in millionths of a US dollar, if the agent knows it.
    pub cost: Option<u64>,
}

impl Usage {
    /// The sum of two usages.
    #[must_use]
    pub fn plus(self, other: Usage) -> Usage {
        let cost = match (self.cost, other.cost) {
            (None, None) => None,
            (a, b) => Some(a.unwrap_or(0).saturating_add(b.unwrap_or(0))),
        };
        Usage {
            input: self.input.saturating_add(other.input),
            cached: self.cached.saturating_add(other.cached),
            output: self.output.saturating_add(other.output),
            cost,
        }
    }

    /// The increase of a running total since an earlier one; a smaller total restarted from zero.
    #[must_use]
    pub fn since(self, earlier: Usage) -> Usage {
        let parts = |u: Usage| [u.input, u.cached, u.output];
        if parts(self)
            .iter()
            .zip(parts(earlier))
            .any(|(now, then)| *now < then)
        {
            return self;
        }
        Usage {
            input: self.input - earlier.input,
            cached: self.cached - earlier.cached,
            output: self.output - earlier.output,
            cost: self
                .cost
                .map(|cost| cost.saturating_sub(earlier.cost.unwrap_or(0))),
        }
    }
}

/// The time at which a request may be retried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// After this time.
    For(Duration),
    /// At this time, in seconds since the Unix epoch.
    Until(u64),
}

impl Wait {
    /// The time to wait from `now`, in seconds since the Unix epoch; at most a week.
    pub fn from(self, now: u64) -> Duration {
        let wait = match self {
            Wait::For(wait) => wait,
            Wait::Until(time) => Duration::from_secs(time.saturating_sub(now)),
        };
        wait.min(limits::WAIT_MAX)
    }
}

/// The end of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProcessEnd {
    /// With an exit code.
    Code(i32),
    /// By a signal that the caller did not send.
    Signal(i32),
    /// The caller ended it: at a limit, or because a human asked for it.
    Stopped,
}

/// The outcome of a run as reported by the agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AgentVerdict {
    /// It reports that it finished; the repository shows if the work is done (RC-12).
    Finished,
    /// It did not finish.
    Failed {
        /// The class of the failure.
        class: Class,
        /// The error message, on one line.
        message: String,
    },
}

/// The class of a failure, which determines the remedy (RC-10).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// The server or the connection failed; another attempt may succeed.
    Transient,
    /// The provider has received too many requests (MR-13).
    RateLimited {
        /// When it accepts more, if reported.
        retry_after: Option<Wait>,
    },
    /// The user has to log in or provide a valid key.
    Authentication,
    /// The same request would fail again.
    Permanent,
    /// The cause is unknown.
    Unknown,
}

/// The end of an agent's run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentReport {
    /// The verdict.
    pub verdict: AgentVerdict,
    /// The session to resume, with its total usage.
    pub session: Option<Session>,
    /// The model, if the agent reports it.
    pub model: Option<String>,
    /// The usage of this run.
    pub usage: Usage,
    /// The last text of the model, or the end of a program's output.
    pub message: Option<String>,
    /// The number of the model's texts in this run.
    pub messages: u64,
    /// The number of tool calls in this run.
    pub tools: u64,
    /// Refused tools, as far as reported. The agent may report success nevertheless.
    pub refused: Vec<String>,
    /// The number of lines that look like events but cannot be parsed.
    pub unreadable: u64,
}
