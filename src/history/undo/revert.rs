//! What has to be written into one document to take an operation's part in it back: pure. A value
//! is put back only where it still is what the operation wrote; what was changed since is reported.

use crate::model::doc::{Doc, IMPORT, UNDONE, is_identity};
use crate::model::id::ItemKind;
use crate::model::long_texts;
use crate::model::prose::{Prose, VersionId};
use crate::model::register_diff::{
    Change, EntryName, Place, compare, replace_versions, same_entry,
};
use crate::model::stamp::{Clock, Stamp};
use crate::model::value::Value;
use crate::store::join::doc::Redactions;

/// How an ending begins that an undoing wrote.
const UNDONE_BY: &str = "undone by ";

/// What the operation did to a document, and how it is now.
pub(super) struct Case<'d> {
    /// The document before the operation; none if the operation made it.
    pub before: Option<&'d Doc>,
    /// As the operation left it.
    pub after: &'d Doc,
    /// As it is now.
    pub present: &'d Doc,
}

/// Who undoes, where and when.
pub(super) struct By<'c> {
    /// The clock of the write.
    pub clock: &'c Clock,
    /// The actor's name.
    pub actor: &'c str,
    /// The clone's id.
    pub replica: &'c str,
    /// What must not be written again.
    pub redactions: &'c Redactions,
    /// Whether the operation began work: its branch outlives it.
    pub is_start: bool,
    /// Whether it brought records of another tracker.
    pub is_import: bool,
    /// Whether an undoing or a settlement left a trace: what it put back is again as the operation
    /// wrote it.
    pub is_undoing: &'c dyn Fn(&Trace) -> bool,
}

/// What stands in the way of undoing one part.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Obstacle {
    /// The part, as in `title` or `label `ci``.
    pub what: String,
    /// Why it cannot be put back.
    pub why: Why,
}

/// Why a part cannot be put back.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Why {
    /// It was written again since.
    Later(Trace),
    /// Another reason, with what to do instead.
    Said(String),
}

/// What a later write left, by which its commit is found.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Trace {
    /// A register with a stamp.
    Register(Place, Stamp),
    /// An entry of a record field.
    Entry(EntryName),
    /// A version of the text.
    Version(VersionId),
}

impl Trace {
    /// Whether a copy of the document has it.
    pub fn is_in(&self, doc: &Doc) -> bool {
        match self {
            Trace::Register(place, stamp) => place.get(doc).is_some_and(|reg| reg.stamp == *stamp),
            Trace::Entry(name) => doc.entry(&name.record, &name.id).is_some(),
            Trace::Version(id) => doc.body.versions.contains_key(id),
        }
    }
}

/// A document with an operation's part in it taken back.
pub(super) struct Reverted {
    /// The document to write.
    pub doc: Doc,
    /// Whether it differs from the present one.
    pub changed: bool,
    /// What was left as it is.
    pub obstacles: Vec<Obstacle>,
}

impl Reverted {
    fn obstacle(&mut self, what: impl Into<String>, why: Why) {
        let what = what.into();
        self.obstacles.push(Obstacle { what, why });
    }

    fn set(&mut self, place: &Place, value: Value, by: &By<'_>) {
        self.changed |= place.set(&mut self.doc, value, by.clock);
    }
}

/// Takes an operation's part in a document back.
pub(super) fn revert(case: &Case<'_>, by: &By<'_>) -> Reverted {
    let mut out = Reverted {
        doc: case.present.clone(),
        changed: false,
        obstacles: Vec::new(),
    };
    if case.present.purged {
        return out;
    }
    match case.before {
        None => unmake(case, by, &mut out),
        Some(before) => restore(before, case, by, &mut out),
    }
    out
}

/// Deletes or ends what the operation made, unless somebody worked on it since.
fn unmake(case: &Case<'_>, by: &By<'_>, out: &mut Reverted) {
    let field = |name: &str| Place::Field(name.to_string());
    match case.after.kind.as_str() {
        "reservation" => end_reservation(case, by, out),
        "comment" => delete(out, by),
        "plan" => {
            worked_on(case, out);
            if out.obstacles.is_empty() {
                out.set(&field("deleted"), true.into(), by);
            }
        }
        kind if ItemKind::parse(kind).is_some() => {
            if case.present.value("deleted").is_true() {
                return;
            }
            worked_on(case, out);
            if out.obstacles.is_empty() {
                delete(out, by);
            }
        }
        _ => {}
    }
}

