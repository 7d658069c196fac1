//! One document of the state: the replicated record of an item, comment, reservation or message.
//! It consists of registers, sets, records and prose, each with its own join rule, and does not
//! depend on the meaning of fields: a field unknown to this version is kept, joined and written
//! back like any other.

use std::collections::BTreeMap;

use super::id;
use super::prose::{Prose, Version, VersionId};
use super::stamp::{Clock, Stamp};
use super::uid::Uid;
use super::value::Value;

/// The register with the source of an imported document: a mapping of scalars.
pub const EXTERNAL: &str = "external";

/// The register of a tombstone that names the kind of operation that it reverses.
pub const UNDONE: &str = "undone";

/// The value of [`UNDONE`] for an import: importing the same record again restores the document.
pub const IMPORT: &str = "import";

/// A register: the value written last, and its stamp.
#[derive(Clone, Debug, PartialEq)]
pub struct Reg {
    /// The time of the write, and the clone that made it.
    pub stamp: Stamp,
    /// The value; `Null` once it was cleared or removed.
    pub value: Value,
}

/// One entry of a record field (an acceptance criterion, a claim): its registers, and its birth,
/// which is the stamp of those not written since.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The default stamp of the entry's registers.
    pub at: Stamp,
    /// Its registers, by name.
    pub regs: BTreeMap<String, Reg>,
}

impl Entry {
    /// The value of one register; `Null` when it was never written.
    pub fn value(&self, name: &str) -> &Value {
        self.regs.get(name).map_or(&Value::Null, |r| &r.value)
    }

    /// The value of one register, if it is a text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.value(name).as_str()
    }

    /// True if the entry was removed. It stays as a tombstone.
    pub fn is_removed(&self) -> bool {
        self.value("removed").is_true()
    }
}

/// A document of the state.
#[derive(Clone, Debug, PartialEq)]
pub struct Doc {
    /// The permanent name.
    pub uid: Uid,
    /// `task`, `epic`, `prd`, `issue`, `comment`, `reservation`, `message`, `key`, `repository` or
    /// another kind.
    pub kind: String,
    /// The birth id of an item, which determines its path; empty for other documents.
    pub born: String,
    /// The default stamp of every field not written since.
    pub birth: Stamp,
    /// Scalar fields.
    pub regs: BTreeMap<String, Reg>,
    /// Set fields: element to register, `true` while it is in the set, `Null` once removed.
    pub sets: BTreeMap<String, BTreeMap<String, Reg>>,
    /// Record fields: entry id to entry.
    pub records: BTreeMap<String, BTreeMap<String, Entry>>,
    /// The text below the front matter.
    pub body: Prose,
    /// Set if garbage collection removed everything but the identity.
    pub purged: bool,
}

impl Doc {
    /// Gives a new document its text.
    pub fn put_body(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        let version = Version {
            text: Some(text.to_string()),
            ..Version::default()
        };
        let id = VersionId::of(self.birth.clone(), text);
        self.body.versions.insert(id, version);
    }

    /// The number of bytes of the texts below the front matter.
    pub fn text_bytes(&self) -> usize {
        let texts = self.body.versions.values();
        let lengths = texts.filter_map(|version| Some(version.text.as_ref()?.len()));
        lengths.sum()
    }

    /// An empty document. Items get their `id` register from `born`.
    pub fn new(uid: Uid, kind: &str, born: &str, birth: Stamp) -> Self {
        let mut doc = Doc {
            uid,
            kind: kind.to_string(),
            born: born.to_string(),
            birth,
            regs: BTreeMap::new(),
            sets: BTreeMap::new(),
            records: BTreeMap::new(),
            body: Prose::default(),
            purged: false,
        };
        if !born.is_empty() {
            doc.put("id", Value::from(born));
        }
        doc
    }

    /// The value of a register; `Null` when it was never written.
    pub fn value(&self, name: &str) -> &Value {
        self.regs.get(name).map_or(&Value::Null, |r| &r.value)
    }

