//! Memory: the project context that every agent gets, the briefing of an agent that begins or
//! resumes work, what the past says about it, and what the work has taught.

pub mod context;
pub mod documentation;
pub mod draft;
mod past_trouble;
pub mod predict;
pub mod prime;

pub use past_trouble::TroubleKind;
