//! Adjacency lists: one slice per node, all in one allocation.

/// For each node a list of `T`, in the given order.
#[derive(Debug)]
pub struct Lists<T> {
    /// 32 bits: there is one for each node and kind of edge.
    start: Vec<u32>,
    data: Vec<T>,
}

impl<T: Copy + Default> Lists<T> {
    /// Groups pairs by their node.
    pub fn new(nodes: usize, pairs: &[(usize, T)]) -> Self {
        Lists::of_each(nodes, |each| pairs.iter().for_each(|(n, v)| each(*n, *v)))
    }

    /// Groups the pairs that a function passes on, the same ones whenever it is called: they need not
    /// be in memory.
    pub fn of_each(nodes: usize, pairs: impl Fn(&mut dyn FnMut(usize, T))) -> Self {
        // Each place is first that of the next node's list, and moves to its end.
        let mut start = vec![0u32; nodes + 2];
        pairs(&mut |node, _| start[node + 2] += 1);
        for i in 0..nodes {
            start[i + 2] += start[i + 1];
        }
        let mut data = vec![T::default(); start[nodes + 1] as usize];
        pairs(&mut |node, value| {
            data[start[node + 1] as usize] = value;
            start[node + 1] += 1;
        });
        start.pop();
        Lists { start, data }
    }

    pub(super) fn len(&self) -> usize {
        self.start.len() - 1
    }

    /// The list of a node.
    pub(super) fn of(&self, node: usize) -> &[T] {
        &self.data[self.start[node] as usize..self.start[node + 1] as usize]
    }

    /// All pairs, by node.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (usize, T)> {
        (0..self.len()).flat_map(|node| self.of(node).iter().map(move |value| (node, *value)))
    }

    /// The pairs for which `keep` is true.
    pub(super) fn filter(&self, keep: impl Fn(usize, T) -> bool) -> Self {
        Lists::of_each(self.len(), |each| {
            let kept = self.pairs().filter(|(node, value)| keep(*node, *value));
            kept.for_each(|(node, value)| each(node, value));
        })
    }
}

impl Lists<usize> {
    /// The number of edges that lead to each node.
    pub fn before(&self) -> Vec<usize> {
        let mut before = vec![0; self.len()];
        self.pairs().for_each(|(_, to)| before[to] += 1);
        before
    }

    pub(super) fn has_cycle(&self) -> bool {
        self.topological(self.before()).len() < self.len()
    }

    /// The nodes in topological order, given the number of edges that lead to each. Nodes of a
    /// cycle, and those after one, are omitted.
    pub fn topological(&self, mut before: Vec<usize>) -> Vec<usize> {
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
