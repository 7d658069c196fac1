//! Claims and their reservations: renewal, end, and settlement with the remote that confirms them.

mod double_claims;
pub(crate) mod end_claims;
pub(crate) mod ownership;
pub(crate) mod renumber;
mod restore_stops;
mod restore_words;
pub mod settle;
