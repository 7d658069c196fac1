//! Which claims another clone made void; they are ended.
//!
//! Those on an item closed by a clone that did not know the claim yet, and the second of two
//! confirmed claims, of which a rewound remote had lost the first. The claimant is notified.

use super::end_claims::{Ending, Reserved, end_and_notify, kept};
use super::settle::{LostClaim, SettlementReport};
use crate::coordinate::message::Notice;
use crate::error::Result;
use crate::model::item::{Claim, Item};
use crate::store::index::Scan;
use crate::store::sync::publish::Facts;
use crate::store::transaction::Tx;

/// Ends void claims in the joined state.
pub(super) fn end_over(
    tx: &mut Tx<'_>,
    reserved: &Reserved,
    facts: &Facts<'_>,
    report: &mut SettlementReport,
) -> Result<()> {
    let held = tx.state.scan(&Scan::Held, |_| true, usize::MAX);
    let held: Vec<Item> = held
        .into_iter()
        .filter(|item| item.status.is_closed() || second(item, facts.replica).is_some())
        .cloned()
        .collect();
    for item in &held {
        if item.status.is_closed() {
            end_on_closed(tx, reserved, facts, item)?;
        } else if let Some((first, own)) = second(item, facts.replica) {
            give_way(tx, reserved, item, [first, own], report)?;
        }
    }
    Ok(())
}

/// This clone's confirmed claim that follows another confirmed one; the earlier one comes first.
fn second<'i>(item: &'i Item, replica: &str) -> Option<(&'i Claim, &'i Claim)> {
    let first = item.holder().filter(|first| first.confirmed)?;
    let own = item
        .open_claims()
        .find(|c| c.confirmed && c.replica == replica && c.id != first.id)?;
    Some((first, own))
}

fn end_on_closed(
    tx: &mut Tx<'_>,
    reserved: &Reserved,
    facts: &Facts<'_>,
    item: &Item,
) -> Result<()> {
    let open: Vec<&Claim> = item.open_claims().collect();
    let doc = tx.state.doc(&item.uid);
    let closer = doc.and_then(|doc| doc.text("closed_by"));
    let closer = closer.unwrap_or("another clone").to_string();
    let id = tx.state.shown_id(item);
    let why = format!("it is {}", item.status.word());
    let ending = Ending {
        claim: &format!("{why}; ended"),
        reservation: &why,
        commit: None,
    };
    let told = |claim: &Claim| {
        (closer != claim.actor || claim.replica != facts.replica).then(|| Notice {
            topic: "claim-ended",
            subject: format!("{closer} closed {id}, which you had started: {why}"),
            body: format!(
                "{closer} closed {id} without knowing that {} had started it. The claim and its \
                 reservations have ended.{}\n",
                claim.actor,
                kept(claim.branch.as_ref().or(item.branch.as_ref()))
            ),
        })
    };
    end_and_notify(tx, reserved, item, &open, &ending, told).map(|_| ())
}

fn give_way(
    tx: &mut Tx<'_>,
    reserved: &Reserved,
    item: &Item,
    [first, own]: [&Claim; 2],
    report: &mut SettlementReport,
) -> Result<()> {
    let id = tx.state.shown_id(item);
    let holder = format!("{} in clone {}", first.actor, first.replica);
    let why = format!("lost to {holder}; settled");
    let told = |own: &Claim| {
        Some(Notice {
            topic: "claim-lost",
            subject: format!("{holder} holds {id} and claimed it before you"),
            body: format!(
                "The remote confirmed claims on {id} for both {holder} and {} in clone {}, because \
                 it had lost the first claim before the second one arrived. The first claim is \
                 valid.{}\n",
                own.actor,
                own.replica,
                kept(own.branch.as_ref())
            ),
        })
    };
    end_and_notify(tx, reserved, item, &[own], &Ending::lost(&why), told)?;
    if let Some(theirs) = first.branch.clone() {
        tx.edit(&item.uid, |doc, clock| doc.set("branch", theirs, clock))?;
    }
    report.lost.push(LostClaim::of(&id, own, (&holder, true)));
    Ok(())
}
