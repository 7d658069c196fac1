//! The parsing of arguments: rewriting before clap, value parsers, arguments of several commands.

pub mod bd;
pub mod globals;
pub mod meant;
pub mod raw;
pub mod request;
pub mod stdin;
pub mod usage_error;
pub mod values;
