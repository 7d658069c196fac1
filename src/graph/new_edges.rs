//! A check of many new edges for cycles in one pass over the graph.

use std::collections::HashSet;

use super::Graph;
use super::adjacency::Lists;
use super::resolve_edges::Relation;
use super::strong_components::{self, Timed};
use crate::model::uid::Uid;

/// An edge that was added to the graph.
#[derive(Clone, Debug)]
pub struct Added {
    /// The item that waits, or the child.
    pub from: Uid,
    /// The item it waits for, or the parent.
    pub to: Uid,
    /// Set if `to` is the parent; otherwise the edge is a hard one.
    pub parent: bool,
    /// Its position in the order of addition, after all existing edges.
    pub time: usize,
}

impl Graph<'_> {
    /// Returns for each added edge whether it closed a cycle when it was added, by the rules of
    /// [`Graph::would_cycle`] and [`Graph::would_nest`]. The graph contains the added edges; one
    /// that was removed again closes no cycle.
    pub fn closing(&self, added: &[Added]) -> Vec<bool> {
        let end = self.items.len();
        let mut fresh = HashSet::new();
        // An edge that was added again counts from then on; it closes the same cycles either way.
        let (mut edges, mut owners) = (Vec::new(), Vec::new());
        for (n, edge) in added.iter().enumerate() {
            let (Some(from), Some(to)) = (self.find(&edge.from), self.find(&edge.to)) else {
                continue;
            };
            if !edge.parent && self.hard.of(from).iter().all(|arc| arc.to != to) {
                continue;
            }
            fresh.insert((from, to, edge.parent));
            let time = edge.time + 1;
            let mut push = |from, to| {
                edges.push(Timed { from, to, time });
                owners.push(n);
            };
            if edge.parent {
                push(from, to);
                push(end + to, end + from);
            } else {
                push(from, end + to);
            }
        }
        let time = 0;
        for item in 0..end {
            edges.push(Timed {
                from: end + item,
                to: item,
                time,
            });
        }
        for (from, arc) in self.hard.pairs() {
            if !fresh.contains(&(from, arc.to, false)) {
                let to = end + arc.to;
                edges.push(Timed { from, to, time });
            }
        }
        // Edges that were dropped to make the parents a forest are part of the cycles, too.
        let dropped = (0..end).flat_map(|child| {
            let of = self.cycles.broken_from(child);
            of.filter(|arc| matches!(arc.via, Relation::ParentChild | Relation::Epic))
                .map(move |arc| (child, arc))
        });
        for (child, arc) in self.parents.pairs().chain(dropped) {
            if !fresh.contains(&(child, arc.to, true)) {
                for (from, to) in [(child, arc.to), (end + arc.to, end + child)] {
                    edges.push(Timed { from, to, time });
                }
            }
        }
        let mut closing = vec![false; added.len()];
        let found = strong_components::closing(2 * end, &edges);
        for (owner, _) in owners.iter().zip(found).filter(|(_, closes)| *closes) {
            closing[*owner] = true;
        }
        closing
    }
}

/// Returns for each of `count` items whether it is in a cycle of waiting, by the rules of
/// [`Graph::would_cycle`] and [`Graph::would_nest`]. `waits` are pairs of a waiting item and the
/// one it waits for, `parents` pairs of child and parent.
pub fn in_cycles(count: usize, waits: &[(usize, usize)], parents: &[(usize, usize)]) -> Vec<bool> {
    let mut edges: Vec<(usize, usize)> = (0..count).map(|item| (count + item, item)).collect();
    edges.extend(waits.iter().map(|(from, to)| (*from, count + to)));
    for (child, parent) in parents {
        edges.extend([(*child, *parent), (count + parent, count + child)]);
    }
    let component = strong_components::components(&Lists::new(2 * count, &edges));
    let mut sizes = vec![0usize; 2 * count];
    component.iter().for_each(|of| sizes[*of] += 1);
    let in_cycle = |node: usize| sizes[component[node]] > 1;
    (0..count)
        .map(|item| in_cycle(item) || in_cycle(count + item))
        .collect()
}
