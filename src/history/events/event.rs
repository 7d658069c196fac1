//! One event, and its bounds: a change may hold megabytes, an event does not.

use schemars::JsonSchema;
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

/// The longest list or mapping, in bytes.
const VALUE: usize = 4_000;

/// The most changes of one event.
const CHANGES: usize = 50;

/// The size of the changes of an event after which the others are left out, in bytes.
const SIZE: usize = 16_000;

/// The deepest nesting of a value.
const DEPTH: usize = 4;

/// A change of the state.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct Event {
    /// The position after this event, for `EventFilter::since`.
    pub cursor: String,
    /// RFC 3339: the time of the commit.
    pub at: String,
    /// `item.created`, `status.changed`, `claim.taken`, …: the subject and its change.
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
    /// The changes; long texts and lists are cut.
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
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
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
            field: shorten(&field.into(), TEXT),
            old: Some(bounded(old, 0, &mut Room(VALUE))),
            new: Some(bounded(new, 0, &mut Room(VALUE))),
            ..EventChange::default()
        }
    }

    /// The change of a list.
    pub(super) fn list(field: impl Into<String>, added: &[String], removed: &[String]) -> Self {
        let cut = |list: &[String]| -> Vec<String> {
            let mut room = Room(VALUE);
            let list = list.iter().map(|element| shorten(element, TEXT));
            let list = list.take_while(|element| room.takes(element.len()));
            list.take(ELEMENTS).collect()
        };
        EventChange {
            field: shorten(&field.into(), TEXT),
            added: cut(added),
            removed: cut(removed),
            ..EventChange::default()
        }
    }

    /// Its size in bytes, as JSON.
    fn size(&self) -> usize {
        serde_json::to_string(self).map_or(0, |text| text.len() + 1)
    }
}

impl Event {
    /// Sets the changes, at most as many as an event holds.
    #[must_use]
    pub(super) fn with(mut self, mut changes: Vec<EventChange>) -> Event {
        let all = changes.len();
        let mut room = Room(SIZE);
        let mut fits = changes.iter().take(CHANGES);
        let kept = fits.position(|change| !room.takes(change.size()));
        changes.truncate(kept.unwrap_or(CHANGES));
        self.more_changes = all - changes.len();
        self.changes = changes;
        self
    }

    /// True if it is of one of these kinds (none: any) and, if a document is given, a change of it
    /// or about it.
    pub(crate) fn fits(&self, kinds: &[String], subject: Option<&Uid>) -> bool {
        // The end of a history concerns every reader.
        if self.kind == REPLACED {
            return true;
        }
        let is = |kind: &String| {
            let rest = self.kind.strip_prefix(kind.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        let is_about = |uid: &Uid| {
            self.item_uid.as_ref() == Some(uid) || self.uid.as_deref() == Some(uid.as_str())
        };
        (kinds.is_empty() || kinds.iter().any(is)) && subject.is_none_or(is_about)
    }

    /// Its size in bytes, about.
    pub(crate) fn size(&self) -> usize {
        // The other fields are short.
        500 + self.changes.iter().map(EventChange::size).sum::<usize>()
    }
}

/// The bytes that are left.
struct Room(usize);

impl Room {
    /// Takes so many bytes; false if none was left before.
    fn takes(&mut self, bytes: usize) -> bool {
        let has = self.0 > 0;
        self.0 = self.0.saturating_sub(bytes + 1);
        has
    }
}

/// A value with its texts and lists cut.
fn bounded(value: Value, depth: usize, room: &mut Room) -> Value {
    match value {
        Value::String(text) => {
            let text = shorten(&text, TEXT);
            room.takes(text.len());
            Value::String(text)
        }
        Value::Array(_) | Value::Object(_) if depth >= DEPTH => Value::String("…".into()),
        Value::Array(list) => {
            let list = list.into_iter().take(ELEMENTS);
            let list =
                list.map_while(|value| room.takes(8).then(|| bounded(value, depth + 1, room)));
            Value::Array(list.collect())
        }
        Value::Object(map) => {
            let map = map.into_iter().take(ELEMENTS);
            let map = map.map_while(|(key, value)| {
                let key = shorten(&key, TEXT);
                let value = room
                    .takes(key.len())
                    .then(|| bounded(value, depth + 1, room))?;
                Some((key, value))
            });
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
        let all = (0..3).fold(json!("y".repeat(60)), |inner, _| json!(vec![inner; 50]));
        let values = [
            json!(long),
            deep,
            wide,
            json!({ "a": &all, &long[..]: 1 }),
            all,
        ];
        let mut changes = vec![EventChange::list(&long, &vec![long.clone(); 60], &[])];
        for value in values {
            let change = EventChange::value("body", json!(null), value);
            let text = serde_json::to_string(&change).unwrap();
            assert!(text.len() < 3 * VALUE, "{}", text.len());
            changes.extend(vec![change; 20]);
        }
        let few = vec!["z".to_string(); 60];
        assert_eq!(EventChange::list("labels", &few, &[]).added.len(), ELEMENTS);
        let count = changes.len();
        let event = event().with(changes);
        assert_eq!(event.changes.len() + event.more_changes, count);
        let text = serde_json::to_string(&event).unwrap();
        assert!(text.len() < SIZE + 4 * VALUE, "{}", text.len());
        assert!(event.size() + 500 > text.len(), "{}", text.len());
    }

    fn event() -> Event {
        Event {
            cursor: String::new(),
            at: String::new(),
            kind: String::new(),
            item: None,
            id: None,
            uid: None,
            actor: None,
            agent: None,
            op: String::new(),
            changes: Vec::new(),
            more_changes: 0,
            commit: String::new(),
            item_uid: None,
        }
    }
}
