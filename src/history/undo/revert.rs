//! Reverts an operation's changes of one document: pure.
//!
//! A value is restored only if it is still the one that the operation wrote; later changes are
//! reported.

use super::part_names::{entry_name, place_name, reservation_name};
use super::revert_creation::remove_created;
use crate::model::doc::{Doc, Reg, is_identity};
use crate::model::imported::is_of_record;
use crate::model::prose::{Prose, VersionId};
use crate::model::register_diff::{
    Change, EntryName, Place, compare, replace_versions, same_entry,
};
use crate::model::stamp::{Clock, Stamp};
use crate::model::value::Value;
use crate::store::join::doc::Redactions;

/// The start of the reason of a claim or reservation that an undo ended.
pub(super) const UNDONE_BY: &str = "undone by ";

/// The fields that say what is asked for, beside the text, and why they stay.
const WORDS: [&str; 2] = ["title", "acceptance"];
const BEGUN: &str = "the work was begun with it";

const REDACTED: &str = "its earlier value was redacted";

/// One document before the operation, after it, and now.
pub(super) struct Case<'d> {
    /// None if the operation created it.
    pub before: Option<&'d Doc>,
    pub after: &'d Doc,
    pub present: &'d Doc,
}

/// The actor, clone and time of the undo, and facts about the operation.
pub(super) struct By<'c> {
    /// The clock of the write.
    pub clock: &'c Clock,
    pub actor: &'c str,
    pub replica: &'c str,
    /// Values and texts that must not be written again.
    pub redactions: &'c Redactions,
    /// The operation started work: its branch remains.
    pub is_start: bool,
    /// The operation imported records of another tracker.
    pub is_import: bool,
    /// The operation gave an item the words of its plan, with which the work was begun since.
    pub is_begun: bool,
    /// True for traces of an undo or a settlement, which restore the value that the operation
    /// wrote.
    pub is_restored: &'c dyn Fn(&Trace) -> bool,
}

/// The reason that one part cannot be undone.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Obstacle {
    /// The part: `title`, `label `ci``.
    pub what: String,
    pub why: Why,
}

/// The reason that a part cannot be restored.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Why {
    /// It has been written again.
    Later(Trace),
    /// Another reason, with the alternative.
    Other(String),
}

/// The trace of a later write, by which its commit is found.
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
    /// True if a copy of the document has it.
    pub fn is_in(&self, doc: &Doc) -> bool {
        match self {
            Trace::Register(place, stamp) => place.get(doc).is_some_and(|reg| reg.stamp == *stamp),
            Trace::Entry(name) => doc.entry(&name.record, &name.id).is_some(),
            Trace::Version(id) => doc.body.versions.contains_key(id),
        }
    }
}

/// A document without the operation's changes.
pub(super) struct Reverted {
    /// The document to write.
    pub doc: Doc,
    /// It differs from the current document.
    pub changed: bool,
    /// The parts that were not reverted.
    pub obstacles: Vec<Obstacle>,
    /// Claims and reservations that the operation ended, each with the command that takes it again.
    pub ended: Vec<String>,
}

impl Reverted {
    pub fn obstacle(&mut self, what: impl Into<String>, why: Why) {
        let what = what.into();
        self.obstacles.push(Obstacle { what, why });
    }

    pub fn set(&mut self, place: &Place, value: Value, by: &By<'_>) {
        let derived = Clock::derived(&self.doc.uid);
        let clock = match is_derived(place, &self.doc) {
            true => &derived,
            false => by.clock,
        };
        self.changed |= place.set(&mut self.doc, value, clock);
    }
}

/// True if no person wrote what is at a place: what undoes it is no person's value either, and a
/// later approval of the plan may change it again.
fn is_derived(place: &Place, doc: &Doc) -> bool {
    if let Some(reg) = place.get(doc) {
        return reg.stamp.is_derived();
    }
    let Place::Entry(record, id, _) = place else {
        return false;
    };
    doc.entry(record, id).is_some_and(|entry| {
        let mut regs = entry.regs.values();
        entry.at.is_derived() && regs.all(|reg| reg.stamp.is_derived())
    })
}

