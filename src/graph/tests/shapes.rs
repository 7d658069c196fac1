//! Hostile shapes: the work grows with items and edges, not with their product.

use super::*;

use crate::model::issue_fields::Gate;
use crate::unblocks::STEPS;

const MANY: u64 = 4_000;

/// Asserts a limit of steps for each item and edge.
fn assert_linear(items: &[Item]) {
    let edges: usize = items
        .iter()
        .map(|i| i.depends_on.len() + i.edges.len())
        .sum();
    let (unblocks, steps) = graph(items).unblocks_within(STEPS);
    assert!(!unblocks.partial);
    assert!(
        steps <= 8 * (items.len() + edges),
        "{steps} steps for {} items and {edges} edges",
        items.len()
    );
}

#[test]
fn unblocking_takes_a_bounded_number_of_steps_for_each_edge() {
    let cycle: Vec<Item> = (0..MANY).map(|n| task(n).needs((n + 1) % MANY)).collect();
    assert_linear(&cycle);
    let nested: Vec<Item> = (0..MANY)
        .map(|n| match n {
            0 => task(0).needs(MANY),
            n => task(n).child_of(n - 1),
        })
        .chain([task(MANY)])
        .collect();
    assert_linear(&nested);
    let dense: Vec<Item> = (0..200)
        .map(|n| (1..100).fold(task(n), |item, k| item.needs((n + k) % 200)))
        .collect();
    assert_linear(&dense);
    let gates: Vec<Item> = (0..MANY)
        .map(|n| match n {
            0 => task(0),
            n if n < MANY / 2 => task(n).child_of(0),
            n => task(n).gate(Gate::AllChildren, 0),
        })
        .collect();
    assert_linear(&gates);
    // The obstacles of many children are computed once, not once for each of them.
    let late: Vec<Item> = (0..MANY)
        .map(|n| match n {
            0 => (1..=MANY / 2).fold(task(0), |item, n| item.needs(n)),
            n if n < MANY / 2 => task(n).is("done"),
            n if n == MANY / 2 => task(n),
            n => task(n).child_of(0),
        })
        .collect();
    assert_linear(&late);
    let graph = graph(&late);
    let freed = graph.unblocked_count(&graph.unblocks(), &uid(MANY / 2));
    assert_eq!(freed as u64, MANY / 2 - 1);
}

/// Many items below one that has as many parents, the last of which is stopped by hand.
fn many_parents(many: u64) -> Vec<Item> {
    let parents = (0..many).map(|n| match n + 1 == many {
        true => task(n).is("blocked"),
        false => task(n),
    });
    let middle = (0..many).fold(task(many), |item, n| item.child_of(n));
    let below = (1..many).map(|n| task(many + n).child_of(many));
    parents.chain([middle]).chain(below).collect()
}

#[test]
fn a_search_for_the_nearest_ancestors_follows_only_their_edges() {
    let items = many_parents(MANY);
    assert_linear(&items);
    let graph = graph(&items);
    let followed = std::cell::Cell::new(0);
    let above = |at: usize| {
        let parents = graph.parents.of(at).iter().map(|arc| arc.to);
        parents.inspect(|_| followed.set(followed.get() + 1))
    };
    let lowest = graph.find(&uid(MANY + 7));
    let near: Vec<_> = crate::reach(lowest, above).take(20).collect();
    assert_eq!(near.len(), 20);
    assert_eq!(followed.get(), 20);
    // A distant ancestor is found too.
    let causes = graph.causes();
    for n in [MANY + 1, 2 * MANY - 1] {
        let (blockers, _) = causes.blockers(&uid(n), 10);
        let uids: Vec<_> = blockers.into_iter().map(|b| b.uid).collect();
        assert_eq!(numbers(&uids), [MANY - 1]);
    }
    assert_eq!(graph.ancestors(lowest).flatten().count() as u64, MANY + 1);
    // An edge to a node that was already returned is counted too.
    let pairs: Vec<Item> = (0..400)
        .map(|n: u64| {
            let above = (n / 20 * 20).saturating_sub(20)..n / 20 * 20;
            above.fold(task(n), |item, parent| item.child_of(parent))
        })
        .collect();
    let graph = self::graph(&pairs);
    let edges = graph.ancestors(graph.find(&uid(399)));
    assert_eq!(edges.count(), 20 + 18 * 20 * 20);
}

#[test]
fn each_item_of_a_cycle_has_items_that_it_unblocks() {
    let cycle: Vec<Item> = (0..MANY).map(|n| task(n).needs((n + 1) % MANY)).collect();
    let graph = graph(&cycle);
    let unblocks = graph.unblocks();
    // The youngest can be started; the one that waits for it can be once it is closed.
    assert_eq!(numbers(&graph.ready()), [MANY - 1]);
    assert_eq!(
        numbers(&graph.unblocked(&unblocks, &uid(MANY - 1))),
        [MANY - 2]
    );
    assert_eq!(numbers(&graph.unblocked(&unblocks, &uid(5))), [4]);
}

#[test]
fn an_exhausted_budget_is_reported() {
    let knots: Vec<Item> = (0..100)
        .map(|n| task(n).needs((n + 1) % 100).needs((n + 7) % 100))
        .collect();
    let graph = graph(&knots);
    let (unblocks, steps) = graph.unblocks_within(STEPS);
    assert!(!unblocks.partial);
    assert!(graph.unblocks_within(0).0.partial || steps < 400);
    let wide: Vec<Item> = (0..300)
        .map(|n| match n {
            0 => task(0),
            n if n < 150 => task(n).child_of(0),
            n => task(n).gate(Gate::AnyChild, 0),
        })
        .collect();
    let graph = self::graph(&wide);
    let unblocks = graph.unblocks();
    assert_eq!(graph.unblocked_count(&unblocks, &uid(3)), 150);
    assert!(graph.unblocks_within(10).0.partial);
    // An item that waits for that many children is reported to wait for their parent.
    let waits: Vec<_> = graph.waits_for(&uid(200)).map(|b| b.uid).collect();
    assert_eq!(numbers(&waits), [0]);
}

#[test]
fn lists_of_causes_are_truncated_and_keep_the_root() {
    let chain: Vec<Item> = (0..MANY)
        .map(|n| {
            if n == 0 {
                task(0)
            } else {
                task(n).needs(n - 1)
            }
        })
        .collect();
    let graph = graph(&chain);
    let mut causes = graph.causes();
    for n in [MANY - 1, MANY / 2, 20] {
        let (links, left_out) = causes.chain(&uid(n), 3);
        let shown: Vec<_> = links.into_iter().map(|link| link.uid).collect();
        assert_eq!(numbers(&shown), [n - 1, n - 2, n - 3, 0]);
        assert_eq!(left_out as u64, n - 4);
    }
    assert_eq!(causes.chain(&uid(2), 3).1, 0);
    let wide = [
        vec![(1..50).fold(task(0), |item, n| item.needs(n))],
        (1..50).map(task).collect(),
    ]
    .concat();
    let graph = self::graph(&wide);
    let (blockers, more) = graph.causes().blockers(&uid(0), 10);
    assert!(more && blockers.len() == 10);
    let (reasons, more) = graph.causes().reasons(&uid(0), 10);
    assert!(more && reasons.len() == 10);
    let (reasons, more) = graph.causes().reasons(&uid(0), 49);
    assert!(!more && reasons.len() == 49);
}
