//! The defaults and limits of requests: lengths, periods, waits, batches.
//!
//! The length of a list, a log or a graph and the period of a report if the request names no other,
//! the longest wait, the largest batch.

/// The length of a list for a program that does not ask for another.
pub(super) const LIST_DEFAULT: usize = 100;

/// The number of ready items that are listed for a request that names no other.
pub(super) const READY_DEFAULT: usize = 20;

/// The length of a log for a program that does not ask for another.
pub(super) const LOG_DEFAULT: usize = 50;

/// The start of the period of `standup`.
pub(super) const STANDUP_DEFAULT: &str = "1d";

/// The start of the period of `retro`.
pub(super) const RETRO_DEFAULT: &str = "2w";

/// The start of the period of `stats`, if another option asks for one.
pub(super) const STATS_DEFAULT: &str = "8w";

/// The start of the period of `report`.
pub(super) const REPORT_DEFAULT: &str = "1w";

/// The maximum number of events in one answer to a program.
pub(super) const EVENTS_MAX: usize = 50;

/// The size of the events of an answer after which the rest is left to the next request, in bytes.
pub(super) const EVENTS_SIZE_MAX: usize = 24_000;

/// The distance from an item up to which its graph is drawn, in edges.
pub(super) const GRAPH_DEPTH_DEFAULT: usize = 2;

/// The longest wait of `next --claim` for work, for a request that is not typed, in seconds: clients give up on
/// requests that take a minute.
pub(super) const NEXT_WAIT_SECONDS_MAX: u32 = 50;

/// The longest line of a batch, in bytes.
pub(super) const BATCH_LINE_MAX: usize = 8 * 1024 * 1024;

/// The most lines of one batch.
pub(super) const BATCH_LINES_MAX: usize = 200_000;

/// The most bytes of one batch.
pub(super) const BATCH_SIZE_MAX: usize = 512 * 1024 * 1024;

/// The most items that an idempotency key remembers: its record is one document.
pub(super) const BATCH_REMEMBERED_MAX: usize = 50_000;
