//! Memory: the project context, and the briefing of an agent.

mod context;
mod prime;
