//! Reads a dump of beads' tables (`.beads/backup/`).
//!
//! It has every column, keys in alphabetical order, booleans as 0 and 1, missing values as null, and
//! separate files for labels, edges and comments. Its rows are turned into records as beads writes
//! them, without missing values and with unknown columns.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::json_line::{Escaping, Line, object, quoted, reason};
use super::open_input::Input;
use super::read_record::order;
use crate::bridge::transfer_report::{Remarked, Skipped};

/// The tables other than that of issues; empty if the file is missing.
#[derive(Debug, Default)]
pub struct Tables {
    /// `dependencies.jsonl`.
    pub dependencies: Vec<u8>,
    /// `labels.jsonl`.
    pub labels: Vec<u8>,
    /// `comments.jsonl`.
    pub comments: Vec<u8>,
}

/// Columns that are booleans in a record.
const FLAGS: &[&str] = &[
    "ephemeral",
    "no_history",
    "pinned",
    "is_template",
    "wisp",
    "crystallizes",
];

/// Columns that hold JSON as a text.
const JSON: &[&str] = &["metadata", "waiters", "bonded_from"];

/// Columns in which zero means no value.
const COUNTS: &[&str] = &[
    "compaction_level",
    "original_size",
    "timeout",
    "estimated_minutes",
];

/// True if a file is a dumped table: its first record has columns that records never have.
pub fn is_flat(bytes: &[u8]) -> bool {
    let first = bytes.split(|b| *b == b'\n').next().unwrap_or_default();
    let Some(line) = std::str::from_utf8(first)
        .ok()
        .and_then(|raw| Line::parse(raw).ok())
    else {
        return false;
    };
    let nulls = line.members.iter().filter(|m| m.value == "null").count();
    let keys: Vec<&str> = line.members.iter().map(|m| m.key.as_str()).collect();
    let has_lists = ["labels", "dependencies", "comments"]
        .iter()
        .any(|key| line.get(key).is_some());
    line.get("id").is_some()
        && !has_lists
        && (line.get("timeout_ns").is_some() || (nulls > 3 && keys.is_sorted()))
}

#[derive(Deserialize)]
struct Edge<'a> {
    issue_id: String,
    #[serde(borrow)]
    depends_on_id: &'a RawValue,
    #[serde(borrow, rename = "type")]
    kind: &'a RawValue,
    created_at: Option<String>,
    created_by: Option<String>,
    metadata: Option<String>,
    thread_id: Option<String>,
}

#[derive(Deserialize)]
struct Label {
    issue_id: String,
    label: String,
}

#[derive(Deserialize)]
struct Comment<'a> {
    #[serde(borrow)]
    id: &'a RawValue,
    issue_id: String,
    #[serde(default)]
    author: String,
    #[serde(default)]
    text: String,
    created_at: Option<String>,
}

/// The labels, edges and comments of one issue, as JSON.
#[derive(Default)]
struct Lists {
    labels: Vec<String>,
    dependencies: Vec<String>,
    comments: Vec<String>,
}

/// Turns the rows of `input` and of the other tables into records.
pub fn join(input: &mut Input, tables: Tables) {
    input.flat = true;
    let mut lists: BTreeMap<String, Lists> = BTreeMap::new();
    let skipped = &mut input.skipped;
    rows("labels.jsonl", &tables.labels, skipped, |row: Label| {
        let of = lists.entry(row.issue_id).or_default();
        of.labels.push(go(&row.label));
    });
    rows(
        "dependencies.jsonl",
        &tables.dependencies,
        skipped,
        |row: Edge<'_>| {
            let json = row.json();
            let of = lists.entry(row.issue_id).or_default();
            of.dependencies.push(json);
        },
    );
    rows(
        "comments.jsonl",
        &tables.comments,
        skipped,
        |row: Comment<'_>| {
            let json = row.json();
            let of = lists.entry(row.issue_id).or_default();
            of.comments.push(json);
        },
    );
    let mut out = Vec::with_capacity(input.bytes.len());
    let body = input.bytes.strip_suffix(b"\n").unwrap_or(&input.bytes);
    for row in body.split(|b| *b == b'\n') {
        let line = std::str::from_utf8(row)
            .ok()
            .and_then(|raw| Line::parse(raw).ok());
        match line {
            Some(line) => {
                let id = line.text("id").unwrap_or_default();
                let of = lists.remove(&id).unwrap_or_default();
                out.extend(record(&line, of).into_bytes());
            }
            // The reader of records reports the error.
            None => out.extend(row),
        }
        out.push(b'\n');
    }
    for id in lists.into_keys() {
        let message = "has labels, edges or comments in the dump, but is not an issue in it";
        input.warnings.push(Remarked::new(None, Some(&id), message));
    }
    input.bytes = out;
}

