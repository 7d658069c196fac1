//! The library's one error type: kind, reason, hints, and the exit code.
//!
//! An error has a kind, which decides the exit code, a stable reason if callers need to distinguish
//! more than that, a message, the object it is about, details, and hints: the next commands, as data.

mod reason;

use std::fmt;
use std::io::ErrorKind;
use std::sync::Arc;

use crate::reservation::with_place;

pub use reason::Reason;

/// The class of an error. The numbers are the exit codes of the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// A check failed: a reserved path, a failed gate, nothing to claim, acceptance criteria that
    /// are not met. Exit code 1.
    Refused,
    /// The request itself is malformed. Exit code 2.
    Usage,
    /// Another actor was first, or a claim was lost. Exit code 3.
    Conflict,
    /// No such object. Exit code 4.
    NotFound,
    /// The name fits more than one object. Exit code 4.
    Ambiguous,
    /// State, repository or file system cannot be used as it is. Exit code 5.
    State,
    /// A remote could not be reached or did not answer. Exit code 6.
    Remote,
    /// A budget is spent. Exit code 7.
    Budget,
    /// Some records were skipped. Exit code 8.
    Partial,
    /// There is no work left: everything that can be worked on is closed. Exit code 9.
    Finished,
}

impl Kind {
    /// The exit code of the process for this kind.
    pub fn exit_code(self) -> u8 {
        match self {
            Kind::Refused => 1,
            Kind::Usage => 2,
            Kind::Conflict => 3,
            Kind::NotFound | Kind::Ambiguous => 4,
            Kind::State => 5,
            Kind::Remote => 6,
            Kind::Budget => 7,
            Kind::Partial => 8,
            Kind::Finished => 9,
        }
    }

    /// The stable word for this kind, used as `error.code` in JSON.
    pub fn code(self) -> &'static str {
        Reason::from(self).as_str()
    }
}

/// The reason of an error of which the kind says everything.
impl From<Kind> for Reason {
    fn from(kind: Kind) -> Reason {
        match kind {
            Kind::Refused => Reason::Refused,
            Kind::Usage => Reason::Usage,
            Kind::Conflict => Reason::Conflict,
            Kind::NotFound => Reason::NotFound,
            Kind::Ambiguous => Reason::Ambiguous,
            Kind::State => Reason::State,
            Kind::Remote => Reason::Remote,
            Kind::Budget => Reason::Budget,
            Kind::Partial => Reason::Partial,
            Kind::Finished => Reason::Finished,
        }
    }
}

/// A path that another actor has reserved, in a refused reservation or a rejected commit.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct ReservationConflict {
    /// The requested path or pattern.
    pub path: String,
    /// The holder's actor name.
    pub holder: String,
    /// The own name of the agent that made it, whatever the holder's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// The task the holder reserved it for, if any.
    pub task: Option<String>,
    /// `commit` or `edit`.
    pub mode: String,
    /// The time at which it expires, RFC 3339 in UTC.
    pub expires_at: String,
    /// The holder's pattern that covers the path.
    pub pattern: String,
    /// Set if the conflict is only assumed, because the patterns are too many or too complex to
    /// compare.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub undecided: bool,
}

impl ReservationConflict {
    /// The holder, with the worktree of an agent that has no name of its own.
    pub fn shown_holder(&self) -> &str {
        with_place(&self.holder, self.agent.as_deref())
    }
}

/// An item that others wait for, at the root of their chains.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct RootBlocker {
    /// The item's id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its status.
    pub status: String,
    /// The claim's holder, else the assignee.
    pub owner: Option<String>,
    /// The last activity of the claim's holder, RFC 3339.
    pub last_sign: Option<String>,
    /// The number of items of which it is the root blocker.
    pub waiting: usize,
    /// The same as a sentence: `13 items wait for T-0003, held by agent-2 (last active 49m ago)`.
    pub message: String,
    /// The command that helps if its holder is inactive.
    pub command: Option<HolderAction>,
}

/// A command that helps if the holder of an item is inactive; in JSON, the command line.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
#[serde(untagged)]
pub enum HolderAction {
    /// Starts the item, or resumes it.
    Start(String),
    /// Asks the holder.
    Ask(String),
}

