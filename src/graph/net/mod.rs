//! The open items and the hard edges between them as a plain net of numbers: what the measures of
//! [`Graph`] are computed on. Nodes are in the order of age, so that every clone adds up alike.

mod articulation;
mod betweenness;
mod pagerank;

pub use betweenness::Betweenness;
pub use pagerank::PageRank;

use super::Graph;
use super::adjacency::Lists;
use crate::model::uid::Uid;

/// Open items, and who waits for whom. Edges that close a cycle are in it, too; parents are not.
#[derive(Debug)]
pub struct Net {
    /// The items, in the order of age.
    pub uids: Vec<Uid>,
    /// From the one that waits to what it waits for.
    waits: Lists<usize>,
    /// The same backwards.
    dependants: Lists<usize>,
}

impl Graph<'_> {
    /// The net of open items.
    pub fn net(&self) -> Net {
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
        Net::new(open.iter().map(|i| self.uid(*i)).collect(), &pairs)
    }
}

impl Net {
    /// A net of these nodes; a pair is who waits and what for.
    fn new(uids: Vec<Uid>, pairs: &[(usize, usize)]) -> Net {
        let turned: Vec<(usize, usize)> = pairs.iter().map(|(from, to)| (*to, *from)).collect();
        Net {
            waits: Lists::new(uids.len(), pairs),
            dependants: Lists::new(uids.len(), &turned),
            uids,
        }
    }

    /// How many items there are.
    pub fn len(&self) -> usize {
        self.uids.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.uids.is_empty()
    }

    /// How many edges there are.
    pub fn edges(&self) -> usize {
        self.waits.pairs().count()
    }

    /// Edges, as a share of all that could be: 0 to 1.
    pub fn density(&self) -> f64 {
        let n = self.len() as f64;
        if self.len() < 2 {
            return 0.0;
        }
        self.edges() as f64 / (n * (n - 1.0))
    }

    /// For how many items a node waits.
    pub fn waits(&self, node: usize) -> usize {
        self.waits.of(node).len()
    }

    /// How many items wait for a node.
    pub fn dependants(&self, node: usize) -> usize {
        self.dependants.of(node).len()
    }

    /// The neighbours of each node, whichever way the edge goes, each once.
    fn neighbours(&self) -> Lists<usize> {
        let mut pairs: Vec<(usize, usize)> = self.waits.pairs().collect();
        pairs.extend(self.dependants.pairs());
        pairs.sort_unstable();
        pairs.dedup();
        Lists::new(self.len(), &pairs)
    }
}

impl Graph<'_> {
    /// The independent lanes of open work: two tasks or issues are in one lane if one has to wait
    /// for the other, by itself or through what it is a part of. Members are in the order of age,
    /// and so are the lanes, by their first member.
    pub fn lanes(&self) -> Vec<Vec<Uid>> {
        let mut lanes = Lanes {
            above: (0..self.items.len()).collect(),
        };
        // What is waited for or waits, or is work itself, binds its parts together.
        let mut binds: Vec<bool> = (0..self.items.len())
            .map(|i| {
                let waits = !self.waits.of(i).is_empty() || !self.dependants.of(i).is_empty();
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

    /// Whether an item is there and open.
    pub fn has_open(&self, uid: &Uid) -> bool {
        self.find(uid).is_some_and(|i| self.is_open(i))
    }

    /// How many open items wait for an item, directly or through others.
    pub fn behind(&self, uid: &Uid) -> usize {
        let after = super::reach(self.find(uid), |at| self.dependants.of(at).iter().copied());
        after.flatten().count()
    }
}

/// Union-find over items.
struct Lanes {
    above: Vec<usize>,
}

impl Lanes {
    fn root(&mut self, mut node: usize) -> usize {
        while self.above[node] != node {
            self.above[node] = self.above[self.above[node]];
            node = self.above[node];
        }
        node
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        // The smaller one stays the root, whatever the order of joining.
        self.above[a.max(b)] = a.min(b);
    }
}

#[cfg(test)]
mod tests;
