//! What an item's fields say in beads' words.

use std::collections::BTreeMap;

use super::Change;
use crate::bridge::beads::fields::{FIELDS, Holds};
use crate::bridge::beads::line::{Escaping, quoted};
use crate::bridge::content::Content;
use crate::model::doc::Doc;
use crate::model::id::ItemKind;
use crate::model::item::Item;
use crate::model::stamp::rfc3339;
use crate::model::status::Status;
use crate::model::value::Value;

/// A time with milliseconds, for it decides which of two records is newer.
pub(super) fn precise(ms: u64) -> String {
    let seconds = rfc3339(ms);
    match ms % 1000 {
        0 => seconds,
        rest => {
            let digits = format!("{rest:03}");
            let digits = digits.trim_end_matches('0');
            format!("{}.{digits}Z", seconds.trim_end_matches('Z'))
        }
    }
}

/// The time of a record that says something else than it did at `before`: when that was written, but
/// always after `before`, for beads takes a record only if it is newer than its own. A merge can
/// leave a record whose newest change is its source's own; the time is one step of its last digit
/// later then, in the zone that it has.
pub(super) fn later(before: Option<&str>, latest: u64) -> String {
    let now = precise(latest);
    let Some(before) = before else { return now };
    let instant = |text: &str| text.parse::<jiff::Timestamp>().ok();
    match instant(before) {
        Some(then) if instant(&now).is_some_and(|now| now <= then) => {
            step(before).unwrap_or_else(|| before.to_string())
        }
        _ => now,
    }
}

/// A time with its last digit one higher.
fn step(text: &str) -> Option<String> {
    let clock = text.find(['T', 't', ' '])? + 1;
    let end = text[clock..].find(|c: char| !c.is_ascii_digit() && !matches!(c, ':' | '.'))?;
    let (time, zone) = text.split_at(clock + end);
    let digits = time.split_once('.').map_or(0, |(_, digits)| digits.len());
    let nanoseconds = 10i64.checked_pow(9u32.checked_sub(u32::try_from(digits).ok()?)?)?;
    let time: jiff::civil::DateTime = time.parse().ok()?;
    let next = time.checked_add(jiff::Span::new().nanoseconds(nanoseconds));
    Some(format!("{:.digits$}{zone}", next.ok()?))
}

/// What an item's registers say in beads' words.
pub(super) fn registers(doc: &Doc, item: &Item, base: &Content) -> BTreeMap<String, Value> {
    let is_new = base.regs.is_empty();
    let mut now = Content::default();
    for (_, name, _) in FIELDS {
        if !matches!(doc.value(name), Value::Redacted(_)) {
            now.put(name, doc.value(name).clone());
        }
    }
    now.put("title", item.title.as_str());
    now.put("type", kind_of(item));
    if is_new {
        now.put("priority", i64::from(item.priority));
        now.put("created_at", item.created_at.as_str());
    }
    if !item.claims.is_empty() {
        now.put("assignee", item.owner().map(str::to_string));
    }
    let criteria = criteria(item);
    if !criteria.is_empty() {
        let before = doc.text("acceptance_criteria").unwrap_or_default();
        let gap = if before.is_empty() { "" } else { "\n" };
        now.put("acceptance_criteria", format!("{before}{gap}{criteria}"));
    }
    let status = status_of(item);
    let was = base.regs.get("status").and_then(Value::as_str);
    now.put("status", status.as_str());
    if was != Some(&status) {
        let closed = status == "closed";
        if closed && !now.regs.contains_key("closed_at") {
            let closed_at = item.closed_at.as_ref().or(item.finished_at.as_ref());
            now.put("closed_at", closed_at.unwrap_or(&item.updated_at).as_str());
        }
        if !closed && status != "tombstone" {
            now.regs.remove("closed_at");
            now.regs.remove("reason");
        }
    }
    now.regs
}

/// The state of an item in beads' words; those of an issue are beads' own.
fn status_of(item: &Item) -> String {
    if item.deleted {
        return "tombstone".into();
    }
    let word = match &item.status {
        Status::Queued => "open",
        Status::InProgress | Status::InReview | Status::ReadyForIntegration => "in_progress",
        Status::Done | Status::Cancelled => "closed",
        Status::Other(word) if word == "tombstone" => "open",
        Status::Blocked | Status::Deferred | Status::Other(_) => item.status.as_str(),
    };
    word.to_string()
}

/// The type of an item in beads' words; that of an issue stays as it is.
fn kind_of(item: &Item) -> &str {
    match item.kind {
        ItemKind::Issue => &item.item_type,
        ItemKind::Epic | ItemKind::Prd => "epic",
        ItemKind::Task => match item.item_type.as_str() {
            known @ ("bug" | "feature" | "chore" | "spike" | "story") => known,
            _ => "task",
        },
    }
}

/// Acceptance criteria as the list that people write into a text.
fn criteria(item: &Item) -> String {
    let lines: Vec<String> = item
        .acceptance
        .iter()
        .map(|one| {
            let mark = if one.done { 'x' } else { ' ' };
            format!("- [{mark}] {}", one.text)
        })
        .collect();
    lines.join("\n")
}

pub(super) fn json(value: &Value, holds: Holds, escaping: Escaping) -> String {
    match value {
        Value::Str(text) if holds == Holds::Json => {
            let is_json = serde_json::from_str::<&serde_json::value::RawValue>(text).is_ok();
            if is_json && !text.contains('\n') {
                text.clone()
            } else {
                quoted(text, escaping)
            }
        }
        Value::Str(text) => quoted(text, escaping),
        other => other.to_json().to_string(),
    }
}

/// What beads says of an item that was deleted, or is there again.
pub(super) fn tombstone(change: &mut Change<'_>, doc: &Doc, item: &Item, base: &Content) {
    let was = base.regs.contains_key("deleted");
    if was == item.deleted {
        return;
    }
    if item.deleted {
        let deleted = doc.regs.get("deleted");
        let at = deleted.map(|reg| reg.stamp.ms);
        change.text("deleted_at", &precise(at.unwrap_or(doc.birth.ms)));
        if let Some(reason) = &item.reason {
            change.text("delete_reason", reason);
        }
        change.text("original_type", kind_of(item));
    } else {
        for key in ["deleted_at", "deleted_by", "delete_reason", "original_type"] {
            change.clear(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_record_is_always_newer_than_it_was() {
        for (before, latest, wanted) in [
            (
                "2026-01-01T00:00:00Z",
                1_767_225_600_000,
                "2026-01-01T00:00:01Z",
            ),
            ("2026-01-01T00:00:00Z", 0, "2026-01-01T00:00:01Z"),
            (
                "2026-01-01T00:00:00Z",
                1_767_225_600_250,
                "2026-01-01T00:00:00.25Z",
            ),
            (
                "2025-12-31T15:59:59.999999-08:00",
                1_767_225_599_999,
                "2025-12-31T16:00:00.000000-08:00",
            ),
            (
                "2026-01-01T11:00:00.123456789+11:00",
                1_767_225_600_123,
                "2026-01-01T11:00:00.123456790+11:00",
            ),
            (
                "2026-01-01T00:00:00.5Z",
                1_767_225_600_000,
                "2026-01-01T00:00:00.6Z",
            ),
        ] {
            let said = later(Some(before), latest);
            assert_eq!(said, wanted);
            let instant = |text: &str| text.parse::<jiff::Timestamp>().unwrap();
            assert!(instant(&said) > instant(before));
        }
        assert_eq!(later(None, 0), "1970-01-01T00:00:00Z");
        assert_eq!(later(Some("yesterday"), 0), "1970-01-01T00:00:00Z");
    }
}
