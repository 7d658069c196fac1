//! Memory: the project context that every agent gets, and the briefing of an agent that begins or
//! resumes work.

pub mod context;
pub mod prime;
