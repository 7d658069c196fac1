//! The limits of an agent's processes: time, silence, output, memory, and the times that they get to end.

use std::time::Duration;

/// The limits of an agent. By default time and resources are not limited; the defaults for output
/// and grace suit every agent.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Limits {
    /// The time from start to end, not counting pauses.
    pub deadline: Option<Duration>,
    /// The time without output on either stream, not counting pauses.
    pub idle: Option<Duration>,
    /// The time between TERM and KILL.
    pub grace: Duration,
    /// The time that others get to close the output after the agent's own process has ended.
    pub settle: Duration,
    /// The maximum output of a stream in bytes; the rest is counted and dropped.
    pub output_max: u64,
    /// The maximum length of a line in bytes; the rest of the line is dropped.
    pub line_max: usize,
    /// The total memory of all processes in bytes. It is measured every second; the kernel keeps
    /// each process below four times as much (Linux).
    pub memory: Option<u64>,
    /// The number of processes at one time, measured every second.
    pub processes: Option<u64>,
    /// The maximum size in bytes of a file that the agent writes (Linux).
    pub file_size: Option<u64>,
    /// The increment of the processes' niceness, 0 to 19.
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

/// More processes than this get no grace period, because they multiply.
pub(super) const GRACE_PROCESSES_MAX: usize = 500;

/// The time after which we give up on processes that KILL did not end: they wait for a device, or
/// belong to another user.
pub(super) const KILL_TIME_MAX: Duration = Duration::from_secs(10);

/// The maximum number of processes named in a report.
pub(super) const PROCESSES_NAMED_MAX: usize = 100;

/// The time that a process may take to exit after its last output, before it is sent TERM.
pub(super) const EXIT_TIME_MAX: Duration = Duration::from_millis(20);

/// The maximum time for reading what is left in the pipes after all processes have ended.
pub(super) const DRAIN_TIME_MAX: Duration = Duration::from_secs(2);

/// The time an agent gets to exit on its own after the end of a dialogue.
pub(super) const DIALOGUE_EXIT_TIME_MAX: Duration = Duration::from_secs(5);

/// The time that a keeper gets to end everything before it is taken for stopped.
pub(super) const KEEPER_TIME_MAX: Duration = Duration::from_secs(15);

/// While more bytes than this wait for an agent that does not read them, its standard output is not
/// read, so that answers to it cannot pile up.
pub(super) const UNREAD_MAX: usize = 8 << 20;
