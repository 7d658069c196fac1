//! Which of many new edges close a cycle: one look at the graph for all of them.

use std::collections::HashSet;

use super::Graph;
use super::adjacency::Lists;
use super::resolve_edges::Relation;
use super::scc::{self, Timed};
use crate::model::uid::Uid;

/// An edge that was added to the graph.
#[derive(Clone, Debug)]
pub struct Added {
    /// The item that waits, or the child.
    pub from: Uid,
    /// What it waits for, or the parent.
    pub to: Uid,
    /// Whether `to` is the parent; a hard edge otherwise.
    pub parent: bool,
    /// When it was added. All others were there before.
    pub time: usize,
}

impl Graph<'_> {
    /// For each added edge whether it closed a cycle when it was added, by the rules of
    /// [`Graph::would_cycle`] and [`Graph::would_nest`]. The graph has all of them; what is in it no
    /// more closed none.
    pub fn closing(&self, added: &[Added]) -> Vec<bool> {
        let end = self.items.len();
        let mut fresh = HashSet::new();
        // An edge that was added again counts from then on: what it closes, it closes either way.
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
        // What was dropped to make a forest of the parents belongs to the cycle that is looked for.
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
        let found = scc::closing(2 * end, &edges);
        for (owner, _) in owners.iter().zip(found).filter(|(_, closes)| *closes) {
            closing[*owner] = true;
        }
        closing
    }
}

/// Of items that only their numbers stand for: which of them some cycle of waiting goes through, by
/// the rules of [`Graph::would_cycle`] and [`Graph::would_nest`]. `waits` leads from who waits to what
/// it waits for, `parents` from child to parent.
pub fn tangled(count: usize, waits: &[(usize, usize)], parents: &[(usize, usize)]) -> Vec<bool> {
    let mut edges: Vec<(usize, usize)> = (0..count).map(|item| (count + item, item)).collect();
    edges.extend(waits.iter().map(|(from, to)| (*from, count + to)));
    for (child, parent) in parents {
        edges.extend([(*child, *parent), (count + parent, count + child)]);
    }
    let component = scc::components(&Lists::new(2 * count, &edges));
    let mut sizes = vec![0usize; 2 * count];
    component.iter().for_each(|of| sizes[*of] += 1);
    let in_cycle = |node: usize| sizes[component[node]] > 1;
    (0..count)
        .map(|item| in_cycle(item) || in_cycle(count + item))
        .collect()
}
