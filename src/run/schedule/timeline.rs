//! Simulation of the whole run from now to the end.
//!
//! It makes the decisions of [`choose`](super::choose), if each job takes as long as expected.

use super::board::Board;
use super::choose::{Slots, Why, decide};
use super::job::{Key, State, View};
use crate::model::statistics::share;

/// The work of an agent on a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    /// The job.
    pub key: Key,
    /// The number of the agent, from 1.
    pub agent: usize,
    /// The minute of the start, from now.
    pub start: u64,
    /// The minute of the end, from now.
    pub end: u64,
}

/// A simulated run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timeline {
    /// The number of agents.
    pub agents: usize,
    /// The work of each agent, in order of start.
    pub slots: Vec<Slot>,
    /// The jobs of this run that did not start, with the reasons.
    pub left_over: Vec<(Key, Why)>,
    /// The minutes until the last job ends.
    pub makespan: u64,
    /// The minutes of work by all agents together.
    pub work: u64,
    /// The minutes of the longest chain of this work.
    pub critical_path: u64,
}

impl Timeline {
    /// The parallel efficiency: the fraction of the agents' time spent working, from 0 to 1.
    pub fn efficiency(&self) -> f64 {
        let time = (self.makespan as usize).saturating_mul(self.agents);
        share(self.work as usize, time).unwrap_or(1.0)
    }
}

/// Simulates a run with this number of agents, at least as many as are working now. Each job
/// succeeds in the expected time and is merged at once, so the review limit plays no part.
pub fn plan(view: &View, agents: usize) -> Timeline {
    let mut board = Board::new(view);
    let running: Vec<usize> = board.in_state(State::Running).collect();
    let agents = agents.max(running.len());
    let mut run = Simulation {
        now: 0,
        at_work: vec![None; agents],
        chains: vec![0; board.jobs.len()],
        timeline: Timeline {
            agents,
            ..Timeline::default()
        },
    };
    for job in running {
        run.start(&mut board, job);
    }
    loop {
        let free = run.at_work.iter().filter(|job| job.is_none()).count();
        let verdicts = decide(&board, Slots::Free(free), agents);
        for verdict in &verdicts {
            board.overtaken[verdict.job] += u32::from(verdict.overtaken);
            if verdict.why_not.is_none() {
                run.start(&mut board, verdict.job);
            }
        }
        if !run.advance(&mut board) {
            let left_over = verdicts.iter().filter_map(|one| {
                let why = one.why_not?.named(&board, one.job);
                Some((board.jobs[one.job].key.clone(), why))
            });
            run.timeline.left_over = left_over.collect();
            run.timeline.makespan = run.now;
            return run.timeline;
        }
    }
}

struct Simulation {
    now: u64,
    /// The job of each agent.
    at_work: Vec<Option<usize>>,
    /// For each started job, the longest chain of work that ends with it.
    chains: Vec<u64>,
    timeline: Timeline,
}

impl Simulation {
    /// Gives a job to the first free agent.
    fn start(&mut self, board: &mut Board<'_>, job: usize) {
        let Some(agent) = self.at_work.iter().position(Option::is_none) else {
            return;
        };
        self.at_work[agent] = Some(job);
        board.states[job] = State::Running;
        let minutes = u64::from(board.left[job]);
        let before = board.needs(job).iter().map(|dep| self.chains[*dep]).max();
        self.chains[job] = before.unwrap_or(0) + minutes;
        self.timeline.critical_path = self.timeline.critical_path.max(self.chains[job]);
        self.timeline.work += minutes;
        self.timeline.slots.push(Slot {
            key: board.jobs[job].key.clone(),
            agent: agent + 1,
            start: self.now,
            end: self.now + minutes,
        });
    }

    /// Advances to the next end of a job; false if none is running.
    fn advance(&mut self, board: &mut Board<'_>) -> bool {
        let at_work = self.at_work.iter().flatten();
        let Some(minutes) = at_work.map(|job| board.left[*job]).min() else {
            return false;
        };
        self.now += u64::from(minutes);
        for place in &mut self.at_work {
            let Some(job) = *place else { continue };
            board.left[job] -= minutes;
            if board.left[job] == 0 {
                board.states[job] = State::Done;
                board.paths.forget(job);
                *place = None;
            }
        }
        true
    }
}
