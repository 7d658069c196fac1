//! Coding agents as programs: how each is started, what it is told, and what it reports.

pub mod headless;
pub mod prompt;
