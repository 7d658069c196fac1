//! Betweenness: the share of the shortest paths between other items that include an item.

use super::Network;

/// The betweenness of each node.
#[derive(Clone, Debug, PartialEq)]
pub struct Betweenness {
    /// By node: the share of all pairs of other nodes whose shortest paths include it, 0 to 1.
    pub scores: Vec<f64>,
    /// The number of nodes from which paths were followed, if not from all; the scores are then
    /// estimates.
    pub pivots: Option<usize>,
}

impl Network {
    /// Betweenness by Brandes' algorithm (A Faster Algorithm for Betweenness Centrality, 2001) on
    /// directed edges of equal length. It is exact if following the paths from every node takes at
    /// most `steps` steps along edges; otherwise only those from `pivots` nodes are followed (fewer
    /// if there are very many edges), and their sum is scaled up (Brandes and Pich, 2007). The
    /// pivots are spread evenly over the waiting nodes in the order of age, without randomness.
    pub fn betweenness(&self, steps: usize, mut pivots: usize) -> Betweenness {
        let n = self.nodes();
        // No path starts at a node that waits for no other.
        let sources: Vec<usize> = (0..n).filter(|s| self.waits(*s) > 0).collect();
        let most = if sources.len() > pivots.max(1) {
            steps
        } else {
            usize::MAX
        };
        let mut found = self.followed(&sources, most).map(|scores| (scores, 1.0));
        let sampled = found.is_none();
        if sampled {
            pivots = pivots.min(SAMPLED / self.edges().max(1)).max(1);
            let scale = sources.len() as f64 / pivots as f64;
            let spread = |k: usize| sources[k * sources.len() / pivots];
            let chosen: Vec<usize> = (0..pivots).map(spread).collect();
            found = self
                .followed(&chosen, usize::MAX)
                .map(|scores| (scores, scale));
        }
        let (mut scores, scale) = found.unwrap_or_default();
        if n > 2 {
            let pairs = (n as f64 - 1.0) * (n as f64 - 2.0);
            scores.iter_mut().for_each(|score| *score *= scale / pairs);
        }
        Betweenness {
            scores,
            pivots: sampled.then_some(pivots),
        }
    }

    /// The sums over all paths from some nodes; `None` once that takes more than `most` steps.
    fn followed(&self, sources: &[usize], most: usize) -> Option<Vec<f64>> {
        let mut scores = vec![0.0; self.nodes()];
        let mut search = Search::new(self.nodes());
        let mut steps = 0usize;
        for source in sources {
            steps = steps.saturating_add(search.from(self, *source, &mut scores));
            if steps > most {
                return None;
            }
        }
        Some(scores)
    }
}

/// One search, whose memory is reused for the next.
struct Search {
    distance: Vec<usize>,
    /// The number of shortest paths to a node, divided by a power of `SCALE` that depends on its
    /// distance: layers of nodes have more paths than a number can hold.
    paths: Vec<f64>,
    /// The same before the division of its own layer: the sum over the nodes before it.
    unscaled: Vec<f64>,
    share: Vec<f64>,
    /// The reached nodes, nearest first.
    order: Vec<usize>,
}

/// The greatest number of steps along edges for an estimate: about 0.2 s.
const SAMPLED: usize = 20_000_000;
const FAR: usize = usize::MAX;
/// Above this, the numbers of paths of a layer are divided by it: a power of two avoids rounding.
const SCALE: f64 = (1u128 << 100) as f64;

impl Search {
    fn new(nodes: usize) -> Search {
        Search {
            distance: vec![FAR; nodes],
            paths: vec![0.0; nodes],
            unscaled: vec![0.0; nodes],
            share: vec![0.0; nodes],
            order: Vec::new(),
        }
    }

    /// Adds the paths from a node; returns the number of edges followed.
    fn from(&mut self, net: &Network, source: usize, scores: &mut [f64]) -> usize {
        let mut steps = 0;
        self.distance[source] = 0;
        self.paths[source] = 1.0;
        self.order.push(source);
        let (mut done, mut layer) = (0, 0);
        while let Some(&at) = self.order.get(done) {
            if self.distance[at] != layer {
                layer = self.distance[at];
                self.close_layer(done);
            }
            done += 1;
            steps += net.waits.of(at).len();
            for &to in net.waits.of(at) {
                if self.distance[to] == FAR {
                    self.distance[to] = self.distance[at] + 1;
                    self.order.push(to);
                }
                if self.distance[to] == self.distance[at] + 1 {
                    self.paths[to] += self.paths[at];
                }
            }
        }
        for &at in self.order.iter().rev() {
            let nearer = net.waits.of(at).iter();
            let share: f64 = nearer
                .filter(|to| self.distance[**to] == self.distance[at] + 1)
                .filter(|to| self.unscaled[**to] > 0.0)
                .map(|to| self.paths[at] / self.unscaled[*to] * (1.0 + self.share[*to]))
                .sum();
            self.share[at] = share;
            if at != source {
                scores[at] += share;
            }
        }
        for at in self.order.drain(..) {
            self.distance[at] = FAR;
            self.paths[at] = 0.0;
            self.unscaled[at] = 0.0;
            self.share[at] = 0.0;
        }
        steps
    }

    /// Scales a complete layer: the nodes from `first` on have one distance, and their paths are
    /// counted.
    fn close_layer(&mut self, first: usize) {
        let layer = &self.order[first..];
        let most = layer.iter().map(|at| self.paths[*at]).fold(0.0, f64::max);
        let scale = if most > SCALE { SCALE } else { 1.0 };
        for &at in layer {
            self.unscaled[at] = self.paths[at];
            self.paths[at] /= scale;
        }
    }
}
