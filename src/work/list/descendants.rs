//! The descendants of an item.

use std::collections::{HashMap, HashSet};

use crate::model::item::PARENT_CHILD;
use crate::model::uid::Uid;
use crate::store::state::State;

/// All descendants of an item, at every level, parents before their children.
pub(crate) fn below(state: &State<'_>, uid: &Uid) -> Vec<Uid> {
    let mut children: HashMap<&Uid, Vec<&Uid>> = HashMap::new();
    for item in state.items() {
        let edges = item.edges.iter().filter(|e| e.kind == PARENT_CHILD);
        let parents = edges.map(|e| &e.target).chain(&item.epic);
        for parent in parents.filter_map(|target| target.uid.as_ref()) {
            children.entry(parent).or_default().push(&item.uid);
        }
    }
    let mut seen: HashSet<&Uid> = HashSet::from([uid]);
    let mut found: Vec<&Uid> = Vec::new();
    let mut at = uid;
    let mut next = 0;
    loop {
        for child in children.get(at).into_iter().flatten() {
            if seen.insert(child) {
                found.push(child);
            }
        }
        match found.get(next) {
            Some(uid) => at = uid,
            None => return found.into_iter().cloned().collect(),
        }
        next += 1;
    }
}
