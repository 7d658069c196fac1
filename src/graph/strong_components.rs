//! Strongly connected components, and the edges that close a cycle of edges no later than themselves.

use super::adjacency::{self, Lists};

/// The component of each node (Tarjan's algorithm, without recursion: chains may be long).
pub fn components(graph: &Lists<usize>) -> Vec<usize> {
    const NONE: usize = usize::MAX;
    let nodes = graph.len();
    let mut order = vec![NONE; nodes];
    let mut low = vec![NONE; nodes];
    let mut component = vec![NONE; nodes];
    let (mut stack, mut calls) = (Vec::new(), Vec::new());
    let (mut entered, mut found) = (0, 0);
    for root in 0..nodes {
        if order[root] == NONE {
            calls.push((root, 0));
        }
        while let Some((node, next)) = calls.last_mut() {
            let node = *node;
            if *next == 0 && order[node] == NONE {
                (order[node], low[node]) = (entered, entered);
                entered += 1;
                stack.push(node);
            }
            if let Some(&to) = graph.of(node).get(*next) {
                *next += 1;
                if order[to] == NONE {
                    calls.push((to, 0));
                } else if component[to] == NONE {
                    low[node] = low[node].min(order[to]);
                }
                continue;
            }
            calls.pop();
            if let Some(&(caller, _)) = calls.last() {
                low[caller] = low[caller].min(low[node]);
            }
            if low[node] == order[node] {
                while let Some(member) = stack.pop() {
                    component[member] = found;
                    if member == node {
                        break;
                    }
                }
                found += 1;
            }
        }
    }
    component
}

/// An edge with the time at which it is added.
#[derive(Clone, Copy, Debug)]
pub(super) struct Timed {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) time: usize,
}

/// Returns for each edge whether it closes a cycle of edges none of which is later than itself.
///
/// Divide and conquer over time: m edges take about m log m steps even in a hostile graph, while
/// dropping edges one by one would take the square.
pub(super) fn closing(nodes: usize, edges: &[Timed]) -> Vec<bool> {
    let mut closing = vec![false; edges.len()];
    let pairs: Vec<(usize, usize)> = edges.iter().map(|e| (e.from, e.to)).collect();
    let component = components(&Lists::new(nodes, &pairs));
    let inside: Vec<usize> = (0..edges.len())
        .filter(|e| component[edges[*e].from] == component[edges[*e].to])
        .collect();
    if inside.is_empty() {
        return closing;
    }
    let mut times: Vec<usize> = inside.iter().map(|e| edges[*e].time).collect();
    times.sort_unstable();
    times.dedup();
    let span = (0, times.len() - 1);
    let mut search = Search {
        edges,
        times,
        merged: (0..nodes).collect(),
        closing: &mut closing,
    };
    search.split(span, inside);
    closing
}

struct Search<'a> {
    edges: &'a [Timed],
    /// The times at which edges are added.
    times: Vec<usize>,
    /// Union-find: nodes known to be in one component before the current span.
    merged: Vec<usize>,
    closing: &'a mut [bool],
}

impl Search<'_> {
    /// `inside` are the edges whose ends become part of one component within the span of times.
    fn split(&mut self, (first, last): (usize, usize), inside: Vec<usize>) {
        if inside.is_empty() {
            return;
        }
        if first == last {
            for e in inside {
                let edge = self.edges[e];
                self.closing[e] = edge.time == self.times[first];
                let (from, to) = (self.root(edge.from), self.root(edge.to));
                self.merged[from] = to;
            }
            return;
        }
        let middle = first + (last - first) / 2;
        let ends: Vec<(usize, usize)> = inside
            .iter()
            .map(|e| (self.root(self.edges[*e].from), self.root(self.edges[*e].to)))
            .collect();
        let mut names: Vec<usize> = ends.iter().flat_map(|(a, b)| [*a, *b]).collect();
        names.sort_unstable();
        names.dedup();
        let local = |node: usize| names.partition_point(|name| *name < node);
        let is_early = |e: usize| self.edges[e].time <= self.times[middle];
        let early: Vec<(usize, usize)> = inside
            .iter()
            .zip(&ends)
            .filter(|(e, _)| is_early(**e))
            .map(|(_, (a, b))| (local(*a), local(*b)))
            .collect();
        let component = components(&Lists::new(names.len(), &early));
        let (mut before, mut after) = (Vec::new(), Vec::new());
        for (e, (a, b)) in inside.into_iter().zip(&ends) {
            if is_early(e) && component[local(*a)] == component[local(*b)] {
                before.push(e);
            } else {
                after.push(e);
            }
        }
        self.split((first, middle), before);
        self.split((middle + 1, last), after);
    }

    fn root(&mut self, node: usize) -> usize {
        adjacency::root(&mut self.merged, node)
    }
}
