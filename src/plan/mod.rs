//! From a document to a plan that people approve.

pub mod draft;
