//! PageRank: the share of all waiting that ends at an item.

use super::Network;

/// The maximum number of rounds, regardless of the tolerance.
const ROUNDS: usize = 500;

/// The PageRank of each node.
#[derive(Clone, Debug, PartialEq)]
pub struct PageRank {
    /// By node; they add up to 1.
    pub scores: Vec<f64>,
    pub rounds: usize,
    /// Set if the last round changed less than the tolerance.
    pub converged: bool,
}

impl Network {
    /// PageRank by power iteration (Page, Brin, Motwani, Winograd 1999): each item passes its rank
    /// on to the items it waits for, in equal parts; one that waits for none passes it on to all. A
    /// share of 1 - `damping` is distributed evenly. It ends when all ranks together change by less
    /// than `tolerance` in a round.
    pub fn page_rank(&self, damping: f64, tolerance: f64) -> PageRank {
        let n = self.nodes();
        if n == 0 {
            return PageRank {
                scores: Vec::new(),
                rounds: 0,
                converged: true,
            };
        }
        let even = 1.0 / n as f64;
        let mut scores = vec![even; n];
        let mut next = vec![0.0; n];
        for round in 1..=ROUNDS {
            let idle: f64 = (0..n)
                .filter(|node| self.waits.of(*node).is_empty())
                .map(|node| scores[node])
                .sum();
            for (node, rank) in next.iter_mut().enumerate() {
                let given = self.dependents.of(node).iter();
                let given: f64 = given
                    .map(|from| scores[*from] / self.waits.of(*from).len() as f64)
                    .sum();
                *rank = (1.0 - damping) * even + damping * (given + idle * even);
            }
            let change: f64 = scores.iter().zip(&next).map(|(a, b)| (a - b).abs()).sum();
            std::mem::swap(&mut scores, &mut next);
            if change < tolerance {
                return PageRank {
                    scores,
                    rounds: round,
                    converged: true,
                };
            }
        }
        PageRank {
            scores,
            rounds: ROUNDS,
            converged: false,
        }
    }
}
