//! The differences between two copies of one document, register by register.
//!
//! From them `diff` reports what changed and `undo` decides what to restore. Pure and independent of
//! the meaning of fields.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::doc::{Doc, Entry, Reg};
use super::prose::Prose;
use super::stamp::Clock;
use super::value::Value;

/// The place of one register in a document.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// A scalar field.
    Field(String),
    /// An element of a set field.
    Element(String, String),
    /// A field of an entry of a record field: record, entry, field.
    Entry(String, String, String),
}

impl Place {
    /// The name of its field.
    pub fn field(&self) -> &str {
        match self {
            Place::Field(name) | Place::Element(name, _) | Place::Entry(name, ..) => name,
        }
    }

    /// The register at this place.
    pub fn get<'d>(&self, doc: &'d Doc) -> Option<&'d Reg> {
        match self {
            Place::Field(name) => doc.regs.get(name),
            Place::Element(set, element) => doc.sets.get(set)?.get(element),
            Place::Entry(record, id, name) => doc.entry(record, id)?.regs.get(name),
        }
    }

    /// Writes the register. Returns whether that changed anything.
    pub fn set(&self, doc: &mut Doc, value: Value, clock: &Clock) -> bool {
        match self {
            Place::Field(name) => doc.set(name, value, clock),
            Place::Element(set, element) => doc.set_element(set, element, value.is_true(), clock),
            Place::Entry(record, id, name) => doc.set_entry(record, id, name, value, clock),
        }
    }
}

/// The field's name, or `record/entry/field`.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Field(name) => f.write_str(name),
            Place::Element(set, element) => write!(f, "{set}/{element}"),
            Place::Entry(record, id, name) => write!(f, "{record}/{id}/{name}"),
        }
    }
}

/// A register that differs between the two sides.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Its place in the document.
    pub place: Place,
    /// The register on the old side.
    pub old: Option<Reg>,
    /// The register on the new side.
    pub new: Option<Reg>,
}

impl Change {
    /// The old value; `Null` if none was written.
    pub fn old_value(&self) -> &Value {
        value(self.old.as_ref())
    }

    /// The new value; `Null` if none was written.
    pub fn new_value(&self) -> &Value {
        value(self.new.as_ref())
    }

    /// True if the values differ, and not only their stamps.
    pub fn is_visible(&self) -> bool {
        self.old_value() != self.new_value()
    }
}

fn value(reg: Option<&Reg>) -> &Value {
    reg.map_or(&Value::Null, |reg| &reg.value)
}

/// An entry of a record field that only one side has; its registers are not listed as [`Change`]s.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EntryName {
    /// The name of the record field.
    pub record: String,
    /// The key of the entry in it.
    pub id: String,
}

/// The differences between two copies of one document.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Difference {
    /// Registers, in the order of their places.
    pub changes: Vec<Change>,
    /// Entries that only the new side has.
    pub added: Vec<EntryName>,
    /// Entries that only the old side has: the old side is not a predecessor of the new one.
    pub missing: Vec<EntryName>,
    /// Set if the versions of the body differ.
    pub body: bool,
}

/// Compares two copies of one document. A missing copy counts as an empty one.
pub fn compare(old: Option<&Doc>, new: Option<&Doc>) -> Difference {
    let mut out = Difference::default();
    let field = |name: &str| Place::Field(name.to_string());
    registers(old.map(|d| &d.regs), new.map(|d| &d.regs), &mut out, field);
    for set in names(old.map(|d| &d.sets), new.map(|d| &d.sets)) {
        let (a, b) = (
            old.and_then(|d| d.sets.get(set)),
            new.and_then(|d| d.sets.get(set)),
        );
        registers(a, b, &mut out, |element| {
            Place::Element(set.clone(), element.to_string())
        });
    }
    for record in names(old.map(|d| &d.records), new.map(|d| &d.records)) {
        let (a, b) = (
            old.and_then(|d| d.records.get(record)),
            new.and_then(|d| d.records.get(record)),
        );
        entries(a, b, record, &mut out);
    }
    let ids = |doc: Option<&Doc>| doc.map(|d| d.body.versions.keys().cloned().collect::<Vec<_>>());
    out.body = ids(old).unwrap_or_default() != ids(new).unwrap_or_default();
    out.changes.sort_by(|a, b| a.place.cmp(&b.place));
    out
}

/// The keys of both maps.
fn names<'m, T>(
    old: Option<&'m BTreeMap<String, T>>,
    new: Option<&'m BTreeMap<String, T>>,
) -> BTreeSet<&'m String> {
    let both = old.into_iter().chain(new);
    both.flat_map(BTreeMap::keys).collect()
}

