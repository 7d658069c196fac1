//! One event, and its bounds: a change may hold megabytes, an event does not.

use serde::Serialize;
use serde_json::Value;

use crate::model::text::shorten;
use crate::model::uid::Uid;

/// The kind of an event which says that the history was replaced.
pub(super) const REPLACED: &str = "history.replaced";

/// The kind of an event which says that the history between it and the one before is lost.
pub(super) const LOST: &str = "history.lost";

/// The longest text in an event, in characters.
const TEXT: usize = 500;

/// The most elements of a list in an event.
const ELEMENTS: usize = 50;

/// The most changes of one event.
const CHANGES: usize = 50;

/// The deepest nesting of a value.
const DEPTH: usize = 4;

/// A change of the state.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Event {
    /// The position after this event, for `EventFilter::since`.
    pub cursor: String,
    /// RFC 3339: the time of the commit.
    pub at: String,
    /// `item.created`, `status.changed`, `claim.taken`, …: the subject and what happened to it.
    pub kind: String,
    /// The item it is about.
    pub item: Option<String>,
    /// The id of the document that changed.
    pub id: Option<String>,
    /// The permanent id of that document.
    pub uid: Option<String>,
    /// The actor; null if no single actor did it, as for a merge.
    pub actor: Option<String>,
    /// The own name of the agent that did it.
    pub agent: Option<String>,
    /// The operation, in the words of the command.
    pub op: String,
    /// What changed; long texts and lists are cut.
    pub changes: Vec<EventChange>,
    /// The number of changes that were left out.
    #[serde(skip_serializing_if = "is_zero")]
    pub more_changes: usize,
    /// The commit of the state.
    pub commit: String,
    /// The permanent id of `item`.
    #[serde(skip)]
    pub(super) item_uid: Option<Uid>,
}

/// The change of one field.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EventChange {
    /// The field; `text` is the text of the document.
    pub field: String,
    /// The old value of a field with one value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<Value>,
    /// The new value of a field with one value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<Value>,
    /// Elements that a list gained.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub added: Vec<String>,
    /// Elements that a list lost.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<String>,
}

fn is_zero(count: &usize) -> bool {
    *count == 0
}

impl EventChange {
    /// The change of a field with one value.
    pub(super) fn value(field: impl Into<String>, old: Value, new: Value) -> EventChange {
        EventChange {
            field: field.into(),
            old: Some(bounded(old, 0)),
            new: Some(bounded(new, 0)),
            ..EventChange::default()
        }
    }

    /// The change of a list.
    pub(super) fn list(field: impl Into<String>, added: &[String], removed: &[String]) -> Self {
        let cut = |list: &[String]| -> Vec<String> {
            let list = list.iter().take(ELEMENTS);
            list.map(|element| shorten(element, TEXT)).collect()
        };
        EventChange {
            field: field.into(),
            added: cut(added),
            removed: cut(removed),
            ..EventChange::default()
        }
    }
}

impl Event {
    /// Sets the changes, at most as many as an event holds.
    #[must_use]
    pub(super) fn with(mut self, mut changes: Vec<EventChange>) -> Event {
        for change in &mut changes {
            change.field = shorten(&change.field, TEXT);
        }
        self.more_changes = changes.len().saturating_sub(CHANGES);
        changes.truncate(CHANGES);
        self.changes = changes;
        self
    }
}

/// A value with its texts and lists cut.
fn bounded(value: Value, depth: usize) -> Value {
    match value {
        Value::String(text) => Value::String(shorten(&text, TEXT)),
        Value::Array(_) | Value::Object(_) if depth >= DEPTH => Value::String("…".into()),
        Value::Array(list) => {
            let list = list.into_iter().take(ELEMENTS);
            Value::Array(list.map(|value| bounded(value, depth + 1)).collect())
        }
        Value::Object(map) => {
            let map = map.into_iter().take(ELEMENTS);
            let map = map.map(|(key, value)| (shorten(&key, TEXT), bounded(value, depth + 1)));
            Value::Object(map.collect())
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_event_is_bounded_whatever_was_written() {
        let long = "x".repeat(8 << 20);
        let deep = (0..40).fold(json!(long), |inner, _| json!([inner]));
        let wide = json!(vec![long.clone(); 60]);
        for value in [json!(long), deep, wide] {
            let change = EventChange::value("body", json!(null), value);
            let text = serde_json::to_string(&change).unwrap();
            assert!(text.len() < 60_000, "{}", text.len());
        }
        let list = EventChange::list("labels", &vec![long; 60], &[]);
        assert_eq!(list.added.len(), ELEMENTS);
    }
}
