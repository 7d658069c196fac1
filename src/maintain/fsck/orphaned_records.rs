//! Comments, reservations, messages and idempotency keys of items that are not in this clone.
//!
//! The items may still arrive from another clone, so nothing is removed.

use super::fsck_report::Finding;
use super::tree_survey::Survey;
use crate::model::doc::Doc;
use crate::model::id::ItemRef;
use crate::model::reservation::Reservation;
use crate::model::uid::Uid;

/// The documents that a record names; those of a reservation matter only while it is open.
pub(super) fn targets(doc: &Doc) -> Vec<(u8, Uid)> {
    let item = doc.text("item").and_then(|item| ItemRef::parse(item).uid);
    // Any document will do.
    let any = |uid| (0, uid);
    match doc.kind.as_str() {
        "comment" | "message" => item.map(any).into_iter().collect(),
        "key" => results(doc).map(any).collect(),
        _ => Vec::new(),
    }
}

/// Checks a document that belongs to an item.
pub(super) fn find(survey: &Survey<'_>, path: &str, doc: &Doc) -> Option<Finding> {
    let missing = |field: &str| {
        let target = ItemRef::parse(doc.text(field)?);
        (target.uid.is_some() && !survey.has(&target)).then_some(target.born)
    };
    match doc.kind.as_str() {
        _ if doc.purged => None,
        "comment" => missing("item").map(|born| {
            let message = of(&born, "it is a comment on");
            Finding::warning("comment-orphaned", path, message).fix("git pm sync")
        }),
        "message" => missing("item").map(|born| {
            let message = of(&born, "it is a message about");
            Finding::note("message-orphaned", path, message)
        }),
        "reservation" => reservation(survey, path, doc, missing("task")),
        "key" => key(survey, path, doc),
        _ => None,
    }
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
    let item = survey.read_item(task)?;
    if item.claims.iter().any(|c| c.id == *claim) {
        return None;
    }
    let message = format!(
        "it belongs to a missing claim on {}, so it has no effect",
        survey.shown(&item)
    );
    Some(Finding::note("reservation-without-claim", path, message))
}

/// The uids in the result of an idempotency key.
fn results(doc: &Doc) -> impl Iterator<Item = Uid> {
    let result = doc.text("result").unwrap_or_default();
    result.split_whitespace().filter_map(Uid::new)
}

fn key(survey: &Survey<'_>, path: &str, doc: &Doc) -> Option<Finding> {
    let lost = results(doc).find(|uid| !survey.is_here(uid) && !survey.is_planned(uid))?;
    let message = format!("the result of this idempotency key, {lost}, does not exist here");
    Some(Finding::note("key-orphaned", path, message))
}