/// Reads the rows of a table.
fn rows<'a, T: Deserialize<'a>>(
    file: &str,
    bytes: &'a [u8],
    skipped: &mut Vec<Skipped>,
    mut put: impl FnMut(T),
) {
    for (n, row) in bytes.split(|b| *b == b'\n').enumerate() {
        let read = match std::str::from_utf8(row) {
            Ok(text) if text.trim().is_empty() => continue,
            Ok(text) => serde_json::from_str(text).map_err(|e| reason(&e)),
            Err(_) => Err("not valid UTF-8".into()),
        };
        match read {
            Ok(row) => put(row),
            Err(reason) => skipped.push(Skipped {
                line: n + 1,
                ..Skipped::file(file, reason)
            }),
        }
    }
}

/// A row with its lists, as beads writes a record.
fn record(line: &Line<'_>, lists: Lists) -> String {
    let mut values: BTreeMap<&str, String> = BTreeMap::new();
    for member in &line.members {
        let key = match member.key.as_str() {
            "timeout_ns" => "timeout",
            key => key,
        };
        if let Some(value) = column(key, member.value) {
            values.insert(key, value);
        }
    }
    for (key, list) in [
        ("labels", lists.labels),
        ("dependencies", lists.dependencies),
        ("comments", lists.comments),
    ] {
        if !list.is_empty() {
            values.insert(key, format!("[{}]", list.join(",")));
        }
    }
    let known: Vec<&str> = order().filter(|key| values.contains_key(key)).collect();
    let unknown = values.keys().copied().filter(|key| !known.contains(key));
    let keys = known.iter().copied().chain(unknown);
    object(keys.map(|key| (key, values.get(key).cloned())))
}

/// The value of a column in a record; `None` if it has no value.
fn column(key: &str, raw: &str) -> Option<String> {
    if raw == "null" || (raw == "\"\"" && key != "title") {
        return None;
    }
    if FLAGS.contains(&key) {
        return matches!(raw, "1" | "true").then(|| "true".to_string());
    }
    if COUNTS.contains(&key) && raw == "0" {
        return None;
    }
    if JSON.contains(&key) {
        let Ok(text) = serde_json::from_str::<String>(raw) else {
            return Some(raw.to_string());
        };
        if matches!(text.as_str(), "" | "{}" | "[]" | "null") {
            return None;
        }
        let is_json = serde_json::from_str::<&RawValue>(&text).is_ok() && !text.contains('\n');
        return Some(if is_json { text } else { raw.to_string() });
    }
    if let Some(time) = key
        .ends_with("_at")
        .then(|| serde_json::from_str::<String>(raw).ok())
        .flatten()
    {
        return Some(go(&instant(&time)));
    }
    match serde_json::from_str::<String>(raw) {
        Ok(text) => Some(go(&text)),
        Err(_) => Some(raw.to_string()),
    }
}

/// A time as RFC 3339: the database prints it without `T` and zone.
fn instant(text: &str) -> String {
    let is_bare = text.len() >= 19 && text.as_bytes()[10] == b' ' && text.is_ascii();
    if !is_bare {
        return text.to_string();
    }
    let zoned = text.ends_with('Z') || text[19..].contains(['+', '-']);
    let zone = if zoned { "" } else { "Z" };
    format!("{}T{}{zone}", &text[..10], &text[11..])
}

