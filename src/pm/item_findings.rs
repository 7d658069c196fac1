//! What an item's view says about the findings of reviewers and about the last review.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::finding::Severity;
use crate::model::id::ItemKind;
use crate::pm::shared_views::ItemView;

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
    /// What blocks, too, and is not told here.
    pub kept: Vec<KeptFindings>,
    /// The last review of its work.
    pub last_review: Option<LastReview>,
}

/// Findings that block, of which only the number is told: they stay in the clone that found them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct KeptFindings {
    /// Whose clone keeps them; null for this one, of which they are not told over HTTP.
    pub by: Option<String>,
    /// The numbers by severity: `1 P0, 2 P1`.
    pub findings: String,
}

impl KeptFindings {
    /// A sentence with the command that says more about those of an item.
    pub fn told(&self, item: &ItemView) -> String {
        let id = &item.id;
        match self.by {
            None => format!("{self}: `git pm finding list {id}` shows more"),
            Some(_) if item.kind == ItemKind::Prd => self.to_string(),
            Some(_) => format!("{self}: `git pm review {id}` reviews it in this one"),
        }
    }
}

impl fmt::Display for KeptFindings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { by, findings } = self;
        match by {
            Some(by) => write!(f, "{findings} kept in the clone of {by}"),
            None => write!(f, "{findings} kept in this clone"),
        }
    }
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
