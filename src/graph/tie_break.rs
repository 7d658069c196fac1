//! The order of items of equal rank, the same in every clone.
//!
//! By time of creation and id, and by the age of their uids.

use super::Vertex;
use crate::model::id::rank;

/// The items from the oldest to the youngest, those of the same age in the order of their ids; each
/// uid once. This order breaks all ties, since hash ids say nothing about age.
pub(super) fn sorted<'a, V: Vertex>(items: &[&'a V]) -> Vec<&'a V> {
    let mut sorted = items.to_vec();
    sorted.sort_by_key(|item| item.uid().as_str());
    // Two items with one uid are not a valid state, but no clone may depend on their order.
    sorted
        .chunk_by_mut(|a, b| a.uid() == b.uid())
        .for_each(|same| {
            same.sort_by(|a, b| (b.version(), b.id()).cmp(&(a.version(), a.id())));
        });
    sorted.dedup_by(|a, b| a.uid() == b.uid());
    // The sort is stable, so equal ids stay in the order of uids.
    sorted.sort_by_cached_key(|item| (item.age(), rank(item.id())));
    sorted
}

/// For each item its position from the oldest (0) to the youngest, in the order of uids, which
/// never change and, except for imported items, begin with the time of birth.
pub(super) fn ages<V: Vertex>(items: &[&V]) -> Vec<usize> {
    let mut by_uid: Vec<usize> = (0..items.len()).collect();
    by_uid.sort_unstable_by_key(|i| items[*i].uid().as_str());
    let mut ages = vec![0; items.len()];
    for (age, i) in by_uid.into_iter().enumerate() {
        ages[i] = age;
    }
    ages
}
