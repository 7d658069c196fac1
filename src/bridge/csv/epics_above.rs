//! The epic of a line whose parent is none: the nearest one above it, as an epic counts its own items only.

use super::rows::Row;
use crate::model::id::ItemKind;

/// The greatest number of levels between an item and its epic; parents may form a cycle.
const LEVELS_MAX: usize = 20;

/// Adds to each task the epic that it is below. `parents` are the lines that each line names as such.
pub(super) fn add(rows: &mut [(usize, Row)], kinds: &[ItemKind], parents: &[Vec<usize>]) {
    let epic_of = |n: usize| {
        let mut named = parents[n].iter().copied();
        named.find(|over| kinds[*over] == ItemKind::Epic)
    };
    for n in 0..rows.len() {
        if kinds[n] != ItemKind::Task || epic_of(n).is_some() {
            continue;
        }
        let above = std::iter::successors(Some(n), |at| parents[*at].first().copied());
        if let Some(epic) = above.skip(1).take(LEVELS_MAX).find_map(epic_of) {
            let mut cells = rows[n].1.cells.clone();
            cells.push(("Epic link".into(), rows[epic].1.id()));
            rows[n].1 = Row::new(cells);
        }
    }
}
