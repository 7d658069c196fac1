//! Reserves the paths that an item plans to change, with its claim and when they change.

use crate::coordinate::claim::ownership;
use crate::coordinate::reserve::grant;
use crate::coordinate::reserve::path_arguments;
use crate::coordinate::reserve::pattern::Pattern;
use crate::coordinate::reserve::pattern::comparison_budget::Effort;
use crate::coordinate::reserve::release_record::end_reservation;
use crate::error::{Reason, Result};
use crate::model::item::{Claim, Item};
use crate::model::reservation::{Mode, Reservation};
use crate::model::status::Status;
use crate::model::text::first_of;
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::pm::requester::Requester;
use crate::store::state::State;
use crate::store::transaction::Tx;
use crate::work::task::create::shown;

/// The number of paths that a notice names.
const NAMED: usize = 5;

/// The claim that reservations end with.
pub(super) struct OfClaim<'c> {
    pub(super) id: &'c str,
    pub(super) branch: &'c str,
    pub(super) began: Option<String>,
    pub(super) until: u64,
    pub(super) confirmed: bool,
}

/// Reserves paths of an item for as long as a claim on it lasts.
pub(super) fn reserve(
    pm: &Pm,
    tx: &mut Tx<'_>,
    item: &Item,
    paths: &[String],
    claim: &OfClaim<'_>,
) -> Result<Option<Uid>> {
    if paths.is_empty() {
        return Ok(None);
    }
    let planned = Pattern::all_within(paths, &Effort::default());
    let branch = Some(claim.branch.to_string());
    let request = grant::Request {
        patterns: paths.to_vec(),
        files: path_arguments::files_among(pm, &planned),
        task: Some(item.clone()),
        claim: Some(claim.id.to_string()),
        branch: branch.clone(),
        worktree: None,
        mode: Mode::Commit,
        shared: false,
        advisory: false,
        reason: Some(tx.state.shown_id(item)),
        expires_ms: claim.until,
        began_commit: claim.began.clone(),
        confirmed: claim.confirmed,
    };
    let requester = Requester {
        replica: pm.store.replica()?.to_string(),
        worktree: None,
        branch,
        ..pm.requester()
    };
    grant::grant(tx, &request, &requester, pm).map(Some)
}

/// The reservations of a claim.
fn of_claim(pm: &Pm, state: &State<'_>, claim: &Claim) -> Vec<Reservation> {
    let mut held = state.open_reservations(pm.now_ms());
    held.retain(|r| r.claim.as_ref() == Some(&claim.id));
    held
}

/// What the holder of an item has reserved with the claim.
pub(super) fn reserved(pm: &Pm, state: &State<'_>, uid: &Uid) -> Vec<String> {
    let claim = state.item(uid).and_then(Item::holder).into_iter();
    let held = claim.flat_map(|claim| of_claim(pm, state, claim));
    held.flat_map(|r| r.patterns).collect()
}

/// The planned paths of an item, as they are reserved.
fn planned(item: &Item) -> Vec<String> {
    let planned = Pattern::all_within(&item.paths, &Effort::default());
    planned.iter().map(|one| one.text().to_string()).collect()
}

/// The planned paths of an item that its holder has not reserved.
pub(super) fn lacking(pm: &Pm, state: &State<'_>, item: &Item) -> Vec<String> {
    let (mut lacking, held) = (planned(item), reserved(pm, state, &item.uid));
    lacking.retain(|path| !held.contains(path));
    lacking
}

/// Reserves the new paths of an item that the caller works on, as its start would have, and releases
/// those that it no longer has; of those that it had before, which are given, its holder may have released
/// some, and they stay free. The remote settles it with the next push, which a caller who may use
/// the network makes at once.
///
/// # Errors
/// Kind `Refused` when another actor holds a new path.
pub(crate) fn follow(pm: &Pm, tx: &mut Tx<'_>, uid: &Uid, before: Option<&Item>) -> Result<()> {
    let Some([new, gone]) = adjust(pm, tx, uid, before)? else {
        return Ok(());
    };
    pm.unsent.set(true);
    let id = shown(tx, uid);
    for (what, paths) in [("reserved for", new), ("no longer reserved for", gone)] {
        if !paths.is_empty() {
            pm.notice(format!("{what} {id}: {}", first_of(&paths, NAMED)));
        }
    }
    Ok(())
}

/// As [`follow`], for work that is in progress again whatever others have reserved meanwhile; that is a
/// notice.
pub(crate) fn hold_again(pm: &Pm, tx: &mut Tx<'_>, uid: &Uid) -> Result<()> {
    match follow(pm, tx, uid, None) {
        Err(error) if error.reason() == Reason::PathReserved => {
            pm.notice(error.message());
            Ok(())
        }
        other => other,
    }
}

/// As [`follow`], without a word; returns what became reserved and what no longer is, if anything changed.
pub(crate) fn adjust(
    pm: &Pm,
    tx: &mut Tx<'_>,
    uid: &Uid,
    before: Option<&Item>,
) -> Result<Option<[Vec<String>; 2]>> {
    let Some(item) = tx.state.item(uid).cloned() else {
        return Ok(None);
    };
    let is_own =
        item.status == Status::InProgress && ownership::require_own(pm, &tx.state, &item).is_ok();
    let claim = item.holder().filter(|_| is_own);
    let Some((claim, branch)) = claim.and_then(|claim| Some((claim, claim.branch.as_ref()?)))
    else {
        return Ok(None);
    };
    let had = before.filter(|before| before.status == Status::InProgress);
    let (planned, had) = (planned(&item), had.map(planned).unwrap_or_default());
    // What its start reserved in place of a path that git renamed was never planned.
    let is_gone = |path: &String| had.contains(path) && !planned.contains(path);
    let mut ended = of_claim(pm, &tx.state, claim);
    ended.retain(|r| r.patterns.iter().any(is_gone));
    let tip = pm
        .store
        .repo()
        .ref_target(&format!("refs/heads/{branch}"))?;
    let tip = tip.map(|tip| tip.to_string());
    for r in &ended {
        end_reservation(tx, &r.uid, "the paths of its item changed", tip.as_deref())?;
    }
    let ended_paths: Vec<String> = ended.iter().flat_map(|r| r.patterns.clone()).collect();
    let mut lacking = lacking(pm, &tx.state, &item);
    lacking.retain(|path| !had.contains(path) || ended_paths.contains(path));
    let of_claim = OfClaim {
        id: &claim.id,
        branch,
        began: tip.clone(),
        until: claim.lease_ms,
        confirmed: false,
    };
    if reserve(pm, tx, &item, &lacking, &of_claim)?.is_none() && ended.is_empty() {
        return Ok(None);
    }
    let new = lacking.iter().filter(|path| !ended_paths.contains(path));
    let gone = ended_paths.iter().filter(|path| !planned.contains(path));
    Ok(Some([new.cloned().collect(), gone.cloned().collect()]))
}
