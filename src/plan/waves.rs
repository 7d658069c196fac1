//! The order in which the tasks of a plan can be done: waves of tasks of which none waits for
//! another, with what each waits for and unlocks. Test tasks count as part of the task they test.

use super::plan_types::{Plan, Planned};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// A task in a wave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct WaveTask {
    /// Its number.
    pub number: u32,
    /// The numbers of the tasks that it waits for.
    pub after: Vec<u32>,
    /// The numbers of the tasks that wait for it.
    pub unlocks: Vec<u32>,
}

/// The waves of a plan: the tasks of the first wait for no other, those of each further wave only
/// for tasks of waves before and for the milestone before their own. Tasks that wait for a cycle are
/// in no wave.
pub(super) fn waves(plan: &Plan) -> Vec<Vec<WaveTask>> {
    let own: Vec<&Planned> = plan.counted().collect();
    let mut place: BTreeMap<&str, usize> = BTreeMap::new();
    for (at, planned) in own.iter().enumerate() {
        place.insert(&planned.task.key, at);
    }
    for planned in &plan.tasks {
        let tested = planned.task.tests.as_deref();
        if let Some(at) = tested.and_then(|tested| place.get(tested).copied()) {
            place.insert(&planned.task.key, at);
        }
    }
    let mut after: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); own.len()];
    let mut unlocks = after.clone();
    for wait in &plan.waits {
        let ends = (place.get(&*wait.edge.task), place.get(&*wait.edge.on));
        if let (Some(task), Some(on)) = ends
            && task != on
        {
            after[*task].insert(*on);
            unlocks[*on].insert(*task);
        }
    }
    let gates = gates(plan, &place, own.len());
    let mut done = vec![false; own.len()];
    let mut found = Vec::new();
    loop {
        let is_free = |at: &usize| {
            let gate = gates[*at].iter().flat_map(|gate| gate.iter());
            !done[*at] && after[*at].iter().chain(gate).all(|on| done[*on])
        };
        let free: Vec<usize> = (0..own.len()).filter(is_free).collect();
        if free.is_empty() {
            return found;
        }
        let numbers = |of: &BTreeSet<usize>| of.iter().map(|at| own[*at].number).collect();
        let wave = free.iter().map(|at| WaveTask {
            number: own[*at].number,
            after: numbers(&after[*at]),
            unlocks: numbers(&unlocks[*at]),
        });
        found.push(wave.collect());
        for at in free {
            done[at] = true;
        }
    }
}

/// For each task, the tasks of the last milestone with tasks before its own.
fn gates(
    plan: &Plan,
    place: &BTreeMap<&str, usize>,
    count: usize,
) -> Vec<Option<std::rc::Rc<Vec<usize>>>> {
    let mut gates = vec![None; count];
    let by_key: BTreeMap<&str, usize> = (plan.milestones.iter().enumerate())
        .map(|(at, milestone)| (milestone.key.as_str(), at))
        .collect();
    let tasks = |at: usize| -> Vec<usize> {
        let keys = plan.milestones[at].tasks.iter();
        keys.filter_map(|key| place.get(key.as_str()).copied())
            .collect()
    };
    for (at, milestone) in plan.milestones.iter().enumerate() {
        let mut before = milestone.after.as_deref();
        // No chain is longer than the milestones: a damaged one may be a cycle.
        for _ in 0..plan.milestones.len() {
            let Some(other) = before.and_then(|key| by_key.get(key).copied()) else {
                break;
            };
            let first = tasks(other);
            if !first.is_empty() && other != at {
                let first = std::rc::Rc::new(first);
                for task in tasks(at) {
                    gates[task] = Some(first.clone());
                }
                break;
            }
            before = plan.milestones[other].after.as_deref();
        }
    }
    gates
}
