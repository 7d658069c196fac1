//! Memory: the project context, and the briefing of an agent.

mod context;
mod past_work;
mod prime;
