//! Memory: the project context that every agent gets, the briefing of an agent that begins or
//! resumes work, what the past says about it, what the work has taught, and how well both help.

pub mod backtest;
pub mod context;
pub mod documentation;
pub mod draft;
pub mod learning_stats;
mod past_trouble;
pub mod predict;
pub mod prime;

pub use past_trouble::TroubleKind;
