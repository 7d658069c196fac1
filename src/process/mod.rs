//! The processes of an agent: how they are started, supervised, limited and ended.
//!
//! An agent is a tree of processes: a launcher, a runtime, tool shells in sessions of their own,
//! servers that a tool has started in the background. [`supervise`] runs one such tree and returns
//! when none of it is left; [`end_all`] ends what a killed runner left behind. On Linux the whole
//! tree is found (see `tree.rs`), on other systems the agent's descendants and the processes with
//! its marks.
//!
//! On Linux a program that can be started as a *keeper* ([`Launch::keeper`]) holds each tree
//! (`keeper.rs`): nothing below it escapes, and all of it ends with the runner. Without one, a
//! process can escape (`tree.rs`), and the agents of a killed runner continue until they are done or
//! write to a closed pipe, so the next runner calls [`end_all`].
//!
//! Time during which the machine sleeps does not count (`clock.rs`).

mod clock;
mod control;
mod detached;
mod ending;
#[cfg(target_os = "linux")]
mod keeper;
mod launch;
mod leftovers;
mod limits;
mod lines;
#[cfg(target_os = "linux")]
mod procfs;
#[cfg(not(target_os = "linux"))]
mod ps;
mod sandbox;
mod signal;
mod spawn;
mod streams;
mod supervise;
mod table;
#[cfg(test)]
mod tests;
mod texts;
mod tree;
mod working_in;

pub use clock::Clock;
pub use control::Control;
pub use detached::{DETACHED, detached};
pub use ending::Ending;
#[cfg(target_os = "linux")]
pub use keeper::{KEEPER, keep};
pub use launch::Launch;
pub use leftovers::end_all;
pub use limits::Limits;
pub use lines::Output;
pub use sandbox::{Network, Protection, Sandbox, is_inside, protection};
pub use spawn::{is_program, start};
pub use supervise::supervise;
pub use working_in::working_in;

use std::time::Duration;

use git_pm_model::{self as model, error};

/// An output stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stream {
    /// Standard output.
    Out,
    /// Standard error.
    Err,
}

/// A line that an agent has printed: untrusted bytes, often but not always UTF-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// The stream it was printed to.
    pub stream: Stream,
    /// Its bytes, without the newline.
    pub bytes: &'a [u8],
    /// Set if it was too long, and the rest was dropped.
    pub is_cut: bool,
}

/// The receiver of an agent's output, and in a dialogue the writer of its input.
pub trait Sink {
    /// Takes a line. The lines of one stream arrive in the order in which they were printed.
    fn line(&mut self, line: Line<'_>);

    /// Appends to `next` what the agent is to read next; false if nothing will follow. Called at
    /// the start and at least after every output. Once it returns false and everything is written,
    /// the agent's input is closed; an agent in a dialogue then has to end.
    fn input(&mut self, _next: &mut Vec<u8>) -> bool {
        false
    }

    /// Announces that the agent is about to be ended, so that `input` can ask it to stop its work.
    /// Returns the time the agent gets to do so; none if it cannot be asked.
    fn cancel(&mut self) -> Option<Duration> {
        None
    }
}

impl<F: FnMut(Line<'_>)> Sink for F {
    fn line(&mut self, line: Line<'_>) {
        self(line);
    }
}

/// A process of an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// The process id.
    pub pid: u32,
    /// Its start time, in a system-specific unit; with the process id it identifies one process.
    pub started: u64,
    /// The name of its program, with control characters escaped.
    pub name: String,
}

/// The reason an agent ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExitCause {
    /// Its process exited with this code.
    Exited(i32),
    /// Its process was killed by this signal, which we did not send.
    Killed(i32),
    /// It ran longer than its deadline.
    Deadline,
    /// It printed nothing for too long.
    Idle,
    /// Its processes used too much memory.
    Memory,
    /// It had too many processes.
    Processes,
    /// It was stopped through its [`Control`], perhaps before it started.
    Stopped,
    /// It kept running after the dialogue with it was over.
    Dismissed,
}

/// The result of running an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProcessResult {
    /// The reason it ended.
    pub ended: ExitCause,
    /// The exit code of its process, even if we asked it to end.
    pub code: Option<i32>,
    /// The signal that killed its process, even if we sent it.
    pub signal: Option<i32>,
    /// The time from its start until it ended or we began to end it, including pauses.
    pub elapsed: Duration,
    /// The same, not counting pauses.
    pub active: Duration,
    /// A summary of its standard output.
    pub stdout: Output,
    /// A summary of its standard error.
    pub stderr: Output,
    /// The number of bytes of its input that were written to the pipe.
    pub input_written: u64,
    /// Set if an escaped process still holds the output open; the output may then be incomplete.
    pub are_pipes_abandoned: bool,
    /// The peak total memory of its processes in bytes, as measured.
    pub memory_peak: u64,
    /// The largest number of processes seen at one time.
    pub processes_peak: usize,
    /// The processes that did not end on their own, and those that could not be ended.
    pub ending: Ending,
}

impl ProcessResult {
    /// The outcome of an agent that was stopped before it started.
    fn not_started() -> ProcessResult {
        ProcessResult {
            ended: ExitCause::Stopped,
            code: None,
            signal: None,
            elapsed: Duration::ZERO,
            active: Duration::ZERO,
            stdout: Output::default(),
            stderr: Output::default(),
            input_written: 0,
            are_pipes_abandoned: false,
            memory_peak: 0,
            processes_peak: 0,
            ending: Ending::default(),
        }
    }
}
