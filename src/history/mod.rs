//! The history of the state: `log`, `show --at`, `diff`, `events`, `report` and `undo`.
//!
//! These are its operations, its items at an earlier time, differences, every single change, and the
//! work done in a period and its speed. Only `undo` writes: a new commit that reverses the changes of
//! one operation, never an old tree.

pub mod diff;
pub mod events;
pub mod log;
pub mod past_state;
pub mod report;
pub mod show_at;
pub mod undo;