    /// The value of one register, if it is a text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.value(name).as_str()
    }

    /// The id that is shown for an item: its `id`, else its birth id, else its uid. An id that is
    /// not [`id::plain`] is skipped.
    pub fn shown_id(&self) -> &str {
        let ids = [self.text("id"), Some(&self.born)];
        let plain = ids.into_iter().flatten().find_map(id::plain);
        plain.unwrap_or(self.uid.as_str())
    }

    /// Writes a register with the document's birth as its stamp.
    pub fn put(&mut self, name: &str, value: impl Into<Value>) {
        let value = value.into();
        if !value.is_null() {
            let stamp = self.birth.clone();
            self.regs.insert(name.to_string(), Reg { stamp, value });
        }
    }

    /// Writes a register. Returns false, and writes nothing, if it already has the value.
    pub fn set(&mut self, name: &str, value: impl Into<Value>, clock: &Clock) -> bool {
        write(&mut self.regs, name, value.into(), clock)
    }

    /// The elements of a set, in order.
    pub fn elements(&self, set: &str) -> impl Iterator<Item = &str> {
        self.sets
            .get(set)
            .into_iter()
            .flatten()
            .filter(|(_, reg)| reg.value.is_true())
            .map(|(element, _)| element.as_str())
    }

    /// True if a set has an element.
    pub fn contains(&self, set: &str, element: &str) -> bool {
        self.sets
            .get(set)
            .and_then(|s| s.get(element))
            .is_some_and(|reg| reg.value.is_true())
    }

    /// Adds an element to a set with the document's birth as its stamp.
    pub fn put_element(&mut self, set: &str, element: &str) {
        let reg = Reg {
            stamp: self.birth.clone(),
            value: Value::Bool(true),
        };
        self.sets
            .entry(set.to_string())
            .or_default()
            .insert(element.to_string(), reg);
    }

    /// Adds an element to a set or removes it. Returns whether that changed anything.
    pub fn set_element(&mut self, set: &str, element: &str, present: bool, clock: &Clock) -> bool {
        if self.contains(set, element) == present {
            return false;
        }
        let value = Value::from(present.then_some(true));
        write(
            self.sets.entry(set.to_string()).or_default(),
            element,
            value,
            clock,
        )
    }

    /// Makes a set hold exactly `elements`. Returns whether that changed anything.
    pub fn replace_elements(&mut self, set: &str, elements: &[String], clock: &Clock) -> bool {
        let gone: Vec<String> = self
            .elements(set)
            .filter(|e| !elements.iter().any(|x| x == e))
            .map(str::to_string)
            .collect();
        let mut changed = false;
        for element in gone {
            changed |= self.set_element(set, &element, false, clock);
        }
        for element in elements {
            changed |= self.set_element(set, element, true, clock);
        }
        changed
    }

    /// The entries of a record field that were not removed, by id.
    pub fn entries(&self, record: &str) -> impl Iterator<Item = (&str, &Entry)> {
        let all = self.all_entries(record);
        all.filter(|(_, entry)| !entry.is_removed())
    }

    /// The entries of a record field by id, including removed ones.
    pub fn all_entries(&self, record: &str) -> impl Iterator<Item = (&str, &Entry)> {
        let all = self.records.get(record).into_iter().flatten();
        all.map(|(id, entry)| (id.as_str(), entry))
    }

    /// One entry of a record field, including removed ones.
    pub fn entry(&self, record: &str, id: &str) -> Option<&Entry> {
        self.records.get(record)?.get(id)
    }

    /// Adds an entry with its first registers.
    pub fn add_entry(&mut self, record: &str, id: &str, at: Stamp, fields: &[(&str, Value)]) {
        let regs = fields
            .iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| {
                let reg = Reg {
                    stamp: at.clone(),
                    value: value.clone(),
                };
                ((*name).to_string(), reg)
            })
            .collect();
        self.records
            .entry(record.to_string())
            .or_default()
            .insert(id.to_string(), Entry { at, regs });
    }

    /// Writes one register of an entry. Returns whether that changed anything.
    pub fn set_entry(
        &mut self,
        record: &str,
        id: &str,
        name: &str,
        value: impl Into<Value>,
        clock: &Clock,
    ) -> bool {
        match self.records.get_mut(record).and_then(|r| r.get_mut(id)) {
            Some(entry) => write(&mut entry.regs, name, value.into(), clock),
            None => false,
        }
    }

    /// Writes registers of an entry, which is added if it is not there. Returns whether that changed
    /// anything.
    pub fn write_entry<'n>(
        &mut self,
        record: &str,
        id: &str,
        fresh: Stamp,
        registers: impl IntoIterator<Item = (&'n str, Value)>,
        clock: &Clock,
    ) -> bool {
        if self.entry(record, id).is_none() {
            self.add_entry(record, id, fresh, &[]);
        }
        let mut changed = false;
        for (name, value) in registers {
            changed |= self.set_entry(record, id, name, value, clock);
        }
        changed
    }

    /// The greatest stamp in the document: that of its last change.
    pub fn latest(&self) -> &Stamp {
        let mut latest = &self.birth;
        let sets = self.sets.values().flat_map(BTreeMap::values);
        let entries = self.records.values().flat_map(BTreeMap::values);
        for reg in self.regs.values().chain(sets) {
            latest = latest.max(&reg.stamp);
        }
        for entry in entries {
            latest = latest.max(&entry.at);
            for reg in entry.regs.values() {
                latest = latest.max(&reg.stamp);
            }
        }
        for id in self.body.versions.keys() {
            latest = latest.max(&id.stamp);
        }
        latest
    }

    /// Gives each name one shape: if two programs disagree, a record replaces a set and a set a
    /// register. Empty ones do not count.
    pub fn settle_shapes(&mut self) {
        self.records.retain(|_, record| !record.is_empty());
        let records = &self.records;
        self.sets
            .retain(|name, set| !set.is_empty() && !records.contains_key(name));
        let sets = &self.sets;
        self.regs
            .retain(|name, _| !records.contains_key(name) && !sets.contains_key(name));
    }

    /// True if it was neither deleted nor reduced to its identity.
    pub fn is_live(&self) -> bool {
        !self.purged && !self.value("deleted").is_true()
    }

    /// Removes everything but the identity, as garbage collection does with old tombstones. A
    /// comment's `item` and a run's `run` are part of it: their paths depend on them.
    pub fn purge(&mut self) {
        self.purged = true;
        self.regs.retain(|name, _| is_identity(name));
        self.sets.clear();
        self.records.clear();
        self.body = Prose::default();
    }
}

/// True if a register belongs to the identity of a document, which may decide its path: never
/// redacted, never purged.
pub fn is_identity(register: &str) -> bool {
    matches!(register, "id" | "item" | "run")
}

fn write(regs: &mut BTreeMap<String, Reg>, name: &str, value: Value, clock: &Clock) -> bool {
    let present = regs.get(name);
    if present.map_or(&Value::Null, |r| &r.value) == &value {
        return false;
    }
    let stamp = clock.stamp(present.map(|r| &r.stamp));
    regs.insert(name.to_string(), Reg { stamp, value });
    true
}
