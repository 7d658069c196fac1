//! The exchange of the state: fetch, join, push, by git's own protocol.
//!
//! A push of the ref is a compare-and-swap on both sides; claims are settled, and duplicate numbers
//! are changed, only inside a commit that `pm.remote` accepts.

mod check_incoming;
pub mod fetch;
pub mod intent;
pub mod network;
pub mod publish;
pub mod published;
mod pull;
pub mod push;
pub mod push_advice;
pub mod push_outcome;
mod unknown_outcome;
mod withheld_drafts;
