//! How the state travels: fetch, join, push, by git's own protocol. A push of the ref is a
//! compare-and-swap on both sides; claims are settled, and numbers taken twice are changed, only
//! inside a commit that `pm.remote` accepts.

mod fit;
pub mod intent;
pub mod publish;
pub mod published;
pub mod remote;
