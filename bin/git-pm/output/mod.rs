//! Output channels: standard output, standard error, the pager, and JSON. Nothing else prints.

pub mod json;
pub mod pager;
pub mod stderr;
pub mod stdout;
