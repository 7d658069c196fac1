//! What users of beads expect of a tracker: many items in one commit, closing, deleting, gates,
//! lists of what is stale or wrong, and the shape of beads' own JSON. Items of all kinds are
//! served alike where nothing else is said.

pub mod beads_json;
mod bulk;
mod claim;
pub mod close;
pub mod delete;
mod gate;
mod issue_queries;
mod labels;
mod lint;
mod orphans;
mod request;
mod template;
mod update;

pub use crate::work::task::deps::edge_word;
pub use gate::{GateCheck, GateOutcome};
pub use issue_queries::{Group, IssueFilter, LabelCount, Part, Tally};
pub use lint::LintFinding;
pub use orphans::Orphan;
pub use request::IssueKeys;
pub use update::Update;