/// Makes a tombstone. That of an import says so, for the same record may be imported again.
fn delete(out: &mut Reverted, by: &By<'_>) {
    out.set(&Place::Field("deleted".into()), true.into(), by);
    if by.is_import {
        out.set(&Place::Field(UNDONE.into()), IMPORT.into(), by);
    }
}

/// Everything that was done to a document since the operation made it.
fn worked_on(case: &Case<'_>, out: &mut Reverted) {
    let found = compare(Some(case.after), Some(case.present));
    // What was added and taken back is no work, a start that was undone included; its branch stays.
    let taken_back = |name: &EntryName| {
        // The register beside it was written, too.
        if name.record == long_texts::RECORD {
            return true;
        }
        let entry = case.present.entry(&name.record, &name.id);
        entry.is_some_and(|e| {
            let ended = e.text("ended").unwrap_or_default();
            e.is_removed() || (name.record == "claims" && ended.starts_with(UNDONE_BY))
        })
    };
    let added: Vec<&EntryName> = found.added.iter().filter(|n| !taken_back(n)).collect();
    let idle = !added.iter().any(|name| name.record == "claims");
    for change in found.changes.iter().filter(|c| c.is_visible()) {
        let Some(reg) = &change.new else { continue };
        // A renumbering and coming back from an earlier undoing are nobody's work.
        let own = matches!(&change.place, Place::Field(name)
            if name == "id" || name == "deleted" || name == UNDONE || (idle && name == "branch"));
        if !own && !is_renewal(&change.place) {
            let trace = Trace::Register(change.place.clone(), reg.stamp.clone());
            out.obstacle(words(&change.place, case.present), Why::Later(trace));
        }
    }
    for name in added {
        let what = entry_words(name, case.present);
        out.obstacle(what, Why::Later(Trace::Entry(name.clone())));
    }
    if case.after.body.text() != case.present.body.text()
        && let Some(newest) = case.present.body.newest()
    {
        out.obstacle("text", Why::Later(Trace::Version(newest.clone())));
    }
}

fn end_reservation(case: &Case<'_>, by: &By<'_>, out: &mut Reverted) {
    let present = case.present;
    if !present.value("ended").is_null() {
        return;
    }
    let text = |name: &str| present.text(name).unwrap_or_default();
    if text("replica") == by.replica {
        let place = Place::Field("ended".into());
        out.set(&place, format!("{UNDONE_BY}{}", by.actor).into(), by);
    } else {
        let why = format!(
            "{} made it in another clone; `git pm reserve steal` takes it",
            text("actor")
        );
        out.obstacle(reservation_words(present), Why::Said(why));
    }
}

/// Puts the values before the operation back.
fn restore(before: &Doc, case: &Case<'_>, by: &By<'_>, out: &mut Reverted) {
    let found = compare(Some(before), Some(case.after));
    let ended_claims = found.changes.iter().any(is_ended_claim);
    for change in found.changes.iter().filter(|c| c.is_visible()) {
        if is_ended_claim(change) {
            ended_claim(change, case.present, out);
        } else if case.after.kind == "reservation" && change.place.field() == "ended" {
            let patterns: Vec<&str> = case.present.elements("patterns").collect();
            let why = format!(
                "it has ended; `git pm reserve add {}` makes it again",
                patterns.join(" ")
            );
            out.obstacle(reservation_words(case.present), Why::Said(why));
        } else if !is_left_alone(&change.place, by) {
            put_back(change, ended_claims, case, by, out);
        }
    }
    for name in &found.added {
        take_out(name, case, by, out);
    }
    if found.body {
        body(before, case, by, out);
    }
}

/// What belongs to something else than the operation: identity, and how a claim fares.
fn is_left_alone(place: &Place, by: &By<'_>) -> bool {
    match place {
        Place::Field(name) => {
            is_identity(name)
                || matches!(name.as_str(), "confirmed" | "released_commit")
                || (by.is_start && name == "branch")
        }
        _ => is_renewal(place),
    }
}

fn is_renewal(place: &Place) -> bool {
    matches!(place, Place::Entry(record, _, name)
        if record == "claims" && matches!(name.as_str(), "lease" | "confirmed"))
}

fn is_ended_claim(change: &Change) -> bool {
    matches!(&change.place, Place::Entry(record, _, name) if record == "claims" && name == "ended")
        && change.old_value().is_null()
}

