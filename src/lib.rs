//! git pm: the project manager that lives in your repository.

pub mod error;
pub mod model;

pub use error::{Error, Result};
