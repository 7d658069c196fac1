//! Other trackers, in and out.

pub mod beads;
pub mod export;
pub mod projects;
