//! The text of an answer that has none of its own: which fields of its data a model gets, and in what form.
//!
//! A model pays for every word.

use serde_json::{Map, Value};

use crate::model::text;

/// The fields of an item in an answer about something else; `show` has the others.
const OF_ITEM: &[&str] = &[
    "id", "title", "status", "priority", "owner", "reason", "depth",
];

/// Fields that only programs use.
const UNUSED: &[&str] = &[
    "alias",
    "auto_policy",
    "breakdown",
    "created_at",
    "created_by",
    "uid",
    "updated_at",
    "version",
];

/// The number of characters of a commit's id.
const COMMIT: usize = 12;

/// The data as text: a line for each field, and for each entry of a list.
pub(super) fn of(data: &Value) -> String {
    let mut out = String::new();
    match data {
        Value::Object(map) => {
            let map = used(map, true);
            for (key, value) in map.iter().filter(|(_, value)| is_inline(value)) {
                line(&mut out, 0, &named(key, value));
            }
            blocks(&mut out, 0, &map);
        }
        other => line(&mut out, 0, &inline(other)),
    }
    match out.trim_end() {
        "" => "none".into(),
        text => text.into(),
    }
}

/// The fields that say something to a model.
fn used(map: &Map<String, Value>, is_answer: bool) -> Vec<(&str, &Value)> {
    let is_item = !is_answer && map.contains_key("uid") && map.contains_key("version");
    map.iter()
        .map(|(key, value)| (key.as_str(), value))
        .filter(|(key, _)| !UNUSED.contains(key) && (!is_item || OF_ITEM.contains(key)))
        // The cursor of an answer is that of its last entry.
        .filter(|(key, _)| is_answer || *key != "cursor")
        .filter(|(key, value)| match value {
            Value::Null | Value::Bool(false) => false,
            // The highest priority is a rank, not a count of nothing.
            Value::Number(number) => is_answer || *key == "priority" || number.as_u64() != Some(0),
            Value::String(text) => !text.is_empty(),
            Value::Array(list) => !list.is_empty(),
            Value::Object(map) => !map.is_empty(),
            _ => true,
        })
        .collect()
}

/// True if a value fits on the line of its field.
fn is_inline(value: &Value) -> bool {
    match value {
        Value::String(text) => !text.contains('\n'),
        Value::Array(list) => list
            .iter()
            .all(|one| !matches!(one, Value::Object(_) | Value::Array(_)) && is_inline(one)),
        Value::Object(_) => false,
        _ => true,
    }
}

fn inline(value: &Value) -> String {
    match value {
        Value::String(text) if is_commit(text) => text[..COMMIT].to_string(),
        Value::String(text) => text::one_line(text),
        Value::Array(list) => list.iter().map(inline).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

fn is_commit(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn named(key: &str, value: &Value) -> String {
    match value {
        Value::Bool(true) if key == "more" => {
            "more: there are others; a greater `limit` lists them".into()
        }
        Value::Bool(true) => key.to_string(),
        value => format!("{key}: {}", inline(value)),
    }
}

fn line(out: &mut String, indent: usize, text: &str) {
    out.extend(std::iter::repeat_n(' ', indent));
    out.push_str(text);
    out.push('\n');
}

/// The fields that do not fit on a line, each with its entries below it.
fn blocks(out: &mut String, indent: usize, map: &[(&str, &Value)]) {
    for (key, value) in map.iter().filter(|(_, value)| !is_inline(value)) {
        // A list is the whole answer.
        let inner = match *key == "items" && indent == 0 {
            true => 0,
            false => {
                line(out, indent, &format!("{key}:"));
                indent + 2
            }
        };
        match value {
            Value::Array(list) => list.iter().for_each(|one| entry(out, inner, one)),
            Value::Object(_) => entry(out, inner, value),
            Value::String(text) => text.lines().for_each(|one| line(out, inner, one)),
            _ => {}
        }
    }
}

/// An entry of a list: what fits on one line, then the rest below it.
fn entry(out: &mut String, indent: usize, value: &Value) {
    let Value::Object(map) = value else {
        return line(out, indent, &inline(value));
    };
    let fields = used(map, false);
    let of = |name: &str| {
        fields
            .iter()
            .find(|(key, _)| *key == name)
            .map(|(_, value)| inline(value))
    };
    let mut parts = Vec::new();
    let mut in_head: &[&str] = &[];
    if let (Some(id), Some(title)) = (of("id"), of("title")) {
        in_head = &["id", "title", "status", "priority", "kind", "type"];
        let status = of("status")
            .map(|status| format!("[{status}] "))
            .unwrap_or_default();
        let priority = of("priority").map(|p| format!("p{p} ")).unwrap_or_default();
        parts.push(format!("{id} {status}{priority}{title}"));
    }
    let rest = fields
        .iter()
        .filter(|(key, value)| is_inline(value) && !in_head.contains(key));
    parts.extend(rest.map(|(key, value)| named(key, value)));
    if parts.is_empty() {
        return blocks(out, indent, &fields);
    }
    line(out, indent, &parts.join("; "));
    blocks(out, indent + 2, &fields);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_answer_has_a_line_for_each_field_and_entry() {
        let data = json!({
            "actor": "Ada", "hooks": true, "damaged": [], "behind": 0, "broken": false,
            "commit": "0123456789abcdef0123456789abcdef01234567",
            "mine": [{
                "id": "T-1", "title": "A b", "status": "queued", "priority": 0, "kind": "task",
                "uid": "01", "version": "1", "labels": ["x"], "acceptance": [{"text": "y"}], "due": 0,
            }],
            "why": [{ "reasons": ["a", "b"], "chain": [{ "id": "T-2" }] }],
            "text": "one\n  two",
        });
        assert_eq!(
            of(&data),
            "actor: Ada\nbehind: 0\ncommit: 0123456789ab\nhooks\nmine:\n  T-1 [queued] p0 A b\n\
             text:\n  one\n    two\nwhy:\n  reasons: a, b\n    chain:\n      id: T-2"
        );
        assert_eq!(of(&json!({ "items": [] })), "none");
        assert_eq!(
            of(&json!({ "items": [{ "a": 1 }, { "b": "x" }] })),
            "a: 1\nb: x"
        );
    }
}
