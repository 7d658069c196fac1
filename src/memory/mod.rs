//! Memory: the project context that every agent gets, the briefing for an agent that begins or
//! resumes work, predictions from the past, drafts of learnings from finished work, and statistics
//! on the use of learnings.

pub mod context;
pub mod documentation;
pub mod draft;
pub mod learning_stats;
mod past_trouble;
pub mod predict;
pub mod prime;

pub use past_trouble::TroubleKind;
