//! The order in which the tasks of a plan can be done, in waves.
//!
//! The tasks of a wave do not wait for each other; for each there are the tasks that it waits for and
//! unlocks. A test task counts as part of the task it tests.

use super::draft::EdgeClass;
use super::net::Net;
use super::plan_types::Plan;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// A task in a wave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct WaveTask {
    /// Its number.
    pub number: u32,
    /// The numbers of the tasks that it waits for.
    pub after: Vec<u32>,
    /// The numbers of the tasks that wait for it.
    pub unlocks: Vec<u32>,
}

/// The waves of a plan: the tasks of the first wave wait for no other task, those of each further
/// wave only for tasks of earlier waves and for the milestone before their own. Tasks that wait for
/// a cycle of hard edges are in no wave; soft edges that close a cycle do not count.
pub(super) fn waves(plan: &Plan) -> Vec<Vec<WaveTask>> {
    let number = |at: usize| plan.tasks[at].number;
    let is_own = |at: &usize| plan.tasks[*at].task.tests.is_none();
    let mut net = Net::folded(plan, |_| true);
    let ranks = net.ranks();
    if (0..plan.tasks.len()).any(|at| is_own(&at) && ranks[at].is_none()) {
        // Soft edges only warn, so a cycle with one of them keeps no task from being done.
        net = Net::folded(plan, |class| class == EdgeClass::Hard);
    }
    let mut unlocks: BTreeMap<usize, Vec<u32>> = BTreeMap::new();
    for at in (0..plan.tasks.len()).filter(is_own) {
        for on in net.waits_of(at) {
            unlocks.entry(on).or_default().push(number(at));
        }
    }
    let mut waves: BTreeMap<usize, Vec<WaveTask>> = BTreeMap::new();
    for (at, rank) in (0..plan.tasks.len()).zip(net.ranks()) {
        let Some(rank) = rank.filter(|_| is_own(&at)) else {
            continue;
        };
        waves.entry(rank).or_default().push(WaveTask {
            number: number(at),
            after: net.waits_of(at).into_iter().map(number).collect(),
            unlocks: unlocks.remove(&at).unwrap_or_default(),
        });
    }
    waves.into_values().collect()
}
