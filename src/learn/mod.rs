//! Learnings: patterns, gotchas and decisions that a project wants to remember. The verbs that write
//! them, lists and search, the few that `start` shows, and what is measured about them. Importing
//! and exporting them is in `bridge`.

pub(crate) mod allowed_texts;
pub mod lookup;
pub mod nearby;
mod rank;
pub mod search;
pub mod staleness;
pub mod stats;
mod typos;
pub mod view;
pub mod write;
