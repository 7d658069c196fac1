//! Whether an approval, or a looser shared rule, was written by a human's command.
//!
//! Where the state requires signatures, its commit has to be signed with a key that git accepts here.
//! A plain commit on the state's ref can contain anything; this decides which of it counts.

use crate::coordinate::rules::provenance;
use crate::error::{Error, Hint, Reason, Result};
use crate::model::approval::APPROVAL;
use crate::model::item::Item;
use crate::model::status::Status;
use crate::model::stop::STOPPED_BY;
use crate::pm::Pm;
use crate::store::git::repo::{Commit, Oid};
use crate::store::history::trees::{item_doc, item_paths};
use crate::store::history::{Origin, Tracked, Trail, Wanted, difference, origins};
use crate::store::human_stops::containers;
use crate::store::state::State;
use crate::work::task::approval;

/// The number of commits searched for the one that wrote an approval.
const STEPS: usize = 100_000;

/// The number of commits with a value that are checked: each may start git.
const ORIGINS: usize = 50;

/// The register of an item's status.
const STATUS: &str = "status";

/// The operations that write an approval.
const APPROVE: [&str; 2] = ["task approve", "batch"];

/// The operations with which a human resumes stopped work, without the kind of the item.
const RESUME: [&str; 12] = [
    "approve", "batch", "close", "done", "edit", "finish", "reopen", "start", "unblock", "undefer",
    "undo", "update",
];

/// Refuses an approval that no human's command wrote, or that is unsigned where a signature is
/// required.
pub(crate) fn require_vouched(pm: &Pm, state: &State<'_>, item: &Item) -> Result<()> {
    match unvouched(pm, &[item])?.pop().flatten() {
        Some(why) => Err(not_vouched(pm, state, item, &why)),
        None => Ok(()),
    }
}

/// The refusal of an approval that does not count.
pub(crate) fn not_vouched(pm: &Pm, state: &State<'_>, item: &Item, why: &str) -> Error {
    let id = state.shown_id(item);
    Error::refused(format!("the approval of {id} does not count: {why}"))
        .because(Reason::ApprovalNotValid)
        .about(&id)
        .hint(approval::approve_again(pm, &id, None))
        .hint(Hint::run(
            ["log", &id, "--show-signature"],
            "shows who wrote what",
        ))
}

/// True if the commit that wrote an item's approval counts.
pub(crate) fn is_vouched(pm: &Pm, item: &Item) -> Result<bool> {
    Ok(unvouched(pm, &[item])?.iter().all(Option::is_none))
}

/// The items whose approvals do not count, each with the reason.
pub(crate) fn unvouched(pm: &Pm, items: &[&Item]) -> Result<Vec<Option<String>>> {
    let signed = provenance::signatures_hold(pm)?;
    let tip = pm.store.require_tip()?;
    let of = |name| items.iter().map(move |item| register(pm, item, name, tip));
    let wanted: Vec<Wanted<'_>> = of(APPROVAL).chain(of(STATUS)).collect();
    let mut trails = origins(pm.store.repo(), &wanted, &mut { STEPS })?;
    let states = trails.split_off(items.len());
    let pairs = items.iter().zip(trails.iter().zip(&states));
    pairs
        .map(|(item, (approval, state))| {
            let given = first_vouched(pm, approval, signed, |commit| {
                provenance::doubt(pm, commit, &APPROVE, signed)
            })?;
            match given {
                // Nothing is merged in another one.
                Ok(_) if item.status != Status::ReadyForIntegration => Ok(None),
                Ok(given) => match doubt_state(pm, item, state, given.as_ref(), signed)? {
                    None => doubt_above(pm, item, given.as_ref(), signed),
                    why => Ok(why),
                },
                Err(why) => Ok(Some(why)),
            }
        })
        .collect()
}

/// A register of an item, to be traced back from a commit.
fn register<'a>(pm: &'a Pm, item: &Item, name: &'static str, tip: Oid) -> Wanted<'a> {
    let repo = pm.store.repo();
    let (born, uid) = (item.born.clone(), item.uid.clone());
    Wanted {
        tip,
        paths: item_paths(&born, &uid),
        read: Box::new(move |tree| {
            let doc = item_doc(repo, tree, &born, &uid)?;
            Ok(doc.and_then(|mut doc| doc.regs.remove(name)))
        }),
    }
}

