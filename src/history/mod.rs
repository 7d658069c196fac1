//! The history of the state: its operations (`log`), its items at an earlier time (`show --at`),
//! differences (`diff`), every single change (`events`), the work done in a period and its speed
//! (`report`), and `undo`. Only `undo` writes: a new commit that reverses the changes of one
//! operation, never an old tree.

pub mod diff;
pub mod events;
pub mod log;
pub mod past_state;
pub mod report;
pub mod show_at;
pub mod undo;
