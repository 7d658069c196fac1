//! The recommended order of execution: topological, the critical path first.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::Graph;
use super::lists::Lists;
use super::ready::is_work;
use crate::model::uid::Uid;

/// How long work of an estimate takes, in hours; without one as for `M`.
pub(super) fn hours(estimate: Option<&str>) -> u64 {
    match estimate {
        Some("XS") => 1,
        Some("S") => 2,
        Some("L") => 8,
        Some("XL") => 16,
        _ => 4,
    }
}

impl Graph<'_> {
    /// All open tasks and issues in an order in which they can be done: whatever an item waits for,
    /// by itself or through its ancestors, stands before it, and children stand before their
    /// parent. Among those that could be next, the one from which the longest chain of work hangs
    /// comes first (the critical path, by estimate), then the order of [`Graph::ready`].
    pub fn order(&self) -> Vec<Uid> {
        let plan = Plan::new(self);
        let rank = |i: usize| (plan.tail[i], Reverse((self.items[i].priority, i)));
        let mut open_before = plan.before.clone();
        let mut heap = BinaryHeap::new();
        // Steps that are no work (starts, epics, what is closed) take no place and no time.
        let mut free: Vec<usize> = (0..open_before.len())
            .filter(|node| open_before[*node] == 0)
            .collect();
        let mut order = Vec::new();
        loop {
            let node = match free.pop() {
                Some(node) if plan.is_work(node) => {
                    let i = node - plan.items;
                    heap.push((rank(i), i));
                    continue;
                }
                Some(node) => node,
                None => match heap.pop() {
                    Some((_, i)) => {
                        order.push(self.uid(i));
                        plan.items + i
                    }
                    None => return order,
                },
            };
            for &next in plan.after.of(node) {
                open_before[next] -= 1;
                if open_before[next] == 0 {
                    free.push(next);
                }
            }
        }
    }

    /// Hours of an item's own work: none for what is closed, for epics and for containers.
    fn work(&self, i: usize) -> u64 {
        let item = self.items[i];
        if !is_work(item) || !self.is_open(i) || self.open_children(i).next().is_some() {
            return 0;
        }
        hours(item.estimate.as_deref())
    }
}

/// Starts and ends of items, as in [`super::cycle`], with what comes after each.
struct Plan {
    items: usize,
    after: Lists<usize>,
    /// How many steps come directly before each.
    before: Vec<usize>,
    /// By item: hours of the longest chain of work that begins with it.
    tail: Vec<u64>,
    listed: Vec<bool>,
}

impl Plan {
    fn new(graph: &Graph<'_>) -> Plan {
        let items = graph.items.len();
        let mut steps: Vec<(usize, usize)> = Vec::new();
        for i in 0..items {
            steps.push((i, items + i));
            steps.extend(graph.parents.of(i).iter().map(|arc| (arc.to, i)));
            steps.extend(graph.waits.of(i).iter().map(|arc| (items + arc.to, i)));
            if graph.is_open(i) {
                steps.extend(graph.open_children(i).map(|c| (items + c, items + i)));
            }
        }
        let mut before = vec![0; 2 * items];
        for (_, to) in &steps {
            before[*to] += 1;
        }
        let mut plan = Plan {
            items,
            after: Lists::new(2 * items, &steps),
            before,
            tail: Vec::new(),
            listed: (0..items)
                .map(|i| graph.is_open(i) && is_work(graph.items[i]))
                .collect(),
        };
        plan.tail = plan.tails(graph);
        plan
    }

    fn is_work(&self, node: usize) -> bool {
        node >= self.items && self.listed[node - self.items]
    }

    fn tails(&self, graph: &Graph<'_>) -> Vec<u64> {
        let mut before = self.before.clone();
        let mut sorted: Vec<usize> = (0..before.len()).filter(|n| before[*n] == 0).collect();
        let mut done = 0;
        while let Some(&node) = sorted.get(done) {
            done += 1;
            for &next in self.after.of(node) {
                before[next] -= 1;
                if before[next] == 0 {
                    sorted.push(next);
                }
            }
        }
        let mut tail = vec![0; before.len()];
        for &node in sorted.iter().rev() {
            let longest = self.after.of(node).iter().map(|n| tail[*n]).max();
            let own = node.checked_sub(self.items).map_or(0, |i| graph.work(i));
            tail[node] = own + longest.unwrap_or(0);
        }
        tail.split_off(self.items)
    }
}
