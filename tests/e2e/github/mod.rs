//! GitHub, as a fake of it behaves, and the mirror that a project has there.

mod access;
#[cfg(test)]
mod fake;
mod histories;
mod import;
mod orchestrator;
mod project;
mod pulls;
pub mod server;
mod start;
mod sync;
