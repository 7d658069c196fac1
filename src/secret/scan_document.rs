//! Secrets in a document: all its texts are scanned, including all versions of its prose.

use std::collections::BTreeSet;

use super::scan;
use crate::model::doc::Doc;
use crate::model::value::Value;

/// A field that appears to contain a secret. This value does not contain the secret itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    /// The field, `record/field` for an entry of a record.
    pub field: String,
    /// The rule's stable name.
    pub rule: &'static str,
    /// The kind of secret, for users.
    pub title: &'static str,
}

impl Found {
    /// The warning for users; `whose` names the document.
    pub fn warning(&self, whose: &str) -> String {
        format!(
            "{whose}: {} looks like it holds {} ({}); anyone who fetches the state can read it",
            crate::model::text::one_line(&self.field),
            self.title,
            self.rule
        )
    }
}

/// The fields of a document that appear to contain a secret.
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
        // These contain hashes of redacted values, which are not secrets.
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
