//! Output channels: standard output, standard error, the pager, and JSON; which of them shows colors.
//!
//! Nothing else prints.

pub mod color;
pub mod json;
pub mod pager;
pub mod shell_folder;
pub mod stderr;
pub mod stdout;
