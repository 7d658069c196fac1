//! SARIF 2.1.0, the format in which most tools can write what they find.

pub(crate) mod read;
mod write;

pub(crate) use write::message;
pub use write::{Written, write};
