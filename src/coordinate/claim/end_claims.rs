//! The end of claims with their reservations, and the release of items that no actor holds any longer.

use std::cell::OnceCell;
use std::collections::{BTreeSet, HashMap};

use crate::coordinate::message::{self, Notice};
use crate::coordinate::reserve::release_record::end_reservation;
use crate::error::Result;
use crate::model::item::{Claim, Item};
use crate::model::uid::Uid;
use crate::store::state::State;
use crate::store::transaction::Tx;

/// The maximum number of notices that are sent when claims on an item end; its holder is the first
/// recipient.
pub(crate) const REPORTED_MAX: usize = 20;

/// The reasons that are recorded when claims end.
pub(crate) struct Ending<'a> {
    /// In the claims.
    pub claim: &'a str,
    /// In their reservations.
    pub reservation: &'a str,
    /// The commit that the work was merged as.
    pub commit: Option<&'a str>,
}

impl<'a> Ending<'a> {
    /// The end of a claim that another one precedes.
    pub(super) fn lost(why: &'a str) -> Self {
        Ending {
            claim: why,
            reservation: "the claim was lost",
            commit: None,
        }
    }
}

/// The open reservations by claim, read once for all claims that end.
#[derive(Default)]
pub(crate) struct Reserved(OnceCell<Living>);

#[derive(Default)]
struct Living {
    /// By the claim's id.
    with_claim: HashMap<String, Vec<Uid>>,
    /// Those made for a claimed item without the claim, by item, actor and clone.
    beside: HashMap<(Uid, String, String), Vec<Uid>>,
}

impl Reserved {
    /// Those that belong to some claims of an item.
    fn with(&self, state: &State<'_>, item: &Uid, claims: &BTreeSet<&str>) -> Vec<Uid> {
        let living = self.0.get_or_init(|| Living::of(state));
        let with_claim = claims.iter().filter_map(|id| living.with_claim.get(*id));
        let all = state.item(item).into_iter().flat_map(|item| &item.claims);
        let ended = all.filter(|claim| claims.contains(claim.id.as_str()));
        let holders: BTreeSet<_> = ended
            .map(|claim| (item.clone(), claim.actor.clone(), claim.replica.clone()))
            .collect();
        let beside = holders.iter().filter_map(|who| living.beside.get(who));
        with_claim.chain(beside).flatten().cloned().collect()
    }
}

impl Living {
    fn of(state: &State<'_>) -> Living {
        let mut living = Living::default();
        for r in state.open_reservations(0) {
            if let Some(claim) = r.claim {
                living.with_claim.entry(claim).or_default().push(r.uid);
            } else if let Some(item) = r.task.and_then(|task| task.uid) {
                let who = (item, r.actor, r.replica);
                living.beside.entry(who).or_default().push(r.uid);
            }
        }
        living
    }
}

/// Ends open claims of an item with their reservations, and notifies their owners. All in one
/// change: a pushed item may have any number of claims. Returns whether one was open.
pub(crate) fn end_and_notify(
    tx: &mut Tx<'_>,
    reserved: &Reserved,
    item: &Item,
    claims: &[&Claim],
    ending: &Ending<'_>,
    notice: impl Fn(&Claim) -> Option<Notice>,
) -> Result<bool> {
    let ids: BTreeSet<&str> = claims.iter().map(|claim| claim.id.as_str()).collect();
    if ids.is_empty() || !end_all(tx, &item.uid, ids.iter().copied(), ending.claim)? {
        return Ok(false);
    }
    let (reason, commit) = (ending.reservation, ending.commit);
    release_of_claims(tx, reserved, &item.uid, &ids, reason, commit)?;
    let notices = claims
        .iter()
        .filter_map(|claim| Some((claim, notice(claim)?)));
    for (claim, notice) in notices.take(REPORTED_MAX) {
        let replica = Some(claim.replica.as_str());
        message::notify(tx, &claim.actor, replica, Some(item), notice)?;
    }
    Ok(true)
}

/// The branch with the work of a claim that ended, as the end of a text.
pub(super) fn kept(branch: Option<&String>) -> String {
    branch.map_or_else(String::new, |branch| {
        format!(" Your work stays on the branch `{branch}`.")
    })
}

/// Ends a claim.
pub(crate) fn end_claim(tx: &mut Tx<'_>, item: &Uid, claim: &str, reason: &str) -> Result<bool> {
    end_all(tx, item, [claim], reason)
}

/// Ends what is open of the claims on an item that is closed, or was until now: none was in force.
pub(crate) fn end_void(tx: &mut Tx<'_>, uid: &Uid) -> Result<()> {
    let Some(item) = tx.state.item(uid).cloned() else {
        return Ok(());
    };
    let open: Vec<&Claim> = item.open_claims().collect();
    let ending = Ending {
        claim: "it was closed; ended",
        reservation: "it was closed",
        commit: None,
    };
    end_and_notify(tx, &Reserved::default(), &item, &open, &ending, |_| None).map(drop)
}

/// Ends claims of an item in one change of it.
pub(crate) fn end_all<'c>(
    tx: &mut Tx<'_>,
    item: &Uid,
    claims: impl IntoIterator<Item = &'c str>,
    reason: &str,
) -> Result<bool> {
    let reason = format!("{reason} by {}", tx.actor());
    tx.edit(item, |doc, clock| {
        let mut changed = false;
        for claim in claims {
            let open = doc
                .entry("claims", claim)
                .is_some_and(|entry| entry.value("ended").is_null());
            changed |= open && doc.set_entry("claims", claim, "ended", reason.as_str(), clock);
        }
        changed
    })
}

/// Puts a task that no actor holds any longer back into the queue.
pub(crate) fn release_item(tx: &mut Tx<'_>, uid: &Uid) -> Result<()> {
    let idle = tx.state.item(uid).is_some_and(|item| {
        item.holder().is_none() && item.status == crate::model::status::Status::InProgress
    });
    if idle {
        // A human may have deferred it meanwhile, so that it must not be worked on.
        tx.edit_settled(uid, |doc, clock| {
            let open = if doc.kind == "task" { "queued" } else { "open" };
            doc.set("status", open, clock)
        })?;
    }
    Ok(())
}

/// Ends the reservations of a claim, and those that the claimant made separately for the same item.
pub(crate) fn release_of_claim(
    tx: &mut Tx<'_>,
    item: &Uid,
    claim: &str,
    reason: &str,
    commit: Option<&str>,
) -> Result<()> {
    let (reserved, claims) = (Reserved::default(), BTreeSet::from([claim]));
    release_of_claims(tx, &reserved, item, &claims, reason, commit)
}

/// As [`release_of_claim`], for many claims of an item.
fn release_of_claims(
    tx: &mut Tx<'_>,
    reserved: &Reserved,
    item: &Uid,
    claims: &BTreeSet<&str>,
    reason: &str,
    commit: Option<&str>,
) -> Result<()> {
    for uid in reserved.with(&tx.state, item, claims) {
        end_reservation(tx, &uid, reason, commit)?;
    }
    Ok(())
}
