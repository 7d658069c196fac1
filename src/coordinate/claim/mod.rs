//! Claims and the reservations that belong to them: renewal, end, and settlement with the remote
//! that confirms claims.

pub(crate) mod end_claims;
mod over;
pub(crate) mod own;
mod renew;
pub mod settle;
mod stopped;
