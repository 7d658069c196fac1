//! Facts about a view, computed in the simplest possible way.

use std::collections::{BTreeMap, BTreeSet};

use super::random_views::PATTERNS;
use crate::coordinate::reserve::pattern::Pattern;
use crate::coordinate::reserve::pattern::overlap::Case;
use crate::run::schedule::{Job, State, View};

/// The overlaps among [`PATTERNS`], by the pattern language alone: for each, the set of those it
/// overlaps, as bits.
pub(super) struct Pool(Vec<u32>);

impl Pool {
    pub(super) fn new() -> Pool {
        let read = |text: &&str| Pattern::parse(text, "").expect("a pattern");
        let all: Vec<Pattern> = PATTERNS.iter().map(read).collect();
        let row = |a: &Pattern| {
            let bits = all.iter().enumerate();
            bits.map(|(n, b)| u32::from(a.overlaps(b, Case::Sensitive)) << n)
                .sum()
        };
        Pool(all.iter().map(row).collect())
    }

    fn bits(texts: &[String]) -> u32 {
        let has = |text: &&str| u32::from(texts.iter().any(|one| one == text));
        let bits = PATTERNS.iter().enumerate();
        bits.map(|(n, text)| has(text) << n).sum()
    }

    fn meet(&self, a: u32, b: u32) -> bool {
        let mut rows = self.0.iter().enumerate();
        rows.any(|(n, row)| a >> n & 1 == 1 && row & b != 0)
    }
}

/// The path overlaps between the jobs of a view.
pub(super) struct Oracle<'p> {
    pool: &'p Pool,
    patterns: BTreeMap<String, u32>,
}

impl Oracle<'_> {
    pub(super) fn of<'p>(view: &View, pool: &'p Pool) -> Oracle<'p> {
        let bits = |job: &Job| (job.key.clone(), Pool::bits(&job.patterns));
        Oracle {
            pool,
            patterns: view.jobs.iter().map(bits).collect(),
        }
    }

    pub(super) fn overlap(&self, a: &str, b: &str) -> bool {
        self.pool.meet(self.patterns[a], self.patterns[b])
    }

    pub(super) fn is_reserved(&self, key: &str, view: &View) -> bool {
        let own = self.patterns[key];
        let mut reserved = view.reserved.iter();
        reserved.any(|one| self.pool.meet(own, Pool::bits(&one.patterns)))
    }

    pub(super) fn share_contested(&self, a: &str, b: &str, view: &View) -> bool {
        let find = |key: &str| view.jobs.iter().find(|job| job.key == key);
        let covers = |key: &str, path: &str| {
            let mut patterns = find(key).expect("a job").patterns.iter();
            let covers = |text: &String| {
                let pattern = Pattern::parse(text, "").expect("a pattern");
                pattern.matches(path, Case::Sensitive)
            };
            patterns.any(covers)
        };
        // If patterns do not overlap, no path is shared.
        let mut contested = view.contested.iter();
        self.overlap(a, b) && contested.any(|path| covers(a, path) && covers(b, path))
    }

    /// True if `other` has begun and is not merged, and the job could not run alongside it.
    pub(super) fn is_in_the_way(&self, job: &str, other: &Job, view: &View) -> bool {
        match other.state {
            State::Running | State::Elsewhere | State::Paused => self.overlap(job, &other.key),
            State::InReview => self.share_contested(job, &other.key, view),
            _ => false,
        }
    }
}

/// True if a job could start, apart from paths and limits.
pub(super) fn is_ready(job: &Job, view: &View) -> bool {
    let is_done = |key: &String| {
        let found = view.jobs.iter().find(|job| job.key == *key);
        found.is_some_and(|job| job.state == State::Done)
    };
    job.state == State::Waiting && job.hard.iter().all(is_done)
}

/// The highest priority among a job and those that wait for it and can be done.
pub(super) fn inherited(view: &View, key: &str) -> u8 {
    let open = worked(view);
    let mut waiting = BTreeSet::from([key]);
    let mut todo = vec![key];
    while let Some(dep) = todo.pop() {
        let waits = |job: &&Job| {
            let mut deps = job.hard.iter().chain(&job.soft);
            open.contains(job.key.as_str()) && deps.any(|key| key == dep)
        };
        for job in view.jobs.iter().filter(waits) {
            if waiting.insert(&job.key) {
                todo.push(&job.key);
            }
        }
    }
    let mut jobs: Vec<&Job> = view.jobs.iter().collect();
    jobs.retain(|job| waiting.contains(job.key.as_str()));
    let priorities = jobs.into_iter().map(|job| job.priority);
    priorities.min().expect("the job itself")
}

/// The open jobs whose hard dependencies are done or among them.
fn worked(view: &View) -> BTreeSet<&str> {
    let done = view.jobs.iter().filter(|job| job.state == State::Done);
    let mut known: BTreeSet<&str> = done.map(|job| job.key.as_str()).collect();
    loop {
        let can = |job: &&Job| {
            let mut deps = job.hard.iter();
            job.state.is_open() && deps.all(|dep| known.contains(dep.as_str()))
        };
        let found: Vec<&Job> = view.jobs.iter().filter(can).collect();
        let before = known.len();
        known.extend(found.iter().map(|job| job.key.as_str()));
        if known.len() == before {
            return found.into_iter().map(|job| job.key.as_str()).collect();
        }
    }
}

/// The jobs that can be done: those that wait only for jobs that can.
pub(super) fn possible(start: &View, end: &View, oracle: &Oracle<'_>) -> BTreeSet<String> {
    let by_key: BTreeMap<&str, &Job> = end.jobs.iter().map(|job| (job.key.as_str(), job)).collect();
    let is_stuck = |job: &Job| {
        let in_the_way = start.jobs.iter().any(|other| {
            let stays = matches!(other.state, State::Elsewhere | State::Paused);
            stays && oracle.overlap(&job.key, &other.key)
        });
        in_the_way || oracle.is_reserved(&job.key, start)
    };
    let mut possible: BTreeSet<String> = BTreeSet::new();
    loop {
        let known = possible.len();
        for job in &start.jobs {
            let is_done = |key: &String| {
                by_key
                    .get(key.as_str())
                    .is_some_and(|dep| dep.state != State::Failed)
                    && possible.contains(key)
            };
            let can = match job.state {
                State::Done => true,
                State::Waiting => job.hard.iter().all(is_done) && !is_stuck(job),
                _ => false,
            };
            if can {
                possible.insert(job.key.clone());
            }
        }
        if possible.len() == known {
            return possible;
        }
    }
}