fn ended_claim(change: &Change, present: &Doc, out: &mut Reverted) {
    let Place::Entry(record, id, _) = &change.place else {
        return;
    };
    let entry = present.entry(record, id);
    let actor = entry.and_then(|e| e.text("actor")).unwrap_or_default();
    let item = present.shown_id();
    let why = format!("it has ended; `git pm start {item}` claims it again");
    out.obstacle(format!("claim of {actor}"), Why::Said(why));
}

fn put_back(change: &Change, ended_claims: bool, case: &Case<'_>, by: &By<'_>, out: &mut Reverted) {
    let (Some(wrote), Some(now)) = (&change.new, change.place.get(case.present)) else {
        return;
    };
    let mut old = change.old_value().clone();
    // Nobody holds it any more, so nobody is at work on it.
    let status = matches!(&change.place, Place::Field(name) if name == "status");
    if status && ended_claims && old.as_str() == Some("in_progress") {
        let task = case.present.kind == "task";
        old = if task { "queued" } else { "open" }.into();
    }
    if now.value == old || (now.value.is_null() && !old.is_true() && old.is_null()) {
        return;
    }
    let what = words(&change.place, case.present);
    if now.stamp != wrote.stamp {
        let trace = Trace::Register(change.place.clone(), now.stamp.clone());
        if now.value != wrote.value || !(by.is_undoing)(&trace) {
            return out.obstacle(what, Why::Later(trace));
        }
    }
    let hidden = matches!(old, Value::Redacted(_)) || by.redactions.values.contains(&old.hash());
    if hidden && !old.is_null() {
        return out.obstacle(what, Why::Said("what it was before was redacted".into()));
    }
    out.set(&change.place, old, by);
}

/// Takes an entry out that the operation added: a claim ends, anything else goes.
fn take_out(name: &EntryName, case: &Case<'_>, by: &By<'_>, out: &mut Reverted) {
    let (Some(wrote), Some(now)) = (
        case.after.entry(&name.record, &name.id),
        case.present.entry(&name.record, &name.id),
    ) else {
        return;
    };
    let place = |field: &str| Place::Entry(name.record.clone(), name.id.clone(), field.into());
    if name.record == "claims" {
        if !now.value("ended").is_null() {
            return;
        }
        if now.text("replica") != Some(by.replica) {
            let item = case.present.shown_id();
            let why = format!(
                "it was made in another clone; `git pm task reassign {item} --to ACTOR` ends it"
            );
            return out.obstacle(entry_words(name, case.present), Why::Said(why));
        }
        return out.set(
            &place("ended"),
            format!("{UNDONE_BY}{}", by.actor).into(),
            by,
        );
    }
    if now.is_removed() {
        return;
    }
    if same_entry(wrote, now) {
        return out.set(&place("removed"), true.into(), by);
    }
    let newest = now.regs.iter().max_by(|a, b| a.1.stamp.cmp(&b.1.stamp));
    if let Some((field, reg)) = newest {
        let trace = Trace::Register(place(field), reg.stamp.clone());
        out.obstacle(entry_words(name, case.present), Why::Later(trace));
    }
}

/// Writes the former text in the place of the operation's own.
fn body(before: &Doc, case: &Case<'_>, by: &By<'_>, out: &mut Reverted) {
    let only_in = |a: &Prose, b: &Prose| -> Prose {
        let versions = a.versions.iter();
        Prose {
            versions: versions
                .filter(|(id, _)| !b.versions.contains_key(*id))
                .map(|(id, v)| (id.clone(), v.clone()))
                .collect(),
            ..Prose::default()
        }
    };
    let mut wrote = only_in(&case.after.body, &before.body);
    let replaced = only_in(&before.body, &case.after.body);
    let present = &case.present.body;
    if wrote.versions.is_empty() {
        return;
    }
    if !wrote
        .versions
        .keys()
        .all(|id| present.versions.contains_key(id))
    {
        let is_text_of = |prose: &Prose| {
            !present.is_conflicted() && !prose.is_conflicted() && present.text() == prose.text()
        };
        let Some(newest) = present.newest().filter(|_| !is_text_of(&before.body)) else {
            return;
        };
        let trace = Trace::Version(newest.clone());
        if !is_text_of(&case.after.body) || !(by.is_undoing)(&trace) {
            return out.obstacle("text", Why::Later(trace));
        }
        wrote = present.clone();
    }
    let hidden = replaced
        .versions
        .iter()
        .any(|(id, v)| v.text.is_none() || by.redactions.versions.contains(id));
    if hidden {
        return out.obstacle("text", Why::Said("what it was before was redacted".into()));
    }
    let mut texts: Vec<&str> = replaced
        .versions
        .values()
        .filter_map(|v| v.text.as_deref())
        .collect();
    texts.dedup();
    if texts.is_empty() {
        texts.push("");
    }
    let former = out.doc.body.clone();
    replace_versions(&mut out.doc.body, &wrote, &texts, by.clock);
    out.changed |= out.doc.body != former;
}

