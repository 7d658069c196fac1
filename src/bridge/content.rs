//! A record of another tracker: its identity and its content. Pure.

use std::collections::{BTreeMap, BTreeSet};

use super::merge_record::{both, merge};
use crate::model::doc::{Doc, EXTERNAL};
use crate::model::id::{ItemKind, ItemRef};
use crate::model::imported::RECORD_ID_LENGTH;
use crate::model::register_diff::Place;
use crate::model::stamp::{ReplicaId, Stamp};
use crate::model::uid::{Uid, sha256_hex};
use crate::model::value::Value;

/// The trackers that records come from.
const SOURCES: &[&str] = &[
    super::beads::SOURCE,
    super::backlog::SOURCE,
    super::ccpm::SOURCE,
    super::taskmaster::SOURCE,
    super::csv::SOURCES[0],
    super::csv::SOURCES[1],
    super::csv::SOURCES[2],
    super::csv::SOURCES[3],
];

/// The registers with names of people. In `external` of an item, each has the name that its import wrote for that in
/// the record, if that is another one; empty if it wrote none.
pub(super) const PEOPLE: [&str; 2] = ["assignee", "created_by"];

/// The identity and raw text of a record of another tracker.
#[derive(Clone, Debug)]
pub struct Foreign<'a> {
    /// The tracker: `beads`.
    pub source: &'static str,
    /// Its id at its source, which is also its birth id here.
    pub id: &'a str,
    /// Its position among the records with that id, from 0: some files have an id twice.
    pub occurrence: usize,
    /// The kind of its item.
    pub kind: ItemKind,
    /// Its last change at its source, at most now: milliseconds since the Unix epoch.
    pub at_ms: u64,
    /// The escaping of its texts, if an export needs it.
    pub dialect: Option<&'static str>,
    /// The record as its source wrote it.
    pub raw: &'a str,
}

impl Foreign<'_> {
    /// The uid of its item, the same in every clone.
    pub fn uid(&self) -> Uid {
        item_uid(self.source, self.id, self.occurrence)
    }

    /// The stamp of its values: its own time, with its hash instead of a replica id.
    pub fn stamp(&self) -> Stamp {
        stamp(self.at_ms, self.raw)
    }

    /// This record with another text.
    pub(super) fn saying<'r>(&'r self, raw: &'r str) -> Foreign<'r> {
        Foreign {
            raw,
            ..self.clone()
        }
    }

    /// The value of the register `external`.
    pub(super) fn external(&self) -> Value {
        external_value(
            self.source,
            self.id,
            self.occurrence,
            self.dialect,
            self.raw,
        )
    }
}

/// The value of the register `external` of an imported document.
pub(super) fn external_value(
    source: &str,
    id: &str,
    occurrence: usize,
    dialect: Option<&str>,
    raw: &str,
) -> Value {
    let mut map = serde_json::Map::new();
    map.insert("source".into(), source.into());
    map.insert("id".into(), id.into());
    map.insert("occurrence".into(), occurrence.into());
    if let Some(dialect) = dialect {
        map.insert("dialect".into(), dialect.into());
    }
    map.insert("record".into(), raw.into());
    Value::Json(serde_json::Value::Object(map))
}

/// The stamp of imported values: their time, with the hash of the raw text instead of a replica id.
pub(crate) fn stamp(at_ms: u64, raw: &str) -> Stamp {
    let hash = sha256_hex(raw.as_bytes());
    let replica = ReplicaId::new(&hash[..RECORD_ID_LENGTH]);
    Stamp {
        ms: at_ms,
        counter: 0,
        replica: replica.unwrap_or_else(|| unreachable!("a hash is a replica id")),
    }
}

/// The uid of the item of a record.
pub fn item_uid(source: &str, id: &str, occurrence: usize) -> Uid {
    Uid::derived(&[source, id, &occurrence.to_string()])
}

/// True if a reference is to a record of another tracker, which may never have been imported.
pub(crate) fn is_foreign(target: &ItemRef) -> bool {
    let uid = target.uid.as_ref();
    uid.is_some_and(|uid| {
        let mut sources = SOURCES.iter();
        sources.any(|source| item_uid(source, &target.born, 0) == *uid)
    })
}

/// The uid of a comment on such an item. `nth` distinguishes comments with the same id.
pub fn comment_uid(source: &str, item: &Uid, id: &str, nth: usize) -> Uid {
    Uid::derived(&[source, "comment", item.as_str(), id, &nth.to_string()])
}

