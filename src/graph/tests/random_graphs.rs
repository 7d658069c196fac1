//! Random graphs compared with the oracle, and properties of all of them.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::broken;
use super::builders::*;
use super::oracle::Oracle;
use crate::Graph;
use crate::model::id::ItemKind;
use crate::model::issue_fields::Gate;
use crate::model::item::Item;
use crate::model::status::Status;
use crate::model::uid::Uid;

/// The choices of proptest for an item: kind, status, priority, oddity, edges (type, target).
type Spec = (u8, u8, u8, u8, Vec<(u8, u8)>);

fn specs() -> impl Strategy<Value = Vec<Spec>> {
    let edges = prop::collection::vec((0..12u8, any::<u8>()), 0..4);
    prop::collection::vec((0..8u8, 0..16u8, 0..3u8, 0..18u8, edges), 1..9)
}

/// The current time.
const NOW: u64 = 1_000_000;

fn oracle(items: &[Item]) -> Oracle<'_> {
    Oracle(items, NOW)
}

/// The items; `alive` makes all of them startable and unheld.
fn items(specs: &[Spec], alive: bool) -> Vec<Item> {
    let count = specs.len() as u64;
    let one = |(n, (kind, state, priority, oddity, edges)): (usize, &Spec)| {
        // Ages in another order than ids.
        let age = (n as u64 * 5 + 3) % 11;
        let name = |n: u64| (n * 5 + 3) % 11;
        let id = format!("T-{n:04}");
        let mut item = match kind {
            0 => item(ItemKind::Epic, age, &format!("E-{n:04}")),
            1 | 2 => item(ItemKind::Issue, age, &format!("pm-{n}")),
            3 => item(ItemKind::Issue, age, &format!("pm-a.{n}")).typed("gate"),
            _ => item(ItemKind::Task, age, &id),
        };
        item.priority = *priority;
        if !alive {
            item = match (state, item.kind == ItemKind::Task) {
                (0, true) => item.is("done"),
                (0, false) => item.is("closed"),
                (1, true) => item.is("in_progress"),
                (1, false) => item.is("hooked"),
                (2, _) => item.is("blocked"),
                (3, _) => item.is("deferred"),
                (4, _) => item.is("cancelled"),
                _ => item,
            };
            item = match oddity {
                0 => item.held_by("ada", 5),
                1 => item.soft(name(u64::from(*state) % count)),
                _ => item,
            };
            item.deleted = *oddity == 2;
            item.issue.pinned = *oddity == 3;
            item.issue.template = *oddity == 4;
            item.issue.ephemeral = *oddity == 5;
            item = match oddity {
                6 | 7 => item.deferred(NOW + 1),
                8 => item.deferred(NOW),
                9 if *kind == 1 => item.is("pinned"),
                _ => item,
            };
        }
        for (via, target) in edges {
            // About one in ten has no target.
            let target = name(u64::from(*target) % (count + 1));
            item = match via {
                0..4 => item.needs(target),
                4 => item.edge("conditional-blocks", target),
                5 => item.edge("waits-for", target),
                6 => item.edge("related", target),
                7 | 8 => item.child_of(target),
                9 => item.epic(target),
                10 => item.gate(Gate::AllChildren, target),
                _ => item.gate(Gate::AnyChild, target),
            };
        }
        item
    };
    specs.iter().enumerate().map(one).collect()
}

fn graph(items: &[Item]) -> Graph<'_> {
    Graph::new(&items.iter().collect::<Vec<_>>(), NOW)
}

fn set(uids: Vec<Uid>) -> BTreeSet<Uid> {
    uids.into_iter().collect()
}

fn those(items: &[Item], keep: impl Fn(usize) -> bool) -> BTreeSet<Uid> {
    let kept = (0..items.len()).filter(|i| keep(*i));
    kept.map(|i| items[i].uid.clone()).collect()
}

