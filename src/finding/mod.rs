//! What reviewers find in a change, before it is stored.
//!
//! Rules over a diff that need no model, the duplicates among the findings of several reviewers and their
//! vote, and the formats in which other tools report findings. Pure: takes texts and returns findings.

pub mod clusters;
pub mod diff;
mod fingerprint;
mod found;
pub mod import;
mod paths;
pub mod rdjson;
pub mod rules;
pub mod sarif;
pub mod similarity;

#[cfg(test)]
mod tests;

use git_pm_model as model;

pub use fingerprint::fingerprint;
pub use found::{Found, Place};
