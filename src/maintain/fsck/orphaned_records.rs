//! What belongs to an item that is not here: comments, reservations, messages, records of keys. It
//! is no fault of a clone that has not heard of the item yet, so none of it is taken away.

use super::fsck_report::Finding;
use super::tree_survey::Look;
use crate::model::doc::Doc;
use crate::model::id::ItemRef;
use crate::model::reservation::Reservation;
use crate::model::uid::Uid;

/// Looks at everything beside the items.
pub(super) fn find(look: &Look<'_>) -> Vec<Finding> {
    let mut out = Vec::new();
    for (file, doc) in look.scan.docs().filter(|(_, doc)| !doc.purged) {
        let missing = |field: &str| {
            let target = ItemRef::parse(doc.text(field)?);
            (target.uid.is_some() && !look.has(&target)).then_some(target.born)
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
            "reservation" => reservation(look, &file.path, doc, missing("task")),
            "key" => key(look, &file.path, doc),
            _ => None,
        };
        out.extend(found);
    }
    out
}

fn of(born: &str, what: &str) -> String {
    format!("{what} {born}, which is not here")
}

fn reservation(look: &Look<'_>, path: &str, doc: &Doc, missing: Option<String>) -> Option<Finding> {
    let reservation = Reservation::from_doc(doc)?;
    if reservation.ended.is_some() {
        return None;
    }
    if let Some(born) = missing {
        let live = reservation.claim.is_none() && reservation.expires_ms > look.now_ms;
        let message = of(&born, "it is a reservation for");
        return Some(if live {
            Finding::warning("reservation-orphaned", path, message).fix("git pm reserve release")
        } else {
            Finding::note("reservation-orphaned", path, message)
        });
    }
    let claim = reservation.claim.as_ref()?;
    let task = reservation.task.as_ref()?.uid.as_ref()?;
    let item = look.items.get(task)?;
    if item.claims.iter().any(|c| c.id == *claim) {
        return None;
    }
    let message = format!(
        "it lives with a claim on {} that is not there, so it holds nothing",
        look.shown(item)
    );
    Some(Finding::note("reservation-without-claim", path, message))
}

fn key(look: &Look<'_>, path: &str, doc: &Doc) -> Option<Finding> {
    let here = |uid: &Uid| look.scan.docs().any(|(_, doc)| doc.uid == *uid);
    let result = doc.text("result").unwrap_or_default();
    let lost = result
        .split_whitespace()
        .filter_map(Uid::new)
        .find(|uid| !look.items.contains_key(uid) && !here(uid))?;
    let message = format!("what it was used for, {lost}, is not here");
    Some(Finding::note("key-orphaned", path, message))
}
