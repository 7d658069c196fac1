//! The limits on what is read and kept of an agent's output: lines, texts, tool calls, errors.

use std::time::Duration;

use super::with::With;
use crate::process::Limits;

/// The limits on an agent's output. All of it is read, since its last event reports the outcome and
/// its log keeps the end; reader and log bound what is kept.
pub fn limits(with: &With) -> Limits {
    let mut limits = Limits {
        output_max: u64::MAX,
        ..Limits::default()
    };
    if let With::Acp(_) = with {
        // A truncated message cannot be parsed, and its sender may wait for an answer.
        limits.line_max = LINE_MAX;
    }
    limits
}

/// The maximum size of a line, in bytes. A longer one is counted as unreadable.
pub(in crate::agent) const LINE_MAX: usize = 4 << 20;

/// The maximum size of a model's text, in bytes.
pub(in crate::agent) const MESSAGE_MAX: usize = 16 << 10;

/// The maximum size of what is kept of a tool's output, in bytes.
pub(in crate::agent) const TOOL_OUTPUT_MAX: usize = 2_000;

/// The maximum length of a tool's name, in characters.
pub(in crate::agent) const TOOL_NAME_MAX: usize = 80;

/// The maximum length of a tool call's summary, in characters.
pub(in crate::agent) const TOOL_SUMMARY_MAX: usize = 200;

/// The maximum length of an error message, in characters.
pub(in crate::agent) const ERROR_MAX: usize = 500;

/// The maximum number of updates from one line.
pub(in crate::agent) const LINE_UPDATES_MAX: usize = 64;

/// The maximum number of tool calls that are tracked until their results arrive.
pub(in crate::agent) const OPEN_TOOLS_MAX: usize = 64;

/// The maximum number of refused tools that are named.
pub(in crate::agent) const REFUSED_TOOLS_MAX: usize = 16;

/// The maximum size of the kept end of the output without events, in bytes.
pub(in crate::agent) const OUTPUT_TAIL_MAX: usize = 4096;

/// The maximum number of commas and opening brackets in an event. One with more is counted as unreadable.
pub(in crate::agent) const EVENT_VALUES_MAX: usize = 1 << 17;

/// The longest wait that a provider can impose.
pub(in crate::agent) const WAIT_MAX: Duration = Duration::from_secs(7 * 24 * 3600);

/// The maximum size of a session name, in bytes.
pub(in crate::agent) const SESSION_NAME_MAX: usize = 128;

/// The maximum size that is searched of the file with the login of an agent, in bytes.
pub(in crate::agent) const LOGIN_FILE_MAX: u64 = 16 << 20;

/// The maximum number of git settings that are inherited from the environment of the caller.
pub(in crate::agent) const GIT_SETTINGS_MAX: usize = 100;

/// The maximum number of lines of a run with the Agent Client Protocol that are not messages; one more
/// fails the run.
pub(in crate::agent) const ACP_GARBAGE_LINES_MAX: u64 = 1_000;

/// The maximum number of bytes that such an agent may print.
pub(in crate::agent) const ACP_OUTPUT_MAX: u64 = 1 << 30;

/// The maximum number of bytes buffered for such an agent.
pub(in crate::agent) const ACP_UNREAD_MAX: usize = 8 << 20;

/// The time that such an agent gets to stop its work and its tools.
pub(in crate::agent) const ACP_STOP_TIME_MAX: Duration = Duration::from_secs(2);
