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
    /// their sum is scaled up (Brandes and Pich, 2007). The pivots are evenly spread over the nodes
    /// that wait for something, in the order of age: no chance is involved.
    pub fn betweenness(&self, steps: usize, pivots: usize) -> Betweenness {
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
            let pivots = pivots.max(1);
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
            pivots: sampled.then_some(pivots.max(1)),
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
    /// How many shortest ways lead to a node.
    ways: Vec<f64>,
    share: Vec<f64>,
    /// The nodes that were reached, nearest first.
    order: Vec<usize>,
}

const FAR: usize = usize::MAX;

impl Search {
    fn new(nodes: usize) -> Search {
        Search {
            distance: vec![FAR; nodes],
            ways: vec![0.0; nodes],
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
        let mut done = 0;
        while let Some(&at) = self.order.get(done) {
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
                .map(|to| self.ways[at] / self.ways[*to] * (1.0 + self.share[*to]))
                .sum();
            self.share[at] = share;
            if at != source {
                scores[at] += share;
            }
        }
        for at in self.order.drain(..) {
            self.distance[at] = FAR;
            self.ways[at] = 0.0;
            self.share[at] = 0.0;
        }
        steps
    }
}
