//! History: log, diff and undo.

pub mod log_and_diff;
pub mod undo;
pub mod undo_repeated;
pub mod walks;
