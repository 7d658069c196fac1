//! The fields of an item as a caller gives them, new or to be changed.

use serde::Deserialize;

/// The fields of a new item. Deserialized from the keys of a batch, which are the command's flags.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct NewItem {
    /// One line; required.
    pub title: String,
    /// Markdown.
    pub body: String,
    /// The fields that can also be edited later.
    #[serde(flatten)]
    pub fields: Fields,
    /// The text of each acceptance criterion.
    #[serde(rename = "accept")]
    pub acceptance: Vec<String>,
    /// Globs it expects to touch.
    #[serde(rename = "path")]
    pub paths: Vec<String>,
    /// Ids it waits for.
    pub depends_on: Vec<String>,
    /// Labels.
    #[serde(rename = "label")]
    pub labels: Vec<String>,
    /// The id of its parent, for a sub-task.
    pub parent: Option<String>,
    /// References outside.
    #[serde(rename = "external-ref")]
    pub external_refs: Vec<String>,
    /// Typed edges to other items: type and id.
    #[serde(skip)]
    pub edges: Vec<(String, String)>,
    /// A gate's condition.
    #[serde(skip)]
    pub gate: Option<NewGate>,
}

/// What a new gate waits for.
#[derive(Clone, Debug, Default)]
pub struct NewGate {
    /// timer, human, bead, mail, `gh:run` or `gh:pr`.
    pub await_type: String,
    /// Which of these.
    pub await_id: Option<String>,
    /// For how long, in milliseconds.
    pub timeout_ms: Option<u64>,
}

/// Single-valued fields; `None` leaves a field as it is, an empty text clears it.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct Fields {
    /// feature, bug, chore, docs, test, spike, story.
    #[serde(rename = "type")]
    pub item_type: Option<String>,
    /// Whether an issue may have a type that is neither known nor used here.
    #[serde(skip)]
    pub own_type: bool,
    /// 0 (highest) to 4.
    pub priority: Option<u8>,
    /// Who is planned to do it.
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
    /// How it is to be built, in Markdown.
    pub design: Option<String>,
    /// When it is accepted, as one text.
    #[serde(rename = "acceptance")]
    pub acceptance_criteria: Option<String>,
    /// Notes, in Markdown.
    pub notes: Option<String>,
    /// The specification it belongs to.
    pub spec_id: Option<String>,
    /// How much work it is, in minutes.
    #[serde(rename = "minutes")]
    pub estimated_minutes: Option<u32>,
    /// When it has to be done: a time to come, as [`crate::model::future_time`] reads it.
    pub due: Option<String>,
    /// Until when it is put off: a time to come.
    pub defer: Option<String>,
    /// A JSON object, kept as it is.
    pub metadata: Option<String>,
    /// Whether it stays open for ever, as something to know.
    #[serde(skip)]
    pub pinned: Option<bool>,
    /// Whether it is only a pattern to make others from.
    #[serde(skip)]
    pub template: Option<bool>,
}

/// A change of an item's fields. Lists given here replace what the item has.
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
    /// New acceptance criteria; ones with the same text keep their tick.
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
    /// Labels to take out.
    #[serde(rename = "remove-label")]
    pub remove_labels: Vec<String>,
    /// The id of a new parent; empty for none.
    pub parent: Option<String>,
    /// New references outside.
    #[serde(rename = "external-ref")]
    pub external_refs: Option<Vec<String>>,
}
