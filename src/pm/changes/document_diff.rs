//! The differences between two states of the documents, as the log, `diff` and `sync` report them.

use serde::Serialize;
use serde_json::Value;

/// What happened to a whole item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Fate {
    /// It is new.
    Created,
    /// It was deleted.
    Deleted,
    /// It was deleted and came back.
    Restored,
    /// The old state has it, the new one does not know it: the states lie on different ways, or
    /// the wrong way round.
    Missing,
    /// Something about it changed.
    Changed,
}

/// What differs about one item.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ItemDiff {
    /// Its id in the new state, else in the old one.
    pub id: String,
    /// The name that never changes.
    pub uid: String,
    /// prd, epic, task or issue.
    pub kind: String,
    /// Its title, the new one.
    pub title: String,
    /// What happened to it as a whole.
    pub change: Fate,
    /// Single-valued fields with both values.
    pub fields: Vec<FieldDiff>,
    /// Lists (labels, dependencies, …) that gained or lost elements.
    pub lists: Vec<ListDiff>,
    /// Acceptance criteria.
    pub acceptance: Vec<CriterionDiff>,
    /// Claims that were made or ended.
    pub claims: Vec<ClaimDiff>,
    /// Comments that were added or taken back.
    pub comments: Vec<CommentDiff>,
    /// The text as a unified diff.
    pub body: Option<String>,
}

/// A field with both values.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FieldDiff {
    /// Its name.
    pub field: String,
    /// The old value.
    pub old: Value,
    /// The new value.
    pub new: Value,
}

/// A list that gained or lost elements.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ListDiff {
    /// Its name: `labels`, `depends_on`, `paths`, `edges`, ….
    pub field: String,
    /// What came.
    pub added: Vec<String>,
    /// What went.
    pub removed: Vec<String>,
}

/// What happened to an acceptance criterion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CriterionDiff {
    /// Its text, the new one.
    pub text: String,
    /// `added`, `removed`, `ticked`, `unticked`, `reworded`, `evidence`, or `changed`.
    pub change: String,
    /// Who ticked it.
    pub by: Option<String>,
}

/// What happened to a claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ClaimDiff {
    /// The claimant.
    pub actor: String,
    /// `made` or `ended`.
    pub change: String,
    /// How it ended.
    pub reason: Option<String>,
}

/// A comment that came or went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CommentDiff {
    /// Who wrote it.
    pub author: String,
    /// `added`, `removed`, or `changed`.
    pub change: String,
    /// Its text.
    pub body: String,
}

/// A reservation that was made or ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReservationDiff {
    /// Its own name.
    pub uid: String,
    /// The holder.
    pub holder: String,
    /// What it covers.
    pub patterns: Vec<String>,
    /// `made`, `ended`, or `changed`.
    pub change: String,
    /// How it ended.
    pub reason: Option<String>,
}
