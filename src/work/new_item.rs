//! The fields of a new item and of an edit, as all doors name them.
//!
//! These are a command line, a line of a batch, a tool's call and an HTTP body.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::model::item_type::ItemType;
use crate::model::vocabulary::{AutoPolicy, Estimate, Risk, Validation};
use crate::pm::arguments::{Clearable, Words, priority, trimmed};

/// A new item.
#[derive(Clone, Debug, Default)]
pub struct NewItem {
    /// A single line; required.
    pub title: String,
    /// The fields that can also be edited later.
    pub fields: Fields,
    /// Typed edges to other items.
    pub edges: Vec<NewEdge>,
    /// A gate's condition.
    pub gate: Option<NewGate>,
}

/// An edge of a new item.
#[derive(Clone, Debug, PartialEq)]
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

/// The fields that can be set when an item is created or edited. `None` leaves a field as it is; an
/// empty text clears it, and so does a list without a text that is not empty.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema, clap::Args)]
#[serde(default)]
#[group(skip)]
pub struct Fields {
    /// Text in Markdown.
    #[arg(long, value_name = "TEXT")]
    pub body: Option<String>,
    /// Type of work.
    #[arg(long = "type", value_name = "T", value_parser = Words(ItemType::TASK_VOCABULARY.words))]
    #[serde(rename = "type")]
    pub item_type: Option<String>,
    /// Priority, from 0 (highest) to 4, or critical, high, medium, low, backlog.
    #[arg(short, long, value_name = "0..4", value_parser = priority)]
    #[schemars(range(min = 0, max = 4))]
    pub priority: Option<u8>,
    /// Acceptance criterion (repeatable).
    #[arg(long = "accept", value_name = "TEXT")]
    #[serde(rename = "accept")]
    pub acceptance: Option<Vec<String>>,
    /// Pattern of paths that the work touches, reserved while it is worked on (repeatable, or with commas).
    #[arg(long = "path", value_name = "GLOB")]
    #[serde(rename = "path")]
    pub paths: Option<Vec<String>>,
    /// Item to wait for (repeatable, or with commas).
    #[arg(long, value_name = "ID", value_delimiter = ',', value_parser = trimmed)]
    pub depends_on: Option<Vec<String>>,
    /// Epic that the item belongs to.
    #[arg(long, value_name = "ID")]
    pub epic: Option<String>,
    /// Label (repeatable, or with commas).
    #[arg(short, long = "label", value_name = "L", value_delimiter = ',', value_parser = trimmed)]
    #[serde(rename = "label")]
    pub labels: Option<Vec<String>>,
    /// Size of the work.
    #[arg(long, value_name = "XS..XL")]
    pub estimate: Option<Clearable<Estimate>>,
    /// Story points; 0 removes them.
    #[arg(long, value_name = "N")]
    pub points: Option<u32>,
    /// Risk of the work.
    #[arg(long, value_name = "R")]
    pub risk: Option<Clearable<Risk>>,
    /// When the tests are written.
    #[arg(long, value_name = "V")]
    pub validation: Option<Clearable<Validation>>,
    /// Assignee.
    #[arg(long, value_name = "A")]
    pub assignee: Option<String>,
    /// Stream of work that the item belongs to.
    #[arg(long, value_name = "S")]
    pub stream: Option<String>,
    /// Last step that an agent may take without asking.
    #[arg(long, value_name = "P")]
    pub auto_policy: Option<Clearable<AutoPolicy>>,
    /// Parent item.
    #[arg(long, value_name = "ID")]
    pub parent: Option<String>,
    /// Design, in Markdown.
    #[arg(long, value_name = "TEXT", hide_short_help = true)]
    pub design: Option<String>,
    /// Acceptance criteria as one text; those of `accept` are accepted one by one.
    #[arg(long = "acceptance", value_name = "TEXT", hide_short_help = true)]
    #[serde(rename = "acceptance")]
    pub acceptance_criteria: Option<String>,
    /// Notes, in Markdown.
    #[arg(long, value_name = "TEXT", hide_short_help = true)]
    pub notes: Option<String>,
    /// ID of the specification.
    #[arg(long, value_name = "S", hide_short_help = true)]
    pub spec_id: Option<String>,
    /// Estimate, in minutes.
    #[arg(long = "minutes", value_name = "N", hide_short_help = true)]
    #[serde(rename = "minutes")]
    pub estimated_minutes: Option<u32>,
    /// Due time: 2026-12-01, 2026-12-01T10:00:00Z, `tomorrow`, +2d.
    #[arg(long, value_name = "WHEN")]
    pub due: Option<String>,
    /// Time until which the item is deferred.
    #[arg(long, value_name = "WHEN")]
    pub defer: Option<String>,
    /// External reference, such as an issue or URL (repeatable).
    #[arg(long = "external-ref", value_name = "REF", hide_short_help = true)]
    #[serde(rename = "external_ref")]
    pub external_refs: Option<Vec<String>>,
    /// JSON object, stored verbatim.
    #[arg(long, value_name = "JSON", hide_short_help = true)]
    pub metadata: Option<String>,
    /// Keep it open as permanent context.
    #[arg(skip)]
    #[serde(skip)]
    pub pinned: Option<bool>,
    /// Use it only as a pattern for other issues.
    #[arg(skip)]
    #[serde(skip)]
    pub template: Option<bool>,
    /// Accept a type or status of an issue that is neither known nor used here, and edit issues
    /// that another actor holds.
    #[arg(skip)]
    #[serde(skip)]
    pub force: bool,
}

