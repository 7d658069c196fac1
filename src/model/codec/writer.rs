//! The canonical writer of documents.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::{ORDER, Shape, is_structure};
use crate::model::doc::{Doc, Reg};
use crate::model::prose::VersionId;
use crate::model::stamp::Stamp;
use crate::model::value::Value;
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
    let mut out = String::with_capacity(1024 + doc.body.text().len());
    out.push_str("---\n");
    if let Some(id) = doc.text("id") {
        yaml::pair(&mut out, 0, "id", id);
    }
    yaml::pair(&mut out, 0, "uid", doc.uid.as_str());
    yaml::pair(&mut out, 0, "kind", &doc.kind);
    // Without `born` the birth id is the id, or empty if there is no id.
    if doc.text("id").unwrap_or_default() != doc.born {
        yaml::pair(&mut out, 0, "born", &doc.born);
    }
    if doc.purged {
        out.push_str("purged: true\n");
    }
    let names: BTreeSet<&str> = doc
        .regs
        .keys()
        .chain(doc.sets.keys())
        .chain(doc.records.keys())
        .map(String::as_str)
        .filter(|name| !is_structure(name))
        .collect();
    let known = ORDER.iter().copied().filter(|name| names.contains(name));
    let others = names.iter().copied().filter(|name| !ORDER.contains(name));
    for name in known.chain(others) {
        field(&mut out, doc, name);
    }
    let stamps = stamps(doc);
    let body = prose(&mut out, doc);
    yaml::pair(&mut out, 0, "birth", &doc.birth.to_string());
    if !stamps.is_empty() {
        yaml::open(&mut out, 0, "stamps");
        for (key, stamp) in &stamps {
            yaml::pair(&mut out, 1, key, stamp);
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
            let mut shown = entry.regs.iter().filter(|(_, r)| !r.value.is_null());
            let mut next = shown.next();
            if next.is_none() && entry.at == doc.birth {
                yaml::key(out, 1, id);
                out.push_str("{}\n");
                continue;
            }
            yaml::open(out, 1, id);
            if entry.at != doc.birth {
                yaml::pair(out, 2, "at", &entry.at.to_string());
            }
            while let Some((key, reg)) = next {
                value(out, 2, key, &reg.value, false);
                next = shown.next();
            }
        }
    } else if doc.sets.contains_key(name) {
        list(out, 0, name, doc.elements(name));
    } else if let Some(reg) = doc.regs.get(name)
        && !reg.value.is_null()
    {
        value(out, 0, name, &reg.value, true);
    }
}

/// Writes one register. JSON that would be read as a set or a record is written as a text.
fn value(out: &mut String, indent: usize, name: &str, value: &Value, is_field: bool) {
    match value {
        Value::Str(text) => return yaml::pair(out, indent, name, text),
        Value::Json(json) if is_field && matches!(Shape::of(json), Shape::Set | Shape::Record) => {
            return yaml::pair(out, indent, name, &json.to_string());
        }
        _ => {}
    }
    yaml::key(out, indent, name);
    match value {
        Value::Json(json) => yaml::json(out, json),
        other => yaml::json(out, &other.to_json()),
    }
    out.push('\n');
}

fn list<'a>(out: &mut String, indent: usize, name: &str, items: impl Iterator<Item = &'a str>) {
    yaml::key(out, indent, name);
    yaml::flow_list(out, items);
    out.push('\n');
}

/// The stamps that differ from the default; a `-` in front marks cleared and removed values.
fn stamps(doc: &Doc) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    let mut note = |key: &[&str], reg: &Reg, default: &Stamp| {
        if reg.value.is_null() {
            out.insert(key.join("/"), format!("-{}", reg.stamp));
        } else if reg.stamp != *default {
            out.insert(key.join("/"), reg.stamp.to_string());
        }
    };
    for (name, reg) in &doc.regs {
        note(&[name], reg, &doc.birth);
    }
    for (name, set) in &doc.sets {
        for (element, reg) in set {
            note(&[name, element], reg, &doc.birth);
        }
    }
    for (name, record) in &doc.records {
        for (id, entry) in record {
            for (key, reg) in &entry.regs {
                note(&[name, id, key], reg, &entry.at);
            }
        }
    }
    out
}

/// Writes the versions of the body unless they can be derived from it, and returns the body.
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
    if !doc.body.versions.is_empty() {
        yaml::open(out, 0, "versions");
    }
    for (n, (id, version)) in doc.body.versions.iter().rev().enumerate() {
        out.push_str("  - ");
        yaml::pair(out, 0, "id", &id.to_string());
        if !version.replaces.is_empty() {
            ids(out, 2, "replaces", &version.replaces);
        }
        if !version.knows.is_empty() {
            ids(out, 2, "knows", &version.knows);
        }
        match &version.text {
            None => out.push_str("    redacted: true\n"),
            Some(text) if n > 0 => yaml::pair(out, 2, "text", text),
            Some(_) => {}
        }
    }
    if !doc.body.dropped.is_empty() {
        ids(out, 0, "dropped", &doc.body.dropped);
    }
    body
}

fn ids(out: &mut String, indent: usize, name: &str, ids: &BTreeSet<VersionId>) {
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    list(out, indent, name, ids.iter().map(String::as_str));
}
