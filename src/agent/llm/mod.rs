//! The built-in agent, which uses the APIs of language models.
//!
//! It queries the model, runs the tools that the model calls, and returns the results, until the
//! model reports that the task is done.
//!
//! [`run`] is the loop; it needs a worktree but no run, and prints nothing. The protocols are in
//! `protocols/`, behind one conversation type; the providers are a table
//! (`agent/provider.rs`). Everything that a model or its server sends is untrusted. Keys are read
//! when a conversation begins, are sent only to the model's server, and are neither stored nor
//! shown.

mod agent_loop;
mod conversation;
mod deadline;
mod endpoint;
mod hand_off;
mod http;
mod limits;
mod protocols;
mod redaction;
mod repetition;
mod request;
#[cfg(test)]
mod tests;
mod tools;

pub use agent_loop::{Host, Work, run};
pub use endpoint::Endpoint;
pub use limits::ConversationOptions;
