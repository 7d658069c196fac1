//! The measures compared with simple and slow reference implementations.

use proptest::prelude::*;

use super::Network;
use crate::graph::Graph;
use crate::graph::tests::builders::*;
use crate::model::item::Item;
use crate::model::uid::Uid;

fn net(n: usize, pairs: &[(usize, usize)]) -> Network {
    let uids = (0..n).map(|i| uid(i as u64)).collect();
    let mut pairs: Vec<_> = pairs.iter().copied().filter(|(a, b)| a != b).collect();
    pairs.sort_unstable();
    pairs.dedup();
    Network::new(uids, &pairs)
}

fn edges_of(net: &Network) -> Vec<(usize, usize)> {
    net.waits.pairs().collect()
}

/// PageRank as the solution of its equations, by Gaussian elimination.
fn solved(net: &Network, damping: f64) -> Vec<f64> {
    let n = net.nodes();
    let edges = edges_of(net);
    let out = |node: usize| edges.iter().filter(|e| e.0 == node).count();
    let mut rows: Vec<Vec<f64>> = (0..n)
        .map(|to| {
            let mut row: Vec<f64> = (0..n)
                .map(|from| {
                    let passed = match out(from) {
                        0 => 1.0 / n as f64,
                        k if edges.contains(&(from, to)) => 1.0 / k as f64,
                        _ => 0.0,
                    };
                    f64::from(u8::from(from == to)) - damping * passed
                })
                .collect();
            row.push((1.0 - damping) / n as f64);
            row
        })
        .collect();
    for pivot in 0..n {
        let best = (pivot..n)
            .max_by(|a, b| rows[*a][pivot].abs().total_cmp(&rows[*b][pivot].abs()))
            .unwrap();
        rows.swap(pivot, best);
        let lead = rows[pivot].clone();
        for (r, row) in rows.iter_mut().enumerate() {
            if r != pivot {
                let factor = row[pivot] / lead[pivot];
                row.iter_mut()
                    .zip(&lead)
                    .for_each(|(x, l)| *x -= factor * l);
            }
        }
    }
    (0..n).map(|i| rows[i][n] / rows[i][i]).collect()
}

/// All shortest paths between two nodes.
fn paths(edges: &[(usize, usize)], n: usize, from: usize, to: usize) -> Vec<Vec<usize>> {
    let mut all = vec![vec![from]];
    for _ in 0..n {
        let there: Vec<_> = all
            .iter()
            .filter(|w| w.last() == Some(&to))
            .cloned()
            .collect();
        if !there.is_empty() {
            return there;
        }
        all = all
            .iter()
            .flat_map(|path| {
                let at = *path.last().unwrap();
                let next = edges
                    .iter()
                    .filter(move |e| e.0 == at && !path.contains(&e.1));
                next.map(move |e| [&path[..], &[e.1]].concat())
            })
            .collect();
    }
    Vec::new()
}

/// Betweenness by its definition.
fn counted(net: &Network) -> Vec<f64> {
    let (n, edges) = (net.nodes(), edges_of(net));
    let mut scores = vec![0.0; n];
    for from in 0..n {
        for to in (0..n).filter(|to| *to != from) {
            let all = paths(&edges, n, from, to);
            for (node, score) in scores.iter_mut().enumerate() {
                if node != from && node != to && !all.is_empty() {
                    let over = all.iter().filter(|path| path.contains(&node)).count();
                    *score += over as f64 / all.len() as f64;
                }
            }
        }
    }
    let pairs = if n > 2 {
        ((n - 1) * (n - 2)) as f64
    } else {
        1.0
    };
    scores.into_iter().map(|s| s / pairs).collect()
}

/// The number of parts of a network, without one node.
fn parts(net: &Network, without: Option<usize>) -> usize {
    let edges = edges_of(net);
    let mut name: Vec<usize> = (0..net.nodes()).collect();
    for _ in 0..net.nodes() {
        for (a, b) in &edges {
            if Some(*a) != without && Some(*b) != without {
                let least = name[*a].min(name[*b]);
                (name[*a], name[*b]) = (least, least);
            }
        }
    }
    let mut left: Vec<usize> = (0..net.nodes())
        .filter(|i| Some(*i) != without)
        .map(|i| name[i])
        .collect();
    left.sort_unstable();
    left.dedup();
    left.len()
}

/// The cores, by removing nodes until nothing changes.
fn peeled(net: &Network) -> Vec<usize> {
    let edges = edges_of(net);
    let mut core = vec![0; net.nodes()];
    for k in 1..=net.nodes() {
        let mut left: Vec<bool> = vec![true; net.nodes()];
        loop {
            let degree = |i: usize| {
                let mut near: Vec<usize> = edges
                    .iter()
                    .filter(|(a, b)| left[*a] && left[*b] && (*a == i || *b == i))
                    .map(|(a, b)| a + b - i)
                    .collect();
                near.sort_unstable();
                near.dedup();
                near.len()
            };
            let thin: Vec<usize> = (0..net.nodes())
                .filter(|i| left[*i] && degree(*i) < k)
                .collect();
            if thin.is_empty() {
                break;
            }
            thin.into_iter().for_each(|i| left[i] = false);
        }
        (0..net.nodes())
            .filter(|i| left[*i])
            .for_each(|i| core[i] = k);
    }
    core
}

