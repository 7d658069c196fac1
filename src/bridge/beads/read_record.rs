//! What the keys of a beads record mean, and its statuses and types.
//!
//! One table serves for reading a record and for writing its changes. Other keys are kept in the raw
//! record and exported unchanged.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::json_line::Line;
use crate::bridge::content::{Content, Foreign, Remark, comment_uid};
use crate::model::stamp::{parse_rfc3339, rfc3339};
use crate::model::status::imported_status;
use crate::model::uid::Uid;
use crate::model::value::Value;

/// The name of the tracker.
pub const SOURCE: &str = "beads";

/// The type of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    Text,
    /// A time, RFC 3339; here in UTC, as all times are.
    Time,
    /// 0 to 4.
    Priority,
    Number,
    /// True, or absent.
    Flag,
    /// JSON, kept as its text.
    Json,
    /// No register.
    Other,
}

/// The keys in the order of beads' own writer: key, register, type. A key without a register is an
/// element of the content of another kind, or is kept in the raw record only.
const KEYS: &[(&str, &str, Holds)] = &[
    ("_type", "", Holds::Other),
    ("id", "", Holds::Other),
    ("title", "title", Holds::Text),
    ("description", "", Holds::Other),
    ("design", "design", Holds::Text),
    ("acceptance_criteria", "acceptance_criteria", Holds::Text),
    ("notes", "notes", Holds::Text),
    ("spec_id", "spec_id", Holds::Text),
    ("status", "status", Holds::Text),
    ("priority", "priority", Holds::Priority),
    ("issue_type", "type", Holds::Text),
    ("assignee", "assignee", Holds::Text),
    ("owner", "owner_email", Holds::Text),
    ("estimated_minutes", "estimated_minutes", Holds::Number),
    ("created_at", "created_at", Holds::Time),
    ("created_by", "created_by", Holds::Text),
    ("updated_at", "", Holds::Other),
    ("started_at", "started_at", Holds::Time),
    ("closed_at", "closed_at", Holds::Time),
    ("close_reason", "reason", Holds::Text),
    ("closed_by_session", "", Holds::Other),
    ("due_at", "due_at", Holds::Time),
    ("defer_until", "defer_until", Holds::Time),
    ("external_ref", "", Holds::Other),
    ("source_system", "source_system", Holds::Text),
    ("metadata", "metadata", Holds::Json),
    ("compaction_level", "", Holds::Other),
    ("compacted_at", "", Holds::Other),
    ("compacted_at_commit", "", Holds::Other),
    ("original_size", "", Holds::Other),
    ("labels", "", Holds::Other),
    ("dependencies", "", Holds::Other),
    ("comments", "", Holds::Other),
    ("deleted_at", "", Holds::Other),
    ("deleted_by", "", Holds::Other),
    ("delete_reason", "", Holds::Other),
    ("original_type", "", Holds::Other),
    ("sender", "", Holds::Other),
    ("ephemeral", "ephemeral", Holds::Flag),
    ("no_history", "", Holds::Other),
    ("wisp_type", "", Holds::Other),
    ("pinned", "pinned", Holds::Flag),
    ("is_template", "template", Holds::Flag),
    ("bonded_from", "", Holds::Other),
    ("await_type", "await_type", Holds::Text),
    ("await_id", "await_id", Holds::Text),
    ("timeout", "timeout_ns", Holds::Number),
    ("waiters", "", Holds::Other),
    ("source_formula", "", Holds::Other),
    ("source_location", "", Holds::Other),
    ("mol_type", "", Holds::Other),
    ("work_type", "", Holds::Other),
    ("event_kind", "", Holds::Other),
    ("actor", "", Holds::Other),
    ("target", "", Holds::Other),
    ("payload", "", Holds::Other),
    ("dependency_count", "", Holds::Other),
    ("dependent_count", "", Holds::Other),
    ("comment_count", "", Holds::Other),
    ("parent", "", Holds::Other),
];

/// The keys that are registers here: key, register, type.
pub fn fields() -> impl Iterator<Item = (&'static str, &'static str, Holds)> {
    KEYS.iter().copied().filter(|(_, name, _)| !name.is_empty())
}

/// The place of a key in a record.
pub fn rank(key: &str) -> Option<usize> {
    KEYS.iter().position(|(known, ..)| *known == key)
}

