//! The library's one error type at its edge. Every error has a kind (what class of thing happened,
//! which a caller may branch on and which decides the exit code), a message that names the object,
//! and hints that name the next command. Nothing here prints.

use std::fmt;

/// What class of thing went wrong. The numbers are the exit codes of the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// A check said no: reserved, gate failed, nothing to claim, acceptance open. Exit code 1.
    Refused,
    /// The request itself is malformed. Exit code 2.
    Usage,
    /// Somebody else was first, or a claim was lost. Exit code 3.
    Conflict,
    /// No such object. Exit code 4.
    NotFound,
    /// The name fits more than one object. Exit code 4.
    Ambiguous,
    /// State, repository or file system cannot be used as it is. Exit code 5.
    State,
    /// A remote could not be reached or did not answer. Exit code 6.
    Remote,
    /// Some records were skipped. Exit code 8.
    Partial,
}

impl Kind {
    /// The process exit code that stands for this kind.
    pub fn exit_code(self) -> u8 {
        match self {
            Kind::Refused => 1,
            Kind::Usage => 2,
            Kind::Conflict => 3,
            Kind::NotFound | Kind::Ambiguous => 4,
            Kind::State => 5,
            Kind::Remote => 6,
            Kind::Partial => 8,
        }
    }

    /// The stable word for this kind, used as `error.code` in JSON.
    pub fn code(self) -> &'static str {
        match self {
            Kind::Refused => "refused",
            Kind::Usage => "usage",
            Kind::Conflict => "conflict",
            Kind::NotFound => "not_found",
            Kind::Ambiguous => "ambiguous",
            Kind::State => "state",
            Kind::Remote => "remote",
            Kind::Partial => "partial",
        }
    }
}

/// One path, and who holds it: what a refused reservation or a stopped commit reports.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct ReservationConflict {
    /// The path or pattern that was asked for.
    pub path: String,
    /// The holder's actor name.
    pub holder: String,
    /// The task the holder reserved it for, if any.
    pub task: Option<String>,
    /// `commit` or `edit`.
    pub mode: String,
    /// When it ends by itself, RFC 3339 in UTC.
    pub expires_at: String,
    /// The holder's pattern that covers the path.
    pub pattern: String,
    /// Whether that is assumed: there are too many patterns, or too costly ones, to be compared.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub undecided: bool,
}

/// An item that others wait for, at the root of their chains.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Waited {
    /// The item's id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its state.
    pub status: String,
    /// The claim's holder, else the assignee.
    pub owner: Option<String>,
    /// The last sign of life of the claim's holder, RFC 3339.
    pub last_sign: Option<String>,
    /// How many items wait for it, first of all.
    pub waiting: usize,
    /// The same as a sentence: `13 items wait for T-0003, held by agent-2 (last sign 49m ago)`.
    pub message: String,
    /// What helps, where its holder is silent.
    pub command: Option<Help>,
}

/// A command that helps where the holder of an item is silent; in JSON its text.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(untagged)]
pub enum Help {
    /// Starts the item, or goes on with it.
    Start(String),
    /// Asks the holder.
    Ask(String),
}

impl fmt::Display for Help {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Help::Start(command) | Help::Ask(command)) = self;
        f.write_str(command)
    }
}

/// What is waited for: the items that most others wait for.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Waiting {
    /// The first of them.
    #[serde(rename = "waiting")]
    pub named: Vec<Waited>,
    /// How many there are besides.
    #[serde(rename = "more_waiting", skip_serializing_if = "is_zero")]
    pub more: usize,
}

fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// The error of every fallible call in this library.
///
/// The content is boxed so that results stay small on the path where nothing goes wrong.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.message)]
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    kind: Kind,
    message: String,
    hints: Vec<String>,
    conflicts: Vec<ReservationConflict>,
    waiting: Waiting,
}

/// The result of every fallible call in this library.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An error of `kind` that says what happened, and to which object.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Error(Box::new(Inner {
            kind,
            message: message.into(),
            hints: Vec::new(),
            conflicts: Vec::new(),
            waiting: Waiting::default(),
        }))
    }

    /// A malformed request.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Kind::Usage, message)
    }

    /// A check that said no.
    pub fn refused(message: impl Into<String>) -> Self {
        Self::new(Kind::Refused, message)
    }

    /// A lost race or claim.
    pub fn conflict(message: impl Into<String>) -> Self {
        Self::new(Kind::Conflict, message)
    }

    /// An object that does not exist.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(Kind::NotFound, message)
    }

    /// A repository or state that cannot be used as it is.
    pub fn state(message: impl Into<String>) -> Self {
        Self::new(Kind::State, message)
    }

    /// A remote that cannot be reached.
    pub fn remote(message: impl Into<String>) -> Self {
        Self::new(Kind::Remote, message)
    }

    /// An input or output error of the file system, with what was being done to what.
    pub fn io(what: impl fmt::Display, error: &std::io::Error) -> Self {
        Self::state(format!("{what}: {error}"))
    }

    /// As [`Error::io`], where something could not be written.
    pub fn unwritten(what: impl fmt::Display, error: &std::io::Error) -> Self {
        Self::io(what, error).hint("check permissions and free disk space there, then run it again")
    }

    /// Adds what to do next; several hints keep their order.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hints.push(hint.into());
        self
    }

    /// Attaches the reservations that stand in the way.
    #[must_use]
    pub fn with_conflicts(mut self, conflicts: Vec<ReservationConflict>) -> Self {
        self.0.conflicts = conflicts;
        self
    }

    /// Attaches what is waited for.
    #[must_use]
    pub fn with_waiting(mut self, waiting: Waiting) -> Self {
        self.0.waiting = waiting;
        self
    }

    /// The class of the error.
    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    /// What happened, and to which object: one sentence.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// What to do next, most useful first.
    pub fn hints(&self) -> &[String] {
        &self.0.hints
    }

    /// The reservations that stand in the way, if that is what was wrong.
    pub fn conflicts(&self) -> &[ReservationConflict] {
        &self.0.conflicts
    }

    /// What is waited for, and who holds it, if that is why there is nothing to start.
    pub fn waiting(&self) -> &Waiting {
        &self.0.waiting
    }
}
