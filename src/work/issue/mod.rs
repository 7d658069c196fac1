//! What users of beads expect of a tracker: many items in one commit, closing, deleting, gates,
//! lists of what is stale or wrong, and the shape of beads' own JSON. Items of all kinds are
//! served alike where nothing else is said.

mod bulk;
mod claim;
pub mod close;
pub mod delete;
mod gate;
mod labels;
mod lint;
mod look;
mod orphans;
mod request;
pub mod shape;
mod template;
mod update;

pub use crate::work::task::deps::edge_word;
pub use gate::{GateCheck, GateOutcome};
pub use lint::LintFinding;
pub use look::{Group, IssueFilter, LabelCount, Part, Tally};
pub use orphans::Orphan;
pub use request::IssueKeys;
pub use update::Update;
