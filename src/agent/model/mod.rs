//! The built-in agent, which uses the APIs of language models: it queries the model, runs the tools
//! that the model calls, and returns the results, until the model reports that the task is done.
//!
//! [`run`] is the loop; it needs a worktree but no run, and prints nothing. The protocols are in
//! `wire/`, behind one conversation type; the providers are a table
//! (`agent/model_name.rs`). Everything that a model or its server sends is untrusted. Keys are read
//! when a conversation begins, are sent only to the model's server, and are neither stored nor
//! shown.

mod ask;
mod conversation;
mod endpoint;
mod filter;
mod hand_off;
mod http;
mod repetition;
mod talk;
#[cfg(test)]
mod tests;
mod tools;
mod tuning;
mod watch;
mod wire;

pub use endpoint::Endpoint;
pub use talk::{Host, Work, run};
pub use tuning::Tuning;
