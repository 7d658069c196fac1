//! The deterministic planner: from a parsed document to a draft of a plan, with no model and no
//! I/O. [`draft`] runs the rules, [`scope`] assesses the size, [`split_proposal`] proposes how to
//! split a document that is too large. The same bytes give the same draft.

mod account;
mod areas;
mod budget;
mod candidate;
mod checks;
mod contents;
#[cfg(test)]
mod contents_tests;
mod draft_types;
mod edge_set;
mod effort;
mod evidence;
mod extra;
mod id_mentions;
mod imperative;
mod implied_edges;
mod investigation;
mod join;
mod key;
mod known;
mod lint;
mod measure;
mod node_tree;
mod parts;
mod paths;
mod phases;
mod pipeline;
mod plan_notes;
mod priority;
mod prose_work;
mod references;
mod review;
mod risk;
mod scope_estimate;
mod sentences;
mod shapes;
mod similarity;
mod state_mark;
mod stated_edges;
mod strategy;
mod stream_labels;
mod stream_names;
mod streams;
mod table_nodes;
mod task_criteria;
mod task_names;
mod terms;
mod testing;
mod text_only_work;
mod title;
mod units;
mod vague;
mod work;
mod work_kinds;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod shape_tests;
#[cfg(test)]
mod tests;

pub use account::account;
pub(in crate::plan) use account::{LIMIT, ORDER, STEP};
pub use contents::contents;
pub use draft_types::*;
pub(in crate::plan) use evidence::asks;
pub use lint::lints;
pub use pipeline::draft;
pub use scope_estimate::{scope, split_proposal};
pub use testing::test_task;
pub use vague::vague;
