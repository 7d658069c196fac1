//! The changes made by an operation, in words.

use serde_json::Value;

use super::limits;
use crate::model::text::{excerpt, shorten};
use crate::pm::changes::document_diff::{Fate, ItemDiff};

/// Fields that every change has, or that the page describes in other words.
const LEFT_OUT: &[&str] = &["updated_at", "id", "claims"];

/// The changes to an item.
#[derive(Default)]
pub(super) struct Changes {
    pub sentences: Vec<String>,
    /// The number of additional sentences.
    pub more: usize,
    /// The text as a unified diff.
    pub body: Option<String>,
}

impl Changes {
    /// Describes the changes to an item.
    pub fn of(diff: &ItemDiff) -> Changes {
        let mut all = Vec::new();
        match diff.change {
            Fate::Created => all.push("created".to_string()),
            Fate::Deleted => all.push("deleted".into()),
            Fate::Restored => all.push("restored".into()),
            Fate::Missing | Fate::Changed => {}
        }
        // The page already shows the fields of a new item.
        let is_new = diff.change == Fate::Created;
        if !is_new {
            let fields = diff.fields.iter();
            let fields = fields.filter(|one| !LEFT_OUT.contains(&one.field.as_str()));
            all.extend(fields.map(|one| {
                let name = one.field.replace('_', " ");
                match (&one.old, &one.new) {
                    (Value::Null, new) => format!("{name}: {}", value(new)),
                    (old, Value::Null) => format!("{name}: no longer {}", value(old)),
                    (old, new) => format!("{name}: {} → {}", value(old), value(new)),
                }
            }));
            for list in &diff.lists {
                let name = list.field.replace('_', " ");
                all.extend(list.added.iter().map(|one| format!("{name}: added {one}")));
                all.extend(
                    list.removed
                        .iter()
                        .map(|one| format!("{name}: removed {one}")),
                );
            }
            let criteria = diff.acceptance.iter();
            all.extend(criteria.map(|one| format!("criterion {}: {}", one.change, one.text)));
        }
        all.extend(diff.claims.iter().map(|one| {
            let reason = one.reason.as_ref().map(|reason| format!(" ({reason})"));
            let reason = reason.unwrap_or_default();
            format!("claim of {} {}{reason}", one.actor, one.change)
        }));
        let comments = diff.comments.iter();
        all.extend(comments.map(|one| format!("comment {}: {}", one.change, one.body)));
        let artifacts = diff.artifacts.iter();
        all.extend(artifacts.map(|one| format!("artifact {} {}", one.name, one.change)));
        let more = all.len().saturating_sub(limits::CHANGES_MAX);
        all.truncate(limits::CHANGES_MAX);
        Changes {
            sentences: all
                .iter()
                .map(|one| excerpt(one, 3 * limits::CHANGE_VALUE_MAX))
                .collect(),
            more,
            body: diff.body.clone().filter(|body| !is_new && !body.is_empty()),
        }
    }
}

fn value(value: &Value) -> String {
    match value {
        Value::Null => "nothing".into(),
        Value::String(text) if text.is_empty() => "nothing".into(),
        Value::String(text) => shorten(text, limits::CHANGE_VALUE_MAX),
        other => shorten(&other.to_string(), limits::CHANGE_VALUE_MAX),
    }
}
