//! Learnings: patterns, gotchas and decisions that a project wants to remember.
//!
//! The verbs that write them, lists and search, and the few that `start` shows. Their statistics are
//! in `memory`, their import and export in `bridge`.

pub(crate) mod allowed_texts;
mod conflicts;
pub mod for_item;
pub mod limits;
pub mod lookup;
pub mod search;
mod search_rank;
pub mod staleness;
pub mod view;
pub mod write;
