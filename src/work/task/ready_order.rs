//! The order of ready items: by priority, what is due soon, the work that waits for each, and age.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use crate::graph::Graph;
use crate::model::item::Item;
use crate::model::uid::Uid;
use crate::store::state::State;

/// The number of ready items that are compared: of more, the most urgent and oldest.
pub(super) const COMPARED: usize = 32;

/// The number of items up to which the work behind them is compared, so that a choice takes no
/// longer in a large project.
const BEHIND_MAX: usize = 256;

/// Sorts ready items, which are in the order of age already.
pub(super) fn sort(state: &State<'_>, found: &mut [&Item], now_ms: u64) {
    let behind = hours_behind(state, found, now_ms);
    found.sort_by_key(|item| {
        let due = item.due_soon(now_ms).unwrap_or(u64::MAX);
        (item.priority, due, Reverse(behind.get(&item.uid).copied()))
    });
}

/// By item, the hours of the longest chain of work that waits for it.
fn hours_behind(state: &State<'_>, found: &[&Item], now_ms: u64) -> HashMap<Uid, u64> {
    let mut near: BTreeMap<&Uid, &Item> = BTreeMap::new();
    let mut seen: HashSet<(&Uid, bool)> = HashSet::new();
    // With each item, whether its start waits too, and so its parts.
    let mut todo: VecDeque<(&Item, bool)> = found.iter().map(|item| (*item, false)).collect();
    while let Some((item, starts)) = todo.pop_front() {
        if !item.is_open() || !seen.insert((&item.uid, starts)) {
            continue;
        }
        near.insert(&item.uid, item);
        if near.len() > BEHIND_MAX {
            break;
        }
        let after = state.dependents(&item.uid).into_iter();
        todo.extend(after.map(|other| (other, true)));
        let parents = item.parent().into_iter().chain(&item.epic);
        let parents = parents.filter_map(|one| state.item(one.uid.as_ref()?));
        todo.extend(parents.map(|parent| (parent, false)));
        if starts {
            let parts = state.children(&item.uid).into_iter();
            todo.extend(parts.map(|part| (part, true)));
        }
    }
    let near: Vec<&Item> = near.into_values().collect();
    let slots = Graph::new(&near, now_ms).schedule().into_iter();
    slots
        .map(|slot| (slot.uid, slot.tail - slot.hours))
        .collect()
}
