//! The deterministic planner: from a parsed document to a draft of a plan, with no model and no I/O.
//! It takes what the author wrote as structure and accounts for every statement; what could be work
//! and is in no task is open, for a person or an agent to plan. Nothing is guessed.
//!
//! [`Verdicts`] give each statement one verdict by one table of rules (`rules`); tasks, milestones,
//! edges, the account, the contents and the lints are projections of these verdicts. The same bytes
//! give the same draft.
//!
//! Rules that guessed were deleted. On documents that they were not developed with, a quarter of
//! the tasks found in prose was false, two thirds of the criteria joined by likeness were another
//! task's, and three in ten inferred edges were wrong; models trained on other documents were no
//! better.

mod account;
mod contents;
mod defaults;
mod draft_types;
mod edges;
mod facts;
mod held_ids;
mod key;
mod lint;
mod milestones;
mod notes;
mod other_rules;
mod pipeline;
mod priority;
mod rules;
mod scope;
mod suggestions;
mod task_rules;
mod tasks;
mod test_tasks;
mod title;
mod vague;

#[cfg(test)]
mod boxes_tests;
#[cfg(test)]
mod milestone_tests;
#[cfg(test)]
mod property_tests;
#[cfg(test)]
mod reference_tests;
#[cfg(test)]
mod rules_tests;

use git_pm_model as model;

pub use account::account;
pub use contents::contents;
pub use defaults::size_for;
pub use draft_types::*;
pub use edges::UNKNOWN_ID;
pub use lint::lints;
pub use pipeline::draft;
pub use rules::Verdicts;
pub use rules::{BOX_LATER, BOX_REFUSED, BY_HEADING, LIMIT, NOT_PLANNED};
pub use scope::{scope, split_proposal};
pub use test_tasks::test_task;
pub use vague::vague;