/// Reverts an operation's changes of a document.
pub(super) fn revert(case: &Case<'_>, by: &By<'_>) -> Reverted {
    let mut out = Reverted {
        doc: case.present.clone(),
        changed: false,
        obstacles: Vec::new(),
        ended: Vec::new(),
    };
    if case.present.purged {
        return out;
    }
    match case.before {
        None => remove_created(case, by, &mut out),
        Some(before) => restore(before, case, by, &mut out),
    }
    if is_unheld(&out.doc) && !is_unheld(case.present) {
        let status = status_without_claim("in_progress", &out.doc, case);
        out.set(&Place::Field("status".into()), status.into(), by);
    }
    out
}

/// True for an item in progress without a holder.
fn is_unheld(doc: &Doc) -> bool {
    let is_begun = doc.text("status") == Some("in_progress") && !doc.value("deleted").is_true();
    is_begun && !is_held(doc)
}

fn is_held(doc: &Doc) -> bool {
    let mut claims = doc.entries("claims");
    claims.any(|(_, claim)| claim.value("ended").is_null())
}

/// The status to restore. A claim does not come back, and what has no holder any more is not in progress.
fn status_without_claim<'s>(old: &'s str, doc: &Doc, case: &Case<'_>) -> &'s str {
    let was_held = !case.before.is_some_and(is_unheld);
    match old == "in_progress" && !is_held(doc) && was_held {
        true if doc.kind == "task" => "queued",
        true => "open",
        false => old,
    }
}

/// Restores the values before the operation.
fn restore(before: &Doc, case: &Case<'_>, by: &By<'_>, out: &mut Reverted) {
    let found = compare(Some(before), Some(case.after));
    let (ended, others): (Vec<&Change>, Vec<&Change>) = (found.changes.iter())
        .filter(|change| change.is_visible())
        .partition(|change| is_ended_claim(change));
    for change in others {
        if case.after.kind == "reservation" && change.place.field() == "ended" {
            let patterns: Vec<&str> = case.present.elements("patterns").collect();
            out.ended.push(format!(
                "the {} has ended: `git pm reserve add {}` creates it again",
                reservation_name(case.present),
                patterns.join(" ")
            ));
        } else if by.is_begun && WORDS.contains(&change.place.field()) {
            let what = place_name(&change.place, case.present);
            out.obstacle(what, Why::Other(BEGUN.into()));
        } else if !is_left_alone(&change.place, by) {
            restore_value(change, case, by, out);
        }
    }
    for name in &found.added {
        match by.is_begun && WORDS.contains(&name.record.as_str()) {
            true => out.obstacle(entry_name(name, case.present), Why::Other(BEGUN.into())),
            false => remove_entry(name, case, by, out),
        }
    }
    if found.body && by.is_begun {
        out.obstacle("text", Why::Other(BEGUN.into()));
    } else if found.body {
        restore_body(before, case, by, out);
    }
    // Unless the item is claimed again.
    for change in ended.into_iter().filter(|_| !is_held(case.present)) {
        let told = ended_claim(change, &out.doc);
        out.ended.extend(told);
    }
}

/// True for places that an undo never changes: identity, and the settlement and renewal of claims.
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

pub(super) fn is_renewal(place: &Place) -> bool {
    matches!(place, Place::Entry(record, _, name)
        if record == "claims" && matches!(name.as_str(), "lease" | "confirmed"))
}

fn is_ended_claim(change: &Change) -> bool {
    matches!(&change.place, Place::Entry(record, _, name) if record == "claims" && name == "ended")
        && change.old_value().is_null()
}

/// Says that a claim has ended, and how to go on in the status that was restored.
fn ended_claim(change: &Change, restored: &Doc) -> Option<String> {
    let Place::Entry(record, id, _) = &change.place else {
        return None;
    };
    let entry = restored.entry(record, id);
    let actor = entry.and_then(|e| e.text("actor")).unwrap_or_default();
    let item = restored.shown_id();
    let next = match restored.text("status") {
        None | Some("queued" | "open" | "in_progress") => {
            format!(": `git pm start {item}` claims it again")
        }
        Some("in_review" | "ready_for_integration") => {
            format!("; what was submitted stays the work of {actor}")
        }
        Some(_) => String::new(),
    };
    Some(format!("the claim of {actor} on {item} has ended{next}"))
}

