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
