//! What changes issues and comments, for the API and for people at the web interface alike.
//!
//! Each act changes `updated_at` where something changed, and queues the events that GitHub sends.

mod comments;
mod issues;
mod labels;
mod merge;
mod pulls;
mod relations;

pub use issues::{Draft, Edit};
pub use merge::{Merge, Method};
pub use pulls::NewPull;

use super::failure::{Failure, Result};

/// GitHub's longest texts, in characters.
const BODY_LENGTH: usize = 65_536;
const TITLE_LENGTH: usize = 256;

/// # Errors
/// 422 for a title that is empty or too long.
fn check_title(resource: &str, title: &str) -> Result<()> {
    if title.trim().is_empty() {
        return Err(Failure::field(resource, "title", "missing_field"));
    }
    if title.chars().count() > TITLE_LENGTH {
        let message = "title is too long (maximum is 256 characters)";
        return Err(Failure::custom(resource, "title", message));
    }
    Ok(())
}

/// # Errors
/// 422 for a body that is too long.
fn check_body(resource: &str, body: &str) -> Result<()> {
    if body.chars().count() > BODY_LENGTH {
        let message = "body is too long (maximum is 65536 characters)";
        return Err(Failure::custom(resource, "body", message));
    }
    Ok(())
}
