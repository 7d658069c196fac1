//! What an agent may not do to the work and the rules of people and of other agents.

pub mod ownership;
pub mod rules;
pub mod stops;
pub mod stops_across_clones;
