//! Schedules and orders.

use proptest::prelude::*;

use super::builders::*;
use super::graph;
use crate::model::item::Item;
use crate::model::uid::Uid;
use crate::{Graph, Light};

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_items_does_not_matter(
        specs in prop::collection::vec((0..12u64, 0..12u64, 0..12u64), 1..12), turn in 0..12usize
    ) {
        let items: Vec<Item> = specs.iter().enumerate().map(|(n, (a, b, parent))| {
            let item = task(n as u64).needs(*a).needs(*b);
            if *parent > n as u64 { item.child_of(*parent) } else { item }
        }).collect();
        let mut other: Vec<&Item> = items.iter().collect();
        other.rotate_left(turn % items.len());
        other.reverse();
        let one = graph(&items);
        let two = Graph::new(&other, 1_000_000);
        let uids = items.iter().map(|item| &item.uid);
        prop_assert!(uids.clone().all(|uid| one.dependents(uid) == two.dependents(uid)));
        prop_assert_eq!(one.schedule(), two.schedule());
        prop_assert_eq!(one.order(), two.order());
        let lights: Vec<Light> = items.iter().map(Light::of).collect();
        let light = Graph::new(&lights.iter().collect::<Vec<_>>(), 1_000_000);
        prop_assert_eq!(one.order_and_schedule(), light.order_and_schedule());
        prop_assert_eq!((one.ready(), one.blocked()), (light.ready(), light.blocked()));
        // The first ones are those of the whole order, with the slots of the whole schedule.
        let (order, schedule) = one.order_and_schedule();
        let is_even = |uid: &Uid| number(uid).is_multiple_of(2);
        let even: Vec<&Uid> = order.iter().filter(|uid| is_even(uid)).collect();
        let first = one.first_in_order(2, is_even);
        prop_assert!(first.iter().map(|(uid, _)| uid).eq(even.into_iter().take(2)));
        for (uid, slot) in one.first_in_order(usize::MAX, |_| true) {
            let known = schedule.iter().find(|slot| slot.uid == uid);
            prop_assert_eq!(slot.as_ref(), known);
            let chain = known.map_or(0, |slot| slot.tail - slot.hours);
            prop_assert_eq!(one.chains()[one.find(&uid).unwrap()], chain);
        }
    }
}

#[test]
fn only_items_off_the_critical_path_have_slack() {
    let items = [
        task(1).estimate("L"),
        task(2).needs(1).estimate("S"),
        task(3).needs(1).estimate("XL"),
        task(4).needs(2).needs(3).estimate("XS"),
        task(5).estimate("XS"),
        task(6).is("done").estimate("XL"),
        epic(7),
        task(8).epic(7).estimate("S"),
    ];
    let schedule = graph(&items).schedule();
    let slots: Vec<(u64, u64, u64, u64)> = schedule
        .iter()
        .map(|s| (number(&s.uid), s.start, s.tail, s.slack))
        .collect();
    assert_eq!(
        slots,
        [
            (1, 0, 25, 0),
            (2, 8, 3, 14),
            (3, 8, 17, 0),
            (4, 24, 1, 0),
            (5, 0, 1, 24),
            (8, 0, 2, 23)
        ]
    );
    assert_eq!(graph(&[]).schedule(), []);
}

#[test]
fn an_item_needs_everything_before_it_and_in_it() {
    let items = [
        task(1),
        task(2).needs(1),
        task(3),
        epic(4).needs(3),
        task(5).epic(4).needs(2),
        task(6).is("done"),
        task(7).epic(4).needs(6),
        task(8),
        task(9).needs(8),
        task(10).child_of(8),
    ];
    let graph = graph(&items);
    let needed = |n: u64| numbers(&graph.needed_for(&uid(n)));
    assert_eq!(needed(1), [1]);
    assert_eq!(needed(2), [1, 2]);
    assert_eq!(needed(4), [1, 2, 3, 5, 7]);
    assert_eq!(
        needed(7),
        [3, 7],
        "a blocked epic does not block its children"
    );
    assert_eq!(
        needed(9),
        [9, 10],
        "a container does not depend on its children"
    );
    assert_eq!(needed(99), Vec::<u64>::new());
}

#[test]
fn open_items_and_those_that_wait_are_counted() {
    let items = [
        task(1),
        task(2).needs(1),
        task(3),
        epic(4),
        task(5).epic(4),
        task(6).epic(4),
        epic(7).needs(4),
        task(8).epic(7),
        task(9).needs(10),
        task(10).is("done"),
    ];
    let graph = graph(&items);
    assert_eq!(graph.behind(&uid(1)), 1);
    let dependents = [4, 7, 1].map(|n| graph.dependents(&uid(n)));
    assert_eq!(dependents, [1, 0, 1]);
}
