//! Agents that are programs: how each is started for a task, and the meaning of its output.
//!
//! The client side of the Agent Client Protocol (RC-23) is here too.
//!
//! [`launch`] builds the [`Launch`](crate::process::Launch) for a [`With`] and an [`Invocation`];
//! it starts nothing, and writes only to the private directory of the invocation. A [`Reader`]
//! turns the lines of the program's output into [`Update`]s and, when it has ended, into a
//! [`AgentReport`]. The behavior of the agents was observed in runs of codex 0.169, opencode 1.18,
//! gemini-cli 0.61 and aider 0.86; claude's format is as documented.
//!
//! Everything that an agent prints is untrusted: texts are cut, without escapes, and memory is
//! bounded. A [`AgentVerdict`] is what the program reported, not proof that the work is done: a program
//! that was refused a commit reports success as well (RC-12). Retries are decided by the caller
//! (RC-10).

mod clean_text;
mod command_template;
mod environment;
mod events;
mod failure;
mod git_settings;
mod invocation;
mod json;
mod keys;
mod limits;
mod login;
mod mcp_server;
mod private_files;
mod reader;
pub mod replay;
mod report;
mod start;
mod tally;
#[cfg(test)]
mod tests;
mod with;

// Used by the built-in agent.
#[cfg(feature = "models")]
pub(in crate::agent) use clean_text::{detail, output, without_sequences};
pub use environment::of as environment;
#[cfg(feature = "models")]
pub(in crate::agent) use failure::Failure;
pub use invocation::{Identity, Invocation, Session};
pub use keys::keys_in;
pub use limits::limits;
pub use login::is_logged_in;
pub use mcp_server::McpServer;
pub(in crate::agent) use private_files::Private;
pub use reader::Reader;
#[cfg(any(feature = "models", test))]
pub use report::Wait;
pub use report::{AgentReport, AgentVerdict, Class, ProcessEnd, Update, Usage};
pub use start::{launch, leftovers};
pub use with::With;
