//! What the deletion or the end of an item at its source means here: one that was ended here stays, with its end. Pure.

use super::closing_fields::{CLOSING, is_closed};
use super::content::Content;
use crate::model::doc::{Doc, Reg};
use crate::model::id::ItemKind;
use crate::model::imported::is_of_record;
use crate::model::stamp::Clock;
use crate::model::status::{TOMBSTONE, status_word};
use crate::model::value::Value;
use crate::store::history::BODY;

/// The registers that a deletion at the source is told of, if they were written here.
const CHANGED_HERE: &[&str] = &[
    "acceptance_criteria",
    "assignee",
    "defer_until",
    "design",
    "due_at",
    "notes",
    "priority",
    "title",
    "type",
];

/// The registers about the end of an item, as they were before a merge.
pub(super) struct End {
    regs: Vec<(&'static str, Option<Reg>)>,
    is_ours: bool,
}

impl End {
    pub(super) fn of(doc: &Doc) -> End {
        let names = ["status"].into_iter().chain(CLOSING.iter().copied());
        End {
            regs: names
                .map(|name| (name, doc.regs.get(name).cloned()))
                .collect(),
            is_ours: is_ended_here(doc),
        }
    }

    /// Puts back what versions of the record that say that the item is deleted have taken: a deletion is no status,
    /// so a restored item has the one from before it; and what was ended here stays ended if its source deletes or
    /// restores it.
    pub(super) fn keep(self, doc: &mut Doc, versions: &[&Content]) {
        let is_deletion = |one: &&Content| one.regs.get("deleted").is_some_and(Value::is_true);
        let is_kept = self.is_ours && versions.iter().any(is_deletion);
        let is_word = doc.text("status") == Some(TOMBSTONE);
        for (name, was) in self.regs {
            match was {
                Some(was) if is_kept || name == "status" && is_word => {
                    doc.regs.insert(name.to_string(), was);
                }
                None if is_kept => drop(doc.regs.remove(name)),
                _ => {}
            }
        }
    }
}

/// True if an item was ended here, whatever came of that at its source.
fn is_ended_here(doc: &Doc) -> bool {
    let is_from_here = |name: &&str| {
        let reg = doc.regs.get(*name).filter(|reg| !reg.value.is_null());
        reg.is_some_and(|reg| !is_of_record(&reg.stamp))
    };
    is_closed(doc)
        && ["status", "closed_at", "closed_by"]
            .iter()
            .any(is_from_here)
}

/// Restores an item that was ended here and that a record has deleted, in this import or in one of another clone
/// that knew nothing of its end. Returns what to say of it, or of work that is deleted.
pub(super) fn keep_ended(before: &Doc, doc: &mut Doc, clock: &Clock) -> Option<String> {
    if doc.purged {
        return None;
    }
    if !is_ended_here(before) {
        return deleted_work(before, doc);
    }
    let deleted = doc
        .regs
        .get("deleted")
        .filter(|deleted| deleted.value.is_true());
    let is_ours = deleted.is_some_and(|deleted| !is_of_record(&deleted.stamp));
    // Both sides can have deleted it.
    if is_ours || !doc.value("deleted_by").is_null() {
        return None;
    }
    let is_deleted = deleted.is_some();
    if doc.text("status") == Some(TOMBSTONE) {
        let ended = match doc.kind == ItemKind::Task.as_str() {
            true => "done",
            false => "closed",
        };
        doc.set("status", ended, clock);
    }
    is_deleted.then(|| {
        doc.set("deleted", Value::Null, clock);
        "was deleted at its source, but had been closed here; it stays as it was closed".to_string()
    })
}

/// Puts back the end of an item that was ended here and that a record ends in another way: cancelled work is not done
/// because its source was closed. Returns what to say of it.
pub(super) fn keep_end(before: &Doc, doc: &mut Doc, clock: &Clock) -> Option<String> {
    let [was, now] = [before, &*doc].map(|doc| doc.text("status").unwrap_or_default().to_owned());
    if !is_ended_here(before) || !is_closed(doc) || is_deleted(doc) || was == now {
        return None;
    }
    for name in ["status"].iter().chain(CLOSING) {
        doc.set(name, before.value(name).clone(), clock);
    }
    let [was, now] = [&was, &now].map(|word| status_word(word));
    Some(format!(
        "was closed at its source ({now}); here it stays {was}"
    ))
}

/// Says that a record has deleted an item, and what had been changed in it here.
fn deleted_work(before: &Doc, doc: &Doc) -> Option<String> {
    if is_deleted(before) || !is_deleted(doc) {
        return None;
    }
    let status = before.regs.get("status").filter(|reg| is_of_here(reg));
    let word = status.and_then(|status| status.value.as_str());
    let word = word.filter(|word| !["open", "queued"].contains(word));
    let state = word.map(|word| format!(", where it was {}", status_word(word)));
    let names = before.regs.iter().filter(|(name, reg)| {
        let is_told = CHANGED_HERE.contains(&name.as_str());
        is_told && is_of_here(reg) && !reg.value.is_null()
    });
    let mut names: Vec<&str> = names.map(|(name, _)| name.as_str()).collect();
    if (before.body.shown_version()).is_some_and(|(version, _)| !is_of_record(&version.stamp)) {
        names.push(BODY);
    }
    let labels = before.sets.get("labels").into_iter().flatten();
    if labels.into_iter().any(|(_, reg)| is_of_here(reg)) {
        names.push("labels");
    }
    let changed = match names.is_empty() {
        true => String::new(),
        false => format!(" (changed here: {})", names.join(", ")),
    };
    let state = state.unwrap_or_default();
    Some(format!(
        "was deleted at its source, and so here{state}{changed}"
    ))
}

fn is_of_here(reg: &Reg) -> bool {
    !is_of_record(&reg.stamp)
}

/// True if an item is deleted.
pub(super) fn is_deleted(doc: &Doc) -> bool {
    doc.value("deleted").is_true()
}
