//! What an agent reports while it runs and when it has ended. Texts are without terminal escapes
//! and of bounded length.

use std::time::Duration;

use super::invocation::Session;

/// News from a running agent.
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
        /// What it is used on: a command, a path.
        detail: String,
    },
    /// A tool is done.
    ToolEnded {
        /// The tool's name.
        name: String,
        /// What it was used on.
        detail: String,
        /// False if it failed or was refused.
        ok: bool,
    },
    /// It asked for permission, and was answered.
    Permission {
        /// The tool's name.
        name: String,
        /// What it is to be used on.
        detail: String,
        /// Why it was refused; none if it was allowed.
        refused: Option<String>,
    },
    /// What happened between us and the agent.
    Note(String),
    /// What this run has used so far.
    Usage(Usage),
    /// A request failed and is repeated by the agent.
    Retrying {
        /// Why it failed.
        message: String,
        /// The time until the next attempt, if known.
        wait: Option<Wait>,
    },
    /// The provider refuses requests for now; the agent may go on by itself (MR-13).
    RateLimited {
        /// What the provider says.
        message: String,
        /// The time until the next attempt, if known.
        wait: Option<Wait>,
    },
    /// Something failed; it may go on all the same.
    Error(String),
    /// It says that its work is done. A process that goes on for long after this can be ended.
    Done,
}

impl Update {
    /// True for what happened around the work: permissions, waits, notes.
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

/// Tokens and money.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Tokens that were sent to the model, with those from its cache.
    pub input: u64,
    /// Those of the sent tokens that the provider had in its cache.
    pub cached: u64,
    /// Tokens that the model wrote, with its reasoning.
    pub output: u64,
    /// The cost in millionths of a US dollar, if the agent knows it.
    pub cost: Option<u64>,
}

impl Usage {
    /// The sum of two.
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

    /// What a running total adds to an earlier one; a smaller total is one that started again from zero.
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

/// The longest time that a provider can make the caller wait.
const LONGEST: Duration = Duration::from_secs(7 * 24 * 3600);

/// The time at which a request may be repeated.
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
        wait.min(LONGEST)
    }
}

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// With an exit code.
    Code(i32),
    /// By a signal that the caller did not send.
    Signal(i32),
    /// The caller ended it: at a limit, or because a human asked for it.
    Stopped,
}

/// What an agent has to say about its run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It says that it finished. Whether the work is done, the repository tells (RC-12).
    Finished,
    /// It did not finish.
    Failed {
        /// What to do about it.
        class: Class,
        /// What happened, on one line.
        message: String,
    },
}

/// What helps after a failure (RC-10).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// The server or the connection failed; another attempt may succeed.
    Transient,
    /// The provider has had too many requests (MR-13).
    RateLimited {
        /// When it accepts more, if it says so.
        retry_after: Option<Wait>,
    },
    /// The user has to log in, or to give a valid key.
    Authentication,
    /// The same request fails again.
    Permanent,
    /// Nothing is known about the cause.
    Unknown,
}

/// The end of an agent's run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// What became of it.
    pub verdict: Verdict,
    /// The session to resume, with all that it has used.
    pub session: Option<Session>,
    /// The model, if the agent names it.
    pub model: Option<String>,
    /// What this run has used.
    pub usage: Usage,
    /// The last text of the model, or the end of a program's output.
    pub message: Option<String>,
    /// Texts of the model in this run.
    pub messages: u64,
    /// Tools that were used in this run.
    pub tools: u64,
    /// Tools that were refused, as far as the agent says so. It may report success all the same.
    pub refused: Vec<String>,
    /// Lines that look like events and cannot be read.
    pub unreadable: u64,
}
