//! Whether a human changed a budget: when one counts, and when it is in doubt.
//!
//! Every clone can push any state, so a budget counts only if the commit that wrote it is a human's
//! `git pm budget`.

use super::RECORD;
use crate::coordinate::rules::provenance;
use crate::error::Result;
use crate::model::doc::{Doc, Reg};
use crate::pm::Pm;
use crate::store::git::repo::Oid;
use crate::store::history::{Origin, Wanted, origins};
use crate::store::layout::REPOSITORY;
use crate::store::repository;

/// The operations that change a budget.
const OPS: [&str; 2] = ["budget set", "budget rm"];

/// The registers that decide whether and how much a budget bounds.
const REGISTERS: [&str; 2] = ["micro_usd", "removed"];

/// The most commits that are searched for the one that wrote a budget; an older one is in doubt,
/// since anyone can add commits.
const LOOKED_AT: usize = 20_000;

/// The reason why a budget does not count as set by a human, if there is one.
pub(super) fn budget_doubt(pm: &Pm, doc: &Doc, entry: &str) -> Result<Option<String>> {
    let Some(tip) = pm.store.tip()? else {
        return Ok(None);
    };
    for name in REGISTERS {
        let found = doc.entry(RECORD, entry);
        let Some(now) = found.and_then(|entry| entry.regs.get(name)) else {
            continue;
        };
        // The writer of a value does not change later.
        let key = format!("{entry} {name} {} {:?}", now.stamp, now.value);
        let known = pm.budget_verdicts.borrow().get(&key).cloned();
        let verdict = match known {
            Some(verdict) => verdict,
            None => {
                let verdict = doubt_register(pm, tip, entry, name)?;
                let mut verdicts = pm.budget_verdicts.borrow_mut();
                verdicts.insert(key, verdict.clone());
                verdict
            }
        };
        if verdict.is_some() {
            return Ok(verdict);
        }
    }
    Ok(None)
}

fn doubt_register(pm: &Pm, tip: Oid, entry: &str, name: &'static str) -> Result<Option<String>> {
    let repo = pm.store.repo();
    let of = entry.to_string();
    let read = move |tree| -> Result<Option<Reg>> {
        let doc = repository::read(repo, tree)?.doc;
        let found = doc.entry(RECORD, &of);
        Ok(found.and_then(|entry| entry.regs.get(name)).cloned())
    };
    let wanted = Wanted {
        tip,
        paths: vec![REPOSITORY.to_string()],
        read: Box::new(read),
    };
    let trails = origins(repo, &[wanted], &mut { LOOKED_AT })?;
    let signed = provenance::signatures_hold(pm)?;
    let mut doubt = None;
    for origin in trails.into_iter().flat_map(|trail| trail.origins) {
        let why = match &origin {
            Origin::Written(commit) => provenance::doubt(pm, commit, &OPS, signed)?,
            Origin::Begins(commit) => provenance::doubt_first(pm, commit, signed)?,
            Origin::Beyond if !signed => None,
            Origin::Beyond | Origin::Limit => Some(
                "the commit that wrote it is older than the part of the history that was searched"
                    .into(),
            ),
        };
        if why.is_none() {
            return Ok(None);
        }
        doubt = doubt.or(why);
    }
    Ok(doubt)
}
