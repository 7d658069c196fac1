//! The differences between two states of the documents, as the log, `diff` and `sync` report them.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

/// The change of an item as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Fate {
    /// It is new.
    Created,
    /// It was deleted.
    Deleted,
    /// It was deleted and is restored.
    Restored,
    /// Only the old state has it: the states are on different branches of the history, or in
    /// reverse order.
    Missing,
    /// Its fields changed.
    Changed,
}

/// The differences of an item.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ItemDiff {
    /// The id in the new state, else in the old one; `context:NAME` for a section of context.
    pub id: String,
    /// The permanent id.
    pub uid: String,
    /// prd, epic, task, issue or context.
    pub kind: String,
    /// The title in the new state.
    pub title: String,
    /// The change as a whole.
    pub change: Fate,
    /// Single-valued fields with both values.
    pub fields: Vec<FieldDiff>,
    /// Lists (labels, dependencies, …) that gained or lost elements.
    pub lists: Vec<ListDiff>,
    /// Acceptance criteria.
    pub acceptance: Vec<CriterionDiff>,
    /// Claims that were made or ended.
    pub claims: Vec<ClaimDiff>,
    /// Comments that were added or removed.
    pub comments: Vec<CommentDiff>,
    /// Versions of artifacts that were added or removed.
    pub artifacts: Vec<ArtifactDiff>,
    /// The text as a unified diff.
    pub body: Option<String>,
}

/// A field with both values.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct FieldDiff {
    /// Its name.
    pub field: String,
    /// The old value.
    pub old: Value,
    /// The new value.
    pub new: Value,
}

/// A list that gained or lost elements.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ListDiff {
    /// Its name: `labels`, `depends_on`, `paths`, `edges`, ….
    pub field: String,
    /// Added elements.
    pub added: Vec<String>,
    /// Removed elements.
    pub removed: Vec<String>,
}

/// The change of an acceptance criterion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CriterionDiff {
    /// The text in the new state.
    pub text: String,
    /// `added`, `removed`, `ticked`, `unticked`, `reworded`, `evidence`, or `changed`.
    pub change: String,
    /// The actor who ticked it.
    pub by: Option<String>,
}

/// The change of a claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ClaimDiff {
    /// The claimant.
    pub actor: String,
    /// `made` or `ended`.
    pub change: String,
    /// The reason for the end.
    pub reason: Option<String>,
}

/// The change of a comment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CommentDiff {
    /// The author.
    pub author: String,
    /// `added`, `removed`, or `changed`.
    pub change: String,
    /// Its text.
    pub body: String,
}

/// The change of one version of an artifact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ArtifactDiff {
    /// The permanent id.
    pub uid: String,
    /// The artifact's name.
    pub name: String,
    /// `put`, `removed` or `restored`.
    pub change: String,
    /// The author.
    pub author: String,
    /// Its size in bytes.
    pub size: Option<u64>,
}

/// A reservation that was made or ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ReservationDiff {
    /// The permanent id.
    pub uid: String,
    /// The holder.
    pub holder: String,
    /// The patterns.
    pub patterns: Vec<String>,
    /// `made`, `ended`, or `changed`.
    pub change: String,
    /// The reason for the end.
    pub reason: Option<String>,
}
