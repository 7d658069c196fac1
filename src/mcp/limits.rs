//! The limits of the MCP server: sizes of messages and answers, lengths of lists, threads.

use std::time::Duration;

/// The maximum size of a message, in bytes; the same as rmcp's.
pub(super) const MESSAGE_MAX: usize = 16 << 20;

/// The most of an error's text that is passed on, in characters.
pub(super) const ERROR_MAX: usize = 200;

/// The maximum number of threads that process requests.
pub(super) const THREADS_MAX: usize = 16;

/// How long requests may go on after the end of the input. rmcp has waited for their answers before,
/// for up to five seconds.
pub(super) const SHUTDOWN_TIME_MAX: Duration = Duration::from_secs(5);

/// The maximum number of items that are listed as resources; others can be read through the template.
pub(super) const RESOURCES_MAX: usize = 50;

/// The number of newest messages that are read of a thread.
pub(super) const THREAD_MESSAGES_MAX: usize = 20;

/// The maximum size of a text of an item that a tool returns, in bytes; in JSON of those that are fields of the item.
pub(super) const BODY_MAX: usize = 16_000;

/// The maximum number of comments in the text that a tool returns, the latest ones; JSON has all.
pub(super) const COMMENTS_MAX: usize = 10;

/// The maximum size of each text of a learning, in bytes.
pub(super) const LEARNING_TEXT_MAX: usize = 8_000;

/// The maximum size of a text, in bytes. Bodies of items are already cut, with the command that shows the
/// rest; this is for names and titles, which may be megabytes in a fetched document.
pub(super) const TEXT_MAX: usize = 20_000;
