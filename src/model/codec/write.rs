//! The canonical writer of documents.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::{ORDER, STRUCTURE, Shape};
use crate::model::doc::{Doc, Reg};
use crate::model::prose::VersionId;
use crate::model::stamp::Stamp;
use crate::model::yaml;

/// The canonical bytes of a document.
pub fn encode(doc: &Doc) -> String {
    let mut settled = Cow::Borrowed(doc);
    let mixed = doc
        .sets
        .iter()
        .any(|(n, s)| s.is_empty() || doc.regs.contains_key(n))
        || doc
            .records
            .iter()
            .any(|(n, r)| r.is_empty() || doc.regs.contains_key(n) || doc.sets.contains_key(n));
    if mixed {
        settled.to_mut().settle_shapes();
    }
    write(&settled)
}

fn write(doc: &Doc) -> String {
    let mut out = String::from("---\n");
    if let Some(id) = doc.text("id") {
        yaml::pair(&mut out, 0, "id", &yaml::scalar(id, false));
    }
    yaml::pair(&mut out, 0, "uid", &yaml::scalar(doc.uid.as_str(), false));
    yaml::pair(&mut out, 0, "kind", &yaml::scalar(&doc.kind, false));
    if !doc.born.is_empty() && doc.text("id") != Some(&doc.born) {
        yaml::pair(&mut out, 0, "born", &yaml::scalar(&doc.born, false));
    }
    if doc.purged {
        yaml::pair(&mut out, 0, "purged", "true");
    }
    let names: BTreeSet<&str> = doc
        .regs
        .keys()
        .chain(doc.sets.keys())
        .chain(doc.records.keys())
        .map(String::as_str)
        .filter(|name| !STRUCTURE.contains(name))
        .collect();
    let known = ORDER.iter().copied().filter(|name| names.contains(name));
    let others = names.iter().copied().filter(|name| !ORDER.contains(name));
    for name in known.chain(others) {
        field(&mut out, doc, name);
    }
    let stamps = stamps(doc);
    let body = prose(&mut out, doc);
    yaml::pair(
        &mut out,
        0,
        "birth",
        &yaml::scalar(&doc.birth.to_string(), false),
    );
    if !stamps.is_empty() {
        yaml::open(&mut out, 0, "stamps");
        for (key, stamp) in &stamps {
            yaml::pair(&mut out, 1, key, &yaml::scalar(stamp, false));
        }
    }
    out.push_str("---\n");
    out.push_str(body);
    out
}

fn field(out: &mut String, doc: &Doc, name: &str) {
    if let Some(record) = doc.records.get(name) {
        yaml::open(out, 0, name);
        for (id, entry) in record {
            let shown: Vec<_> = entry
                .regs
                .iter()
                .filter(|(_, r)| !r.value.is_null())
                .collect();
            if shown.is_empty() && entry.at == doc.birth {
                yaml::pair(out, 1, id, "{}");
                continue;
            }
            yaml::open(out, 1, id);
            if entry.at != doc.birth {
                yaml::pair(out, 2, "at", &yaml::scalar(&entry.at.to_string(), false));
            }
            for (key, reg) in shown {
                yaml::pair(out, 2, key, &yaml::json(&reg.value.to_json()));
            }
        }
    } else if doc.sets.contains_key(name) {
        yaml::pair(out, 0, name, &yaml::flow_list(doc.elements(name)));
    } else if let Some(reg) = doc.regs.get(name)
        && !reg.value.is_null()
    {
        let json = reg.value.to_json();
        // A register cannot hold what would read as a set or a record; its text can.
        let json = match Shape::of(&json) {
            Shape::Set | Shape::Record => Json::from(json.to_string()),
            _ => json,
        };
        yaml::pair(out, 0, name, &yaml::json(&json));
    }
}

/// Stamps that differ from the default; `-` in front marks what was cleared or taken out.
fn stamps(doc: &Doc) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    let mut note = |key: String, reg: &Reg, default: &Stamp| {
        if reg.value.is_null() {
            out.insert(key, format!("-{}", reg.stamp));
        } else if reg.stamp != *default {
            out.insert(key, reg.stamp.to_string());
        }
    };
    for (name, reg) in &doc.regs {
        note(name.clone(), reg, &doc.birth);
    }
    for (name, set) in &doc.sets {
        for (element, reg) in set {
            note(format!("{name}/{element}"), reg, &doc.birth);
        }
    }
    for (name, record) in &doc.records {
        for (id, entry) in record {
            for (key, reg) in &entry.regs {
                note(format!("{name}/{id}/{key}"), reg, &entry.at);
            }
        }
    }
    out
}

/// Writes the versions of the body unless they follow from it, and returns the body.
fn prose<'a>(out: &mut String, doc: &'a Doc) -> &'a str {
    let body = doc.body.text();
    let implied = doc.body.dropped.is_empty()
        && match doc.body.versions.first_key_value() {
            None => true,
            Some((id, v)) => {
                doc.body.versions.len() == 1
                    && id.stamp == doc.birth
                    && v.replaces.is_empty()
                    && v.text.as_deref().is_some_and(|t| !t.is_empty())
            }
        };
    if implied {
        return body;
    }
    let list = |ids: &BTreeSet<VersionId>| {
        let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
        yaml::flow_list(ids.iter().map(String::as_str))
    };
    if !doc.body.versions.is_empty() {
        out.push_str("versions:\n");
    }
    for (n, (id, version)) in doc.body.versions.iter().rev().enumerate() {
        out.push_str("  - id: ");
        out.push_str(&yaml::scalar(&id.to_string(), false));
        out.push('\n');
        if !version.replaces.is_empty() {
            yaml::pair(out, 2, "replaces", &list(&version.replaces));
        }
        if !version.knows.is_empty() {
            yaml::pair(out, 2, "knows", &list(&version.knows));
        }
        match &version.text {
            None => yaml::pair(out, 2, "redacted", "true"),
            Some(text) if n > 0 => yaml::pair(out, 2, "text", &yaml::scalar(text, false)),
            Some(_) => {}
        }
    }
    if !doc.body.dropped.is_empty() {
        yaml::pair(out, 0, "dropped", &list(&doc.body.dropped));
    }
    body
}
