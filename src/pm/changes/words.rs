//! Changes in words, the same everywhere: short phrases such as `priority 2 -> 0` and `labels +ui -db`.

use std::borrow::Cow;

use serde_json::Value;

use super::document_diff::{Fate, ItemDiff};
use crate::model::stamp::parse_rfc3339;
use crate::model::status::status_word;
use crate::model::text::{excerpt, one_line, shorten};
use crate::store::env::Env;

/// The most characters of a value.
const VALUE_MAX: usize = 60;

/// The most characters of a value with parts.
const PARTS_MAX: usize = 120;

/// The most elements named of those added to a list, or removed.
const NAMED: usize = 5;

/// The digits of a commit's hash.
const HASH: usize = 10;

/// Fields whose values and elements fit into the log for good. Others may be long, or have to be redacted.
const SHORT: &str = "assignee defer_until depends_on due_at edges epic estimate labels paths points \
                     priority risk status type";

/// True for fields that change along with others.
pub fn is_bookkeeping(field: &str) -> bool {
    let along = field.ends_with("_at") || field.ends_with("_by");
    along && field != "due_at" || ["status_before", "put_off_until"].contains(&field)
}

/// The name of a field as people read it.
pub fn field_name(field: &str) -> String {
    match field {
        "due_at" => "due".into(),
        "defer_until" => "deferred".into(),
        _ => field.replace('_', " "),
    }
}

/// A value in a person's words; days and times as in `env`.
pub fn value(env: Option<&Env>, field: &str, json: &Value) -> String {
    let is_day = matches!(field, "due_at" | "defer_until");
    let is_time = field.ends_with("_at") || field.ends_with("_until");
    match json {
        Value::Null => "none".into(),
        Value::String(text) if is_time => match (env, parse_rfc3339(text)) {
            // As it was set, not the instant at its end.
            (Some(env), Some(ms)) if is_day => env.moment(ms),
            (Some(env), _) => env.shown_time(text),
            (None, _) => text.clone(),
        },
        Value::String(text) if field == "status" => status_word(text).into_owned(),
        Value::String(text) => text.clone(),
        Value::Object(parts) => approval(env, json).unwrap_or_else(|| {
            let parts = parts.iter().filter(|(_, part)| !part.is_object());
            let said = parts.map(|(name, part)| {
                let part = value(env, name, part);
                let part = part.lines().collect::<Vec<_>>().join("; ");
                format!("{} {part}", field_name(name))
            });
            shorten(&said.collect::<Vec<_>>().join(", "), PARTS_MAX)
        }),
        other => other.to_string(),
    }
}

/// Who has approved which commit and when, of the record of an approval.
fn approval(env: Option<&Env>, record: &Value) -> Option<String> {
    let text = |name: &str| record[name].as_str();
    let (by, _) = text("by").zip(text("how"))?;
    let commit = text("commit").map(|commit| format!("{} ", hash(commit)));
    let at = text("at").map(|at| format!(", {}", value(env, "approved_at", &at.into())));
    let (commit, at) = (commit.unwrap_or_default(), at.unwrap_or_default());
    Some(format!("{commit}by {by}{at}"))
}

/// A commit's hash, abbreviated; another text as it is.
pub fn hash(text: &str) -> &str {
    let is_hash = matches!(text.len(), 40 | 64) && text.bytes().all(|b| b.is_ascii_hexdigit());
    if is_hash { &text[..HASH] } else { text }
}

/// The change of a field: `status queued -> in progress`, or only the new value if there was none.
pub fn field(env: Option<&Env>, field: &str, old: Option<&Value>, new: &Value) -> String {
    let shown = |json: &Value| match value(env, field, json) {
        text if json.is_string() => excerpt(hash(&text), VALUE_MAX),
        text => text,
    };
    let name = field_name(field);
    match old {
        None => format!("{name} {}", shown(new)),
        Some(old) => format!("{name} {} -> {}", shown(old), shown(new)),
    }
}

/// The change of a list: `labels +new -old`.
pub fn list(field: &str, added: &[String], removed: &[String]) -> String {
    let signed = |sign: char, all: &[String]| -> String {
        let shown = all.iter().take(NAMED);
        shown
            .map(|one| format!(" {sign}{}", excerpt(one, VALUE_MAX)))
            .collect()
    };
    field_name(field) + &signed('+', added) + &signed('-', removed)
}

impl ItemDiff {
    /// The changes in words, each a phrase on one line. Without `is_whole` only values of short fields and
    /// elements of lists are told; of all else, that it changed.
    pub fn words(&self, env: Option<&Env>, is_whole: bool) -> Vec<String> {
        let mut all: Vec<String> = Vec::new();
        match self.change {
            Fate::Changed => self.fields_in_words(env, is_whole, &mut all),
            change => all.push(format!("{change:?}").to_lowercase()),
        }
        if is_whole {
            all.extend(self.claims.iter().map(|one| {
                let reason = one.reason.as_ref();
                let reason = reason.map_or(String::new(), |reason| format!(" ({reason})"));
                format!("claim of {} {}{reason}", one.actor, one.change)
            }));
            let comments = self.comments.iter();
            all.extend(comments.map(|one| format!("comment {}: {}", one.change, one.body)));
            let artifacts = self.artifacts.iter();
            all.extend(artifacts.map(|one| format!("artifact {} {}", one.name, one.change)));
        } else if self.change == Fate::Changed {
            let others = [
                ("claim", self.claims.is_empty()),
                ("comments", self.comments.is_empty()),
                ("artifacts", self.artifacts.is_empty()),
            ];
            let others = others.iter().filter(|(_, none)| !none);
            all.extend(others.map(|(name, _)| name.to_string()));
        }
        if self.body.is_some() && self.change == Fate::Changed {
            all.push("text".into());
        }
        all.iter().map(|one| one_line(one)).collect()
    }

    fn fields_in_words(&self, env: Option<&Env>, is_whole: bool, all: &mut Vec<String>) {
        let is_told = |name: &str| is_whole || SHORT.split(' ').any(|short| short == name);
        for one in self.fields.iter().filter(|one| !is_bookkeeping(&one.field)) {
            let said = match one.field.split_once('/') {
                _ if is_told(&one.field) => field(env, &one.field, Some(&one.old), &one.new),
                // The entry of a record.
                Some((record, _)) => field_name(record),
                None => field_name(&one.field),
            };
            if !all.contains(&said) {
                all.push(said);
            }
        }
        all.extend(self.lists.iter().map(|one| match is_told(&one.field) {
            true => list(&one.field, &one.added, &one.removed),
            false => field_name(&one.field),
        }));
        if is_whole {
            let criteria = self.acceptance.iter();
            all.extend(criteria.map(|one| format!("acceptance {}: {}", one.change, one.text)));
        } else if !self.acceptance.is_empty() {
            // Their texts are long, and may have to be redacted.
            let count = |sign: char, change: &str| {
                let count = self.acceptance.iter().filter(|one| one.change == change);
                match count.count() {
                    0 => Cow::Borrowed(""),
                    n => format!(" {sign}{n}").into(),
                }
            };
            all.push(format!(
                "acceptance{}{}",
                count('+', "added"),
                count('-', "removed")
            ));
        }
    }
}
