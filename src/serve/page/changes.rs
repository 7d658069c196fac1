//! The changes made by an operation, in words.

use serde_json::Value;

use super::limits;
use crate::model::text::{excerpt, shorten};
use crate::pm::changes::document_diff::{Fate, FieldDiff, ItemDiff};
use crate::pm::changes::words::{self, hash, is_bookkeeping};
use crate::store::env::Env;

/// Fields that the page describes in other words.
const LEFT_OUT: [&str; 8] = [
    "id",
    "claims",
    "work_commit",
    "branch",
    "finished_commit",
    "merged_into",
    "gates_passed",
    "gate_failed",
];

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
    pub fn of(diff: &ItemDiff, env: &Env) -> Changes {
        let mut all = Vec::new();
        match diff.change {
            Fate::Created => all.push("created it".to_string()),
            Fate::Deleted => all.push("deleted it".into()),
            Fate::Restored => all.push("restored it".into()),
            Fate::Missing | Fate::Changed => {}
        }
        // The page already shows the fields of a new item.
        let is_new = diff.change == Fate::Created;
        if !is_new {
            // Who held what is closed becomes its assignee.
            let mut all_fields = diff.fields.iter();
            let is_close = all_fields.any(|one| one.field == "closed_by" && !one.new.is_null());
            let fields = diff.fields.iter();
            let fields = fields.filter(|one| !LEFT_OUT.contains(&one.field.as_str()));
            let fields = fields.filter(|one| !is_bookkeeping(&one.field));
            let fields = fields.filter(|one| !(is_close && one.field == "assignee"));
            all.extend(fields.map(|one| field(one, env)));
            for list in &diff.lists {
                let (more, less) = match list.field.as_str() {
                    "labels" => ("added the label", "removed the label"),
                    "depends_on" => ("made it wait for", "made it no longer wait for"),
                    "paths" => ("added the path", "removed the path"),
                    _ => ("", ""),
                };
                let name = list.field.replace('_', " ");
                let told = |words: &str, otherwise: &str, one: &String| match words.is_empty() {
                    true => format!("{otherwise} {one} ({name})"),
                    false => format!("{words} {one}"),
                };
                all.extend(list.added.iter().map(|one| told(more, "added", one)));
                all.extend(list.removed.iter().map(|one| told(less, "removed", one)));
            }
            all.extend(diff.acceptance.iter().map(|one| {
                let did = match one.change.as_str() {
                    "ticked" => "accepted the criterion",
                    "unticked" => "took back the criterion",
                    "added" => "added the criterion",
                    "removed" => "removed the criterion",
                    "reworded" => "reworded the criterion",
                    _ => "changed the criterion",
                };
                format!("{did} “{}”", one.text)
            }));
        }
        all.extend(diff.claims.iter().map(|one| {
            let reason = one.reason.as_ref().map(|reason| format!(" ({reason})"));
            let reason = reason.unwrap_or_default();
            match one.change.as_str() {
                "made" => format!("claimed it for {}{reason}", one.actor),
                change => format!("the claim of {} {change}{reason}", one.actor),
            }
        }));
        let comments = diff.comments.iter();
        all.extend(comments.map(|one| match one.change.as_str() {
            "added" => format!("commented: {}", one.body),
            change => format!("comment {change}: {}", one.body),
        }));
        let artifacts = diff.artifacts.iter();
        all.extend(artifacts.map(|one| format!("artifact {} {}", one.name, one.change)));
        let body = diff.body.clone().filter(|body| !is_new && !body.is_empty());
        if body.is_some() {
            all.push("changed the text".into());
        }
        let more = all.len().saturating_sub(limits::CHANGES_MAX);
        all.truncate(limits::CHANGES_MAX);
        Changes {
            sentences: all
                .iter()
                .map(|one| excerpt(one, 3 * limits::CHANGE_VALUE_MAX))
                .collect(),
            more,
            body,
        }
    }
}

/// The change of a field as the rest of a sentence about its actor.
fn field(change: &FieldDiff, env: &Env) -> String {
    let (name, old, new) = (change.field.as_str(), &change.old, &change.new);
    let value = |one: &Value| match one {
        Value::Null => "nothing".into(),
        Value::String(text) if text.is_empty() => "nothing".into(),
        // An object is for programs.
        Value::Object(_) => "another value".into(),
        one => {
            let said = words::value(Some(env), name, one);
            shorten(hash(&said), limits::CHANGE_VALUE_MAX)
        }
    };
    let (was, is) = (value(old), value(new));
    let is_gone = *new == Value::Null || is == "nothing";
    match name {
        "status" => format!("moved it from {was} to {is}"),
        "title" => format!("renamed it from “{was}” to “{is}”"),
        "priority" => format!("changed the priority from P{was} to P{is}"),
        "assignee" if is_gone => format!("unassigned {was}"),
        "assignee" => format!("assigned it to {is}"),
        "epic" if is_gone => format!("took it out of the epic {was}"),
        "epic" => format!("moved it to the epic {is}"),
        "approval" if is_gone => "withdrew the approval".into(),
        "approval" => match new["commit"].as_str() {
            Some(commit) => format!("approved the commit {}", hash(commit)),
            None => "approved it".into(),
        },
        "returned" if new.is_object() => {
            format!(
                "returned it to {}",
                new["to"].as_str().unwrap_or("its author")
            )
        }
        "merged_commit" if !is_gone => format!("merged it as {is}"),
        "reason" if !is_gone => format!("gave the reason “{is}”"),
        _ => {
            let name = match name {
                "due_at" => "the due day".into(),
                "defer_until" => "the day until which it is deferred".into(),
                _ => words::field_name(name),
            };
            match (old, is_gone) {
                (_, true) => format!("cleared {name}, which was {was}"),
                _ if new.is_object() => format!("changed {name}"),
                (Value::Null, _) => format!("set {name} to {is}"),
                _ => format!("changed {name} from {was} to {is}"),
            }
        }
    }
}
