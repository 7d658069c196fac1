//! A plan as one Markdown text: its grammar, the text of an existing plan, and what a written text changes.
//!
//! People edit it (`plan edit`), agents write it after reading the outline of the document (`plan
//! write`).
//!
//! ```text
//! # Title of the plan
//! ## group (a stream of work)
//! ### name. Title of the task
//! lines: 65-71, 331
//! after: config, schemas (soft): needs the model names
//! size: M   risk: medium   paths: pipeline/agents.py
//! > A description in Markdown.
//! - L67
//! - L71: limits per stage as listed
//! - an unknown model fails at start
//!
//! ## Not work
//! - 11-47: repository layout
//! ```

mod apply;
mod edited;
mod fields;
mod grammar;
mod outline;
mod problem;
mod render;
mod report;
mod resolve;
pub(super) mod words;
mod write_task;

#[cfg(test)]
mod grammar_tests;

pub use apply::{PlanText, WriteOptions};
pub use outline::Outline;
pub use problem::{Problem, with_problems};
pub(crate) use render::header;
pub(super) use render::render;
pub use report::{WriteReport, Written};
