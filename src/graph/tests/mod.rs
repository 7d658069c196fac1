//! Examples of graphs; `random_graphs` tests properties.

pub(super) mod builders;
mod new_edges;
mod oracle;
mod plans;
mod random_graphs;
mod shapes;

use builders::*;

use super::{Absence, Blocker, Graph, Reason, Relation};
use crate::model::id::{ItemKind, ItemRef};
use crate::model::item::{Edge, Item};
use crate::model::status::Status;
use crate::model::uid::Uid;

fn graph(items: &[Item]) -> Graph<'_> {
    Graph::new(&items.iter().collect::<Vec<_>>(), 1_000_000)
}

fn ready(items: &[Item]) -> Vec<u64> {
    numbers(&graph(items).ready())
}

fn chain(graph: &Graph<'_>, n: u64) -> Vec<(u64, Relation)> {
    let links = graph.causes().chain(&uid(n), usize::MAX).0.into_iter();
    links
        .map(|Blocker { uid, via }| (number(&uid), via))
        .collect()
}

/// The edges that are ignored because they close a cycle.
fn broken(graph: &Graph<'_>) -> Vec<(Uid, Uid)> {
    let of = |i| {
        graph
            .cycles
            .broken_from(i)
            .map(move |arc| (graph.uid(i), graph.uid(arc.to)))
    };
    (0..graph.items.len()).flat_map(of).collect()
}

fn blocker(n: u64, via: Relation) -> Blocker {
    Blocker { uid: uid(n), via }
}

#[test]
fn dp_01_an_item_that_depends_on_an_open_one_is_not_ready() {
    let items = [
        task(1).is("done"),
        task(2).needs(1),
        task(3).needs(2),
        issue(4).edge("waits-for", 2),
        issue(5).edge("conditional-blocks", 2),
        issue(6).edge("related", 2).edge("blocked-by", 2),
        task(7).needs(8),
        task(8).is("cancelled"),
    ];
    assert_eq!(ready(&items), [2, 7, 6]);
    assert_eq!(numbers(&graph(&items).blocked()), [3, 4, 5]);
}

#[test]
fn dp_01_readiness_depends_on_state_holder_and_type() {
    let items = [
        task(1).is("in_progress"),
        task(2).held_by("ada", 0),
        task(3).is("deferred"),
        task(4).is("blocked"),
        epic(5),
        issue(6).typed("epic"),
        issue(7).typed("gate"),
        issue(8).is("pinned"),
        item(ItemKind::Prd, 9, "P-0009"),
        issue(10).typed("not_a_real_type"),
    ];
    let mut assigned = task(11);
    assigned.assignee = Some("bob".into());
    let mut deleted = task(12);
    deleted.deleted = true;
    let mut released = task(13).held_by("ada", 0);
    released.claims[0].ended = Some("released".into());
    let items = [&items[..], &[assigned, deleted, released]].concat();
    assert_eq!(ready(&items), [11, 13, 10]);
    assert_eq!(numbers(&graph(&items).blocked()), [4]);
}

#[test]
fn dp_02_a_soft_dependency_only_warns() {
    let items = [task(1), task(2).soft(1), task(3).soft(1).needs(1)];
    let graph = graph(&items);
    assert_eq!(numbers(&graph.ready()), [1, 2]);
    assert_eq!(
        graph.reasons(&uid(2)),
        [Reason::Ready, Reason::SoftOpen(uid(1))]
    );
    assert!(graph.reasons(&uid(2))[1].is_warning());
    assert_eq!(
        graph.reasons(&uid(3)),
        [Reason::BlockedBy(blocker(1, Relation::DependsOn))]
    );
}

#[test]
fn dp_01_a_missing_dependency_is_reported_and_does_not_block() {
    let mut deleted = task(2);
    deleted.deleted = true;
    let mut item = task(1).needs(2).child_of(99);
    item.edges.push(Edge {
        kind: "blocks".into(),
        target: ItemRef::parse("external:other:bd-1"),
        gate: None,
    });
    let items = [item, deleted];
    let graph = graph(&items);
    assert_eq!(numbers(&graph.ready()), [1]);
    let mut why: Vec<_> = graph.missing().iter().map(|m| (m.via, m.why)).collect();
    why.sort();
    assert_eq!(
        why,
        [
            (Relation::DependsOn, Absence::Deleted),
            (Relation::Blocks, Absence::Outside),
            (Relation::ParentChild, Absence::Unknown),
        ]
    );
    let reasons = graph.reasons(&uid(1));
    assert_eq!((reasons.len(), &reasons[0]), (4, &Reason::Ready));
    assert!(reasons[1..].iter().all(Reason::is_warning));
    assert_eq!(graph.reasons(&uid(2)), [Reason::Deleted]);
}

#[test]
fn dp_04_the_chain_leads_to_the_root_blocker() {
    let items = [
        task(1).is("in_progress"),
        task(2).needs(1),
        epic(3).needs(2),
        task(4).epic(3),
        epic(5),
        task(6).epic(5),
        task(7).needs(5),
        task(8).needs(9),
        task(9).is("deferred").epic(3),
    ];
    let graph = graph(&items);
    use Relation::{Ancestor, Child, DependsOn};
    assert_eq!(chain(&graph, 1), []);
    assert_eq!(
        chain(&graph, 4),
        [(3, Ancestor), (2, DependsOn), (1, DependsOn)]
    );
    // An epic is done when its tasks are.
    assert_eq!(chain(&graph, 7), [(5, DependsOn), (6, Child)]);
    // An item deferred by hand is a root, regardless of its ancestors.
    assert_eq!(chain(&graph, 8), [(9, DependsOn)]);
    assert_eq!(
        graph.causes().blockers(&uid(4), usize::MAX).0,
        [blocker(3, Ancestor)]
    );
}

