//! What follows from the dependencies alone: what can be done, longest chains, priorities.
//!
//! These are the jobs that can still be done, the longest chain of work behind each, and the priority
//! it inherits. Linear in jobs and dependencies, even with cycles.

use super::job::{Job, State};
use crate::graph::Lists;

/// The dependencies as numbers of jobs. Unknown keys are left out.
pub(super) struct Edges {
    /// For each job, those that must be done before it.
    pub(super) hard: Vec<Vec<usize>>,
    /// For each job, those that should preferably be done before it.
    pub(super) soft: Vec<Vec<usize>>,
    /// Set for a job with an unknown hard dependency.
    pub(super) needs_unknown: Vec<bool>,
}

/// The open jobs that can be done if no other job fails, each after all that it needs. Jobs that
/// wait for a cycle, for a failed or skipped job, or for an unknown one are excluded.
pub(super) fn possible(jobs: &[&Job], edges: &Edges) -> Vec<usize> {
    let of = edges.hard.iter().enumerate();
    let waits: Vec<(usize, usize)> = of
        .flat_map(|(job, deps)| deps.iter().map(move |dep| (*dep, job)))
        .filter(|(dep, _)| jobs[*dep].state != State::Done)
        .collect();
    let dependents = Lists::new(jobs.len(), &waits);
    let mut missing = dependents.before();
    for (job, missing) in missing.iter_mut().enumerate() {
        // What is never there keeps it from being done.
        *missing += usize::from(edges.needs_unknown[job] || !jobs[job].state.is_open());
    }
    dependents.topological(missing)
}

/// For each job, the minutes of the longest chain of possible work that waits for it by hard
/// dependencies, excluding its own.
pub(super) fn below(jobs: &[&Job], edges: &Edges, possible: &[usize]) -> Vec<u64> {
    let mut below = vec![0u64; jobs.len()];
    for &job in possible.iter().rev() {
        let chain = below[job] + u64::from(jobs[job].minutes);
        for &dep in &edges.hard[job] {
            below[dep] = below[dep].max(chain);
        }
    }
    below
}

/// For each job, the highest priority among itself and the possible jobs that wait for it, directly
/// or indirectly, including by soft dependencies: what an urgent job waits for is as urgent.
pub(super) fn priorities(jobs: &[&Job], edges: &Edges, possible: &[usize]) -> Vec<u8> {
    let mut priorities: Vec<u8> = jobs.iter().map(|job| job.priority).collect();
    let mut by_priority = possible.to_vec();
    by_priority.sort_by_key(|job| jobs[*job].priority);
    // Jobs that cannot be done pass on no urgency.
    let mut seen = vec![true; jobs.len()];
    for &job in possible {
        seen[job] = false;
    }
    for start in by_priority {
        let mut todo = vec![start];
        while let Some(job) = todo.pop() {
            if std::mem::replace(&mut seen[job], true) {
                continue;
            }
            priorities[job] = priorities[job].min(jobs[start].priority);
            let deps = edges.hard[job].iter().chain(&edges.soft[job]);
            todo.extend(deps.filter(|dep| !seen[**dep]));
        }
    }
    priorities
}