/// A text in the register `external` of a document imported from `source`.
pub(crate) fn external<'d>(doc: &'d Doc, source: &str, name: &str) -> Option<&'d str> {
    let Value::Json(json) = doc.value(EXTERNAL) else {
        return None;
    };
    let is_of = json.get("source").and_then(|s| s.as_str()) == Some(source);
    json.get(name).filter(|_| is_of)?.as_str()
}

/// A comment of another tracker.
#[derive(Clone, Debug, PartialEq)]
pub struct Remark {
    /// Its uid here; see [`comment_uid`].
    pub uid: Uid,
    /// Its id at its source, as JSON: a number stays a number.
    pub id: String,
    pub author: String,
    /// Its time, RFC 3339.
    pub created_at: String,
    /// Its time, in milliseconds since the Unix epoch.
    pub at_ms: u64,
    pub text: String,
}

/// The content of a record, in the fields of a document. A missing field is missing at the source.
#[derive(Clone, Debug, Default)]
pub struct Content {
    /// Registers by name.
    pub regs: BTreeMap<String, Value>,
    /// Sets by name.
    pub sets: BTreeMap<String, BTreeSet<String>>,
    /// Records: name, entry, register.
    pub records: BTreeMap<String, BTreeMap<String, BTreeMap<String, Value>>>,
    /// The text below the front matter.
    pub body: String,
    /// Comments, in their order.
    pub comments: Vec<Remark>,
    /// The record says which comments there are: others were removed.
    pub lists_comments: bool,
    /// Registers of which the record says nothing itself: their values follow from labels, or are usual ones.
    pub inferred: BTreeSet<&'static str>,
}

/// Two that say the same are equal, whatever of it is inferred.
impl PartialEq for Content {
    fn eq(&self, other: &Content) -> bool {
        self.regs == other.regs
            && self.sets == other.sets
            && self.records == other.records
            && self.body == other.body
            && self.comments == other.comments
    }
}

impl Content {
    /// The value of a register.
    pub(super) fn value(&self, place: &Place) -> &Value {
        let found = match place {
            Place::Field(name) => self.regs.get(name),
            Place::Element(..) => None,
            Place::Entry(record, id, name) => self
                .records
                .get(record)
                .and_then(|entries| entries.get(id)?.get(name)),
        };
        found.unwrap_or(&Value::Null)
    }

    /// Puts a register, unless the value is null or an empty text.
    pub fn put(&mut self, name: &str, value: impl Into<Value>) {
        let value = value.into();
        if !value.is_null() && value.as_str() != Some("") {
            self.regs.insert(name.to_string(), value);
            self.inferred.remove(name);
        }
    }

    /// Puts a register of which the record says nothing itself.
    pub fn infer(&mut self, name: &'static str, value: impl Into<Value>) {
        self.put(name, value);
        self.inferred.insert(name);
    }

    /// Puts an element into a set, unless it is empty.
    pub fn put_element(&mut self, set: &str, element: impl Into<String>) {
        let element = element.into();
        if !element.is_empty() {
            let set = self.sets.entry(set.to_string()).or_default();
            set.insert(element);
        }
    }

    /// Puts a register of an entry of a record.
    pub fn put_entry(&mut self, record: &str, entry: &str, name: &str, value: impl Into<Value>) {
        let record = self.records.entry(record.to_string()).or_default();
        let entry = record.entry(entry.to_string()).or_default();
        entry.insert(name.to_string(), value.into());
    }

    /// Gives people the names that they have here: pairs of a name at the source, in which case does not
    /// matter, and one here; an empty one is left out. Returns the registers with their names at the source.
    pub(super) fn rename_people(&mut self, users: &[(String, String)]) -> Content {
        let mut read = Content::default();
        let name_of = |name: &str| {
            let found = users
                .iter()
                .find(|(old, _)| crate::model::text::is_same_name(old, name));
            found.map(|(_, new)| new.clone())
        };
        for field in PEOPLE {
            let Some(there) = self.regs.get(field).cloned() else {
                continue;
            };
            if let Some(name) = there.as_str().and_then(name_of) {
                self.regs.remove(field);
                self.put(field, name);
            }
            read.put(field, there);
        }
        for remark in &mut self.comments {
            if let Some(name) = name_of(&remark.author) {
                remark.author = name;
            }
        }
        read
    }

