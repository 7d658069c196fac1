//! The graph of a plan, with the gates of milestones as nodes.
//!
//! A gate waits for the tasks of its milestone and for the gate before it, and the tasks after it
//! wait for it. Pure, and linear in tasks and edges, even for a hostile plan.

use std::collections::{BTreeMap, BTreeSet};

use super::draft::{EdgeClass, Key};
use super::plan_types::Plan;
use crate::graph::{Lists, shortest};

/// Tasks first, then a gate for each milestone.
pub(super) struct Net<'p> {
    plan: &'p Plan,
    next: Vec<Vec<usize>>,
}

/// The place of each task by its key.
fn places(plan: &Plan) -> BTreeMap<&str, usize> {
    let keys = plan.tasks.iter().map(|planned| planned.task.key.as_str());
    keys.zip(0..).collect()
}

impl<'p> Net<'p> {
    /// The graph of a plan by its hard edges.
    pub(super) fn of(plan: &'p Plan) -> Net<'p> {
        let tasks = places(plan);
        Net::with(plan, &tasks, |class| class == EdgeClass::Hard)
    }

    /// The graph of a plan by the edges that count, those of test tasks moved to the tasks that they
    /// test.
    pub(super) fn folded(plan: &'p Plan, counts: impl Fn(EdgeClass) -> bool) -> Net<'p> {
        let mut tasks = places(plan);
        for planned in &plan.tasks {
            let tested = planned.task.tests.as_deref();
            if let Some(at) = tested.and_then(|tested| tasks.get(tested).copied()) {
                tasks.insert(&planned.task.key, at);
            }
        }
        Net::with(plan, &tasks, counts)
    }

    fn with(
        plan: &'p Plan,
        tasks: &BTreeMap<&str, usize>,
        counts: impl Fn(EdgeClass) -> bool,
    ) -> Net<'p> {
        let count = plan.tasks.len();
        let gates: BTreeMap<&str, usize> = plan
            .milestones
            .iter()
            .enumerate()
            .map(|(n, milestone)| (milestone.key.as_str(), count + n))
            .collect();
        let mut next = vec![Vec::new(); count + plan.milestones.len()];
        for wait in &plan.waits {
            let ends = [&wait.task, &wait.on].map(|key| tasks.get(key.as_str()));
            // An edge between a task and its own test is not part of the folded graph.
            let inside = |task, on| task == on && wait.task != wait.on;
            if let [Some(task), Some(on)] = ends
                && !inside(task, on)
                && counts(wait.class)
            {
                next[*task].push(*on);
            }
        }
        let before: Vec<Option<usize>> = plan
            .milestones
            .iter()
            .map(|milestone| gates.get(milestone.after.as_deref()?).copied())
            .collect();
        for (n, before) in before.iter().enumerate() {
            next[count + n].extend(before);
        }
        for (n, planned) in plan.tasks.iter().enumerate() {
            let own = planned.task.milestone.as_deref();
            if let Some(gate) = own.and_then(|key| gates.get(key)) {
                next[*gate].push(n);
                next[n].extend(before[*gate - count]);
            }
        }
        Net { plan, next }
    }

    fn key(&self, node: usize) -> Option<&'p Key> {
        self.plan.tasks.get(node).map(|planned| &planned.task.key)
    }

    /// The places of the tasks that a task waits for, without gates.
    pub(super) fn waits_of(&self, task: usize) -> BTreeSet<usize> {
        let count = self.plan.tasks.len();
        let waits = self.next[task].iter().copied();
        waits.filter(|on| *on < count).collect()
    }

    fn node(&self, key: &str) -> Option<usize> {
        let tasks = &self.plan.tasks;
        tasks.iter().position(|planned| planned.task.key == key)
    }

    /// The level of each node: one more than the greatest level that it waits for. `None` for a
    /// node that waits for a cycle.
    pub(super) fn ranks(&self) -> Vec<Option<usize>> {
        let waiting = Lists::of_each(self.next.len(), |each| {
            for (node, on) in self.next.iter().enumerate() {
                on.iter().for_each(|on| each(*on, node));
            }
        });
        let mut ranks: Vec<Option<usize>> = vec![None; self.next.len()];
        for node in waiting.topological(self.next.iter().map(Vec::len).collect()) {
            let behind = |on: &usize| {
                let own = usize::from(*on < self.plan.tasks.len());
                ranks[*on].map_or(0, |rank| rank + own)
            };
            ranks[node] = Some(self.next[node].iter().map(behind).max().unwrap_or(0));
        }
        ranks
    }

    /// Tasks in levels; see [`Plan::levels`].
    pub(super) fn levels(&self) -> Vec<Vec<Key>> {
        let mut out: BTreeMap<usize, Vec<Key>> = BTreeMap::new();
        for (planned, rank) in self.plan.tasks.iter().zip(self.ranks()) {
            if let Some(rank) = rank {
                out.entry(rank).or_default().push(planned.task.key.clone());
            }
        }
        out.into_values().collect()
    }

    /// The keys of the shortest path from a task to one that it waits for, both ends included.
    pub(super) fn path(&self, from: &str, to: &str) -> Option<Vec<Key>> {
        let (from, to) = (self.node(from)?, self.node(to)?);
        let each = |at: usize, visit: &mut dyn FnMut(usize)| {
            self.next[at].iter().for_each(|on| visit(*on));
        };
        let mut path = shortest(from, to, each)?;
        path.push(to);
        Some(
            path.iter()
                .filter_map(|node| self.key(*node).cloned())
                .collect(),
        )
    }

    /// A cycle, if there is one, with its first task repeated at its end.
    pub(super) fn cycle(&self) -> Option<Vec<Key>> {
        let ranks = self.ranks();
        // The remaining nodes wait for a cycle: each waits for another of them.
        let start = ranks.iter().position(Option::is_none)?;
        let mut seen: Vec<Option<usize>> = vec![None; self.next.len()];
        let mut chain = Vec::new();
        let mut at = start;
        while seen[at].is_none() {
            seen[at] = Some(chain.len());
            chain.push(at);
            at = *self.next[at].iter().find(|on| ranks[**on].is_none())?;
        }
        let nodes = &chain[seen[at]?..];
        let mut keys: Vec<Key> = nodes.iter().filter_map(|n| self.key(*n).cloned()).collect();
        keys.extend(keys.first().cloned());
        Some(keys)
    }
}