/// A place as people call it.
fn words(place: &Place, doc: &Doc) -> String {
    match place {
        Place::Field(name) => name.replace('_', " "),
        Place::Element(set, element) => {
            let one = match set.as_str() {
                "labels" => "label",
                "depends_on" => "dependency",
                "paths" => "path",
                "edges" => "edge",
                other => other,
            };
            let shown = element
                .rsplit_once('-')
                .filter(|_| matches!(set.as_str(), "depends_on" | "edges"));
            format!(
                "{one} `{}`",
                shown.map_or(element.as_str(), |(born, _)| born)
            )
        }
        Place::Entry(record, id, _) => entry_words(
            &EntryName {
                record: record.clone(),
                id: id.clone(),
            },
            doc,
        ),
    }
}

fn entry_words(name: &EntryName, doc: &Doc) -> String {
    let entry = doc.entry(&name.record, &name.id);
    let text = |field: &str| entry.and_then(|e| e.text(field)).unwrap_or_default();
    match name.record.as_str() {
        "claims" => format!("claim of {}", text("actor")),
        "acceptance" => format!("criterion `{}`", text("text")),
        other => format!("{} `{}`", other.replace('_', " "), name.id),
    }
}

fn reservation_words(doc: &Doc) -> String {
    let patterns: Vec<&str> = doc.elements("patterns").collect();
    format!("reservation of {}", patterns.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::stamp::{ReplicaId, Tick};
    use crate::model::uid::Uid;

    fn clock(ms: u64) -> Clock {
        Clock::new(ReplicaId::new("a").unwrap(), ms, Tick::default())
    }

    fn before() -> Doc {
        let birth: Stamp = "1.0.a".parse().unwrap();
        let mut doc = Doc::new(Uid::derived(&["x"]), "task", "T-0001", birth);
        doc.put("title", "secret");
        doc.put("risk", "low");
        doc.body.write("secret text", &clock(1));
        doc
    }

    fn after(before: &Doc) -> Doc {
        let mut doc = before.clone();
        doc.set("title", "open", &clock(5));
        doc.set("risk", "high", &clock(5));
        doc.body.write("open text", &clock(5));
        doc
    }

    fn reverted(present: &Doc, redactions: &Redactions) -> Reverted {
        let before = before();
        let after = after(&before);
        let clock = clock(9);
        let by = By {
            clock: &clock,
            actor: "ana",
            replica: "a",
            redactions,
            is_start: false,
            is_import: false,
            is_undoing: &|_| false,
        };
        let case = Case {
            before: Some(&before),
            after: &after,
            present,
        };
        revert(&case, &by)
    }

    #[test]
    fn what_was_redacted_does_not_come_back() {
        let old = before();
        let redactions = Redactions {
            values: [Value::from("secret").hash()].into(),
            versions: old.body.versions.keys().cloned().collect(),
            ..Redactions::default()
        };
        let done = reverted(&after(&old), &redactions);
        assert_eq!(done.doc.text("title"), Some("open"));
        assert_eq!(done.doc.body.text(), "open text");
        assert_eq!(done.doc.text("risk"), Some("low"), "the rest is undone");
        let left: Vec<&str> = done.obstacles.iter().map(|o| o.what.as_str()).collect();
        assert_eq!(left, ["title", "text"]);
    }

    #[test]
    fn a_purged_document_is_left_alone() {
        let mut present = after(&before());
        present.purge();
        let done = reverted(&present, &Redactions::default());
        assert!(!done.changed && done.obstacles.is_empty());
    }

    #[test]
    fn what_is_back_already_is_no_obstacle() {
        let mut present = after(&before());
        present.set("title", "secret", &clock(7));
        present.body.write("secret text", &clock(7));
        let done = reverted(&present, &Redactions::default());
        assert!(done.obstacles.is_empty(), "{:?}", done.obstacles);
        assert_eq!(done.doc.text("risk"), Some("low"));
        assert_eq!(done.doc.body, present.body);
    }
}