impl fmt::Display for HolderAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (HolderAction::Start(command) | HolderAction::Ask(command)) = self;
        f.write_str(command)
    }
}

/// The items that most others wait for.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct RootBlockers {
    /// The first of them.
    #[serde(rename = "waiting")]
    pub named: Vec<RootBlocker>,
    /// The number of further ones.
    #[serde(rename = "more_waiting", skip_serializing_if = "is_zero")]
    pub more: usize,
}

fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// The details of an error that a caller can use without reading its message.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub enum Details {
    /// The message says everything.
    #[default]
    None,
    /// The reservations of others that cover the paths.
    Reservations(Vec<ReservationConflict>),
    /// The items that others wait for, if there is nothing to start.
    Waiting(RootBlockers),
    /// The name of the gate that the work does not pass.
    Gate(String),
}

/// A suggestion for the next step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// The command that helps, if one does.
    pub command: Option<Command>,
    /// The effect of the command, as the rest of a sentence; without a command, the advice.
    pub text: String,
}

/// A command line: a program and its arguments. An argument in capitals is a placeholder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// `git pm` or `git`.
    pub program: &'static str,
    /// The arguments, unquoted.
    pub args: Vec<String>,
}

impl Hint {
    /// A command of git pm and what it does: `Hint::run(["trust"], "shows and trusts them")`.
    pub fn run<'a>(args: impl IntoIterator<Item = &'a str>, effect: impl Into<String>) -> Hint {
        Hint::command("git pm", args, effect)
    }

    /// A command of git and what it does.
    pub fn git<'a>(args: impl IntoIterator<Item = &'a str>, effect: impl Into<String>) -> Hint {
        Hint::command("git", args, effect)
    }

    fn command<'a>(
        program: &'static str,
        args: impl IntoIterator<Item = &'a str>,
        effect: impl Into<String>,
    ) -> Hint {
        Hint {
            command: Some(Command {
                program,
                args: args.into_iter().map(str::to_string).collect(),
            }),
            text: effect.into(),
        }
    }
}

impl<T: Into<String>> From<T> for Hint {
    fn from(text: T) -> Hint {
        Hint {
            command: None,
            text: text.into(),
        }
    }
}

/// One line of text: "`git pm trust` shows and trusts them".
impl fmt::Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.command {
            Some(command) if self.text.is_empty() => write!(f, "`{command}`"),
            Some(command) => write!(f, "`{command}` {}", self.text),
            None => f.write_str(&self.text),
        }
    }
}

/// The command line, its arguments quoted for a POSIX shell where they need it.
impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.program)?;
        for arg in &self.args {
            let is_plain = |c: char| c.is_alphanumeric() || "-_./:=,@+%[]|…".contains(c);
            match !arg.is_empty() && arg.chars().all(is_plain) {
                true => write!(f, " {arg}")?,
                false => write!(f, " '{}'", arg.replace('\'', r"'\''"))?,
            }
        }
        Ok(())
    }
}

/// The error of every fallible call in this library.
///
/// The content is boxed, so that results are small.
#[derive(Clone, Debug)]
pub struct Error(Box<Inner>);

#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
struct Inner {
    kind: Kind,
    reason: Option<Reason>,
    subject: Option<String>,
    message: String,
    hints: Vec<Hint>,
    details: Details,
    source: Option<Arc<std::io::Error>>,
}

/// An error as JSON, on the command line and over MCP.
#[derive(Debug, serde::Serialize, schemars::JsonSchema)]
#[schemars(rename = "Error")]
pub struct Failed<'a> {
    /// The kind of the error, which is the exit code: refused (1), usage (2), conflict (3),
    /// not_found and ambiguous (4), state (5), remote (6), budget (7), partial (8).
    code: &'a str,
    /// A more specific code than the kind of the error, if any; else the same.
    reason: &'a str,
    /// The object that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<&'a str>,
    /// One sentence.
    message: &'a str,
    /// Suggestions for the next step, mostly commands.
    hints: Vec<String>,
    /// The conflicting reservations.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    conflicts: &'a [ReservationConflict],
    /// The name of the gate that the work does not pass.
    #[serde(skip_serializing_if = "Option::is_none")]
    gate: Option<&'a str>,
    #[serde(flatten)]
    waiting: Option<&'a RootBlockers>,
}

