//! Comments, reservations, messages and idempotency keys of items that are not in this clone.
//!
//! The items may still arrive from another clone, so nothing is removed.

use super::fsck_report::Finding;
use super::tree_survey::Survey;
use crate::model::doc::Doc;
use crate::model::id::ItemRef;
use crate::model::reservation::Reservation;
use crate::model::uid::Uid;

/// Checks all documents that belong to items.
pub(super) fn find(survey: &Survey<'_>) -> Vec<Finding> {
    let mut out = Vec::new();
    for (file, doc) in survey.scan.docs().filter(|(_, doc)| !doc.purged) {
        let missing = |field: &str| {
            let target = ItemRef::parse(doc.text(field)?);
            (target.uid.is_some() && !survey.has(&target)).then_some(target.born)
        };
        let found = match doc.kind.as_str() {
            "comment" => missing("item").map(|born| {
                Finding::warning(
                    "comment-orphaned",
                    &file.path,
                    of(&born, "it is a comment on"),
                )
                .fix("git pm sync")
            }),
            "message" => missing("item").map(|born| {
                Finding::note(
                    "message-orphaned",
                    &file.path,
                    of(&born, "it is a message about"),
                )
            }),
            "reservation" => reservation(survey, &file.path, doc, missing("task")),
            "key" => key(survey, &file.path, doc),
            _ => None,
        };
        out.extend(found);
    }
    out
}

fn of(born: &str, what: &str) -> String {
    format!("{what} {born}, which does not exist here")
}

fn reservation(
    survey: &Survey<'_>,
    path: &str,
    doc: &Doc,
    missing: Option<String>,
) -> Option<Finding> {
    let reservation = Reservation::from_doc(doc)?;
    if reservation.ended.is_some() {
        return None;
    }
    if let Some(born) = missing {
        let live = reservation.claim.is_none() && reservation.expires_ms > survey.now_ms;
        let message = of(&born, "it is a reservation for");
        return Some(if live {
            Finding::warning("reservation-orphaned", path, message).fix("git pm reserve release")
        } else {
            Finding::note("reservation-orphaned", path, message)
        });
    }
    let claim = reservation.claim.as_ref()?;
    let task = reservation.task.as_ref()?.uid.as_ref()?;
    let item = survey.items.get(task)?;
    if item.claims.iter().any(|c| c.id == *claim) {
        return None;
    }
    let message = format!(
        "it belongs to a missing claim on {}, so it has no effect",
        survey.shown(item)
    );
    Some(Finding::note("reservation-without-claim", path, message))
}

fn key(survey: &Survey<'_>, path: &str, doc: &Doc) -> Option<Finding> {
    let here = |uid: &Uid| survey.scan.docs().any(|(_, doc)| doc.uid == *uid);
    let result = doc.text("result").unwrap_or_default();
    let lost = result
        .split_whitespace()
        .filter_map(Uid::new)
        .find(|uid| !survey.items.contains_key(uid) && !here(uid) && !survey.is_planned(uid))?;
    let message = format!("the result of this idempotency key, {lost}, does not exist here");
    Some(Finding::note("key-orphaned", path, message))
}
