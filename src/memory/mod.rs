//! Memory: project context, briefings, predictions, drafts of learnings, and their use.
//!
//! The context is what every agent gets, a briefing is for an agent that begins or resumes work;
//! predictions are from the past, drafts from finished work, and statistics show how learnings are
//! used.

pub mod context;
pub mod draft;
pub mod learning_stats;
mod past_trouble;
pub mod predict;
pub mod prime;

pub use past_trouble::TroubleKind;