/// The keys of a record in their order.
pub fn order() -> impl Iterator<Item = &'static str> {
    KEYS.iter().map(|(key, ..)| *key)
}

/// A dependency in a record.
#[derive(Deserialize)]
pub struct Dependency<'a> {
    /// The id of its target.
    pub depends_on_id: String,
    #[serde(rename = "type")]
    pub kind: String,
    #[serde(borrow, default)]
    metadata: Option<&'a RawValue>,
    #[serde(borrow, default)]
    thread_id: Option<&'a RawValue>,
}

impl Dependency<'_> {
    /// True if the state can store it: its type is a single word.
    pub fn fits(&self) -> bool {
        let kind = &self.kind;
        !kind.is_empty() && !kind.contains(char::is_whitespace) && !self.depends_on_id.is_empty()
    }
}

/// A comment in a record.
#[derive(Deserialize)]
struct Comment<'a> {
    #[serde(borrow, default)]
    id: Option<&'a RawValue>,
    #[serde(default)]
    author: String,
    #[serde(default)]
    text: String,
    #[serde(default)]
    created_at: String,
}

/// The elements of a list as written.
pub fn elements<'a>(line: &Line<'a>, key: &str) -> Vec<&'a str> {
    let raw = line.get(key).unwrap_or("null");
    let list: Option<Vec<&RawValue>> = serde_json::from_str(raw).unwrap_or_default();
    let list = list.unwrap_or_default();
    list.into_iter().map(RawValue::get).collect()
}

/// The types and targets of a record's dependencies.
pub fn targets(raw: &str) -> Vec<(String, String)> {
    if !raw.contains("\"dependencies\"") {
        return Vec::new();
    }
    let Ok(line) = Line::parse(raw) else {
        return Vec::new();
    };
    let all = elements(&line, "dependencies").into_iter();
    all.filter_map(|raw| serde_json::from_str::<Dependency<'_>>(raw).ok())
        .map(|one| (one.kind, one.depends_on_id))
        .collect()
}

/// Reads the content of a record; `now_ms` limits the times of its comments. `reference` turns the
/// id of another record into a reference; `warn` receives values that are kept in the raw record
/// only.
pub fn read(
    line: &Line<'_>,
    record: &Foreign<'_>,
    now_ms: u64,
    reference: &dyn Fn(&str) -> String,
    warn: &mut dyn FnMut(String),
) -> Content {
    let mut content = Content::default();
    for (key, name, holds) in fields() {
        let Some(raw) = line.get(key).filter(|raw| *raw != "null") else {
            continue;
        };
        match value(raw, holds) {
            Some(value) => content.put(name, value),
            None => warn(format!("has an invalid `{key}`; kept unchanged")),
        }
    }
    if !content.regs.contains_key("title") {
        content.put("title", record.id);
    }
    for (name, default) in [("type", "task"), ("status", "open")] {
        if !content.regs.contains_key(name) {
            content.put(name, default);
        }
    }
    if line.get("wisp") == Some("true") {
        content.put("ephemeral", true);
    }
    let word = content.regs.get("status").and_then(Value::as_str);
    let given = word
        .map(imported_status)
        .filter(|given| word != Some(*given));
    if let Some(given) = given.map(str::to_string) {
        warn("an import cannot approve it; imported as in review".into());
        content.put("status", given);
    }
    if content.regs.get("status").and_then(Value::as_str) == Some("tombstone") {
        content.put("deleted", true);
    }
    let mut text = |key: &str| {
        let raw = line.get(key).filter(|raw| *raw != "null")?;
        let read = serde_json::from_str::<String>(raw).ok();
        if read.is_none() {
            warn(format!(
                "has a `{key}` that is not a string; kept unchanged"
            ));
        }
        read
    };
    content.body = text("description").unwrap_or_default();
    if let Some(external_ref) = text("external_ref") {
        content.put_element("external_refs", external_ref);
    }
    for (key, set) in [("labels", "labels"), ("waiters", "waiters")] {
        for raw in elements(line, key) {
            match serde_json::from_str::<String>(raw) {
                Ok(element) => content.put_element(set, element),
                Err(_) => warn(format!(
                    "has elements in `{key}` that are not strings; kept unchanged"
                )),
            }
        }
    }
    edges(&mut content, line, record, reference, warn);
    comments(&mut content, line, &record.uid(), now_ms, warn);
    content
}

fn value(raw: &str, holds: Holds) -> Option<Value> {
    Some(match holds {
        Holds::Text => Value::from(serde_json::from_str::<String>(raw).ok()?),
        Holds::Time => {
            let text = serde_json::from_str::<String>(raw).ok()?;
            // The second is the zero time of Go.
            if text.is_empty() || text.starts_with("0001-01-01T") {
                return Some(Value::Null);
            }
            Value::from(rfc3339(moment(&text)?))
        }
        Holds::Priority => {
            let number = serde_json::from_str::<i64>(raw).ok()?;
            Value::from(Some(number).filter(|n| (0..=4).contains(n))?)
        }
        Holds::Number => Value::from(serde_json::from_str::<i64>(raw).ok()?),
        Holds::Flag => Value::from(serde_json::from_str::<bool>(raw).ok()?.then_some(true)),
        Holds::Json => Value::from(raw),
        Holds::Other => return None,
    })
}

/// A time of a record in milliseconds since the Unix epoch. An earlier time is read as 0: beads
/// writes the year 1 for a missing one.
pub fn moment(text: &str) -> Option<u64> {
    let time: jiff::Timestamp = text.parse().ok()?;
    Some(u64::try_from(time.as_millisecond()).unwrap_or(0))
}

fn edges(
    content: &mut Content,
    line: &Line<'_>,
    record: &Foreign<'_>,
    reference: &dyn Fn(&str) -> String,
    warn: &mut dyn FnMut(String),
) {
    for raw in elements(line, "dependencies") {
        let dependency = match serde_json::from_str::<Dependency<'_>>(raw) {
            Ok(dependency) if dependency.fits() => dependency,
            _ => {
                warn("has an invalid dependency; kept unchanged".into());
                continue;
            }
        };
        let (kind, target) = (&dependency.kind, &dependency.depends_on_id);
        if target == record.id {
            warn(format!("depends on itself ({kind}); kept unchanged"));
            continue;
        }
        let target = reference(target);
        match kind.as_str() {
            "blocks" => content.put_element("depends_on", target.as_str()),
            _ => content.put_element("edges", format!("{kind} {target}")),
        }
        for (name, raw) in [
            ("metadata", dependency.metadata),
            ("thread_id", dependency.thread_id),
        ] {
            let text = raw
                .map(RawValue::get)
                .map(|raw| serde_json::from_str::<String>(raw).unwrap_or_else(|_| raw.to_string()));
            let text = text.filter(|text| !matches!(text.as_str(), "" | "{}" | "null"));
            if let Some(text) = text {
                content.put_entry("edge_attributes", &format!("{kind} {target}"), name, text);
            }
        }
    }
}

