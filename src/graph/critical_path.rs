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
        let plan = Plan::new(self);
        self.slots(&plan, &self.times(&plan))
    }

    /// By place in the order of age: the hours of the longest chain of work that waits for an item; 0 for
    /// one that takes no time.
    pub fn chains(&self) -> Vec<u64> {
        let plan = Plan::new(self);
        let behind = |i: usize| match self.work(i) {
            0 => 0,
            own => plan.tails[plan.items + i] - own,
        };
        (0..plan.items).map(behind).collect()
    }

    /// The times of a plan that was made already.
    pub(super) fn times(&self, plan: &Plan) -> Times {
        let own = |node: usize| match node.checked_sub(plan.items) {
            Some(i) => self.work(i),
            None => 0,
        };
        let mut begin = vec![0u64; plan.tails.len()];
        for &node in &plan.sorted {
            let end = begin[node] + own(node);
            for &next in plan.after.of(node) {
                begin[next] = begin[next].max(end);
            }
        }
        Times {
            hours: plan.tails.iter().copied().max().unwrap_or(0),
            begin,
        }
    }

    /// The schedule of a plan.
    pub(super) fn slots(&self, plan: &Plan, times: &Times) -> Vec<Slot> {
        let slots = (0..plan.items).filter_map(|i| self.slot(plan, times, i));
        slots.collect()
    }

    /// The slot of an item that takes time.
    pub(super) fn slot(&self, plan: &Plan, times: &Times, i: usize) -> Option<Slot> {
        let node = plan.items + i;
        Some(Slot {
            slack: self.slack(plan, times, i)?,
            uid: self.uid(i),
            hours: self.work(i),
            start: times.begin[node],
            tail: plan.tails[node],
        })
    }

    /// The slack of an item that takes time.
    pub(super) fn slack(&self, plan: &Plan, times: &Times, i: usize) -> Option<u64> {
        let node = plan.items + i;
        let end = times.begin[node] + plan.tails[node];
        (self.work(i) > 0).then(|| times.hours.saturating_sub(end))
    }
}

/// When the steps of a plan can begin at the earliest.
pub(super) struct Times {
    begin: Vec<u64>,
    /// The hours of all of it.
    hours: u64,
}
