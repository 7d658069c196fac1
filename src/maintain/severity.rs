//! The severity of a finding, in `doctor` and `fsck`.

use schemars::JsonSchema;
use serde::Serialize;

/// The severity of a finding, greatest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Wrong, lost or unreadable: the command fails.
    Fault,
    /// Needs attention.
    Warning,
    /// For information.
    Note,
    /// A check that passed.
    Ok,
}
