//! What an item's view says about the findings of reviewers and about the last review.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::finding::Severity;

/// The open findings about an item, and its last review.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ItemFindings {
    /// The number of open findings.
    pub open: usize,
    /// The number of those that stop the approval and the merge.
    pub blocking: usize,
    /// The number of open findings of each severity.
    pub by_severity: BTreeMap<Severity, usize>,
    /// At most 20 of the open findings: those that block, then the others, the worst first.
    pub worst: Vec<FindingLine>,
    /// The number of open findings that are not among these.
    pub left_out: usize,
    /// The last review of its work.
    pub last_review: Option<LastReview>,
}

/// A finding on one line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FindingLine {
    /// The short id, such as `F-k3f9a2`.
    pub id: String,
    /// P0 to P3.
    pub severity: Severity,
    /// The path and, if it is about lines, the first line: `src/a.rs:12`.
    pub place: Option<String>,
    /// What is wrong.
    pub claim: String,
    /// Set while it stops the approval and the merge.
    pub blocks: bool,
}

/// A review of an item's work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LastReview {
    /// `clean`, `findings` or `failed`.
    pub verdict: String,
    /// The reviewers, each with the number of its findings that others may read.
    pub reviewers: String,
    /// The reviewed commit.
    pub commit: Option<String>,
    /// Who had it reviewed.
    pub by: Option<String>,
    /// RFC 3339.
    pub at: String,
}
