//! The processes of an agent: their start, their streams, their limits, and their end.
//!
//! An agent is a tree of processes: a launcher, a runtime, tool shells in sessions of their own,
//! servers that a tool has started in the background. [`supervise`] runs one such tree and returns
//! when none of it is left; [`end_all`] ends what a runner that was killed has left behind. On Linux
//! the whole tree is found (`tree.rs` says how); on other systems the agent's descendants are.
//!
//! All times count while the machine is awake (`clock.rs`). If the runner is killed, its agents go on
//! until they are done or their next output meets a closed pipe: the next runner calls [`end_all`].
// The runner, which uses the rest, is being built.

mod clock;
mod control;
mod ending;
mod launch;
mod leftovers;
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
mod tree;

#[cfg(feature = "models")]
pub use clock::Clock;
pub use control::Control;
pub use ending::Ending;
pub use launch::Launch;
pub use leftovers::end_all;
pub use lines::Output;
pub use sandbox::{Network, Protection, Sandbox, protection};
pub(crate) use spawn::is_program;
pub use supervise::supervise;

use std::time::Duration;

/// What an agent may use. The default has no limit on time and resources, and those on output and
/// grace that suit every agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The time from start to end, without pauses.
    pub deadline: Option<Duration>,
    /// The time without output on either stream, without pauses.
    pub idle: Option<Duration>,
    /// The time between TERM and KILL.
    pub grace: Duration,
    /// After the end of the agent's process, the time for others to close its output.
    pub settle: Duration,
    /// The bytes of each output stream that are passed on; the rest is counted and dropped.
    pub output_max: u64,
    /// The bytes of a line that are passed on; the rest of the line is dropped.
    pub line_max: usize,
    /// The memory of all processes together in bytes. It is measured every second; the kernel keeps
    /// each process below four times as much (Linux).
    pub memory: Option<u64>,
    /// The number of processes at one time, measured every second.
    pub processes: Option<u64>,
    /// The size in bytes of a file that the agent writes (Linux).
    pub file_size: Option<u64>,
    /// What is added to the niceness of the processes, 0 to 19.
    pub nice: i32,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            deadline: None,
            idle: None,
            grace: Duration::from_secs(10),
            settle: Duration::from_millis(500),
            output_max: 64 << 20,
            line_max: 1 << 20,
            memory: None,
            processes: None,
            file_size: None,
            nice: 0,
        }
    }
}

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
    /// Where it was printed.
    pub stream: Stream,
    /// Its bytes, without the end of the line.
    pub bytes: &'a [u8],
    /// Set if it was longer, and its rest was dropped.
    pub is_cut: bool,
}

/// The receiver of an agent's output, and in a dialogue the writer of its input.
pub trait Sink {
    /// Takes a line. The order within a stream is that in which it was printed.
    fn line(&mut self, line: Line<'_>);

    /// Adds to `next` what the agent is to read next; false if nothing will follow. It is asked at the
    /// start and after every output. Once it says false, and all is written, the agent's input is
    /// closed; an agent with which there was a dialogue has to end then.
    fn input(&mut self, _next: &mut Vec<u8>) -> bool {
        false
    }

    /// Tells that the agent is about to be ended, so that `input` can ask it to stop its work. Returns
    /// the time that it gets for that; none if it cannot be asked.
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
    /// Its number.
    pub pid: u32,
    /// Its start, in a unit of the system: with the number, it names one process for good.
    pub started: u64,
    /// The name of its program, control characters escaped.
    pub name: String,
}

impl From<&table::Entry> for Process {
    fn from(entry: &table::Entry) -> Self {
        Process {
            pid: entry.id.pid,
            started: entry.id.started,
            name: crate::model::text::escape_controls(&entry.name),
        }
    }
}

/// Why an agent ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Its process exited with this code.
    Exited(i32),
    /// Its process died of this signal, which we did not send.
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
    /// It went on after the dialogue with it was over.
    Dismissed,
}

/// What became of an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Why it ended.
    pub ended: Ended,
    /// The exit code of its process, also where we asked it to end.
    pub code: Option<i32>,
    /// The signal that its process died of, also where we sent it.
    pub signal: Option<i32>,
    /// The time from its start until it ended or was to be ended, with pauses.
    pub elapsed: Duration,
    /// The same without pauses.
    pub active: Duration,
    /// What it printed on standard output.
    pub stdout: Output,
    /// What it printed on standard error.
    pub stderr: Output,
    /// The bytes of its input that its pipe took.
    pub input_written: u64,
    /// Set if a process that escaped still holds its output, which may be incomplete then.
    pub are_pipes_abandoned: bool,
    /// The most memory in bytes that its processes were seen to use together.
    pub memory_peak: u64,
    /// The most processes that were seen at one time.
    pub processes_peak: usize,
    /// The processes that did not end by themselves, and those that could not be ended.
    pub ending: Ending,
}

impl Outcome {
    /// Of an agent that was stopped before it started.
    fn not_started() -> Outcome {
        Outcome {
            ended: Ended::Stopped,
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