fn comments(
    content: &mut Content,
    line: &Line<'_>,
    item: &Uid,
    now_ms: u64,
    warn: &mut dyn FnMut(String),
) {
    // One without any has no list, and perhaps a count.
    let none = line.get("comment_count") == Some("0");
    content.lists_comments = none || line.get("comments").is_some();
    for (uid, raw) in comment_uids(line, item) {
        let Ok(comment) = serde_json::from_str::<Comment<'_>>(raw) else {
            warn("has an invalid comment; kept unchanged".into());
            continue;
        };
        let at_ms = moment(&comment.created_at).unwrap_or(0).min(now_ms);
        content.comments.push(Remark {
            uid,
            id: comment_id(raw),
            author: comment.author,
            created_at: parse_rfc3339(&comment.created_at).map_or_else(String::new, rfc3339),
            at_ms,
            text: comment.text,
        });
    }
}

/// The id of a comment as JSON; empty if it has none.
fn comment_id(raw: &str) -> String {
    let comment = serde_json::from_str::<Comment<'_>>(raw).ok();
    let id = comment.and_then(|comment| comment.id.map(|id| id.get().to_string()));
    id.unwrap_or_default()
}

/// The comments of a record as written, each with its uid here.
pub fn comment_uids<'a>(line: &Line<'a>, item: &Uid) -> Vec<(Uid, &'a str)> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let all = elements(line, "comments").into_iter();
    all.map(|raw| {
        let id = comment_id(raw);
        let nth = seen.entry(id.clone()).or_default();
        let uid = comment_uid(SOURCE, item, &id, *nth);
        *nth += 1;
        (uid, raw)
    })
    .collect()
}