#[test]
fn dp_04_reasons_name_all_obstacles() {
    let items = [
        task(1),
        epic(2).is("deferred").needs(1),
        task(3).epic(2).held_by("ada", 10).is("in_progress"),
        task(4).child_of(3),
    ];
    let graph = graph(&items);
    let above = [
        Reason::AncestorStopped {
            ancestor: uid(2),
            status: Status::Deferred,
        },
        Reason::AncestorBlocked {
            ancestor: uid(2),
            by: blocker(1, Relation::DependsOn),
        },
    ];
    let own = [
        Reason::Status(Status::InProgress),
        Reason::Held {
            actor: "ada".into(),
            lapsed: true,
        },
        Reason::Container(vec![uid(4)]),
    ];
    assert_eq!(
        graph.reasons(&uid(3)),
        [own.as_slice(), above.as_slice()].concat()
    );
    assert_eq!(graph.reasons(&uid(2))[0], Reason::Kind(ItemKind::Epic));
    assert_eq!(graph.reasons(&uid(99)), []);
    // A lease counts as lapsed for others only two minutes later.
    let early = Graph::new(&[&items[2]], 120_010);
    assert!(early.reasons(&uid(3)).contains(&Reason::Held {
        actor: "ada".into(),
        lapsed: false
    }));
}

#[test]
fn dp_06_a_cycle_from_a_merge_is_reported_and_broken_at_its_youngest() {
    let items = [
        task(1).needs(3),
        task(2).needs(1),
        task(3).needs(2),
        task(4).needs(3),
    ];
    let graph = graph(&items);
    let cycles: Vec<_> = graph.cycles().iter().map(|c| numbers(c)).collect();
    assert_eq!(cycles, [[1, 3, 2]]);
    assert_eq!(broken(&graph), [(uid(3), uid(2))]);
    assert_eq!(numbers(&graph.ready()), [3]);
    assert_eq!(
        graph.reasons(&uid(3)),
        [
            Reason::Ready,
            Reason::CycleBroken(blocker(2, Relation::DependsOn))
        ]
    );
    // With 1 closed there is no cycle, and every edge counts again.
    let [a, b, c, d] = items;
    assert_eq!(ready(&[a.is("done"), b, c, d]), [2]);
}

#[test]
fn dp_06_a_cycle_is_refused_with_its_path() {
    let items = [
        task(1),
        task(2).needs(1).is("done"),
        task(3).needs(2),
        epic(4),
        task(5).epic(4),
        task(6).child_of(5),
        task(7).needs(4),
    ];
    let graph = graph(&items);
    let path = |from, to| {
        let path = graph.would_cycle(&uid(from), &uid(to));
        path.map(|p| numbers(&p))
    };
    assert_eq!(path(1, 1), Some(vec![1]));
    assert_eq!(path(1, 3), Some(vec![1, 3, 2]));
    assert_eq!(path(3, 1), None);
    // Ancestors and descendants, and through them.
    assert_eq!(path(6, 4), Some(vec![6, 4, 5]));
    assert_eq!(path(4, 6), Some(vec![4, 6, 5]));
    assert_eq!(path(6, 7), Some(vec![6, 7, 4, 5]));
    assert_eq!(path(7, 6), None);
    let nest = |child, parent| {
        let path = graph.would_nest(&uid(child), &uid(parent));
        path.map(|p| numbers(&p))
    };
    assert_eq!(nest(4, 6), Some(vec![4, 6, 5]));
    assert_eq!(nest(7, 4), Some(vec![4, 7]));
    assert_eq!(nest(2, 4), None);
}

#[test]
fn tm_09_the_tree_has_parents_before_children_and_survives_cycles() {
    let items = [
        epic(1),
        task(2).child_of(3).epic(1),
        task(3).epic(1),
        task(4),
        task(5).child_of(77),
        issue(6).child_of(7),
        issue(7).child_of(6),
        task(8).child_of(8),
    ];
    let graph = graph(&items);
    let shape: Vec<_> = graph
        .tree(None)
        .iter()
        .map(|n| (number(&n.uid), n.depth, n.children, n.last))
        .collect();
    assert_eq!(
        shape,
        [
            (1, 0, 1, false),
            (3, 1, 1, true),
            (2, 2, 0, true),
            (4, 0, 0, false),
            (5, 0, 0, false),
            (8, 0, 0, false),
            (7, 0, 1, true),
            (6, 1, 0, true),
        ]
    );
    let below: Vec<_> = graph.tree(Some(&uid(3))).into_iter().collect();
    assert_eq!(
        (below.len(), below[0].depth, &below[0].parent),
        (2, 0, &None)
    );
    let cycles: Vec<_> = graph.cycles().iter().map(|c| numbers(c)).collect();
    assert_eq!(cycles, [vec![8], vec![6, 7]]);
}

#[test]
fn tm_10_priority_then_numbers_then_ids() {
    let items = [
        task(12),
        task(2).priority(3),
        item(ItemKind::Task, 10_001, "T-10001"),
        task(9),
        item(ItemKind::Issue, 20, "pm-a.10"),
        item(ItemKind::Issue, 21, "pm-a.9"),
        item(ItemKind::Issue, 22, "pm-0"),
        issue(5).priority(0),
    ];
    assert_eq!(ready(&items), [5, 9, 12, 10_001, 22, 21, 20, 2]);
}
