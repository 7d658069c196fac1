//! Runs in simulated time: agents whose work takes as long as the test specifies.
//!
//! That may differ from the expected time, and it may fail.

use std::collections::BTreeMap;

use crate::run::schedule::{Choice, State, View, choose};

/// The fate of a job once it is started.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fate {
    /// The minutes that it takes, at least one.
    pub(super) minutes: u32,
    /// The minutes that it then waits for its review.
    pub(super) review: u32,
    pub(super) fails: bool,
}

/// A run at one moment, before any decision.
#[derive(Clone, Debug)]
pub(super) struct Simulator {
    pub(super) view: View,
    pub(super) now: u32,
    fates: BTreeMap<String, Fate>,
    /// The time of the next event of each job.
    due: BTreeMap<String, u32>,
    begun: BTreeMap<String, u32>,
    expected: BTreeMap<String, u32>,
    /// The minutes of work begun by all agents together.
    pub(super) work: u32,
}

impl Simulator {
    /// Creates a run with all its agents free.
    pub(super) fn new(view: View, fates: BTreeMap<String, Fate>) -> Simulator {
        let expected = view.jobs.iter().map(|job| (job.key.clone(), job.minutes));
        Simulator {
            expected: expected.collect(),
            view,
            fates,
            now: 0,
            due: BTreeMap::new(),
            begun: BTreeMap::new(),
            work: 0,
        }
    }

    /// Creates a run in which everything takes as long as expected and succeeds.
    pub(super) fn as_expected(view: View) -> Simulator {
        let fate = |minutes| Fate {
            minutes,
            review: 0,
            fails: false,
        };
        let jobs = view.jobs.iter();
        let fates = jobs
            .map(|job| (job.key.clone(), fate(job.minutes)))
            .collect();
        Simulator::new(view, fates)
    }

    pub(super) fn state(&self, key: &str) -> State {
        self.job(key).state
    }

    /// The minute in which a job was started.
    pub(super) fn begun(&self, key: &str) -> Option<u32> {
        self.begun.get(key).copied()
    }

    /// The minutes that a job takes.
    pub(super) fn minutes(&self, key: &str) -> u32 {
        self.fates[key].minutes
    }

    fn job(&self, key: &str) -> &crate::run::schedule::Job {
        let found = self.view.jobs.iter().find(|job| job.key == key);
        found.expect("a job with this key")
    }

    fn set(&mut self, key: &str, state: State) {
        let found = self.view.jobs.iter_mut().find(|job| job.key == key);
        found.expect("a job with this key").state = state;
    }

    /// Starts the chosen jobs.
    pub(super) fn apply(&mut self, choices: &[Choice]) {
        for choice in choices {
            let found = self.view.jobs.iter_mut().find(|job| job.key == choice.key);
            let job = found.expect("a decision about a job of the view");
            job.overtaken += u32::from(choice.overtaken);
            if choice.why_not.is_none() {
                assert_eq!(job.state, State::Waiting, "{} started twice", job.key);
                job.state = State::Running;
                let again = self.begun.insert(choice.key.clone(), self.now);
                assert_eq!(again, None, "{} started twice", choice.key);
                let minutes = self.fates[&choice.key].minutes;
                self.due.insert(choice.key.clone(), self.now + minutes);
                self.work += minutes;
                let free = self.view.limits.free_agents.checked_sub(1);
                self.view.limits.free_agents =
                    free.expect("more jobs started than agents are free");
            }
        }
    }

    /// Advances to the next time at which work or a review ends; false if nothing is due.
    pub(super) fn advance(&mut self) -> bool {
        let Some(&next) = self.due.values().min() else {
            return false;
        };
        self.now = next;
        let due: Vec<String> = self
            .due
            .iter()
            .filter(|(_, at)| **at == next)
            .map(|(k, _)| k.clone())
            .collect();
        for key in due {
            self.due.remove(&key);
            let fate = self.fates[&key];
            let state = match self.state(&key) {
                State::InReview => State::Done,
                _ => {
                    self.view.limits.free_agents += 1;
                    match fate {
                        Fate { fails: true, .. } => State::Failed,
                        Fate { review: 0, .. } => State::Done,
                        _ => State::InReview,
                    }
                }
            };
            self.set(&key, state);
            if state == State::InReview {
                self.due.insert(key, next + fate.review);
            }
        }
        // Updates the expected remaining minutes of running jobs, as a runner with a clock would.
        for job in &mut self.view.jobs {
            if job.state == State::Running {
                let ran = self.now - self.begun[&job.key];
                job.minutes = self.expected[&job.key].saturating_sub(ran);
            }
        }
        true
    }

    /// Runs to the end.
    pub(super) fn finish(&mut self) {
        loop {
            let choices = choose(&self.view);
            self.apply(&choices);
            if !self.advance() {
                return;
            }
        }
    }
}
