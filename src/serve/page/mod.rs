//! The page.

use super::request::Visitor;
use super::route::Route;
use crate::error::Error;

/// The routes.
pub(super) fn routes() -> Vec<Route> {
    Vec::new()
}

/// The page of a failure.
pub(super) fn failure(error: &Error, _status: u16, _visitor: &Visitor, _path: &str) -> String {
    error.message().to_string()
}