/// An edit of an item. Lists given here replace the item's, or with `extends` are added to them.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema, clap::Args)]
#[serde(default)]
#[group(skip)]
pub struct ItemEdit {
    /// New title.
    #[arg(long, value_name = "T")]
    pub title: Option<String>,
    /// New values of its fields.
    #[command(flatten)]
    #[serde(flatten)]
    pub fields: Fields,
    /// Label to add (repeatable, or with commas).
    #[arg(long = "add-label", value_name = "L", value_delimiter = ',', value_parser = trimmed)]
    #[serde(rename = "add_label")]
    pub add_labels: Vec<String>,
    /// Label to remove (repeatable, or with commas).
    #[arg(long = "remove-label", value_name = "L", value_delimiter = ',', value_parser = trimmed)]
    #[serde(rename = "remove_label")]
    pub remove_labels: Vec<String>,
    /// Acceptance criterion to remove: its number, or its text (repeatable).
    #[arg(long, value_name = "N|TEXT")]
    pub remove_accept: Vec<String>,
    /// Pattern of paths to remove (repeatable).
    #[arg(long, value_name = "GLOB")]
    pub remove_path: Vec<String>,
    /// Item that is waited for no longer (repeatable).
    #[arg(long, value_name = "ID")]
    pub remove_depends_on: Vec<String>,
    /// The lists given in `fields` are added to the item's; one that is empty, or has an empty text, clears
    /// the item's first.
    #[arg(skip)]
    #[serde(skip)]
    pub extends: bool,
}

impl ItemEdit {
    /// The whole list after this edit: `given` are the list's new texts.
    pub(crate) fn whole(&self, own: Vec<String>, given: Option<&[String]>) -> Vec<String> {
        let Some(given) = given else { return own };
        let clears = given.is_empty() || given.iter().any(String::is_empty);
        let keeps = self.extends && !clears;
        let mut all = if keeps { own } else { Vec::new() };
        for text in texts(given) {
            if !keeps || !all.contains(text) {
                all.push(text.clone());
            }
        }
        all
    }
}

/// The texts of a list that are not empty: an empty one clears it.
pub fn texts(given: &[String]) -> impl Iterator<Item = &String> {
    given.iter().filter(|text| !text.is_empty())
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