fn near(a: &[f64], b: &[f64], by: f64) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() <= by)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn measures_equal_their_definitions(n in 0..9usize, pairs in prop::collection::vec((0..9usize, 0..9usize), 0..24)) {
        let pairs: Vec<_> = pairs.into_iter().filter(|(a, b)| *a < n && *b < n).collect();
        let net = net(n, &pairs);
        let rank = net.page_rank(0.85, 1e-6);
        prop_assert!(rank.converged);
        // The error after a round of change c is at most c × 0.85 ÷ 0.15.
        prop_assert!(near(&rank.scores, &solved(&net, 0.85), 6e-6), "{:?}", rank);
        prop_assert!(n == 0 || (rank.scores.iter().sum::<f64>() - 1.0).abs() < 1e-9);
        let between = net.betweenness(usize::MAX, 3);
        prop_assert_eq!(between.pivots, None);
        prop_assert!(near(&between.scores, &counted(&net), 1e-9), "{:?}", between);
        let whole = parts(&net, None);
        let cuts: Vec<bool> = (0..n).map(|i| parts(&net, Some(i)) > whole).collect();
        prop_assert_eq!(net.articulation_points(), cuts);
        prop_assert_eq!(net.cores(), peeled(&net));
    }

    #[test]
    fn the_result_is_exact_with_a_pivot_for_each_node(pairs in prop::collection::vec((0..9usize, 0..9usize), 1..24)) {
        let net = net(9, &pairs);
        let sources = (0..9).filter(|s| net.waits(*s) > 0).count();
        let exact = net.betweenness(usize::MAX, 0).scores;
        let all = net.betweenness(0, sources);
        prop_assert_eq!(all.pivots, None);
        prop_assert_eq!(all.scores, exact);
    }

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
        let one = Graph::new(&items.iter().collect::<Vec<_>>(), 0);
        let two = Graph::new(&other, 0);
        let (a, b) = (one.network(), two.network());
        prop_assert_eq!(&a.uids, &b.uids);
        prop_assert_eq!(a.page_rank(0.85, 1e-6), b.page_rank(0.85, 1e-6));
        prop_assert_eq!(a.betweenness(0, 3), b.betweenness(0, 3));
        prop_assert_eq!(a.articulation_points(), b.articulation_points());
        prop_assert_eq!(a.cores(), b.cores());
        prop_assert_eq!(one.schedule(), two.schedule());
        prop_assert_eq!(one.lanes(), two.lanes());
        prop_assert_eq!(one.order(), two.order());
    }

    #[test]
    fn items_that_depend_on_each_other_are_in_one_lane(
        specs in prop::collection::vec((0..14u64, 0..14u64), 1..12)
    ) {
        let items: Vec<Item> = specs.iter().enumerate().map(|(n, (to, epic_of))| {
            let n = n as u64;
            let item = if n % 4 == 3 { epic(n) } else { task(n) };
            let item = if *to < n { item.needs(*to) } else { item };
            if *epic_of % 4 == 3 && *epic_of < n { item.epic(*epic_of) } else { item }
        }).collect();
        let graph = Graph::new(&items.iter().collect::<Vec<_>>(), 0);
        let lanes = graph.lanes();
        let lane = |u: &Uid| lanes.iter().position(|l| l.contains(u));
        let work = items.iter().filter(|i| i.id.starts_with('T'));
        prop_assert_eq!(lanes.iter().map(Vec::len).sum::<usize>(), work.clone().count());
        for item in work {
            for blocker in graph.causes().blockers(&item.uid, usize::MAX).0 {
                if blocker.uid != item.uid && lane(&blocker.uid).is_some() {
                    prop_assert_eq!(lane(&blocker.uid), lane(&item.uid));
                }
            }
        }
    }
}

// The pivots are spread evenly: an estimate of a long chain is near the exact value.
#[test]
fn a_sample_estimates_a_chain() {
    let pairs: Vec<(usize, usize)> = (1..600).map(|n| (n, n - 1)).collect();
    let net = net(600, &pairs);
    let exact = net.betweenness(usize::MAX, 0).scores;
    let sampled = net.betweenness(1_000, 100);
    assert_eq!(sampled.pivots, Some(100));
    assert!(
        near(&sampled.scores, &exact, 0.01),
        "an estimate is far off"
    );
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
    let schedule = Graph::new(&items.iter().collect::<Vec<_>>(), 0).schedule();
    assert_eq!(schedule.hours, 8 + 16 + 1);
    assert_eq!(schedule.width, 3, "1, 5 and 8 at the beginning");
    assert_eq!(numbers(&schedule.path), [1, 3, 4]);
    let slots: Vec<(u64, u64, u64)> = schedule
        .slots
        .iter()
        .map(|s| (number(&s.uid), s.start, s.slack))
        .collect();
    assert_eq!(
        slots,
        [
            (1, 0, 0),
            (2, 8, 14),
            (3, 8, 0),
            (4, 24, 0),
            (5, 0, 24),
            (8, 0, 23)
        ]
    );
    assert_eq!(Graph::new(&[], 0).schedule().path, []);
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
    let graph = Graph::new(&items.iter().collect::<Vec<_>>(), 0);
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
fn lanes_are_independent() {
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
    let graph = Graph::new(&items.iter().collect::<Vec<_>>(), 0);
    let lanes: Vec<Vec<u64>> = graph.lanes().iter().map(|l| numbers(l)).collect();
    assert_eq!(lanes, [vec![1, 2], vec![3], vec![5, 6, 8], vec![9]]);
    assert_eq!(graph.behind(&uid(1)), 1);
}
