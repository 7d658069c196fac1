//! The recommended order of execution, the critical path first, and the hours that an item counts for.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, HashSet};

use super::adjacency::Lists;
use super::critical_path::{Slot, Times};
use super::{Graph, Is, Vertex};
use crate::model::uid::Uid;
use crate::model::vocabulary::Estimate;

impl<V: Vertex> Graph<'_, V> {
    /// All open tasks and issues in an order in which they can be done: the items that an item
    /// waits for, by itself or through its ancestors, come before it, and children before their
    /// parent. Among those that could be next, those of the critical path (by estimate) come first,
    /// then the one with the longest chain of dependent work, then the order of [`Graph::ready`].
    pub fn order(&self) -> Vec<Uid> {
        let plan = Plan::new(self);
        let times = self.times(&plan);
        let order = self.critical_first(&plan, &times, usize::MAX, |_| true);
        order.into_iter().map(|i| self.uid(i)).collect()
    }

    /// The same, and [`Graph::schedule`].
    #[cfg(test)]
    pub fn order_and_schedule(&self) -> (Vec<Uid>, Vec<Slot>) {
        (self.order(), self.schedule())
    }

    /// The first items of [`Graph::order`] that `keep` keeps, each with its slot if it takes time.
    pub fn first_in_order(
        &self,
        most: usize,
        keep: impl Fn(&Uid) -> bool,
    ) -> Vec<(Uid, Option<Slot>)> {
        let plan = Plan::new(self);
        let times = self.times(&plan);
        let keep = |i: usize| keep(self.items[i].uid());
        let order = self.critical_first(&plan, &times, most, keep).into_iter();
        let slot = |i: usize| (self.uid(i), self.slot(&plan, &times, i));
        order.map(slot).collect()
    }

    fn critical_first(
        &self,
        plan: &Plan,
        times: &Times,
        most: usize,
        keep: impl Fn(usize) -> bool,
    ) -> Vec<usize> {
        let rank = |i: usize| {
            let urgency = Reverse((self.items[i].priority(), self.due(i), i));
            let is_critical = self.slack(plan, times, i) == Some(0);
            (is_critical, plan.tail(i), urgency)
        };
        self.in_turn(plan, rank, |_| false, most, keep)
    }

    /// The open work that can be done now, or once others of it are: not what is stopped, deferred or
    /// undecided, what waits for that, or containers. The most urgent first, as [`Graph::ready`] has
    /// them; of the same priority those that are started.
    pub fn doable(&self) -> Vec<Uid> {
        let plan = Plan::new(self);
        let rank = |i: usize| {
            let item = self.items[i];
            Reverse((item.priority(), !item.is(Is::UnderWay), self.due(i), i))
        };
        let is_held = |i: usize| {
            let is_open = self.is_open(i);
            self.items[i].is(Is::Template)
                || is_open && (self.is_stopped(i) || self.is_undecided(i))
        };
        let order = self.in_turn(&plan, rank, is_held, usize::MAX, |i| self.work(i) > 0);
        let order = order.into_iter();
        order.map(|i| self.uid(i)).collect()
    }

    /// The first `most` of the open work that `keep` keeps, as a plan has it, the greatest rank first among
    /// those that could be next; without what is held, and what comes after it.
    fn in_turn<K: Ord>(
        &self,
        plan: &Plan,
        rank: impl Fn(usize) -> K,
        is_held: impl Fn(usize) -> bool,
        most: usize,
        keep: impl Fn(usize) -> bool,
    ) -> Vec<usize> {
        let mut open_before = plan.before.clone();
        let mut heap = BinaryHeap::new();
        // Steps that are not work (starts, epics, closed items) are not listed and take no time.
        let mut free: Vec<usize> = (0..open_before.len())
            .filter(|node| open_before[*node] == 0)
            .collect();
        let mut order = Vec::new();
        while order.len() < most {
            let node = match free.pop() {
                Some(start) if start < plan.items && is_held(start) => continue,
                Some(node) if plan.is_work(node) => {
                    let i = node - plan.items;
                    heap.push((rank(i), i));
                    continue;
                }
                Some(node) => node,
                None => match heap.pop() {
                    Some((_, i)) => {
                        if keep(i) {
                            order.push(i);
                        }
                        plan.items + i
                    }
                    None => break,
                },
            };
            for &next in plan.after.of(node) {
                open_before[next] -= 1;
                if open_before[next] == 0 {
                    free.push(next);
                }
            }
        }
        order
    }

    /// The number of open tasks and issues that are work, containers left out.
    pub fn count_open_work(&self) -> usize {
        let is_work = |i: &usize| self.is_open(*i) && self.items[*i].is(Is::Work);
        let work = (0..self.items.len()).filter(is_work);
        work.filter(|i| self.open_children(*i).next().is_none())
            .count()
    }

    /// The open work that has to be finished for an item to be finished, itself included: its
    /// parts, the items that it and they wait for, and those that their ancestors wait for.
    /// Containers are omitted, since their parts are the work. In the order of age.
    pub fn needed_for(&self, uid: &Uid) -> Vec<Uid> {
        let mut todo: Vec<usize> = self.find(uid).into_iter().collect();
        let mut needed: BTreeSet<usize> = todo.iter().copied().collect();
        // Ancestors whose waits were already followed.
        let mut above: HashSet<usize> = HashSet::new();
        while let Some(at) = todo.pop() {
            let mut next: Vec<usize> = self.open_children(at).collect();
            next.extend(self.waits.of(at).iter().map(|arc| arc.to));
            let mut climb = vec![at];
            while let Some(below) = climb.pop() {
                for parent in self.parents.of(below) {
                    if above.insert(parent.to) {
                        next.extend(self.waits.of(parent.to).iter().map(|arc| arc.to));
                        climb.push(parent.to);
                    }
                }
            }
            todo.extend(next.into_iter().filter(|i| needed.insert(*i)));
        }
        let work = needed.into_iter().filter(|i| self.work(*i) > 0);
        work.map(|i| self.uid(i)).collect()
    }

    /// True if an item is a container: one of its children is open.
    pub fn is_container(&self, uid: &Uid) -> bool {
        let found = self.find(uid);
        found.is_some_and(|i| self.open_children(i).next().is_some())
    }

    /// The hours of an item's own work: none for closed items, epics and containers.
    pub(super) fn work(&self, i: usize) -> u64 {
        let item = self.items[i];
        if !item.is(Is::Work) || !self.is_open(i) || self.open_children(i).next().is_some() {
            return 0;
        }
        let minutes = item.minutes();
        minutes.map_or(Estimate::M.hours().into(), |minutes| minutes.div_ceil(60))
    }
}