fn close(item: &mut Item) {
    item.status = match item.kind {
        ItemKind::Task => Status::Done,
        _ => Status::Other("closed".into()),
    };
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn dp_01_ready_and_blocked_follow_the_written_rule(specs in specs()) {
        let items = items(&specs, false);
        let (graph, oracle) = (graph(&items), self::oracle(&items));
        prop_assert_eq!(set(graph.ready()), those(&items, |i| oracle.ready(i)));
        let stopped = |i: usize| oracle.blocked(i) || items[i].status == Status::Blocked;
        prop_assert_eq!(
            set(graph.blocked()),
            those(&items, |i| oracle.open(i) && oracle.work(i) && stopped(i))
        );
        for (i, item) in items.iter().enumerate() {
            let waits: BTreeSet<Uid> = graph.causes().blockers(&item.uid, usize::MAX).0.into_iter()
                .filter(|b| b.via != crate::Relation::Ancestor).map(|b| b.uid).collect();
            prop_assert_eq!(waits, those(&items, |t| oracle.waits_for(i).contains(&t)));
            let unblocked = graph.reasons(&item.uid).contains(&crate::Reason::Ready);
            prop_assert_eq!(unblocked, oracle.ready(i));
        }
    }

    #[test]
    fn dp_04_chains_end_at_an_item_to_act_on(specs in specs()) {
        let items = items(&specs, false);
        let (graph, oracle) = (graph(&items), self::oracle(&items));
        for (i, item) in items.iter().enumerate() {
            let chain = graph.causes().chain(&item.uid, usize::MAX).0;
            prop_assert_eq!(chain.is_empty(), !(oracle.open(i) && oracle.blocked(i)));
            prop_assert!(chain.len() <= 2 * items.len());
            if let Some(root) = chain.last() {
                let root = items.iter().position(|x| x.uid == root.uid).unwrap();
                let template = items[root].issue.template;
                let stopped = template || items[root].status == Status::Blocked || oracle.deferred(root);
                prop_assert!(template || oracle.open(root) && oracle.waits_for(root).is_empty());
                prop_assert!(stopped || !oracle.blocked(root));
            }
        }
    }

    #[test]
    fn dp_04_unblocks_equals_the_effect_of_closing(specs in specs()) {
        let items = items(&specs, false);
        let graph_now = graph(&items);
        let (before, unblocks) = (set(graph_now.ready()), graph_now.unblocks());
        prop_assert!(!unblocks.partial);
        for i in 0..items.len() {
            let unblocked = graph_now.unblocked(&unblocks, &items[i].uid);
            prop_assert_eq!(unblocked.len(), graph_now.unblocked_count(&unblocks, &items[i].uid));
            let mut then = items.clone();
            if oracle(&items).open(i) {
                close(&mut then[i]);
            }
            let gained: BTreeSet<Uid> = set(graph(&then).ready()).difference(&before).cloned().collect();
            prop_assert_eq!(set(unblocked), gained);
        }
    }

    #[test]
    fn tm_10_every_clone_gives_the_same_answers(specs in specs(), seed in any::<u64>()) {
        let items = items(&specs, false);
        let mut shuffled: Vec<&Item> = items.iter().collect();
        shuffled.sort_by_key(|i| (number(&i.uid) + 1).wrapping_mul(seed | 1));
        let (a, b) = (graph(&items), Graph::new(&shuffled, NOW));
        prop_assert_eq!(a.ready(), b.ready());
        prop_assert_eq!(a.blocked(), b.blocked());
        prop_assert_eq!(a.cycles(), b.cycles());
        prop_assert_eq!(broken(&a), broken(&b));
        prop_assert_eq!(a.order(), b.order());
        prop_assert_eq!(a.tree(None), b.tree(None));
        prop_assert_eq!(a.missing(), b.missing());
        let (mut chains_a, mut chains_b) = (a.causes(), b.causes());
        for item in &items {
            let (path, left_out) = chains_a.chain(&item.uid, usize::MAX);
            prop_assert_eq!(&path, &chains_b.chain(&item.uid, usize::MAX).0);
            prop_assert_eq!(left_out, 0);
            let (short, _) = chains_b.chain(&item.uid, 1);
            prop_assert_eq!(path.last(), short.last());
            prop_assert_eq!(a.reasons(&item.uid), b.reasons(&item.uid));
        }
    }

    #[test]
    fn dp_06_without_hierarchy_the_youngest_items_edges_are_dropped(specs in specs()) {
        let mut items = items(&specs, true);
        for item in &mut items {
            item.epic = None;
            item.edges.retain(|e| e.kind != "parent-child");
        }
        // Repeatedly remove the edges of the youngest item of a component within it.
        let oracle = self::oracle(&items);
        let mut edges: BTreeSet<(usize, usize)> =
            (0..items.len()).flat_map(|i| oracle.hard(i).into_iter().map(move |t| (i, t))).collect();
        let all = edges.clone();
        loop {
            let mut reach = edges.clone();
            for k in 0..items.len() {
                for i in 0..items.len() {
                    for j in 0..items.len() {
                        if reach.contains(&(i, k)) && reach.contains(&(k, j)) {
                            reach.insert((i, j));
                        }
                    }
                }
            }
            let circling = (0..items.len()).filter(|i| reach.contains(&(*i, *i)));
            let Some(youngest) = circling.max_by_key(|i| &items[*i].uid) else { break };
            edges.retain(|(s, t)| *s != youngest || (t != s && !reach.contains(&(*t, *s))));
        }
        let dropped: BTreeSet<(Uid, Uid)> = all.difference(&edges)
            .map(|(s, t)| (items[*s].uid.clone(), items[*t].uid.clone())).collect();
        prop_assert_eq!(dropped, broken(&graph(&items)).into_iter().collect());
    }

    #[test]
    fn dp_06_all_work_can_be_done_in_spite_of_cycles(specs in specs()) {
        let mut items = items(&specs, true);
        for _ in 0..=items.len() {
            // Close ready items; those that are not work close once nothing keeps them open.
            let ready = set(graph(&items).ready());
            let oracle = self::oracle(&items);
            let over: Vec<usize> = (0..items.len()).filter(|i| {
                let free = || oracle.children(*i).iter().all(|c| !oracle.open(*c)) && !oracle.blocked(*i);
                ready.contains(&items[*i].uid) || (!oracle.work(*i) && free())
            }).collect();
            over.into_iter().for_each(|i| close(&mut items[i]));
        }
        prop_assert!((0..items.len()).all(|i| !oracle(&items).open(i)));
    }

    #[test]
    fn dp_06_new_edges_are_refused_exactly_if_they_close_a_cycle(
        specs in specs(), from in any::<prop::sample::Index>(), to in any::<prop::sample::Index>()
    ) {
        let items = items(&specs, true);
        let (from, to) = (from.index(items.len()), to.index(items.len()));
        let graph = graph(&items);
        let unblocked = graph.would_cycle(&items[from].uid, &items[to].uid);
        prop_assert_eq!(unblocked.is_some(), oracle(&items).end_waits_for_start(to, from, &|_| true));
        if let Some(path) = unblocked {
            prop_assert_eq!(&path[0], &items[from].uid);
            prop_assert_eq!(path.get(1).unwrap_or(&path[0]), &items[to].uid);
        }
        if graph.cycles().is_empty() {
            let mut then = items.clone();
            then[from].epic = Some(items[to].reference());
            let replaced = items[from].epic.is_some();
            let unblocked = graph.would_nest(&items[from].uid, &items[to].uid).is_some();
            let cycles = self::graph(&then).cycles();
            prop_assert!(unblocked || cycles.is_empty());
            prop_assert!(replaced || unblocked != cycles.is_empty());
        }
    }

    #[test]
    fn dp_05_order_can_be_followed(specs in specs()) {
        let items = items(&specs, false);
        let oracle = self::oracle(&items);
        let order = graph(&items).order();
        prop_assert_eq!(set(order.clone()), those(&items, |i| oracle.open(i) && oracle.work(i)));
        let place = |i: usize| order.iter().position(|u| *u == items[i].uid);
        for i in (0..items.len()).filter(|i| place(*i).is_some()) {
            let above = oracle.ancestors(i).into_iter();
            let mut first: Vec<usize> = above.flat_map(|a| oracle.waits_for(a)).collect();
            first.extend(oracle.waits_for(i));
            first.extend(oracle.children(i));
            for before in first {
                prop_assert!(place(before) < place(i));
            }
        }
    }

    #[test]
    fn tm_09_the_tree_shows_every_item_once(specs in specs()) {
        let items = items(&specs, false);
        let nodes = graph(&items).tree(None);
        let uids: Vec<Uid> = nodes.iter().map(|n| n.uid.clone()).collect();
        prop_assert_eq!(uids.len(), set(uids.clone()).len());
        prop_assert_eq!(set(uids), those(&items, |i| !items[i].deleted));
        for (at, node) in nodes.iter().enumerate() {
            let above = nodes[..at].iter().rev().find(|n| n.depth < node.depth);
            prop_assert_eq!(above.map(|n| &n.uid), node.parent.as_ref());
            prop_assert_eq!(above.map_or(0, |n| n.depth + 1), node.depth);
            let i = items.iter().position(|x| x.uid == node.uid).unwrap();
            let parents = oracle(&items).parents(i);
            match &node.parent {
                Some(p) => prop_assert!(parents.iter().any(|x| items[*x].uid == *p)),
                None => prop_assert!(parents.is_empty()),
            }
        }
    }
}