impl<'a> From<&'a Error> for Failed<'a> {
    fn from(error: &'a Error) -> Self {
        Failed {
            code: error.kind().code(),
            reason: error.reason().as_str(),
            subject: error.subject(),
            message: error.message(),
            hints: error.hints().iter().map(ToString::to_string).collect(),
            conflicts: error.conflicts(),
            gate: error.gate(),
            waiting: error.waiting().filter(|waiting| !waiting.named.is_empty()),
        }
    }
}

/// The result of every fallible call in this library.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An error of this kind; the message says what happened to which object.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Error(Box::new(Inner {
            kind,
            message: message.into(),
            reason: None,
            subject: None,
            hints: Vec::new(),
            details: Details::None,
            source: None,
        }))
    }

    /// A malformed request.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Kind::Usage, message)
    }

    /// A failed check.
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

    /// An I/O error of the file system; `what` names the failed operation and its object.
    pub fn io(what: impl fmt::Display, error: std::io::Error) -> Self {
        let mut this = Self::state(format!("{what}: {error}"));
        this.0.reason = match error.kind() {
            ErrorKind::ReadOnlyFilesystem => Some(Reason::DiskReadOnly),
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Some(Reason::DiskFull),
            ErrorKind::PermissionDenied => Some(Reason::DiskNotPermitted),
            _ => None,
        };
        this.0.source = Some(Arc::new(error));
        this
    }

    /// Like [`Error::io`], for a failed write, with a hint about permissions and disk space.
    pub fn unwritten(what: impl fmt::Display, error: std::io::Error) -> Self {
        Self::io(what, error)
            .hint("check permissions and free disk space there, then run the command again")
    }

    /// Sets the stable code: the object and what is wrong with it.
    #[must_use]
    pub fn because(mut self, reason: Reason) -> Self {
        self.0.reason = Some(reason);
        self
    }

    /// Sets the object it is about: an item's id, a path, a ref, a setting's key.
    #[must_use]
    pub fn about(mut self, subject: impl Into<String>) -> Self {
        self.0.subject = Some(subject.into());
        self
    }

    /// Adds a hint; several keep their order.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<Hint>) -> Self {
        self.0.hints.push(hint.into());
        self
    }

    /// The same error with another message.
    #[must_use]
    pub fn reworded(mut self, message: impl Into<String>) -> Self {
        self.0.message = message.into();
        self
    }

    /// The same error as one of another kind.
    #[must_use]
    pub fn of_kind(mut self, kind: Kind) -> Self {
        self.0.kind = kind;
        self
    }

    /// The same error with only those hints that `keep` accepts.
    #[must_use]
    pub fn hints_where(mut self, keep: impl Fn(&Hint) -> bool) -> Self {
        self.0.hints.retain(keep);
        self
    }

    /// Attaches details.
    #[must_use]
    pub fn with(mut self, details: Details) -> Self {
        self.0.details = details;
        self
    }

    /// The class of the error.
    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    /// The error and its object, in one sentence.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The stable code of the error; by default that of its kind.
    pub fn reason(&self) -> Reason {
        self.0.reason.unwrap_or(self.0.kind.into())
    }

    /// The object it is about, if there is one.
    pub fn subject(&self) -> Option<&str> {
        self.0.subject.as_deref()
    }

    /// Suggestions for the next step, the most useful first.
    pub fn hints(&self) -> &[Hint] {
        &self.0.hints
    }

    /// The reservations that cover the paths, if those were the reason.
    pub fn conflicts(&self) -> &[ReservationConflict] {
        match self.details() {
            Details::Reservations(conflicts) => conflicts,
            _ => &[],
        }
    }

    /// The items that others wait for, if that is why there is nothing to start.
    pub fn waiting(&self) -> Option<&RootBlockers> {
        match self.details() {
            Details::Waiting(waiting) => Some(waiting),
            _ => None,
        }
    }

    /// The name of the gate that the work does not pass, if that was the reason.
    pub fn gate(&self) -> Option<&str> {
        match self.details() {
            Details::Gate(name) => Some(name),
            _ => None,
        }
    }

    /// The data that a caller can use without reading the message.
    pub fn details(&self) -> &Details {
        &self.0.details
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        std::error::Error::source(&*self.0)
    }
}
