//! History: log, diff, reports, events and undo.

pub mod event_readers;
pub mod events;
mod finished;
pub mod log_and_diff;
mod lost_values;
mod report_queries;
pub mod reports;
pub mod undo;
pub mod undo_repeated;
mod undo_sent;
pub mod undo_texts;
pub mod walks;
