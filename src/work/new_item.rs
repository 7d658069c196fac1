//! The fields of a new item and of an edit.

use serde::{Deserialize, Deserializer};

use crate::model::vocabulary::{AutoPolicy, Estimate, Risk, Validation};

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
    /// Typed edges to other items.
    pub edges: Vec<NewEdge>,
    /// A gate's condition.
    #[serde(skip)]
    pub gate: Option<NewGate>,
}

impl From<ItemEdit> for NewItem {
    fn from(edit: ItemEdit) -> NewItem {
        NewItem {
            title: edit.title.unwrap_or_default(),
            body: edit.body.unwrap_or_default(),
            fields: edit.fields,
            acceptance: edit.acceptance.unwrap_or_default(),
            paths: edit.paths.unwrap_or_default(),
            depends_on: edit.depends_on.unwrap_or_default(),
            labels: edit.labels.unwrap_or_default(),
            parent: edit.parent,
            external_refs: edit.external_refs.unwrap_or_default(),
            ..NewItem::default()
        }
    }
}

/// An edge of a new item.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(from = "String")]
pub struct NewEdge {
    /// The type.
    pub kind: String,
    /// The id of the other end.
    pub target: String,
}

/// `discovered-from:pm-a3f8` is an edge of that type; an id alone is a dependency. A text with
/// `external:` in front is an id.
impl From<String> for NewEdge {
    fn from(text: String) -> NewEdge {
        let (kind, target) = match text.split_once(':') {
            Some((kind, id)) if kind != "external" => (kind, id),
            _ => ("blocks", text.as_str()),
        };
        NewEdge {
            kind: kind.to_string(),
            target: target.to_string(),
        }
    }
}

/// The condition of a new gate.
#[derive(Clone, Debug, Default)]
pub struct NewGate {
    /// timer, human, bead, mail, `gh:run` or `gh:pr`.
    pub await_type: String,
    /// The object of the condition, such as an item's id.
    pub await_id: Option<String>,
    /// The timeout, in milliseconds.
    pub timeout_ms: Option<u64>,
}

/// Single-valued fields; `None` leaves a field as it is, an empty text or `Some(None)` clears it.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct Fields {
    /// Of a task one of [`ItemType::TASK`](crate::values::ItemType::TASK), of an issue any type.
    #[serde(rename = "type")]
    pub item_type: Option<String>,
    /// Accept a type or status of an issue that is neither known nor used here, and edit issues
    /// that another actor holds.
    pub force: bool,
    /// 0 (highest) to 4.
    pub priority: Option<u8>,
    /// The planned assignee.
    pub assignee: Option<String>,
    /// The size.
    #[serde(deserialize_with = "given")]
    pub estimate: Option<Option<Estimate>>,
    /// The risk.
    #[serde(deserialize_with = "given")]
    pub risk: Option<Option<Risk>>,
    /// When its tests are written.
    #[serde(deserialize_with = "given")]
    pub validation: Option<Option<Validation>>,
    /// Stream of work.
    pub stream: Option<String>,
    /// The id of the epic that owns it.
    pub epic: Option<String>,
    /// The furthest step that an agent may take without being asked.
    #[serde(deserialize_with = "given")]
    pub auto_policy: Option<Option<AutoPolicy>>,
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
    /// The due time, as `crate::model::typed_due_date` reads it.
    pub due: Option<String>,
    /// The time until which it is deferred.
    pub defer: Option<String>,
    /// A JSON object, kept as it is.
    pub metadata: Option<String>,
    /// Keep it open as permanent context.
    pub pinned: Option<bool>,
    /// Use it only as a pattern for other issues.
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

/// A key that is present; null clears the field.
fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    from: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(from).map(Some)
}

/// The comma-separated parts of texts.
pub fn comma_separated(texts: &[String]) -> Vec<String> {
    let all = texts.iter().flat_map(|text| text.split(','));
    let all = all.map(str::trim).filter(|part| !part.is_empty());
    all.map(str::to_string).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edge_may_have_its_type_as_a_prefix() {
        let texts = [
            "discovered-from:pm-1,pm-2",
            "related:T-0001",
            "external:x:1",
        ];
        let edges = comma_separated(&texts.map(str::to_string)).into_iter();
        let edges: Vec<String> = edges
            .map(NewEdge::from)
            .map(|edge| format!("{} {}", edge.kind, edge.target))
            .collect();
        let wanted = ["discovered-from pm-1", "blocks pm-2", "related T-0001"];
        assert_eq!(edges[..3], wanted);
        assert_eq!(edges[3], "blocks external:x:1");
    }
}
