//! Before the history is cut, what is in doubt is settled: loosened rules, approvals that do not count.
//!
//! The commit that begins a generation is theirs, and everything in it counts as theirs from then on.
//! So what is in doubt until then is settled first, and nothing that did not count begins to.

use crate::coordinate::rules;
use crate::coordinate::rules::unauthorized_changes;
use crate::error::{Error, Hint, Reason, Result};
use crate::model::approval::is_ready;
use crate::model::item::Item;
use crate::model::status::Status;
use crate::pm::Pm;
use crate::store::actor::Actor;
use crate::store::generation::cut::Raise;
use crate::store::generation::history_search::Found;
use crate::store::git::repo::Oid;
use crate::store::index::Scan;
use crate::work::cost::budget;
use crate::work::task::approval_provenance;

/// The number of attempts to cut when other processes write meanwhile.
const ATTEMPTS: u32 = 5;

/// As [`crate::store::handle::Store::raise`], of a state in which nothing is in doubt.
pub(super) fn cut(
    pm: &Pm,
    actor: &Actor,
    raise: &Raise,
    mut find: impl FnMut(Oid) -> Result<Found>,
) -> Result<Oid> {
    let unsettled = || {
        let error = "the state changed while its history was being cut, or something in it \
                         stays in doubt; its history was not cut";
        Error::conflict(error).hint(Hint::run(["doctor"], "names what is in doubt"))
    };
    for _ in 0..ATTEMPTS {
        let tip = pm.store.require_tip()?;
        if settle_doubts(pm, actor, &raise.op)? {
            continue;
        }
        let mut moved = false;
        let made = pm.store.raise(actor, raise, |now| {
            moved = now != tip;
            if moved { Err(unsettled()) } else { find(now) }
        });
        if !moved {
            return made;
        }
    }
    Err(unsettled())
}

/// Writes the shared rules in force where the state has looser values, and withdraws approvals
/// that do not count. True if anything was written.
fn settle_doubts(pm: &Pm, actor: &Actor, op: &str) -> Result<bool> {
    let held = unauthorized_changes::held_rules(pm)?;
    for one in held.iter() {
        let value = crate::coordinate::rules::find(one.key)
            .and_then(|rule| rules::shared_value(pm, rule))
            .unwrap_or_else(|| one.value.clone());
        pm.settings().set_shared(one.key, Some(&value))?;
        pm.notice(format!("{}; it is in the state again", one.why));
    }
    let state = pm.store.state()?;
    let budgets = budget::budgets(pm, &state)?;
    if let Some(budget) = budgets.iter().find(|one| one.doubt.is_some()) {
        let why = budget.stops().unwrap_or_default();
        let error = Error::refused(format!("{why}; with the history cut it would count"));
        return Err(error
            .because(Reason::CutBudgetInDoubt)
            .hint("set or remove it first: `git pm budget set`, `git pm budget rm`"));
    }
    let approved = |item: &Item| item.approval.is_some();
    let items = state.scan(&Scan::Open(None), approved, usize::MAX);
    let mut withdrawn = Vec::new();
    for (item, why) in items
        .iter()
        .zip(approval_provenance::unvouched(pm, &items)?)
    {
        if let Some(why) = why {
            let id = state.shown_id(item);
            let text = format!("the approval of {id} does not count, and is withdrawn: {why}");
            pm.notice(text);
            withdrawn.push((item.uid.clone(), id));
        }
    }
    drop(state);
    if !withdrawn.is_empty() {
        pm.store.write(actor, |tx| {
            for (uid, _) in &withdrawn {
                tx.edit(uid, |doc, clock| {
                    let field = match is_ready(doc) {
                        true => "status",
                        false => "status_before",
                    };
                    doc.set(field, Status::InReview.as_str(), clock)
                })?;
            }
            let ids: Vec<&str> = withdrawn.iter().map(|(_, id)| id.as_str()).collect();
            tx.describe(op, &ids, "withdrew approvals that do not count");
            Ok(())
        })?;
    }
    Ok(!held.is_empty() || !withdrawn.is_empty())
}
