//! What agents may not do to the work and the rules of humans and of other agents.

pub mod definitions;
mod marked;
pub mod ownership;
pub mod rules;
pub mod stops;
pub mod stops_across_clones;
