//! Many new edges checked together, compared with the same edges checked one by one.

use proptest::prelude::*;

use super::builders::*;
use crate::model::item::Item;
use crate::{Added, Graph};

fn graph(items: &[Item]) -> Graph<'_> {
    Graph::new(&items.iter().collect::<Vec<_>>(), 0)
}

fn with(items: &mut [Item], (from, to, parent): (usize, usize, bool)) {
    let target = to as u64;
    let item = items[from].clone();
    items[from] = if parent {
        item.child_of(target)
    } else {
        item.needs(target)
    };
}

fn added(edges: &[(usize, usize, bool)]) -> Vec<Added> {
    edges
        .iter()
        .enumerate()
        .map(|(time, (from, to, parent))| Added {
            from: uid(*from as u64),
            to: uid(*to as u64),
            parent: *parent,
            time,
        })
        .collect()
}

proptest! {
    #[test]
    fn the_first_edge_that_closes_a_cycle_is_the_one_that_would_be_refused(
        edges in prop::collection::vec((0..7usize, 0..7usize, any::<bool>()), 1..14),
    ) {
        let edges: Vec<_> = edges.into_iter().filter(|(from, to, _)| from != to).collect();
        let mut items: Vec<Item> = (0..7).map(task).collect();
        let mut refused = None;
        for (n, edge) in edges.iter().enumerate() {
            let (from, to) = (uid(edge.0 as u64), uid(edge.1 as u64));
            let now = graph(&items);
            let cycle = if edge.2 { now.would_nest(&from, &to) } else { now.would_cycle(&from, &to) };
            if cycle.is_some() && refused.is_none() {
                refused = Some(n);
            }
            with(&mut items, *edge);
        }
        let closing = graph(&items).closing(&added(&edges));
        prop_assert_eq!(closing.iter().position(|closes| *closes), refused);
    }
}

#[test]
fn a_removed_edge_closes_no_cycle() {
    let items = [task(0).needs(1), task(1)];
    let closing = graph(&items).closing(&added(&[(1, 0, false), (0, 1, false)]));
    assert_eq!(closing, [false, false]);
}

#[test]
fn an_existing_cycle_is_not_attributed_to_a_new_edge() {
    let items = [task(0).needs(1), task(1).needs(0), task(2).needs(0)];
    assert_eq!(graph(&items).closing(&added(&[(2, 0, false)])), [false]);
}
