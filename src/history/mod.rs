//! Time travel over the state: what happened (`log`), how things were (`show --at`), what differs
//! (`diff`), and taking back (`undo`). Only `undo` writes, and it writes forward: compensating
//! deltas in a new commit, never an old tree.

pub mod at;
pub mod diff;
pub mod log;
pub mod point;
pub mod undo;
