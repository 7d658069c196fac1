//! git pm: the project manager that lives in your repository.

pub mod error;
pub mod graph;
pub mod model;
pub mod store;

pub use error::{Error, Result};
