//! The merged work that an item's branch may be stacked on.

use std::collections::BTreeSet;

use crate::model::item::Item;
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::store::state::State;
use crate::work::task::integrate::Brought;

/// The number of items examined.
const ITEMS: usize = 50;

/// The commits of merged items that an item depends on, directly or through one of them. None
/// for an agent: the objects that its merge reads are verified, and these are not among them.
pub(super) fn brought_below(pm: &Pm, state: &State<'_>, item: &Item) -> Vec<Brought> {
    let mut found = Vec::new();
    if pm.actor.is_agent {
        return found;
    }
    for below in below(state, item) {
        let doc = state.doc(&below.uid);
        let merged = doc.and_then(|doc| doc.text("merged_commit"));
        let merged = merged.and_then(|hex| pm.store.repo().parse_id(hex));
        if let Some(merged) = merged {
            found.extend(brought_by(pm, state, below, &merged.to_string()));
        }
    }
    found
}

/// The items that an item depends on, directly or through one of them, nearest first.
pub(crate) fn below<'s>(state: &'s State<'_>, item: &Item) -> Vec<&'s Item> {
    let uids = |item: &Item| -> Vec<Uid> {
        let targets = item.depends_on.iter().map(|on| &on.target);
        targets.filter_map(|target| target.uid.clone()).collect()
    };
    let mut seen = BTreeSet::from([item.uid.clone()]);
    let mut found: Vec<&Item> = Vec::new();
    let mut next = uids(item);
    while !next.is_empty() {
        let mut further = Vec::new();
        for below in next.iter().filter_map(|uid| state.item(uid)) {
            if found.len() < ITEMS && seen.insert(below.uid.clone()) {
                found.push(below);
                further.extend(uids(below));
            }
        }
        next = further;
    }
    found
}

/// The work of an item as it was merged by a commit: of its last commit, and of those that were
/// approved or submitted.
pub(super) fn brought_by(pm: &Pm, state: &State<'_>, item: &Item, merged: &str) -> Vec<Brought> {
    let approved = item.approval.as_ref();
    let approved = approved.map(|one| one.commit.clone());
    let doc = state.doc(&item.uid);
    let finished = doc.and_then(|doc| doc.text("finished_commit"));
    let named = approved.into_iter().chain(finished.map(str::to_string));
    // They may come from fetched state: only an id is accepted.
    let tips: BTreeSet<String> = named
        .filter_map(|hex| Some(pm.store.repo().parse_id(&hex)?.to_string()))
        .collect();
    let brought = |tip| Brought {
        tip,
        merged: merged.to_string(),
    };
    tips.into_iter().map(brought).collect()
}