fn restore_value(change: &Change, case: &Case<'_>, by: &By<'_>, out: &mut Reverted) {
    let (Some(wrote), Some(now)) = (&change.new, change.place.get(case.present)) else {
        return;
    };
    let mut old = change.old_value().clone();
    let status = matches!(&change.place, Place::Field(name) if name == "status");
    if let Some(was) = old.as_str().filter(|_| status) {
        old = status_without_claim(was, case.present, case).into();
    }
    if now.value == old || (now.value.is_null() && !old.is_true() && old.is_null()) {
        return;
    }
    let what = place_name(&change.place, case.present);
    if now.stamp != wrote.stamp && !is_export_of(now, wrote) {
        let trace = Trace::Register(change.place.clone(), now.stamp.clone());
        if now.value != wrote.value || !(by.is_restored)(&trace) {
            return out.obstacle(what, Why::Later(trace));
        }
    }
    let hidden = matches!(old, Value::Redacted(_)) || by.redactions.values.contains(&old.hash());
    if hidden && !old.is_null() {
        return out.obstacle(what, Why::Other(REDACTED.into()));
    }
    out.set(&change.place, old, by);
}

/// True if a value was imported from an export of what the operation wrote: both say it at one moment.
fn is_export_of(now: &Reg, wrote: &Reg) -> bool {
    now.value == wrote.value && is_of_record(&now.stamp) && now.stamp.ms == wrote.stamp.ms
}

/// Ends a claim, or removes another entry, that the operation added.
fn remove_entry(name: &EntryName, case: &Case<'_>, by: &By<'_>, out: &mut Reverted) {
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
                "it is from another clone; `git pm task reassign {item} --to ACTOR` ends it"
            );
            return out.obstacle(entry_name(name, case.present), Why::Other(why));
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
        out.obstacle(entry_name(name, case.present), Why::Later(trace));
    }
}

/// Replaces the operation's text with the earlier one.
fn restore_body(before: &Doc, case: &Case<'_>, by: &By<'_>, out: &mut Reverted) {
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
    let was_conflicted = before.body.versions.len() > 1;
    if wrote.versions.is_empty() && !was_conflicted {
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
        if !is_text_of(&case.after.body) || !(by.is_restored)(&trace) {
            return out.obstacle("text", Why::Later(trace));
        }
        wrote = present.clone();
    }
    let hidden = replaced
        .versions
        .iter()
        .any(|(id, v)| v.text.is_none() || by.redactions.versions.contains(id));
    if hidden {
        return out.obstacle("text", Why::Other(REDACTED.into()));
    }
    let former = out.doc.body.clone();
    let derived = Clock::derived(&out.doc.uid);
    let clock = match wrote.versions.keys().all(|id| id.stamp.is_derived()) {
        true => &derived,
        false => by.clock,
    };
    // An import adds a version beside the one that was here.
    let stands = |id| !wrote.versions.contains_key(id);
    let is_beside = replaced.versions.is_empty() && former.versions.keys().any(stands);
    if was_conflicted || is_beside {
        let body = &mut out.doc.body;
        body.take_back(&wrote, &replaced, &before.body, clock);
        out.changed |= out.doc.body != former;
        return;
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
    replace_versions(&mut out.doc.body, &wrote, &texts, clock);
    out.changed |= out.doc.body != former;
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
            is_begun: false,
            is_import: false,
            is_restored: &|_| false,
        };
        let case = Case {
            before: Some(&before),
            after: &after,
            present,
        };
        revert(&case, &by)
    }

    #[test]
    fn an_import_of_what_the_operation_wrote_does_not_hinder_its_undo() {
        let imported_at = |ms: u64| {
            let mut present = after(&before());
            let title = present.regs.get_mut("title").unwrap();
            title.stamp = format!("{ms}.0.{}", "f".repeat(16)).parse().unwrap();
            reverted(&present, &Redactions::default())
        };
        let exported = imported_at(5);
        assert_eq!(exported.obstacles.len(), 0);
        assert_eq!(exported.doc.text("title"), Some("secret"));
        // A record of another time is a change.
        assert_eq!(imported_at(6).obstacles.len(), 1);
    }

    #[test]
    fn redacted_values_are_not_restored() {
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
    fn a_purged_document_is_not_reverted() {
        let mut present = after(&before());
        present.purge();
        let done = reverted(&present, &Redactions::default());
        assert!(!done.changed && done.obstacles.is_empty());
    }

    #[test]
    fn values_that_are_already_restored_are_not_obstacles() {
        let mut present = after(&before());
        present.set("title", "secret", &clock(7));
        present.body.write("secret text", &clock(7));
        let done = reverted(&present, &Redactions::default());
        assert!(done.obstacles.is_empty(), "{:?}", done.obstacles);
        assert_eq!(done.doc.text("risk"), Some("low"));
        assert_eq!(done.doc.body, present.body);
    }
}
