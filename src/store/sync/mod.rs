//! The exchange of the state: fetch, join, push, by git's own protocol. A push of the ref is a
//! compare-and-swap on both sides; claims are settled, and duplicate numbers are changed, only
//! inside a commit that `pm.remote` accepts.

mod check_incoming;
pub(crate) mod fetch;
pub mod intent;
pub(crate) mod network;
pub mod publish;
pub mod published;
mod pull;
pub(crate) mod push;
pub(crate) mod push_advice;
pub mod push_outcome;
mod unknown_outcome;
mod withheld_drafts;