    /// The register `external` of this record, with the names that people have here; `read` has those in the record.
    /// `before` has those of the last import, when the record was `base`: they stay where the source changed nothing.
    pub(super) fn external(
        &self,
        record: &Foreign<'_>,
        read: &Content,
        base: &Content,
        before: &Doc,
    ) -> Value {
        let mut out = record.external();
        for field in PEOPLE {
            let [here, there, was] = [self, read, base].map(|one| one.regs.get(field));
            let known = external(before, record.source, field).filter(|_| there == was);
            let given = here.and_then(Value::as_str).unwrap_or_default();
            let name = if here == there { known } else { Some(given) };
            if let (Value::Json(json), Some(name)) = (&mut out, name) {
                json[field] = name.into();
            }
        }
        out
    }

    /// This base of a merge without the names that only [`Content::rename_people`] changed from `read` to `new`,
    /// unless the document still has the old one: who else was assigned here since, stays.
    pub(super) fn with_people_of(&self, read: &Content, new: &Content, doc: &Doc) -> Content {
        let mut base = self.clone();
        for field in PEOPLE {
            let is_same = self.regs.get(field) == read.regs.get(field);
            if is_same && *doc.value(field) != *self.value(&Place::Field(field.to_string())) {
                base.regs.remove(field);
                base.put(field, new.regs.get(field).cloned().unwrap_or(Value::Null));
            }
        }
        base
    }

    /// This base of a merge for a record that was made from the version `seen`: where the record says the same as the
    /// base and `seen` did not, its source has changed that back.
    pub(super) fn seen_as(&self, seen: &Content, record: &Content) -> Content {
        let mut base = self.clone();
        for name in both(&self.regs, &seen.regs) {
            let [was, saw, is] = [self, seen, record].map(|one| one.regs.get(&name));
            if is == was && saw != was {
                match saw {
                    Some(value) => base.regs.insert(name, value.clone()),
                    None => base.regs.remove(&name),
                };
            }
        }
        let none = BTreeSet::new();
        for name in both(&self.sets, &seen.sets) {
            let [was, saw, is] =
                [self, seen, record].map(|one| one.sets.get(&name).unwrap_or(&none));
            let back = was.symmetric_difference(saw);
            let back = back.filter(|one| was.contains(*one) == is.contains(*one));
            let back: BTreeSet<String> = back.cloned().collect();
            let own = was.symmetric_difference(&back).cloned().collect();
            base.sets.insert(name, own);
        }
        let none = BTreeMap::new();
        for name in both(&self.records, &seen.records) {
            let [was, saw, is] =
                [self, seen, record].map(|one| one.records.get(&name).unwrap_or(&none));
            let own = base.records.entry(name).or_default();
            for id in both(was, saw) {
                match saw.get(&id) {
                    Some(entry) => drop(own.insert(id, entry.clone())),
                    None if is.get(&id) == was.get(&id) => drop(own.remove(&id)),
                    None => {}
                }
            }
        }
        base
    }

    /// Takes from `base` what is the same here and in `exported`.
    pub(super) fn take_unedited(&mut self, exported: &Content, base: &Content) {
        self.body = match self.body == exported.body {
            true => base.body.clone(),
            false => std::mem::take(&mut self.body),
        };
        take_same(&mut self.regs, &exported.regs, &base.regs);
        let none = BTreeSet::new();
        for name in both(&self.sets, &exported.sets) {
            let own = self.sets.entry(name.clone()).or_default();
            let exported = exported.sets.get(&name).unwrap_or(&none);
            let base = base.sets.get(&name).unwrap_or(&none);
            let edited = own.symmetric_difference(exported).cloned();
            let edited: BTreeSet<String> = edited.collect();
            let kept = own.intersection(&edited).cloned();
            *own = kept.chain(base.difference(&edited).cloned()).collect();
        }
        let nothing = BTreeMap::new();
        for name in both(&self.records, &exported.records) {
            let own = self.records.entry(name.clone()).or_default();
            let exported = exported.records.get(&name).unwrap_or(&nothing);
            take_same(own, exported, base.records.get(&name).unwrap_or(&nothing));
        }
    }

    /// A new item with this content.
    pub(super) fn to_doc(&self, record: &Foreign<'_>) -> Doc {
        let birth = record.stamp();
        let mut doc = Doc::new(record.uid(), record.kind.as_str(), record.id, birth.clone());
        merge(&mut doc, &Content::default(), self, &birth);
        doc.put(EXTERNAL, record.external());
        doc
    }
}

