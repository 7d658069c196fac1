//! The features of a beads tracker: bulk edits, closing, deleting, gates, lists, counts, its JSON.
//!
//! Bulk edits are many items in one commit. They accept items of all kinds unless stated otherwise.

pub mod beads_json;
mod claim;
pub mod close;
pub mod delete;
mod gate;
mod issue_queries;
mod labels;
mod template;
pub(crate) mod update;

pub use crate::model::edge_type::reading;
pub use crate::work::task::deps::edge_word;
pub use gate::{GateCheck, GateOutcome};
pub use issue_queries::{LabelCount, Part, Tally};
pub use update::Update;
