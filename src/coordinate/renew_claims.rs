//! Which claims a command or a hook renews: renewal by activity.
//!
//! Commands that write, and hooks, renew the claim of the worktree they run in; reading renews
//! nothing. Other clones know of a renewal once it is at the remote, so it is pushed before the
//! holder would count as inactive there.

use std::collections::HashSet;
use std::time::Duration;

use crate::coordinate::claim::ownership;
use crate::coordinate::claim::settle::winner;
use crate::coordinate::sync;
use crate::coordinate::write;
use crate::error::Result;
use crate::model::item::{Claim, Item};
use crate::model::text::is_same_name;
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::pm::requester::Requester;
use crate::store::index::Scan;
use crate::store::remote_names::Remote;
use crate::store::state::State;
use crate::store::sync::network::within;
use crate::store::sync::push_advice::is_denial;
use crate::store::transaction::Tx;

/// The longest time that a renewal may delay a command or a commit.
const PATIENCE: Duration = Duration::from_secs(10);

/// The number of levels above an item whose claims activity on it renews.
const LEVELS: usize = 32;

/// Renews the caller's claim on the work of this worktree, unless it was renewed recently.
pub(crate) fn renew_here(pm: &Pm, tx: &mut Tx<'_>) -> Result<bool> {
    let own = claims_here(pm, &tx.state, &pm.requester());
    renew(pm, tx, own.iter().map(|(uid, claim)| (uid.clone(), claim)))
}

/// True if [`renew_here`] would write.
pub(crate) fn is_renewal_due(pm: &Pm, state: &State<'_>, requester: &Requester) -> bool {
    let now = pm.now_ms();
    let own = claims_here(pm, state, requester);
    own.iter().any(|(_, claim)| claim.is_to_be_renewed(now))
}

/// Renews those of the caller's own claims that were not renewed recently.
pub(crate) fn renew<'c>(
    pm: &Pm,
    tx: &mut Tx<'_>,
    own: impl IntoIterator<Item = (Uid, &'c Claim)>,
) -> Result<bool> {
    let now = pm.now_ms();
    let mut renewed = false;
    for (uid, claim) in own {
        if claim.is_to_be_renewed(now) {
            renewed |= extend(pm, tx, uid, claim)?;
        }
    }
    Ok(renewed)
}

/// Renews a claim of the caller's, however recently it was renewed. A lease that ends later stays.
pub(crate) fn extend(pm: &Pm, tx: &mut Tx<'_>, uid: Uid, claim: &Claim) -> Result<bool> {
    let until = pm.now_ms() + claim.length();
    if until <= claim.lease_ms {
        return Ok(false);
    }
    let until = i64::try_from(until).unwrap_or(i64::MAX);
    let renewed = tx.edit(&uid, |doc, clock| {
        doc.set_entry("claims", &claim.id, "lease", until, clock)
    })?;
    pm.renewed.borrow_mut().push((uid, claim.id.clone()));
    Ok(renewed)
}

/// The caller's claims that an action here renews: on the item whose branch is checked out and
/// on its epics and parents, and those that it made without a branch.
fn claims_here(pm: &Pm, state: &State<'_>, requester: &Requester) -> Vec<(Uid, Claim)> {
    let is_own = |item: &Item| {
        item.holder().is_some_and(|claim| {
            is_same_name(&claim.actor, &requester.actor) && claim.replica == requester.replica
        })
    };
    let is_here = |item: &&Item| {
        item.holder().is_some_and(|claim| match &claim.branch {
            // Two clones may each have started it on a branch of its own.
            Some(_) => {
                let branch = requester.branch.as_ref();
                branch.is_some()
                    && (branch == claim.branch.as_ref() || branch == item.branch.as_ref())
            }
            None => ownership::made(pm, &claim.actor, claim.agent.as_deref(), &claim.replica),
        })
    };
    let own = state.scan(&Scan::Held, is_own, usize::MAX);
    let (mut here, mut others): (Vec<&Item>, Vec<&Item>) = own.into_iter().partition(is_here);
    if !others.is_empty() {
        let above = whole(state, &here);
        others.retain(|item| above.contains(&item.uid));
        here.append(&mut others);
    }
    let held = here.into_iter();
    held.filter_map(|item| Some((item.uid.clone(), item.holder()?.clone())))
        .collect()
}