/// Takes from `base` the entries that are the same in both others.
fn take_same<T: Clone + PartialEq>(
    own: &mut BTreeMap<String, T>,
    exported: &BTreeMap<String, T>,
    base: &BTreeMap<String, T>,
) {
    for name in both(own, exported) {
        if own.get(&name) != exported.get(&name) {
            continue;
        }
        match base.get(&name) {
            Some(value) => own.insert(name, value.clone()),
            None => own.remove(&name),
        };
    }
}

impl Remark {
    /// True if a comment was written here, and came back from an export as this one.
    pub(super) fn was_written_as(&self, doc: &Doc) -> bool {
        doc.text("author").unwrap_or_default() == self.author
            && doc.text("created_at").unwrap_or_default() == self.created_at
            && doc.body.text() == self.text
            && doc.value(EXTERNAL).is_null()
    }

    /// A new comment on an item.
    pub(super) fn to_doc(&self, source: &str, item: &str) -> Doc {
        let birth = stamp(
            self.at_ms,
            &format!("{}\0{}\0{}", self.id, self.author, self.text),
        );
        let mut doc = Doc::new(self.uid.clone(), "comment", "", birth);
        doc.put("item", item);
        doc.put("author", self.author.as_str());
        doc.put("created_at", self.created_at.as_str());
        let mut external = serde_json::Map::new();
        external.insert("source".into(), source.into());
        external.insert("id".into(), self.id.as_str().into());
        doc.put(EXTERNAL, Value::Json(serde_json::Value::Object(external)));
        doc.put_body(&self.text);
        doc
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::codec::{decode, encode};

    #[test]
    fn an_imported_document_is_read_back() {
        let mut content = Content {
            body: "Text\n---\n\0\r\n".into(),
            ..Content::default()
        };
        content.put("title", "<b> \u{2028} \"x\"");
        content.put_element("labels", "a, b");
        content.put_entry("edge_attributes", "waits-for x", "metadata", "{\"gate\":1}");
        let record = Foreign {
            source: "beads",
            id: "../../etc/passwd",
            occurrence: 2,
            kind: ItemKind::Issue,
            at_ms: 1_763_625_600_000,
            dialect: Some("go"),
            raw: "{\"id\":\"bd-1\",\t\"t\":\"\\u003c\\\\ café 🦀 \u{7f}\u{85}\"}\r",
        };
        let doc = content.to_doc(&record);
        let bytes = encode(&doc);
        assert_eq!(decode(bytes.as_bytes()).unwrap(), doc);
        assert_eq!(external(&doc, "beads", "record"), Some(record.raw));
        assert_eq!(external(&doc, "backlog", "record"), None);
        assert_eq!(encode(&content.to_doc(&record)), bytes);
    }

    #[test]
    fn only_what_was_edited_in_an_export_differs_from_the_base() {
        let with = |title: &str, who: &str, labels: &[&str], body: &str| {
            let mut content = Content {
                body: body.into(),
                ..Content::default()
            };
            content.put("title", title);
            content.put("assignee", who);
            for label in labels {
                content.put_element("labels", *label);
            }
            content
        };
        let base = with("Old", "", &["a", "b"], "Text");
        let exported = with("Old", "holder", &["a", "c"], "Text here");
        let mut edited = with("New", "holder", &["c", "d"], "Text here");
        edited.take_unedited(&exported, &base);
        assert_eq!(edited, with("New", "", &["b", "d"], "Text"));
    }

    #[test]
    fn people_get_the_names_that_they_have_here() {
        let mut content = Content::default();
        content.put("assignee", "JDoe");
        content.put("created_by", "bot");
        let users =
            [("jdoe", "John Doe"), ("bot", "")].map(|(a, b)| (a.to_string(), b.to_string()));
        content.rename_people(&users);
        assert_eq!(content.regs.get("assignee"), Some(&Value::from("John Doe")));
        assert_eq!(content.regs.get("created_by"), None);
    }

    #[test]
    fn uids_follow_from_source_id_and_occurrence() {
        let uid = item_uid("beads", "bd-1", 0);
        assert_eq!(uid, item_uid("beads", "bd-1", 0));
        for other in [
            item_uid("beads", "bd-1", 1),
            item_uid("beads", "bd-10", 0),
            item_uid("other", "bd-1", 0),
            comment_uid("beads", &uid, "1", 0),
        ] {
            assert_ne!(uid, other);
        }
        assert!(is_foreign(&ItemRef::to("bd-1", &uid)));
        assert!(!is_foreign(&ItemRef::to("bd-2", &uid)));
    }
}
