//! How claims and reservations end, and what happens to an item that nobody holds any more.

use crate::error::Result;
use crate::model::uid::Uid;
use crate::store::transaction::Tx;

/// Ends a claim, whatever its state.
pub(crate) fn end_claim(tx: &mut Tx<'_>, item: &Uid, claim: &str, reason: &str) -> Result<bool> {
    let reason = format!("{reason} by {}", tx.actor());
    tx.edit(item, |doc, clock| {
        let open = doc
            .entry("claims", claim)
            .is_some_and(|entry| entry.value("ended").is_null());
        open && doc.set_entry("claims", claim, "ended", reason, clock)
    })
}

/// Ends a reservation.
pub(crate) fn end_reservation(
    tx: &mut Tx<'_>,
    uid: &Uid,
    reason: &str,
    commit: Option<&str>,
) -> Result<bool> {
    tx.edit(uid, |doc, clock| {
        if !doc.value("ended").is_null() {
            return false;
        }
        if let Some(commit) = commit {
            doc.set("released_commit", commit, clock);
        }
        doc.set("ended", reason, clock)
    })
}

/// A task that nobody holds any more waits in the queue again.
pub(crate) fn give_back(tx: &mut Tx<'_>, uid: &Uid) -> Result<()> {
    let idle = tx.state.item(uid).is_some_and(|item| {
        item.holder().is_none() && item.status == crate::model::status::Status::InProgress
    });
    if idle {
        tx.edit(uid, |doc, clock| {
            let open = if doc.kind == "task" { "queued" } else { "open" };
            doc.set("status", open, clock)
        })?;
    }
    Ok(())
}

/// Ends the reservations that live with a claim, and those that the claimant made beside it for the
/// same item.
pub(crate) fn release_of_claim(
    tx: &mut Tx<'_>,
    item: &Uid,
    claim: &str,
    reason: &str,
    commit: Option<&str>,
) -> Result<()> {
    let item = tx.state.item(item).and_then(|item| {
        let found = item.claims.iter().find(|c| c.id == claim)?;
        Some((item.uid.clone(), found.actor.clone(), found.replica.clone()))
    });
    let beside = |r: &crate::model::reservation::Reservation| {
        item.as_ref().is_some_and(|(item, actor, replica)| {
            let task = r.task.as_ref().and_then(|t| t.uid.as_ref());
            task == Some(item) && r.actor == *actor && r.replica == *replica
        })
    };
    let uids: Vec<Uid> = tx
        .state
        .open_reservations(0)
        .into_iter()
        .filter(|r| r.claim.as_deref() == Some(claim) || (r.claim.is_none() && beside(r)))
        .map(|r| r.uid)
        .collect();
    for uid in uids {
        end_reservation(tx, &uid, reason, commit)?;
    }
    Ok(())
}
