//! The critical path: the shortest time in which the open work can be done, and the slack of items.

use super::Graph;
use super::execution_order::Plan;
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
    /// The hours by which it may be late without delaying the critical path.
    pub slack: u64,
}

/// The times of all open work (critical path method; Kelley and Walker 1959).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schedule {
    /// The hours of the longest chain of work.
    pub hours: u64,
    /// The greatest number of items in progress at once, if each begins as early as possible: more
    /// workers would not help.
    pub width: usize,
    /// All items that are work themselves, in the order of age.
    pub slots: Vec<Slot>,
    /// The longest chain, first step first; of several, the one whose ids come first.
    pub path: Vec<Uid>,
}

impl Graph<'_> {
    /// The schedule of the open tasks and issues. Epics, containers and closed items take no time but
    /// pass waiting on; edges that close a cycle are ignored.
    pub fn schedule(&self) -> Schedule {
        let plan = Plan::new(self);
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
        let slots: Vec<Slot> = (0..plan.items)
            .map(|i| (i, plan.items + i))
            .filter(|(_, node)| own(*node) > 0)
            .map(|(i, node)| Slot {
                uid: self.uid(i),
                hours: own(node),
                start: begin[node],
                slack: hours.saturating_sub(begin[node] + plan.tails[node]),
            })
            .collect();
        let item = |node: usize| (node % plan.items.max(1), node);
        let mut path = Vec::new();
        let mut at = (0..plan.tails.len())
            .filter(|node| plan.tails[*node] == hours && begin[*node] == 0 && hours > 0)
            .min_by_key(|node| item(*node));
        while let Some(node) = at {
            if own(node) > 0 {
                path.push(self.uid(node - plan.items));
            }
            let left = plan.tails[node] - own(node);
            let next = plan.after.of(node).iter().copied();
            at = next
                .filter(|next| left > 0 && plan.tails[*next] == left)
                .min_by_key(|next| item(*next));
        }
        Schedule {
            hours,
            width: width(&slots),
            slots,
            path,
        }
    }
}

fn width(slots: &[Slot]) -> usize {
    // Ends sort before starts of the same hour: a worker who is done can start the next item.
    let mut events: Vec<(u64, bool)> = slots
        .iter()
        .flat_map(|slot| [(slot.start, true), (slot.start + slot.hours, false)])
        .collect();
    events.sort_unstable();
    let (mut now, mut most) = (0usize, 0);
    for (_, begins) in events {
        now = if begins { now + 1 } else { now - 1 };
        most = most.max(now);
    }
    most
}
