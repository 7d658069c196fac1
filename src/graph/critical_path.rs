//! The critical path: the shortest time in which the open work can be done, and the slack of items.

use super::execution_order::Plan;
use super::{Graph, Vertex};
use crate::model::uid::Uid;

/// The earliest start of an item's work, counted from now with any number of workers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    /// The item.
    pub uid: Uid,
    /// The hours of its own work, by its estimate.
    pub hours: u64,
    /// The hours until its earliest start.
    pub start: u64,
    /// The hours of the longest chain of work that begins with it.
    pub tail: u64,
    /// The hours by which it may be late without delaying the critical path.
    pub slack: u64,
}

impl<V: Vertex> Graph<'_, V> {
    /// The times of the open tasks and issues, in the order of age (critical path method; Kelley and
    /// Walker 1959). Epics, containers and closed items take no time but pass waiting on; edges that
    /// close a cycle are ignored.
    pub fn schedule(&self) -> Vec<Slot> {
        self.slots(&Plan::new(self))
    }

    /// The schedule of a plan that was made already.
    pub(super) fn slots(&self, plan: &Plan) -> Vec<Slot> {
        let own = |node: usize| match node.checked_sub(plan.items) {
            Some(i) => self.work(i),
            None => 0,
        };
        let hours = plan.tails.iter().copied().max().unwrap_or(0);
        let mut begin = vec![0u64; plan.tails.len()];
        for &node in &plan.sorted {
            let end = begin[node] + own(node);
            for &next in plan.after.of(node) {
                begin[next] = begin[next].max(end);
            }
        }
        (0..plan.items)
            .map(|i| (i, plan.items + i))
            .filter(|(_, node)| own(*node) > 0)
            .map(|(i, node)| Slot {
                uid: self.uid(i),
                hours: own(node),
                start: begin[node],
                tail: plan.tails[node],
                slack: hours.saturating_sub(begin[node] + plan.tails[node]),
            })
            .collect()
    }
}
