//! Time travel over the state: what happened (`log`), how things were (`show --at`), what differs
//! (`diff`), and taking back (`undo`). Only `undo` writes, and it writes forward: compensating
//! deltas in a new commit, never an old tree.

mod at;
mod diff;
pub(crate) mod incoming;
mod log;
mod meaning;
pub(crate) mod point;
pub mod report;
mod undo;