/// Pushes the latest renewals if the remote has had none for a long time. This takes at most
/// [`PATIENCE`], and never fails a command.
pub(crate) fn share_renewal(pm: &Pm) {
    if pm.renewed.borrow().is_empty() {
        return;
    }
    let shared = unheard(pm, &pm.renewed.borrow());
    if let Some((remote, id, seen)) = shared.filter(|(remote, ..)| !sync::is_read_only(pm, remote))
    {
        let done = within(&pm.store, PATIENCE, || write::publish(pm, &remote));
        match done {
            Ok(published) => {
                write::notify_settlement(pm, &published.report);
                return notify_ended(pm);
            }
            Err(error) => {
                if is_denial(&remote, &error) {
                    sync::set_read_only(pm, &remote, true);
                }
                pm.notice(format!(
                    "on the remote, the lease of {id} still ends at {}, because the renewal \
                         could not be pushed: {}; `git pm sync` pushes it",
                    pm.env().local_time(seen),
                    error.message()
                ));
            }
        }
    }
    pm.renewed.take();
}

/// Reports, after an exchange, which of the renewed claims had been ended at the remote: one
/// whose lease was over may have been taken over there.
pub(crate) fn notify_ended(pm: &Pm) {
    let renewed = pm.renewed.take();
    if renewed.is_empty() {
        return;
    }
    let Ok(state) = pm.store.state() else {
        return;
    };
    for (uid, id) in renewed {
        let Some(item) = state.item(&uid) else {
            continue;
        };
        let Some(claim) = item.claims.iter().find(|claim| claim.id == id) else {
            continue;
        };
        let Some(why) = claim.ended.as_deref() else {
            continue;
        };
        let holder = item.holder().map(|other| {
            let other = winner(&claim.actor, &other.actor, claim.agent.is_some());
            format!("; {other} holds it")
        });
        let holder = holder.unwrap_or_default();
        let id = state.shown_id(item);
        pm.notice(format!(
            "your claim on {id} was ended on the remote: {why}{holder}; your work stays on its \
                 branch, and `git pm show {id}` shows its state"
        ));
    }
}

/// Pulls before a check of items that this clone holds, if the remote has had no renewal of one of
/// the claims for long: another actor may have taken over. Returns whether the pull succeeded;
/// otherwise the local state is used.
pub(crate) fn catch_up(pm: &Pm, items: &[Item]) -> bool {
    let replica = pm.store.known_replica();
    let here = replica.map(|replica| replica.to_string());
    let own = items.iter().flat_map(|item| {
        let own = item
            .open_claims()
            .filter(|c| Some(&c.replica) == here.as_ref());
        own.map(|c| (item.uid.clone(), c.id.clone()))
    });
    let own: Vec<(Uid, String)> = own.collect();
    let unheard = (!own.is_empty()).then(|| unheard(pm, &own)).flatten();
    unheard.is_some_and(|(remote, ..)| is_pulled(pm, &remote))
}

fn is_pulled(pm: &Pm, remote: &Remote) -> bool {
    let pulled = within(&pm.store, PATIENCE, || sync::pull_from(pm, remote));
    pulled.unwrap_or(false)
}

/// Pulls before the work of an item is submitted, or commits are pushed: another actor may have taken
/// the item over or reserved its files, and only the remote knows, also where this clone has published
/// nothing. Returns whether the remote has a state that was joined; otherwise the local state is used.
pub(crate) fn pull_first(pm: &Pm) -> bool {
    let remote = pm.main_remote().filter(|_| pm.is_online());
    remote.is_some_and(|remote| is_pulled(pm, &remote))
}

/// The first of some claims whose renewal the remote has not had for long: the remote, the
/// item's id, and the end of the lease there. None if the remote must not be asked unless the
/// user says so.
fn unheard(pm: &Pm, claims: &[(Uid, String)]) -> Option<(Remote, String, u64)> {
    if !pm.is_online() {
        return None;
    }
    let remote = pm.main_remote()?;
    let known = sync::known_tip(pm, &remote).ok()??;
    let there = pm.store.state_at(pm.store.repo(), known).ok()?;
    let now = pm.now_ms();
    let (id, seen) = claims.iter().find_map(|(uid, id)| {
        let item = there.item(uid)?;
        let claim = item.claims.iter().find(|c| c.id == *id)?;
        let late = claim.ended.is_none() && claim.is_to_be_shared(now);
        late.then(|| (there.shown_id(item), claim.lease_ms))
    })?;
    Some((remote, id, seen))
}

/// The epics and parents of some items, level by level.
fn whole(state: &State<'_>, parts: &[&Item]) -> HashSet<Uid> {
    let mut all = HashSet::new();
    let mut level: Vec<&Item> = parts.to_vec();
    for _ in 0..LEVELS {
        let above = level
            .iter()
            .flat_map(|item| [item.epic.as_ref(), item.parent()]);
        let above = above.flatten().filter_map(|target| target.uid.as_ref());
        let fresh: Vec<&Uid> = above.filter(|uid| all.insert((*uid).clone())).collect();
        level = fresh
            .into_iter()
            .filter_map(|uid| state.item(uid))
            .collect();
    }
    all
}
