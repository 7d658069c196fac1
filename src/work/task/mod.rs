//! The journeys of an item: made, changed, started, finished, approved, merged, given back. They
//! use everything below: store, claims, reservations, worktrees, graph.

pub(crate) mod approval;
mod carried;
pub(crate) mod cycles;
pub mod deps;
pub(crate) mod field_rules;
pub mod finish;
pub mod integrate;
pub(crate) mod items;
pub mod merge;
pub mod moves;
pub mod query;
mod share;
mod standing;
pub mod start;
pub(crate) mod transition;
mod unit;
mod vouch;
mod wait;

pub(crate) use field_rules::TITLE_MAX;