/// The first acceptable one of the commits that a value came from, or the objection to the
/// first of all; `None` where it is further back than the available history.
fn first_vouched(
    pm: &Pm,
    trail: &Trail,
    signed: bool,
    doubt: impl Fn(&Commit) -> Result<Option<String>>,
) -> Result<std::result::Result<Option<Commit>, String>> {
    let mut first = None;
    for origin in trail.origins.iter().take(ORIGINS) {
        let (commit, why) = match origin {
            Origin::Written(commit) => (Some(commit), doubt(commit)?),
            Origin::Begins(commit) => (Some(commit), provenance::doubt_first(pm, commit, signed)?),
            Origin::Beyond if !signed => (None, None),
            Origin::Beyond | Origin::Limit => (
                None,
                Some(
                    "the commit that wrote it is older than the part of the state's history \
                         that was searched"
                        .into(),
                ),
            ),
        };
        let Some(why) = why else {
            return Ok(Ok(commit.cloned()));
        };
        first = first.or(Some(why));
    }
    Ok(Err(first.unwrap_or_else(|| {
        "no commit of the state wrote it".into()
    })))
}

/// The objection to the status of an approved item that was stopped since: work stopped by a
/// human continues by a human's command alone. The state at the approval, `given`, is what was
/// approved.
fn doubt_state(
    pm: &Pm,
    item: &Item,
    trail: &Trail,
    given: Option<&Commit>,
    signed: bool,
) -> Result<Option<String>> {
    for origin in trail.origins.iter().take(ORIGINS) {
        if let (Origin::Written(commit) | Origin::Begins(commit), Some(given)) = (origin, given)
            && pm.store.repo().is_ancestor(commit.id, given.id)?
        {
            return Ok(None);
        }
    }
    let found = first_vouched(pm, trail, signed, |commit| {
        doubt_return(pm, item, commit, signed)
    })?;
    Ok(found.err())
}

/// The objection to the end of a human's stop of an item that contains an approved one, made since
/// the approval `given`.
fn doubt_above(
    pm: &Pm,
    item: &Item,
    given: Option<&Commit>,
    signed: bool,
) -> Result<Option<String>> {
    let (repo, state) = (pm.store.repo(), pm.store.state()?);
    let tip = pm.store.require_tip()?;
    let above = containers(&state, item);
    let Some(given) = given.filter(|_| !above.is_empty()) else {
        return Ok(None);
    };
    let since = difference(repo, tip, &[given.id])?;
    for uid in above {
        let (Some(above), Some(doc)) = (state.item(&uid), state.doc(&uid)) else {
            continue;
        };
        let mut tracked = Tracked::new(repo, &item_paths(&above.born, &uid));
        let mut was_stopped = false;
        for id in since.iter().filter(|_| doc.text(STOPPED_BY).is_none()) {
            let commit = repo.commit(*id)?;
            if tracked.is_touched(&commit)? {
                let then = item_doc(repo, commit.tree, &above.born, &uid)?;
                was_stopped |= then.is_some_and(|doc| doc.text(STOPPED_BY).is_some());
            }
        }
        if was_stopped {
            let wanted = [register(pm, above, STATUS, tip)];
            let trail = origins(repo, &wanted, &mut { STEPS })?
                .pop()
                .unwrap_or_default();
            let found = first_vouched(pm, &trail, signed, |commit| {
                doubt_return(pm, above, commit, signed)
            })?;
            if let Err(why) = found {
                let id = state.shown_id(above);
                return Ok(Some(format!("a human stopped {id} since, and {why}")));
            }
        }
    }
    Ok(None)
}

/// The objection to a commit that restored an item's status, if there is one.
fn doubt_return(pm: &Pm, item: &Item, commit: &Commit, signed: bool) -> Result<Option<String>> {
    if signed && let Some(why) = provenance::unsigned(pm, commit)? {
        return Ok(Some(why));
    }
    let by = format!(
        "{} set it to {} again",
        provenance::named(commit),
        item.status
    );
    let verb = match commit.op().split_once(' ') {
        Some(("task" | "issue" | "epic", verb)) => verb,
        _ => commit.op(),
    };
    // A join or a repair takes a status from elsewhere.
    Ok(match RESUME.contains(&verb) {
        false => Some(format!("{by}, but not through a command that resumes work")),
        true if commit.trailer("PM-Agent").is_some() => {
            Some(format!("{by}, and its trailers say that an agent did this"))
        }
        true => None,
    })
}
