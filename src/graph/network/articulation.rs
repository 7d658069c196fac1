//! The connectivity of the network, without regard to the direction of edges.

use super::Network;

impl Network {
    /// The nodes whose removal would split the network into more parts (articulation points; Hopcroft
    /// and Tarjan 1973, without recursion: chains may be long).
    pub fn articulation_points(&self) -> Vec<bool> {
        const NONE: usize = usize::MAX;
        let around = self.neighbors();
        let n = self.nodes();
        let mut order = vec![NONE; n];
        let mut low = vec![NONE; n];
        let mut cuts = vec![false; n];
        let mut entered = 0;
        // The node, the node it was entered from, and the next neighbor to visit.
        let mut calls: Vec<(usize, usize, usize)> = Vec::new();
        for root in 0..n {
            if order[root] != NONE {
                continue;
            }
            let mut below_root = 0;
            calls.push((root, NONE, 0));
            while let Some(&mut (node, from, ref mut next)) = calls.last_mut() {
                if *next == 0 && order[node] == NONE {
                    (order[node], low[node]) = (entered, entered);
                    entered += 1;
                }
                if let Some(&to) = around.of(node).get(*next) {
                    *next += 1;
                    if order[to] == NONE {
                        calls.push((to, node, 0));
                    } else if to != from {
                        low[node] = low[node].min(order[to]);
                    }
                    continue;
                }
                calls.pop();
                if from == NONE {
                    continue;
                }
                low[from] = low[from].min(low[node]);
                if from == root {
                    below_root += 1;
                } else if low[node] >= order[from] {
                    cuts[from] = true;
                }
            }
            cuts[root] = below_root > 1;
        }
        cuts
    }

    /// For each node the greatest k for which it is in a part of the network in which every node
    /// has at least k neighbors (k-core; Batagelj and Zaveršnik 2003).
    pub fn cores(&self) -> Vec<usize> {
        let around = self.neighbors();
        let n = self.nodes();
        let mut degree: Vec<usize> = (0..n).map(|node| around.of(node).len()).collect();
        let most = degree.iter().copied().max().unwrap_or(0);
        let mut by_degree: Vec<Vec<usize>> = vec![Vec::new(); most + 1];
        for node in 0..n {
            by_degree[degree[node]].push(node);
        }
        let mut core = vec![0; n];
        let mut gone = vec![false; n];
        let (mut k, mut at) = (0, 0);
        while at <= most {
            let Some(node) = by_degree[at].pop() else {
                at += 1;
                continue;
            };
            // A node is in the lists of all degrees that it had.
            if gone[node] || degree[node] != at {
                continue;
            }
            k = k.max(at);
            core[node] = k;
            gone[node] = true;
            for &next in around.of(node) {
                if !gone[next] && degree[next] > 0 {
                    degree[next] -= 1;
                    by_degree[degree[next]].push(next);
                    at = at.min(degree[next]);
                }
            }
        }
        core
    }
}
