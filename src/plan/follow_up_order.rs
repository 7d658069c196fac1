//! What waits for a closed task also waits for the new work after it: its document asks for both.

use std::collections::BTreeSet;

use super::draft::{Draft, Edge};
use super::new_work::{FOLLOW_UP, closed};
use super::plan_types::Plan;
use crate::store::state::State;

/// Lets the open tasks of a draft that wait for a closed one wait for what follows it, unless that waits for them.
pub(super) fn wait_for_more(draft: &mut Draft, state: &State<'_>, plan: &Plan) {
    let is_over = |key: &str| {
        plan.task(key)
            .is_some_and(|one| closed(state, one).is_some())
    };
    let follows = draft.edges.iter().filter(|edge| edge.rule == FOLLOW_UP);
    let follows: Vec<Edge> = follows.cloned().collect();
    for follow in follows {
        let waits = |edge: &&Edge| edge.on == follow.on && edge.rule != FOLLOW_UP;
        let waits: Vec<Edge> = draft.edges.iter().filter(waits).cloned().collect();
        for wait in waits {
            let is_there = |edge: &Edge| edge.task == wait.task && edge.on == follow.task;
            let is_new = wait.task != follow.task && !draft.edges.iter().any(is_there);
            if is_new && !is_over(&wait.task) && !reaches(draft, &follow.task, &wait.task) {
                draft.edges.push(Edge {
                    on: follow.task.clone(),
                    ..wait
                });
            }
        }
    }
}

/// True if a task waits for another one, itself or through others.
fn reaches(draft: &Draft, from: &str, to: &str) -> bool {
    let (mut next, mut seen) = (vec![from], BTreeSet::new());
    while let Some(at) = next.pop() {
        if at == to {
            return true;
        }
        if seen.insert(at) {
            let on = draft.edges.iter().filter(|edge| edge.task == at);
            next.extend(on.map(|edge| edge.on.as_str()));
        }
    }
    false
}
