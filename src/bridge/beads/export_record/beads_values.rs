//! Translates an item's fields to beads' values.

use std::collections::BTreeMap;

use super::Change;
use crate::bridge::beads::json_line::{Escaping, quoted};
use crate::bridge::beads::read_record::{Holds, fields};
use crate::bridge::content::Content;
use crate::model::criterion;
use crate::model::doc::Doc;
use crate::model::id::ItemKind;
use crate::model::item::Item;
use crate::model::stamp::rfc3339;
use crate::model::status::{Status, TOMBSTONE};
use crate::model::value::Value;

/// A time with its fraction of a second, which decides which of two records is newer.
pub(super) fn precise(nanoseconds: u64) -> String {
    let seconds = rfc3339(nanoseconds / 1_000_000);
    let digits = format!("{:09}", nanoseconds % 1_000_000_000);
    match digits.trim_end_matches('0') {
        "" => seconds,
        digits => format!("{}.{digits}Z", seconds.trim_end_matches('Z')),
    }
}

/// An item's registers as beads' values.
pub(super) fn registers(doc: &Doc, item: &Item, base: &Content) -> BTreeMap<String, Value> {
    let is_new = base.regs.is_empty();
    let mut now = Content::default();
    for (_, name, _) in fields() {
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
    let criteria = criterion::as_text(&item.acceptance, doc.text(criterion::TEXT));
    if !criteria.is_empty() {
        now.put(criterion::TEXT, criteria);
    }
    let status = status_of(item, base);
    now.put("status", status.as_str());
    closing(&mut now, &status, item, base);
    now.regs
}

/// Makes status and closing time consistent, since beads refuses a closed record without a time and
/// an open one with a time. A record that was imported like that stays unchanged.
fn closing(now: &mut Content, status: &str, item: &Item, base: &Content) {
    let same = base.regs.get("status").and_then(Value::as_str) == Some(status);
    let came_in = |name: &str| same && base.regs.contains_key(name);
    if status == "closed" {
        let came_without = same && !came_in("closed_at");
        if !came_without && !now.regs.contains_key("closed_at") {
            let closed_at = item.closed_at.as_ref().or(item.finished_at.as_ref());
            now.put("closed_at", closed_at.unwrap_or(&item.updated_at).as_str());
        }
    } else if status != "tombstone" {
        for name in ["closed_at", "reason"]
            .into_iter()
            .filter(|name| !came_in(name))
        {
            now.regs.remove(name);
        }
    }
}

/// The status of an item in beads: that of its record until it changes, whatever the word means
/// here, and the closest one for what was set here.
fn status_of(item: &Item, base: &Content) -> String {
    if item.deleted {
        return TOMBSTONE.into();
    }
    let came = base.regs.get("status").and_then(Value::as_str);
    if let Some(came) = came.filter(|came| *came == item.status.as_str()) {
        return came.to_string();
    }
    let word = match &item.status {
        Status::Queued | Status::Proposed => "open",
        Status::InProgress | Status::InReview | Status::ReadyForIntegration => "in_progress",
        Status::Done | Status::Cancelled => "closed",
        Status::Blocked | Status::Deferred | Status::Other(_) => item.status.as_str(),
    };
    word.to_string()
}

/// The type of an item in beads, which is the same for issues.
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

/// Puts the fields of an item that was deleted or restored.
pub(super) fn tombstone(change: &mut Change<'_>, doc: &Doc, item: &Item, base: &Content) {
    let was = base.regs.contains_key("deleted");
    if was == item.deleted {
        return;
    }
    if item.deleted {
        let deleted = doc.regs.get("deleted");
        let at = deleted.map(|reg| reg.stamp.ms);
        change.text(
            "deleted_at",
            &precise(at.unwrap_or(doc.birth.ms) * 1_000_000),
        );
        for name in ["deleted_by", "delete_reason"] {
            if let Some(text) = doc.text(name) {
                change.text(name, text);
            }
        }
        change.text("original_type", kind_of(item));
    } else {
        for key in ["deleted_at", "deleted_by", "delete_reason", "original_type"] {
            change.clear(key);
        }
    }
}
