//! The fields of a new item and of an edit.

use serde::Deserialize;

/// The fields of a new item. Deserialized from the keys of a batch, which are the command's flags.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct NewItem {
    /// A single line; required.
    pub title: String,
    /// Markdown.
    pub body: String,
    /// The fields that can also be edited later.
    #[serde(flatten)]
    pub fields: Fields,
    /// The text of each acceptance criterion.
    #[serde(rename = "accept")]
    pub acceptance: Vec<String>,
    /// Globs of the files it is expected to touch.
    #[serde(rename = "path")]
    pub paths: Vec<String>,
    /// The ids of its dependencies.
    pub depends_on: Vec<String>,
    /// Labels.
    #[serde(rename = "label")]
    pub labels: Vec<String>,
    /// The id of its parent, for a sub-task.
    pub parent: Option<String>,
    /// External references.
    #[serde(rename = "external-ref")]
    pub external_refs: Vec<String>,
    /// Typed edges to other items: type and id.
    #[serde(skip)]
    pub edges: Vec<(String, String)>,
    /// A gate's condition.
    #[serde(skip)]
    pub gate: Option<NewGate>,
}

/// The condition of a new gate.
#[derive(Clone, Debug, Default)]
pub struct NewGate {
    /// timer, human, bead, mail, `gh:run` or `gh:pr`.
    pub await_type: String,
    /// The object of the condition, such as an item's id.
    pub await_id: Option<String>,
    /// The time-out, in milliseconds.
    pub timeout_ms: Option<u64>,
}

/// Single-valued fields; `None` leaves a field as it is, an empty text clears it.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct Fields {
    /// feature, bug, chore, docs, test, spike, story.
    #[serde(rename = "type")]
    pub item_type: Option<String>,
    /// Accept an issue type that is neither known nor used here.
    #[serde(skip)]
    pub own_type: bool,
    /// 0 (highest) to 4.
    pub priority: Option<u8>,
    /// The planned assignee.
    pub assignee: Option<String>,
    /// XS to XL.
    pub estimate: Option<String>,
    /// low, medium, high.
    pub risk: Option<String>,
    /// test-first, test-after, test-parallel, none.
    pub validation: Option<String>,
    /// Stream of work.
    pub stream: Option<String>,
    /// The id of the epic that owns it.
    pub epic: Option<String>,
    /// none, plan, develop, review.
    pub auto_policy: Option<String>,
    /// The design, in Markdown.
    pub design: Option<String>,
    /// The acceptance criteria, as one text.
    #[serde(rename = "acceptance")]
    pub acceptance_criteria: Option<String>,
    /// Notes, in Markdown.
    pub notes: Option<String>,
    /// The specification it belongs to.
    pub spec_id: Option<String>,
    /// The estimated work, in minutes.
    #[serde(rename = "minutes")]
    pub estimated_minutes: Option<u32>,
    /// The due time, as `crate::model::future_time` reads it.
    pub due: Option<String>,
    /// The time until which it is deferred.
    pub defer: Option<String>,
    /// A JSON object, kept as it is.
    pub metadata: Option<String>,
    /// Keep it open as permanent context.
    #[serde(skip)]
    pub pinned: Option<bool>,
    /// Use it only as a pattern for other issues.
    #[serde(skip)]
    pub template: Option<bool>,
}

/// An edit of an item. Lists given here replace the item's.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct ItemEdit {
    /// A new title.
    pub title: Option<String>,
    /// A new body.
    pub body: Option<String>,
    /// Single-valued fields.
    #[serde(flatten)]
    pub fields: Fields,
    /// New acceptance criteria; ones with an unchanged text keep their state.
    #[serde(rename = "accept")]
    pub acceptance: Option<Vec<String>>,
    /// New planned paths.
    #[serde(rename = "path")]
    pub paths: Option<Vec<String>>,
    /// New dependencies.
    pub depends_on: Option<Vec<String>>,
    /// New labels.
    #[serde(rename = "label")]
    pub labels: Option<Vec<String>>,
    /// Labels to add.
    #[serde(rename = "add-label")]
    pub add_labels: Vec<String>,
    /// Labels to remove.
    #[serde(rename = "remove-label")]
    pub remove_labels: Vec<String>,
    /// The id of a new parent; empty for none.
    pub parent: Option<String>,
    /// New external references.
    #[serde(rename = "external-ref")]
    pub external_refs: Option<Vec<String>>,
}