impl Edge<'_> {
    fn json(&self) -> String {
        let text = |text: &str| (!text.is_empty()).then(|| go(text));
        let metadata = self.metadata.as_deref().filter(|text| *text != "{}");
        object([
            ("issue_id", Some(go(&self.issue_id))),
            ("depends_on_id", Some(self.depends_on_id.to_string())),
            ("type", Some(self.kind.to_string())),
            (
                "created_at",
                self.created_at.as_deref().and_then(|at| text(&instant(at))),
            ),
            ("created_by", self.created_by.as_deref().and_then(text)),
            ("metadata", metadata.and_then(text)),
            ("thread_id", self.thread_id.as_deref().and_then(text)),
        ])
    }
}

impl Comment<'_> {
    fn json(&self) -> String {
        let time = self.created_at.as_deref().map(instant).unwrap_or_default();
        object([
            ("id", Some(self.id.to_string())),
            ("issue_id", Some(go(&self.issue_id))),
            ("author", Some(go(&self.author))),
            ("text", Some(go(&self.text))),
            ("created_at", Some(go(&time))),
        ])
    }
}

/// A text as JSON, with the escaping of Go.
fn go(text: &str) -> String {
    quoted(text, Escaping::Go)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_become_records() {
        let mut input = Input {
            bytes: br#"{"assignee":null,"closed_at":null,"created_at":"2026-01-17 04:18:04","design":"","ephemeral":0,"id":"bd-1","is_blocked":0,"metadata":"{\"a\": 1}","notes":null,"pinned":1,"priority":0,"status":"open","timeout_ns":1800000000000,"title":"<x>","waiters":"[]"}
broken
"#
            .to_vec(),
            ..Input::default()
        };
        assert!(is_flat(&input.bytes));
        let tables = Tables {
            labels: b"{\"issue_id\":\"bd-1\",\"label\":\"a\"}\n{\"issue_id\":\"gone\",\"label\":\"b\"}\n".to_vec(),
            dependencies: br#"{"created_at":"2026-01-17T04:18:04Z","created_by":"","depends_on_id":"bd-2","issue_id":"bd-1","metadata":"{}","thread_id":"","type":"blocks"}"#.to_vec(),
            comments: b"{\"author\":\"a\",\"created_at\":\"2026-01-17 04:18:04.5\",\"id\":7,\"issue_id\":\"bd-1\",\"text\":\"t\"}\n{}\n".to_vec(),
        };
        join(&mut input, tables);
        let text = String::from_utf8(input.bytes).unwrap();
        assert_eq!(
            text,
            "{\"id\":\"bd-1\",\"title\":\"\\u003cx\\u003e\",\"status\":\"open\",\"priority\":0,\"created_at\":\"2026-01-17T04:18:04Z\",\
             \"metadata\":{\"a\": 1},\"labels\":[\"a\"],\"dependencies\":[{\"issue_id\":\"bd-1\",\"depends_on_id\":\"bd-2\",\"type\":\"blocks\",\
             \"created_at\":\"2026-01-17T04:18:04Z\"}],\"comments\":[{\"id\":7,\"issue_id\":\"bd-1\",\"author\":\"a\",\"text\":\"t\",\
             \"created_at\":\"2026-01-17T04:18:04.5Z\"}],\"pinned\":true,\"timeout\":1800000000000,\"is_blocked\":0}\nbroken\n"
        );
        assert_eq!(input.skipped.len(), 1);
        assert_eq!(input.skipped[0].file.as_deref(), Some("comments.jsonl"));
        assert_eq!(input.warnings[0].id.as_deref(), Some("gone"));
    }

    #[test]
    fn records_are_not_read_as_tables() {
        let record = br#"{"id":"bd-1","title":"t","status":"open","priority":2}"#;
        assert!(!is_flat(record));
        assert!(!is_flat(b""));
        assert!(!is_flat(b"[1]"));
    }
}
