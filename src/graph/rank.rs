//! Total orders over items that every clone computes alike: by id, as people count, and by age.

use std::cmp::Ordering;

use crate::model::id::parse_sequential;
use crate::model::item::Item;

/// The items in the order of their ids, each uid once.
pub(super) fn sorted<'a>(items: &[&'a Item]) -> Vec<&'a Item> {
    let mut sorted = items.to_vec();
    sorted.sort_by_cached_key(|item| item.uid.as_str());
    // Two items with one uid are no valid state; still no clone may depend on their order.
    sorted.chunk_by_mut(|a, b| a.uid == b.uid).for_each(|same| {
        same.sort_by(|a, b| (&b.version, &b.id).cmp(&(&a.version, &a.id)));
    });
    sorted.dedup_by(|a, b| a.uid == b.uid);
    // The sort is stable, so equal ids stay in the order of uids.
    let mut keyed: Vec<_> = sorted
        .into_iter()
        .map(|item| (parse_sequential(&item.id), item))
        .collect();
    keyed.sort_by(|(a, x), (b, y)| match (a, b) {
        (Some(a), Some(b)) => a.cmp(b),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => compare(&x.id, &y.id),
    });
    keyed.into_iter().map(|(_, item)| item).collect()
}

/// Compares hash ids, the child numbers behind their dots by value: `pm-a.2` before `pm-a.10`.
fn compare(a: &str, b: &str) -> Ordering {
    let number = |part: &str| -> Option<u64> {
        let digits = !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| part.parse().ok()).flatten()
    };
    let (mut left, mut right) = (a.split('.'), b.split('.'));
    // What stands before the first dot is text, whatever it looks like.
    let mut order = left.next().cmp(&right.next());
    while order == Ordering::Equal {
        order = match (left.next(), right.next()) {
            (None, None) => return a.cmp(b),
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
            (Some(x), Some(y)) => match (number(x), number(y)) {
                (Some(m), Some(n)) => m.cmp(&n),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (None, None) => x.cmp(y),
            },
        };
    }
    order
}

/// For each item its place from the oldest (0) to the youngest: the order of uids, which never
/// change and, but for imported items, begin with the time of birth.
pub(super) fn ages(items: &[&Item]) -> Vec<usize> {
    let mut by_uid: Vec<usize> = (0..items.len()).collect();
    by_uid.sort_unstable_by_key(|i| items[*i].uid.as_str());
    let mut ages = vec![0; items.len()];
    for (age, i) in by_uid.into_iter().enumerate() {
        ages[i] = age;
    }
    ages
}
