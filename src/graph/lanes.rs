//! The independent lanes of open work, and the number of items that wait for one.

use super::Graph;
use super::adjacency;
use crate::model::uid::Uid;

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

    /// The open items in the order of age, each with the number of open items that wait for it
    /// directly.
    pub fn open(&self) -> Vec<(Uid, usize)> {
        let open = (0..self.items.len()).filter(|i| self.is_open(*i));
        open.map(|i| (self.uid(i), self.dependents.of(i).len()))
            .collect()
    }

    /// The number of hard edges between open items.
    pub fn edges(&self) -> usize {
        let hard = self.hard.pairs();
        hard.filter(|(from, arc)| self.is_open(*from) && self.is_open(arc.to))
            .count()
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
