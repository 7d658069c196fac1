//! The deterministic planner: from a parsed document to a draft of a plan, with no model and no
//! I/O. [`draft`] runs the rules, [`scope`] judges the size, [`split_proposal`] says how to cut a
//! document that is too large. The same bytes give the same draft.

mod areas;
mod build;
mod candidate;
mod checks;
mod criteria;
mod edges;
mod effort;
mod explicit;
mod extra;
mod headings;
mod ids;
mod imperative;
mod investigation;
mod key;
mod kinds;
mod leftover;
mod level;
mod lexicon;
mod measure;
mod model;
mod names;
mod notes;
mod order;
mod outline;
mod parts;
mod paths;
mod phases;
mod references;
mod review;
mod risk;
mod scope;
mod sentences;
mod spine;
mod strategy;
mod stream_labels;
mod stream_names;
mod streams;
mod table;
mod testing;
mod texts;
mod title;
mod tree;
mod units;
mod vague;
mod words;
mod work;

#[cfg(test)]
mod cases;
#[cfg(test)]
mod properties;

pub use build::draft;
pub use model::*;
pub use scope::{scope, split_proposal};
pub use testing::test_task;
pub use vague::vague;
