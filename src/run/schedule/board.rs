//! The jobs of a view, prepared for decisions.
//!
//! They are numbered in the order of their ids, with the data derived from their dependencies. The
//! simulation changes the states and the minutes left.

use std::collections::{BTreeMap, HashMap};

use super::chains::{self, Edges};
use super::job::{Job, Reserved, State, View};
use super::paths::Paths;
use crate::model::id::rank;

/// The epic and the workstream of a job, as numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Area {
    pub(super) epic: usize,
    pub(super) stream: usize,
}

pub(super) struct Board<'v> {
    pub(super) jobs: Vec<&'v Job>,
    pub(super) reserved: Vec<&'v Reserved>,
    pub(super) states: Vec<State>,
    /// The expected remaining minutes of each job.
    pub(super) left: Vec<u32>,
    pub(super) overtaken: Vec<u32>,
    /// The inherited priorities.
    pub(super) priorities: Vec<u8>,
    pub(super) areas: Vec<Area>,
    pub(super) paths: Paths<'v>,
    edges: Edges,
    below: Vec<u64>,
    /// Set for the jobs that can still be done.
    possible: Vec<bool>,
    /// The patterns of each job, as numbers.
    patterns: Vec<Vec<usize>>,
}

impl<'v> Board<'v> {
    pub(super) fn new(view: &'v View) -> Board<'v> {
        // A key stands for one job even if the view repeats it, so that no job is started twice.
        let unique: BTreeMap<&str, &Job> = view
            .jobs
            .iter()
            .map(|job| (job.key.as_str(), job))
            .collect();
        let mut jobs: Vec<&Job> = unique.into_values().collect();
        jobs.sort_by_cached_key(|job| rank(&job.id));
        let numbers: HashMap<&str, usize> = jobs
            .iter()
            .enumerate()
            .map(|(number, job)| (job.key.as_str(), number))
            .collect();
        let known = |keys: &[String]| -> Vec<usize> {
            let known = keys.iter().filter_map(|key| numbers.get(key.as_str()));
            known.copied().collect()
        };
        let unknown = |job: &&Job| {
            job.hard
                .iter()
                .any(|key| !numbers.contains_key(key.as_str()))
        };
        let edges = Edges {
            hard: jobs.iter().map(|job| known(&job.hard)).collect(),
            soft: jobs.iter().map(|job| known(&job.soft)).collect(),
            needs_unknown: jobs.iter().map(unknown).collect(),
        };
        let possible = chains::possible(&jobs, &edges);
        let mut is_possible = vec![false; jobs.len()];
        for &job in &possible {
            is_possible[job] = true;
        }
        let mut reserved: Vec<&Reserved> = view.reserved.iter().collect();
        reserved.sort_unstable();
        Board {
            states: jobs.iter().map(|job| job.state).collect(),
            left: jobs.iter().map(|job| job.minutes).collect(),
            overtaken: jobs.iter().map(|job| job.overtaken).collect(),
            priorities: chains::priorities(&jobs, &edges, &possible),
            below: chains::below(&jobs, &edges, &possible),
            areas: areas(&jobs),
            paths: Paths::new(view, &jobs, &reserved),
            possible: is_possible,
            patterns: patterns(&jobs),
            edges,
            jobs,
            reserved,
        }
    }

    /// The jobs in a state.
    pub(super) fn in_state(&self, state: State) -> impl Iterator<Item = usize> {
        (0..self.jobs.len()).filter(move |job| self.states[*job] == state)
    }

    /// True if all hard dependencies of a job are done.
    pub(super) fn has_all_it_needs(&self, job: usize) -> bool {
        let mut deps = self.edges.hard[job].iter();
        !self.edges.needs_unknown[job] && deps.all(|dep| self.states[*dep] == State::Done)
    }

    /// True if a soft dependency of this job is running or could start.
    pub(super) fn is_better_later(&self, job: usize) -> bool {
        self.edges.soft[job]
            .iter()
            .any(|dep| match self.states[*dep] {
                State::Running | State::Elsewhere => true,
                State::Waiting => *dep != job && self.has_all_it_needs(*dep),
                _ => false,
            })
    }

    /// The keys of the hard dependencies that are not done.
    pub(super) fn missing(&self, job: usize) -> Vec<String> {
        let open = |key: &&String| {
            let is_it = |dep: &&usize| self.jobs[**dep].key == **key;
            let dep = self.edges.hard[job].iter().find(is_it);
            dep.is_none_or(|dep| self.states[*dep] != State::Done)
        };
        self.jobs[job].hard.iter().filter(open).cloned().collect()
    }

    /// The numbers of the hard dependencies that are in the view.
    pub(super) fn needs(&self, job: usize) -> &[usize] {
        &self.edges.hard[job]
    }

    /// For each job, the minutes of waiting work, its own included, that shares one of its
    /// patterns: the maximum over its patterns.
    pub(super) fn same_patterns(&self) -> Vec<u64> {
        let mut work: HashMap<usize, u64> = HashMap::new();
        for job in self
            .in_state(State::Waiting)
            .filter(|job| self.possible[*job])
        {
            for pattern in &self.patterns[job] {
                *work.entry(*pattern).or_default() += u64::from(self.left[job]);
            }
        }
        let most = |patterns: &Vec<usize>| {
            let work = patterns.iter().filter_map(|pattern| work.get(pattern));
            work.max().copied().unwrap_or(0)
        };
        self.patterns.iter().map(most).collect()
    }

    /// The minutes of the longest chain of work that waits for a job.
    pub(super) fn below(&self, job: usize) -> u64 {
        self.below[job]
    }

    /// The minutes of the longest chain of work that starts with a job.
    pub(super) fn chain(&self, job: usize) -> u64 {
        u64::from(self.left[job]) + self.below[job]
    }
}

/// The patterns of jobs, numbered.
fn patterns(jobs: &[&Job]) -> Vec<Vec<usize>> {
    let mut numbers: HashMap<&str, usize> = HashMap::new();
    let mut all = Vec::new();
    for job in jobs {
        let mut own = Vec::new();
        for pattern in &job.patterns {
            let next = numbers.len();
            own.push(*numbers.entry(pattern).or_insert(next));
        }
        own.sort_unstable();
        own.dedup();
        all.push(own);
    }
    all
}

/// The areas of jobs. Streams of the same name in two epics are distinct.
fn areas(jobs: &[&Job]) -> Vec<Area> {
    let mut epics: HashMap<Option<&str>, usize> = HashMap::new();
    let mut streams: HashMap<(usize, Option<&str>), usize> = HashMap::new();
    let mut areas = Vec::new();
    for job in jobs {
        let next = epics.len();
        let epic = *epics.entry(job.epic.as_deref()).or_insert(next);
        let next = streams.len();
        let stream = *streams.entry((epic, job.stream.as_deref())).or_insert(next);
        areas.push(Area { epic, stream });
    }
    areas
}