/// The starts and ends of items, as in [`super::cycle`], with the steps after each.
pub(super) struct Plan {
    /// The number of items. The start of item `i` is node `i`, its end node `items + i`.
    pub(super) items: usize,
    pub(super) after: Lists<usize>,
    /// The number of steps directly before each.
    before: Vec<usize>,
    /// The nodes, each after all that come before it.
    pub(super) sorted: Vec<usize>,
    /// By node: the hours of the longest chain of work that begins with it.
    pub(super) tails: Vec<u64>,
    listed: Vec<bool>,
}

impl Plan {
    pub(super) fn new<V: Vertex>(graph: &Graph<'_, V>) -> Plan {
        let items = graph.items.len();
        let after = Lists::of_each(2 * items, |step| {
            for i in 0..items {
                step(i, items + i);
                graph.parents.of(i).iter().for_each(|arc| step(arc.to, i));
                let waits = graph.waits.of(i).iter();
                waits.for_each(|arc| step(items + arc.to, i));
                if graph.is_open(i) {
                    graph
                        .open_children(i)
                        .for_each(|c| step(items + c, items + i));
                }
            }
        });
        let mut plan = Plan {
            items,
            before: after.before(),
            after,
            sorted: Vec::new(),
            tails: Vec::new(),
            listed: (0..items)
                .map(|i| graph.is_open(i) && graph.items[i].is(Is::Work))
                .collect(),
        };
        plan.sorted = plan.after.topological(plan.before.clone());
        plan.tails = plan.tails(graph);
        plan
    }

    fn is_work(&self, node: usize) -> bool {
        node >= self.items && self.listed[node - self.items]
    }

    /// The hours of the longest chain of work that begins with an item.
    fn tail(&self, item: usize) -> u64 {
        self.tails[self.items + item]
    }

    fn tails<V: Vertex>(&self, graph: &Graph<'_, V>) -> Vec<u64> {
        let mut tails = vec![0; self.before.len()];
        for &node in self.sorted.iter().rev() {
            let longest = self.after.of(node).iter().map(|n| tails[*n]).max();
            let own = node.checked_sub(self.items).map_or(0, |i| graph.work(i));
            tails[node] = own + longest.unwrap_or(0);
        }
        tails
    }
}
