//! The order of items of equal priority and due date, the same in every clone.
//!
//! By time of creation and id, and by the age of their uids.

use std::collections::HashMap;

use super::Vertex;
use crate::model::id::rank;
use crate::model::uid::Uid;

/// The items from the oldest to the youngest, those of the same age in the order of their ids; each
/// uid once, with its place. This order breaks all ties, since hash ids say nothing about age.
pub(super) fn sorted<'a, V: Vertex>(items: &[&'a V]) -> (Vec<&'a V>, HashMap<&'a Uid, usize>) {
    let mut items = items.to_vec();
    items.sort_by_cached_key(|item| item.age());
    let ties = items.chunk_by_mut(|a, b| a.age() == b.age());
    for same in ties.filter(|same| same.len() > 1) {
        same.sort_by_cached_key(|item| (rank(item.id()), item.uid().clone()));
    }
    let places = items.iter().enumerate();
    let index: HashMap<&Uid, usize> = places.map(|(i, item)| (item.uid(), i)).collect();
    if index.len() < items.len() {
        // Two items with one uid are not a valid state, but no clone may depend on their order.
        items.sort_by(|a, b| {
            let newest_first = (b.version(), b.id()).cmp(&(a.version(), a.id()));
            a.uid().cmp(b.uid()).then(newest_first)
        });
        items.dedup_by(|a, b| a.uid() == b.uid());
        return sorted(&items);
    }
    (items, index)
}

/// For each item its position from the oldest (0) to the youngest, in the order of uids, which
/// never change and, except for imported items, begin with the time of birth.
pub(super) fn ages<V: Vertex>(items: &[&V]) -> Vec<usize> {
    let mut by_uid: Vec<usize> = (0..items.len()).collect();
    by_uid.sort_unstable_by_key(|i| items[*i].uid());
    let mut ages = vec![0; items.len()];
    for (age, i) in by_uid.into_iter().enumerate() {
        ages[i] = age;
    }
    ages
}
