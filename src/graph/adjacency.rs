//! Adjacency lists: one slice per node, all in one allocation.

/// For each node a list of `T`, in the given order.
#[derive(Debug)]
pub(super) struct Lists<T> {
    start: Vec<usize>,
    data: Vec<T>,
}

impl<T: Copy + Default> Lists<T> {
    /// Groups pairs by their node.
    pub(super) fn new(nodes: usize, pairs: &[(usize, T)]) -> Self {
        let mut start = vec![0; nodes + 1];
        for (node, _) in pairs {
            start[node + 1] += 1;
        }
        for i in 0..nodes {
            start[i + 1] += start[i];
        }
        let mut next = start.clone();
        let mut data = vec![T::default(); pairs.len()];
        for (node, value) in pairs {
            data[next[*node]] = *value;
            next[*node] += 1;
        }
        Lists { start, data }
    }

    pub(super) fn len(&self) -> usize {
        self.start.len() - 1
    }

    /// The list of a node.
    pub(super) fn of(&self, node: usize) -> &[T] {
        &self.data[self.start[node]..self.start[node + 1]]
    }

    /// All pairs, by node.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (usize, T)> {
        (0..self.len()).flat_map(|node| self.of(node).iter().map(move |value| (node, *value)))
    }

    /// The pairs for which `keep` is true.
    pub(super) fn filter(&self, keep: impl Fn(usize, T) -> bool) -> Self {
        let pairs: Vec<(usize, T)> = self.pairs().filter(|(n, v)| keep(*n, *v)).collect();
        Lists::new(self.len(), &pairs)
    }
}

impl Lists<usize> {
    /// The nodes in topological order, given the number of edges that lead to each. Nodes of a
    /// cycle, and those after one, are omitted.
    pub(super) fn topological(&self, mut before: Vec<usize>) -> Vec<usize> {
        let mut order: Vec<usize> = (0..before.len()).filter(|n| before[*n] == 0).collect();
        let mut done = 0;
        while let Some(&node) = order.get(done) {
            done += 1;
            for &next in self.of(node) {
                before[next] -= 1;
                if before[next] == 0 {
                    order.push(next);
                }
            }
        }
        order
    }
}

/// The root of a node's set in a union-find forest, with path halving.
pub(super) fn root(parents: &mut [usize], mut node: usize) -> usize {
    while parents[node] != node {
        parents[node] = parents[parents[node]];
        node = parents[node];
    }
    node
}
