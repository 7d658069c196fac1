//! The open items and the hard edges between them as a network of numbers, on which measures are
//! computed. Nodes are in the order of age, so that sums are the same in every clone.

mod articulation;
mod betweenness;
mod pagerank;

use super::Graph;
use super::adjacency::{self, Lists};
use crate::model::uid::Uid;

/// The open items and their waits, including edges that close a cycle, but not parents.
#[derive(Debug)]
pub struct Network {
    /// The items, in the order of age.
    pub uids: Vec<Uid>,
    /// From the waiting item to the one it waits for.
    waits: Lists<usize>,
    /// The same, reversed.
    dependents: Lists<usize>,
}

impl Graph<'_> {
    /// The network of open items.
    pub fn network(&self) -> Network {
        let open: Vec<usize> = (0..self.items.len()).filter(|i| self.is_open(*i)).collect();
        let mut node = vec![usize::MAX; self.items.len()];
        for (n, i) in open.iter().enumerate() {
            node[*i] = n;
        }
        let pairs: Vec<(usize, usize)> = self
            .hard
            .pairs()
            .map(|(from, arc)| (node[from], node[arc.to]))
            .filter(|(from, to)| *from != usize::MAX && *to != usize::MAX && from != to)
            .collect();
        Network::new(open.iter().map(|i| self.uid(*i)).collect(), &pairs)
    }
}

impl Network {
    /// A network of these nodes; a pair is a waiting node and the one it waits for.
    fn new(uids: Vec<Uid>, pairs: &[(usize, usize)]) -> Network {
        let turned: Vec<(usize, usize)> = pairs.iter().map(|(from, to)| (*to, *from)).collect();
        Network {
            waits: Lists::new(uids.len(), pairs),
            dependents: Lists::new(uids.len(), &turned),
            uids,
        }
    }

    /// The number of items.
    pub fn nodes(&self) -> usize {
        self.uids.len()
    }

    pub fn edges(&self) -> usize {
        self.waits.pairs().count()
    }

    /// The edges as a share of all possible ones: 0 to 1.
    pub fn density(&self) -> f64 {
        let n = self.nodes() as f64;
        if self.nodes() < 2 {
            return 0.0;
        }
        self.edges() as f64 / (n * (n - 1.0))
    }

    /// The number of items that a node waits for.
    pub fn waits(&self, node: usize) -> usize {
        self.waits.of(node).len()
    }

    /// The number of items that wait for a node.
    pub fn dependents(&self, node: usize) -> usize {
        self.dependents.of(node).len()
    }

    /// The neighbors of each node in either direction, each once.
    fn neighbors(&self) -> Lists<usize> {
        let mut pairs: Vec<(usize, usize)> = self.waits.pairs().collect();
        pairs.extend(self.dependents.pairs());
        pairs.sort_unstable();
        pairs.dedup();
        Lists::new(self.nodes(), &pairs)
    }
}

impl Graph<'_> {
    /// The independent lanes of open work: two tasks or issues are in one lane if one has to wait
    /// for the other, by itself or through its ancestors. Members are in the order of age, and so
    /// are the lanes, by their first member.
    pub fn lanes(&self) -> Vec<Vec<Uid>> {
        let mut lanes = Lanes {
            above: (0..self.items.len()).collect(),
        };
        // An item that waits, is waited for, or is work itself keeps its parts in one lane.
        let mut binds: Vec<bool> = (0..self.items.len())
            .map(|i| {
                let waits = !self.waits.of(i).is_empty() || !self.dependents.of(i).is_empty();
                self.is_open(i) && (waits || super::ready::is_work(self.items[i]))
            })
            .collect();
        for (from, arc) in self.waits.pairs() {
            lanes.join(from, arc.to);
        }
        let mut todo: Vec<usize> = (0..self.items.len()).filter(|i| binds[*i]).collect();
        while let Some(at) = todo.pop() {
            for &child in self.children.of(at) {
                if !binds[child] {
                    binds[child] = true;
                    todo.push(child);
                }
                lanes.join(at, child);
            }
        }
        let mut found: std::collections::BTreeMap<usize, Vec<Uid>> = Default::default();
        let mut place = vec![usize::MAX; self.items.len()];
        for i in 0..self.items.len() {
            if self.is_open(i) && super::ready::is_work(self.items[i]) {
                let root = lanes.root(i);
                if place[root] == usize::MAX {
                    place[root] = i;
                }
                found.entry(place[root]).or_default().push(self.uid(i));
            }
        }
        found.into_values().collect()
    }

    /// True if an item exists and is open.
    pub fn has_open(&self, uid: &Uid) -> bool {
        self.find(uid).is_some_and(|i| self.is_open(i))
    }

    /// The number of open items that wait for an item, directly or through others.
    pub fn behind(&self, uid: &Uid) -> usize {
        let after = super::reach(self.find(uid), |at| self.dependents.of(at).iter().copied());
        after.flatten().count()
    }
}

/// Union-find over items.
struct Lanes {
    above: Vec<usize>,
}

impl Lanes {
    fn root(&mut self, node: usize) -> usize {
        adjacency::root(&mut self.above, node)
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        // The smaller one stays the root, regardless of the order of joining.
        self.above[a.max(b)] = a.min(b);
    }
}

#[cfg(test)]
mod tests;
