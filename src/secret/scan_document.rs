//! Secrets in a document: every text of it is scanned, all versions of its prose included.

use std::collections::BTreeSet;

use super::scan;
use crate::model::doc::Doc;
use crate::model::value::Value;

/// A field that looks like it holds a secret. It never holds the secret itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    /// The field, `record/field` for an entry of a record.
    pub field: String,
    /// The rule's stable name.
    pub rule: &'static str,
    /// What it looks like, for people.
    pub title: &'static str,
}

impl Found {
    /// The finding in words; `whose` names the document.
    pub fn warning(&self, whose: &str) -> String {
        format!(
            "{whose}: {} looks like it holds {} ({}); everyone who fetches the state can read it",
            crate::model::text::one_line(&self.field),
            self.title,
            self.rule
        )
    }
}

/// The fields of a document that look like they hold a secret.
pub fn in_document(doc: &Doc) -> BTreeSet<Found> {
    let mut found = BTreeSet::new();
    let mut look = |field: &str, text: &str| {
        found.extend(scan(text).into_iter().map(|hit| Found {
            field: field.to_string(),
            rule: hit.rule,
            title: hit.title,
        }));
    };
    let mut value = |field: &str, value: &Value| match value {
        Value::Redacted(_) | Value::Null => {}
        other => match other.as_str() {
            Some(text) => look(field, text),
            None => look(field, &other.to_json().to_string()),
        },
    };
    for (name, reg) in &doc.regs {
        value(name, &reg.value);
    }
    for (name, record) in &doc.records {
        for entry in record.values() {
            for (field, reg) in &entry.regs {
                value(&format!("{name}/{field}"), &reg.value);
            }
        }
    }
    for (name, set) in &doc.sets {
        // Hashes of what was redacted are what they are for.
        if !name.starts_with("redacted_") {
            set.keys().for_each(|element| look(name, element));
        }
    }
    let versions = doc.body.versions.values();
    for text in versions.filter_map(|version| version.text.as_deref()) {
        look("body", text);
    }
    found
}
