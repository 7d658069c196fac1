//! Exports an item as a record of beads: its imported record with the changes since, or a new one.

mod beads_values;
mod list_fields;
mod times;

use std::collections::{BTreeMap, BTreeSet};

use super::beads_file::Written;
use super::json_line::{Escaping, Line, quoted};
use super::read_record::{SOURCE, fields, rank, read};
use crate::bridge::content::{Content, Foreign, PEOPLE, external, item_uid};
use crate::model::doc::{Doc, EXTERNAL, IMPORT, UNDONE};
use crate::model::id::{ItemKind, ItemRef};
use crate::model::item::Item;
use crate::model::uid::Uid;
use crate::model::value::Value;
use crate::store::state::State;
use beads_values::{json, registers, tombstone};
use list_fields::texts;
use times::Times;

/// True if nothing was written to a document after its creation.
fn is_as_born(doc: &Doc) -> bool {
    let mut sets = doc.sets.values().flat_map(BTreeMap::values);
    let mut entries = doc.records.values().flat_map(BTreeMap::values);
    doc.regs.values().all(|reg| reg.stamp == doc.birth)
        && sets.all(|reg| reg.stamp == doc.birth)
        && entries.all(|one| one.at == doc.birth && one.regs.values().all(|r| r.stamp == one.at))
        && doc.body.dropped.is_empty()
        && doc.body.versions.len() <= 1
        && doc.body.versions.keys().all(|id| id.stamp == doc.birth)
}

/// The record of an item that was created here.
pub fn record_of(state: &State<'_>, doc: &Doc, written: &Written) -> String {
    alone(state, written, |scene| scene.born(doc)).unwrap_or_default()
}

/// The record that an export makes of an item that was imported; none if it has no content.
pub fn again(state: &State<'_>, doc: &Doc, written: &Written) -> Option<String> {
    let shaped = alone(state, written, |scene| scene.shape(doc));
    shaped.map(|shaped| shaped.text)
}

fn alone<T>(state: &State<'_>, written: &Written, make: impl FnOnce(&Scene<'_>) -> T) -> T {
    make(&Scene {
        state,
        written,
        id_of: &|target| shown_target(state, target),
        dependents: &|_| 0,
    })
}

/// The id of an item in an export: that of its import, else its current one.
pub fn export_id(state: &State<'_>, item: &Item) -> String {
    let same = state.named(&item.born).len();
    let is_imported = (0..same.max(1)).any(|n| item.uid == item_uid(SOURCE, &item.born, n));
    if is_imported {
        item.born.clone()
    } else {
        state.shown_id(item)
    }
}

fn shown_target(state: &State<'_>, target: &ItemRef) -> String {
    let item = target.uid.as_ref().and_then(|uid| state.item(uid));
    item.map_or_else(|| target.born.clone(), |item| export_id(state, item))
}

/// The context of an export.
pub struct Scene<'s> {
    pub state: &'s State<'s>,
    /// The form of the file.
    pub written: &'s Written,
    /// The exported id of a reference.
    pub id_of: &'s dyn Fn(&ItemRef) -> String,
    /// The number of edges to an item.
    pub dependents: &'s dyn Fn(&Uid) -> usize,
}

pub struct Shaped {
    /// The line without the line end.
    pub text: String,
    /// It is as it was imported.
    pub untouched: bool,
}

/// One record under construction.
struct Change<'c> {
    line: &'c Line<'c>,
    escaping: Escaping,
    changes: BTreeMap<&'static str, Option<String>>,
}

impl Change<'_> {
    fn put(&mut self, key: &'static str, json: String) {
        self.changes.insert(key, Some(json));
    }

    fn text(&mut self, key: &'static str, text: &str) {
        self.put(key, quoted(text, self.escaping));
    }

    fn clear(&mut self, key: &'static str) {
        if self.line.get(key).is_some() {
            self.changes.insert(key, None);
        } else {
            self.changes.remove(key);
        }
    }

    /// A list: the kept elements unchanged, then the new ones.
    fn list(&mut self, key: &'static str, kept: &[&str], new: Vec<String>) {
        let new = new.iter().map(String::as_str);
        let all: Vec<&str> = kept.iter().copied().chain(new).collect();
        match all.is_empty() {
            true => self.clear(key),
            false => self.put(key, format!("[{}]", all.join(","))),
        }
    }
}

