//! Reverts an operation that created a document: deletes or ends it, unless it has been changed since.

use super::part_names::{entry_name, place_name, reservation_name};
use super::revert::{By, Case, Reverted, Trace, UNDONE_BY, Why, is_renewal};
use crate::model::doc::{IMPORT, UNDONE};
use crate::model::id::ItemKind;
use crate::model::long_texts;
use crate::model::register_diff::{EntryName, Place, compare};

/// Deletes or ends the document that the operation created, unless it has been changed since.
pub(super) fn remove_created(case: &Case<'_>, by: &By<'_>, out: &mut Reverted) {
    let field = |name: &str| Place::Field(name.to_string());
    match case.after.kind.as_str() {
        "reservation" => end_reservation(case, by, out),
        "comment" | "artifact" | "finding" => delete(out, by),
        "plan" | "context" | "learning" => {
            find_later_work(case, out);
            if out.obstacles.is_empty() {
                out.set(&field("deleted"), true.into(), by);
            }
        }
        kind if ItemKind::parse(kind).is_some() => {
            if case.present.value("deleted").is_true() {
                return;
            }
            find_later_work(case, out);
            if out.obstacles.is_empty() {
                delete(out, by);
            }
        }
        _ => {}
    }
}

/// Makes a tombstone. The undo of an import marks it, since the same record may be imported again.
fn delete(out: &mut Reverted, by: &By<'_>) {
    out.set(&Place::Field("deleted".into()), true.into(), by);
    if by.is_import {
        out.set(&Place::Field(UNDONE.into()), IMPORT.into(), by);
    }
}

/// Reports every change of a document since the operation created it.
fn find_later_work(case: &Case<'_>, out: &mut Reverted) {
    let found = compare(Some(case.after), Some(case.present));
    // Entries that were added and removed again do not count, nor does a start that was undone; its
    // branch stays.
    let removed_again = |name: &EntryName| {
        // Its register was written too, and is compared below.
        if name.record == long_texts::RECORD {
            return true;
        }
        let entry = case.present.entry(&name.record, &name.id);
        entry.is_some_and(|e| {
            let ended = e.text("ended").unwrap_or_default();
            e.is_removed() || (name.record == "claims" && ended.starts_with(UNDONE_BY))
        })
    };
    let added: Vec<&EntryName> = found.added.iter().filter(|n| !removed_again(n)).collect();
    let idle = !added.iter().any(|name| name.record == "claims");
    for change in found.changes.iter().filter(|c| c.is_visible()) {
        let Some(reg) = &change.new else { continue };
        // A renumbering does not count, nor does the undo of an earlier undo.
        let own = matches!(&change.place, Place::Field(name)
            if name == "id" || name == "deleted" || name == UNDONE || (idle && name == "branch"));
        if !own && !is_renewal(&change.place) {
            let trace = Trace::Register(change.place.clone(), reg.stamp.clone());
            out.obstacle(place_name(&change.place, case.present), Why::Later(trace));
        }
    }
    for name in added {
        let what = entry_name(name, case.present);
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
            "{} made it in another clone; a human can take it over: `git pm reserve steal`",
            text("actor")
        );
        out.obstacle(reservation_name(present), Why::Other(why));
    }
}