fn registers(
    old: Option<&BTreeMap<String, Reg>>,
    new: Option<&BTreeMap<String, Reg>>,
    out: &mut Difference,
    place: impl Fn(&str) -> Place,
) {
    for name in names(old, new) {
        let (a, b) = (
            old.and_then(|regs| regs.get(name)),
            new.and_then(|regs| regs.get(name)),
        );
        if a != b {
            out.changes.push(Change {
                place: place(name),
                old: a.cloned(),
                new: b.cloned(),
            });
        }
    }
}

fn entries(
    old: Option<&BTreeMap<String, Entry>>,
    new: Option<&BTreeMap<String, Entry>>,
    record: &str,
    out: &mut Difference,
) {
    for id in names(old, new) {
        let name = || EntryName {
            record: record.to_string(),
            id: id.clone(),
        };
        match (
            old.and_then(|all| all.get(id)),
            new.and_then(|all| all.get(id)),
        ) {
            (Some(x), Some(y)) => registers(Some(&x.regs), Some(&y.regs), out, |field| {
                Place::Entry(record.to_string(), id.clone(), field.to_string())
            }),
            (None, Some(_)) => out.added.push(name()),
            (Some(_), None) => out.missing.push(name()),
            (None, None) => {}
        }
    }
}

/// True if an entry has the same values on both sides; stamps may differ.
pub fn same_entry(a: &Entry, b: &Entry) -> bool {
    let names: BTreeSet<&String> = a.regs.keys().chain(b.regs.keys()).collect();
    names.into_iter().all(|name| a.value(name) == b.value(name))
}

/// Replaces only the versions in `over` by `texts`; concurrent versions stay as they are.
pub fn replace_versions(body: &mut Prose, over: &Prose, texts: &[&str], clock: &Clock) {
    let mut part = Prose::default();
    for id in over.versions.keys() {
        if let Some(version) = body.versions.remove(id) {
            part.versions.insert(id.clone(), version);
        }
    }
    for text in texts {
        let mut next = part.clone();
        match texts {
            [_] => drop(next.write(text, clock)),
            // One that was kept would be replaced by its neighbors.
            _ => next.write_anew(text, clock),
        }
        body.versions.extend(next.versions);
        body.dropped.extend(next.dropped);
    }
    body.settle();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::stamp::{ReplicaId, Stamp, Tick};
    use crate::model::uid::Uid;

    fn clock(ms: u64) -> Clock {
        Clock::new(ReplicaId::new("a").unwrap(), ms, Tick::default())
    }

    fn doc() -> Doc {
        let birth: Stamp = "1.0.a".parse().unwrap();
        let mut doc = Doc::new(Uid::derived(&["x"]), "task", "T-0001", birth.clone());
        doc.put("title", "one");
        doc.put_element("labels", "ci");
        doc.add_entry("acceptance", "c1", birth, &[("text", "holds".into())]);
        doc.body.write("text", &clock(1));
        doc
    }

    #[test]
    fn every_shape_of_field_is_compared() {
        let (old, mut new) = (doc(), doc());
        new.set("title", "two", &clock(5));
        new.set_element("labels", "ci", false, &clock(5));
        new.set_element("labels", "db", true, &clock(5));
        new.set_entry("acceptance", "c1", "done", true, &clock(5));
        new.add_entry(
            "claims",
            "k",
            clock(5).stamp(None),
            &[("actor", "ana".into())],
        );
        new.body.write("other", &clock(5));
        let found = compare(Some(&old), Some(&new));
        let places: Vec<&Place> = found.changes.iter().map(|c| &c.place).collect();
        let element = |e: &str| Place::Element("labels".into(), e.into());
        assert_eq!(
            places,
            [
                &Place::Field("title".into()),
                &element("ci"),
                &element("db"),
                &Place::Entry("acceptance".into(), "c1".into(), "done".into()),
            ]
        );
        assert_eq!(found.changes[0].old_value(), &Value::from("one"));
        assert_eq!(found.changes[0].new_value(), &Value::from("two"));
        assert_eq!(found.added[0].record, "claims");
        assert!(found.body && found.missing.is_empty());
        // In the other direction an entry is missing and none is added.
        let back = compare(Some(&new), Some(&old));
        assert_eq!((back.added.len(), back.missing.len()), (0, 1));
    }

    #[test]
    fn a_version_is_replaced_beside_a_concurrent_one() {
        let mut ours = doc();
        let before = ours.body.clone();
        ours.body.write("ours", &clock(5));
        let wrote = ours.body.clone();
        let mut theirs = Prose { ..before };
        theirs.write("theirs", &clock(6));
        let mut both = wrote.clone();
        both.versions.extend(theirs.versions.clone());
        both.settle();
        replace_versions(&mut both, &wrote, &["text"], &clock(9));
        let texts: BTreeSet<&str> = both
            .versions
            .values()
            .filter_map(|v| v.text.as_deref())
            .collect();
        assert_eq!(texts, ["text", "theirs"].into());
    }
}