impl Scene<'_> {
    /// The record of an item; `None` for an item that has no content anymore.
    pub fn shape(&self, doc: &Doc) -> Option<Shaped> {
        if doc.text(UNDONE) == Some(IMPORT) {
            return None;
        }
        let Some(raw) = external(doc, SOURCE, "record") else {
            return Some(Shaped {
                text: self.born(doc)?,
                untouched: false,
            });
        };
        let as_it_is = || Shaped {
            text: raw.to_string(),
            untouched: true,
        };
        let comments = self.state.comments_on(&doc.uid);
        if is_as_born(doc) && !raw.contains("\"comments\"") && comments.is_empty() {
            return Some(as_it_is());
        }
        let Some((line, item)) = Line::parse(raw).ok().zip(Item::from_doc(doc).ok()) else {
            return Some(as_it_is());
        };
        let record = Foreign {
            source: SOURCE,
            id: external(doc, SOURCE, "id").unwrap_or(&doc.born),
            occurrence: occurrence(doc),
            kind: ItemKind::Issue,
            at_ms: 0,
            dialect: None,
            raw,
        };
        let mut base = read(&line, &record, u64::MAX, &str::to_string, &mut |_| {});
        // People go back with the names that they came with.
        for field in PEOPLE {
            if let Some(name) = external(doc, SOURCE, field) {
                base.regs.remove(field);
                base.put(field, name);
            }
        }
        self.only_heard_of(doc, &mut base);
        let escaping = external(doc, SOURCE, "dialect").unwrap_or_default();
        let escaping = Escaping::named(escaping);
        let mut change = Change {
            line: &line,
            escaping,
            changes: BTreeMap::new(),
        };
        self.compare(&mut change, doc, &item, &comments, &base, &record);
        // What only an export adds, such as the holder, is in the record of an earlier one already.
        (change.changes).retain(|key, value| value.as_deref() != line.get(key));
        let record_time = line.text("updated_at");
        let times = Times::of(doc, &comments, record_time.as_deref());
        if change.changes.is_empty() {
            if !times.is_over(record_time.as_deref()) {
                return Some(as_it_is());
            }
        } else {
            // It is the hash of the previous content; beads computes a missing one.
            change.clear("content_hash");
        }
        change.text("updated_at", &times.later(record_time.as_deref()));
        Some(Shaped {
            text: line.patched(&change.changes, rank),
            untouched: false,
        })
    }

    /// Reduces the content of a record to fields that its document has or had. The others were not
    /// removed here: the importing version did not know the key, so they are exported unchanged.
    fn only_heard_of(&self, doc: &Doc, base: &mut Content) {
        base.regs.retain(|name, _| doc.regs.contains_key(name));
        if doc.body.versions.is_empty() {
            base.body.clear();
        }
        for (name, values) in &mut base.sets {
            let elements = doc.sets.get(name).into_iter().flat_map(BTreeMap::keys);
            let known = elements.map(|element| self.in_record(name, element));
            let known: BTreeSet<String> = known.collect();
            values.retain(|element| known.contains(element));
        }
    }

    /// An element of a set as a record has it: edges have ids there, and references here.
    fn in_record(&self, set: &str, element: &str) -> String {
        let id = |target: &str| (self.id_of)(&ItemRef::parse(target));
        match (set, element.split_once(' ')) {
            ("depends_on", _) => id(element),
            ("edges", Some((kind, target))) => format!("{kind} {}", id(target)),
            _ => element.to_string(),
        }
    }

    /// The record of an item that was never imported.
    fn born(&self, doc: &Doc) -> Option<String> {
        let item = Item::from_doc(doc).ok().filter(|_| !doc.purged)?;
        let id = (self.id_of)(&item.reference());
        let escaping = self.written.escaping.unwrap_or(Escaping::Go);
        let wrap = if self.written.wrapped {
            "\"_type\":\"issue\","
        } else {
            ""
        };
        let raw = format!("{{{wrap}\"id\":{}}}", quoted(&id, escaping));
        let line = Line::parse(&raw).ok()?;
        let record = Foreign {
            source: SOURCE,
            id: &id,
            occurrence: 0,
            kind: ItemKind::Issue,
            at_ms: 0,
            dialect: None,
            raw: &raw,
        };
        let mut change = Change {
            line: &line,
            escaping,
            changes: BTreeMap::new(),
        };
        let here = self.state.comments_on(&doc.uid);
        let none = Content::default();
        let comments = self.compare(&mut change, doc, &item, &here, &none, &record);
        change.text("updated_at", &Times::of(doc, &here, None).later(None));
        if self.written.wrapped {
            let edges = self.edges(&item).len();
            change.put("dependency_count", edges.to_string());
            change.put("dependent_count", (self.dependents)(&item.uid).to_string());
            change.put("comment_count", comments.to_string());
        }
        Some(line.patched(&change.changes, rank))
    }

    /// Adds the differences between an item and its record. Returns its number of comments.
    fn compare(
        &self,
        change: &mut Change<'_>,
        doc: &Doc,
        item: &Item,
        comments: &[&Doc],
        base: &Content,
        record: &Foreign<'_>,
    ) -> usize {
        let now = registers(doc, item, base);
        for (key, name, holds) in fields() {
            let (was, is) = (base.regs.get(name), now.get(name));
            if was == is {
                continue;
            }
            match is {
                Some(value) => change.put(key, json(value, holds, change.escaping)),
                None => change.clear(key),
            }
        }
        tombstone(change, doc, item, base);
        let body = doc.body.shown();
        if body != base.body {
            match body {
                "" => change.clear("description"),
                body => change.text("description", body),
            }
        }
        texts(change, "labels", &base.sets, "labels", doc);
        texts(change, "waiters", &base.sets, "waiters", doc);
        let refs: Vec<&str> = doc.elements("external_refs").collect();
        let was = base.sets.get("external_refs").and_then(BTreeSet::first);
        if !was.is_some_and(|was| refs.contains(&was.as_str())) {
            match refs.first() {
                Some(first) => change.text("external_ref", first),
                None if was.is_some() => change.clear("external_ref"),
                None => {}
            }
        }
        self.dependencies(change, doc, item, base, record);
        self.comments(change, comments, base, record)
    }

    /// The edges of an item by type and id of the target, each with the set and element that store
    /// it.
    fn edges(&self, item: &Item) -> BTreeMap<(String, String), (&'static str, String)> {
        let mut out = BTreeMap::new();
        for dependency in &item.depends_on {
            // A soft dependency does not block; the closest type of beads is `related`.
            let kind = if dependency.soft { "related" } else { "blocks" };
            let stored = ("depends_on", dependency.target.to_string());
            out.insert((kind.into(), (self.id_of)(&dependency.target)), stored);
        }
        for edge in &item.edges {
            let stored = ("edges", format!("{} {}", edge.kind, edge.target));
            out.insert((edge.kind.clone(), (self.id_of)(&edge.target)), stored);
        }
        if let Some(epic) = &item.epic {
            let key = ("parent-child".to_string(), (self.id_of)(epic));
            out.entry(key).or_insert(("epic", epic.to_string()));
        }
        out
    }
}

/// The position of an imported item among the records with its id.
pub fn occurrence(doc: &Doc) -> usize {
    let Value::Json(json) = doc.value(EXTERNAL) else {
        return 0;
    };
    let number = json.get("occurrence").and_then(serde_json::Value::as_u64);
    number.and_then(|n| usize::try_from(n).ok()).unwrap_or(0)
}
