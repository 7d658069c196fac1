//! The descendants of an item.

use std::collections::HashSet;

use crate::model::uid::Uid;
use crate::store::state::State;

/// All descendants of an item, at every level, parents before their children.
pub(crate) fn below(state: &State<'_>, uid: &Uid) -> Vec<Uid> {
    let mut seen = HashSet::from([uid.clone()]);
    let mut found: Vec<Uid> = Vec::new();
    let mut at = uid.clone();
    for next in 0.. {
        let children = state.children(&at).into_iter();
        found.extend(
            children
                .map(|child| child.uid.clone())
                .filter(|child| seen.insert(child.clone())),
        );
        match found.get(next) {
            Some(uid) => at = uid.clone(),
            None => break,
        }
    }
    found
}
