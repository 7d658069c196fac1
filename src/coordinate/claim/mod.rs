//! Claims and what lives with them: how they are renewed, how they end, and how what was claimed
//! offline is settled with the remote that confirms.

pub(crate) mod end_claims;
mod over;
pub(crate) mod own;
mod renew;
pub mod settle;
mod stopped;
