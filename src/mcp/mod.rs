//! The MCP server: operations of [`Pm`](crate::Pm) as tools, resources and prompts for coding agents.
//!
//! It speaks over a reader and a writer that the caller passes in, prints nothing, and opens the
//! repository for each request, on a thread of its own.
//!
//! A tool is one call of the library with typed arguments (`tool.rs`), whose schemas are derived from
//! the types, and an answer as a short text. A few tools are always offered; the others are added by
//! [`Group`], because every tool takes up context of the client's model.

mod answer_text;
mod escape;
mod handed_over;
mod invalid_params;
mod item_views;
mod limits;
mod offered_tools;
mod prompts;
mod resources;
mod schema;
mod server;
mod session;
mod shown_item;
mod tool;
mod transport;

pub use crate::verbs::ToolGroup as Group;
pub use server::{ServeOptions, serve};
