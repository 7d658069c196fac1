//! The order of merges: a pure function of the graph, so that every clone computes the same.

use std::cmp::Reverse;
use std::collections::BTreeSet;

/// A candidate among others, which are named by their positions.
#[derive(Clone, Debug, Default)]
pub(super) struct Node {
    /// Those that have to be merged before it.
    pub(super) hard: BTreeSet<usize>,
    /// Those that should be: soft dependencies, and branches that it is stacked on.
    pub(super) soft: BTreeSet<usize>,
    /// The hours of the longest chain of work that begins with it.
    pub(super) hours: u64,
    /// 0 is the most urgent.
    pub(super) priority: u8,
    /// Decides between those that are otherwise equal.
    pub(super) rank: Vec<u8>,
}

/// The positions in the order of their merges. In a cycle, the one that ranks first begins.
pub(super) fn merge_order(nodes: &[Node]) -> Vec<usize> {
    let mut left: BTreeSet<usize> = (0..nodes.len()).collect();
    let mut order = Vec::new();
    let key = |n: usize, left: &BTreeSet<usize>| {
        let node = &nodes[n];
        let waits =
            |on: &BTreeSet<usize>| on.iter().any(|other| *other != n && left.contains(other));
        (
            waits(&node.hard),
            waits(&node.soft),
            Reverse(node.hours),
            node.priority,
            node.rank.clone(),
        )
    };
    while let Some(next) = left.iter().copied().min_by_key(|n| key(*n, &left)) {
        left.remove(&next);
        order.push(next);
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(hard: &[usize], soft: &[usize], hours: u64, priority: u8, rank: u8) -> Node {
        Node {
            hard: hard.iter().copied().collect(),
            soft: soft.iter().copied().collect(),
            hours,
            priority,
            rank: vec![rank],
        }
    }

    /// ST-02
    #[test]
    fn dependencies_come_first_then_the_critical_path_priority_and_id() {
        let nodes = [
            node(&[3], &[], 90, 0, 0),
            node(&[], &[], 5, 1, 1),
            node(&[], &[], 5, 0, 5),
            node(&[], &[], 1, 4, 9),
            node(&[], &[1], 50, 0, 2),
            node(&[], &[], 5, 1, 0),
        ];
        assert_eq!(merge_order(&nodes), [2, 5, 1, 4, 3, 0]);
    }

    #[test]
    fn cycles_end() {
        let nodes = [node(&[1], &[], 1, 2, 1), node(&[0], &[1], 1, 1, 2)];
        assert_eq!(merge_order(&nodes), [1, 0], "the more urgent one begins");
        let soft = [node(&[], &[1], 1, 2, 1), node(&[], &[0], 1, 1, 2)];
        assert_eq!(merge_order(&soft), [1, 0]);
    }
}
