//! What an item has to do with at all.

use std::collections::{BTreeSet, HashMap};

use super::Graph;

impl Graph<'_> {
    /// All items that can be reached from one over waiting and hierarchy, whichever way it goes,
    /// edges that close a cycle included, in the order of age. What happens to the item matters to
    /// none but these: a graph of them says of each what the graph of all items says.
    pub(super) fn connected(&self, item: usize) -> Vec<usize> {
        let mut dropped: HashMap<usize, Vec<usize>> = HashMap::new();
        for edge in self.broken() {
            if let (Some(from), Some(to)) = (self.find(&edge.uid), self.find(&edge.target)) {
                dropped.entry(from).or_default().push(to);
                dropped.entry(to).or_default().push(from);
            }
        }
        let mut found = BTreeSet::from([item]);
        let mut todo = vec![item];
        while let Some(at) = todo.pop() {
            let waits = self.waits.of(at).iter().map(|arc| arc.to);
            let above = self.parents.of(at).iter().map(|arc| arc.to);
            let dependants = self.dependants.of(at).iter().copied();
            let below = self.children.of(at).iter().copied();
            let dropped = dropped.get(&at).into_iter().flatten().copied();
            let near = waits
                .chain(above)
                .chain(dependants)
                .chain(below)
                .chain(dropped);
            todo.extend(near.filter(|i| found.insert(*i)));
        }
        found.into_iter().collect()
    }
}
