//! Import from and export to other trackers.

pub mod beads;
pub mod export;
pub mod projects;
