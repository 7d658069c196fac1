//! Claims that are over although nobody ended them: on an item that was closed where the claim was
//! not known yet, and a confirmed one of two, of which a remote that was rewound had lost the first.
//! Whoever loses one is told.

use super::end::{end_claim, release_of_claim};
use super::settle::Settled;
use crate::error::Result;
use crate::message::{self, Notice};
use crate::model::item::{Claim, Item};
use crate::report::LostClaim;
use crate::store::index::Scan;
use crate::store::sync::publish::Facts;
use crate::store::transaction::Tx;

/// Ends what is over in the joined state.
pub(super) fn end_over(tx: &mut Tx<'_>, facts: &Facts<'_>, settled: &mut Settled) -> Result<()> {
    let held = tx.state.scan(&Scan::Held, |_| true, usize::MAX);
    let held: Vec<Item> = held
        .into_iter()
        .filter(|item| item.status.is_closed() || second(item, facts.replica).is_some())
        .cloned()
        .collect();
    for item in &held {
        if item.status.is_closed() {
            let open = item.claims.iter().filter(|c| c.ended.is_none());
            for claim in open {
                end_on_closed(tx, facts, item, claim)?;
            }
        } else if let Some((first, own)) = second(item, facts.replica) {
            give_way(tx, item, first, own, settled)?;
        }
    }
    Ok(())
}

/// This clone's confirmed claim behind another confirmed one, with that one in front.
fn second<'i>(item: &'i Item, replica: &str) -> Option<(&'i Claim, &'i Claim)> {
    let first = item.holder().filter(|first| first.confirmed)?;
    let own = item
        .claims
        .iter()
        .find(|c| c.ended.is_none() && c.confirmed && c.replica == replica && c.id != first.id)?;
    Some((first, own))
}

fn end_on_closed(tx: &mut Tx<'_>, facts: &Facts<'_>, item: &Item, claim: &Claim) -> Result<()> {
    let why = format!("it is {}", item.status);
    if !end_claim(tx, &item.uid, &claim.id, &format!("{why}; ended"))? {
        return Ok(());
    }
    release_of_claim(tx, &item.uid, &claim.id, &why, None)?;
    let closer = tx
        .state
        .doc(&item.uid)
        .and_then(|doc| doc.text("closed_by"));
    let closer = closer.unwrap_or("another clone").to_string();
    if closer == claim.actor && claim.replica == facts.replica {
        return Ok(());
    }
    let id = tx.state.shown_id(item);
    let kept = match &item.branch {
        Some(branch) => format!(" Your work stays on the branch `{branch}`."),
        None => String::new(),
    };
    let notice = Notice {
        to: &claim.actor,
        replica: Some(&claim.replica),
        topic: "claim-ended",
        alarm: true,
        item: Some(item),
        subject: &format!(
            "{closer} closed {id}, which you had started: it is {}",
            item.status
        ),
        body: &format!(
            "{closer} closed {id} before hearing that {} had started it. The claim and its \
             reservations are over.{kept}\n",
            claim.actor
        ),
    };
    message::notify(tx, &notice)
}

fn give_way(
    tx: &mut Tx<'_>,
    item: &Item,
    first: &Claim,
    own: &Claim,
    settled: &mut Settled,
) -> Result<()> {
    let id = tx.state.shown_id(item);
    let entry = |claim: &Claim| {
        let doc = tx.state.doc(&item.uid)?;
        doc.entry("claims", &claim.id)?
            .text("branch")
            .map(str::to_string)
    };
    let (theirs, ours) = (entry(first), entry(own));
    let holder = format!("{} in clone {}", first.actor, first.replica);
    end_claim(
        tx,
        &item.uid,
        &own.id,
        &format!("lost to {holder}; settled"),
    )?;
    release_of_claim(tx, &item.uid, &own.id, "the claim was lost", None)?;
    if let Some(theirs) = theirs {
        tx.edit(&item.uid, |doc, clock| doc.set("branch", theirs, clock))?;
    }
    let kept = match &ours {
        Some(branch) => format!(" Your work stays on the branch `{branch}`."),
        None => String::new(),
    };
    let notice = Notice {
        to: &own.actor,
        replica: Some(&own.replica),
        topic: "claim-lost",
        alarm: true,
        item: Some(item),
        subject: &format!("{holder} holds {id} and claimed it before you"),
        body: &format!(
            "The remote confirmed {id} to {holder} and to {} in clone {}: it had lost the first of \
             the two claims in between. The first one holds.{kept}\n",
            own.actor, own.replica
        ),
    };
    message::notify(tx, &notice)?;
    settled.lost.push(LostClaim {
        id,
        actor: own.actor.clone(),
        holder,
        branch: ours,
    });
    Ok(())
}
