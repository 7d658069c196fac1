//! Betweenness: on how many of the shortest ways between other items an item lies.

use super::Net;

/// The betweenness of each node.
#[derive(Clone, Debug, PartialEq)]
pub struct Betweenness {
    /// By node: the share of all pairs of other nodes whose shortest ways lead over it, 0 to 1.
    pub scores: Vec<f64>,
    /// From how many nodes the ways were followed, where that were not all; the scores are
    /// estimates then.
    pub pivots: Option<usize>,
}

impl Net {
    /// Betweenness by Brandes' algorithm (A Faster Algorithm for Betweenness Centrality, 2001) on
    /// directed edges of equal length. It is exact where following the ways from every node takes
    /// at most `steps` steps along edges; else only those from `pivots` nodes are followed, and
    /// their sum is scaled up (Brandes and Pich, 2007); fewer, where the net has very many
    /// edges. The pivots are evenly spread over the nodes that wait for something, in the
    /// order of age: no chance is involved.
    pub fn betweenness(&self, steps: usize, mut pivots: usize) -> Betweenness {
        let n = self.len();
        // From a node that waits for nothing no way leads anywhere.
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

    /// The sums over all ways from some nodes; `None` once that takes more than `most` steps.
    fn followed(&self, sources: &[usize], most: usize) -> Option<Vec<f64>> {
        let mut scores = vec![0.0; self.len()];
        let mut search = Search::new(self.len());
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

/// One search, whose room is used again for the next.
struct Search {
    distance: Vec<usize>,
    /// How many shortest ways lead to a node, as a share of `SCALE` to the power of how often its
    /// distance was scaled down: layers of nodes have more ways than a number can hold.
    ways: Vec<f64>,
    /// The same before it was scaled down: what the ways of the nodes before it add up to.
    came: Vec<f64>,
    share: Vec<f64>,
    /// The nodes that were reached, nearest first.
    order: Vec<usize>,
}

/// How many steps along edges an estimate takes at most: about 0.2 s.
const SAMPLED: usize = 20_000_000;
const FAR: usize = usize::MAX;
/// Above so many ways those to all nodes of a distance are divided by it; a power of two, so that
/// nothing is rounded.
const SCALE: f64 = (1u128 << 100) as f64;

impl Search {
    fn new(nodes: usize) -> Search {
        Search {
            distance: vec![FAR; nodes],
            ways: vec![0.0; nodes],
            came: vec![0.0; nodes],
            share: vec![0.0; nodes],
            order: Vec::new(),
        }
    }

    /// Adds the ways from a node; returns how many edges that took.
    fn from(&mut self, net: &Net, source: usize, scores: &mut [f64]) -> usize {
        let mut steps = 0;
        self.distance[source] = 0;
        self.ways[source] = 1.0;
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
                    self.ways[to] += self.ways[at];
                }
            }
        }
        for &at in self.order.iter().rev() {
            let nearer = net.waits.of(at).iter();
            let share: f64 = nearer
                .filter(|to| self.distance[**to] == self.distance[at] + 1)
                .filter(|to| self.came[**to] > 0.0)
                .map(|to| self.ways[at] / self.came[*to] * (1.0 + self.share[*to]))
                .sum();
            self.share[at] = share;
            if at != source {
                scores[at] += share;
            }
        }
        for at in self.order.drain(..) {
            self.distance[at] = FAR;
            self.ways[at] = 0.0;
            self.came[at] = 0.0;
            self.share[at] = 0.0;
        }
        steps
    }

    /// The nodes from `first` on are all of one distance, and their ways are known.
    fn close_layer(&mut self, first: usize) {
        let layer = &self.order[first..];
        let most = layer.iter().map(|at| self.ways[*at]).fold(0.0, f64::max);
        let scale = if most > SCALE { SCALE } else { 1.0 };
        for &at in layer {
            self.came[at] = self.ways[at];
            self.ways[at] /= scale;
        }
    }
}
