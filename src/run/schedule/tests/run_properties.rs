//! Properties of whole runs of random graphs in simulated time.

use std::collections::{BTreeMap, BTreeSet};

use super::moment::Moment;
use super::oracle::{Oracle, Pool, is_ready, possible};
use super::random_views::{Random, Weather, run};
use super::simulator::Simulator;
use crate::run::schedule::{Job, State, View, choose};

const GRAPHS: u64 = 1_000;

/// Every feature of a random run.
const STORM: Weather = Weather {
    patterns: true,
    failures: true,
    obstacles: true,
    reviews: true,
    surprises: true,
    priorities: true,
    soft: true,
};

/// Runs to the end and checks every decision; returns the number of turns.
fn watched(run: &mut Simulator, random: &mut Random, pool: &Pool) -> usize {
    let oracle = Oracle::of(&run.view, pool);
    let mut turns = 0;
    loop {
        let choices = choose(&run.view);
        let mut other = run.view.clone();
        random.shuffle(&mut other.jobs);
        random.shuffle(&mut other.contested);
        random.shuffle(&mut other.reserved);
        assert_eq!(choose(&other), choices, "the order of the view matters");
        let before = run.view.clone();
        run.apply(&choices);
        let moment = Moment {
            before: &before,
            choices: &choices,
            after: &run.view,
            oracle: &oracle,
        };
        turns += moment.check();
        if !run.advance() {
            return turns;
        }
    }
}

/// RC-07, RC-15, RS-05, ST-05, ST-14: in every run, no two overlapping jobs run at once, nothing
/// starts before its hard dependencies, no agent is idle while a compatible job is ready, no job is
/// overtaken without limit, every job that can be done is done although others fail, and the order
/// of the input does not matter.
#[test]
fn random_runs_keep_the_rules_and_do_all_that_can_be_done() {
    let pool = Pool::new();
    let mut turns = 0;
    for seed in 0..GRAPHS {
        let random = &mut Random::new(seed);
        let agents = 1 + random.below(12);
        let mut run = run(random, STORM, agents, 3, 40);
        let start = run.view.clone();
        let oracle = Oracle::of(&start, &pool);
        turns += watched(&mut run, random, &pool);
        for key in possible(&start, &run.view, &oracle) {
            let state = run.state(&key);
            assert!(
                matches!(state, State::Done | State::Failed),
                "seed {seed}: {key} is left {state:?}"
            );
        }
    }
    assert!(turns > 100, "only {turns} turns were tested");
}

/// ST-14: if no patterns overlap, no ready job waits while an agent is free, so no run takes longer
/// than (2 - 1/m) times the minimum possible time.
#[test]
fn greedy_runs_take_less_than_twice_the_least_time() {
    let weather = Weather {
        surprises: true,
        priorities: true,
        soft: true,
        ..Weather::default()
    };
    for seed in 0..GRAPHS {
        let random = &mut Random::new(seed);
        let agents = 1 + random.below(12);
        let mut run = run(random, weather, agents, 3, 60);
        let start = run.view.clone();
        run.finish();
        let actual = |key: &str| run.minutes(key);
        let longest = longest_chain(&start, &actual);
        let m = f64::from(u32::try_from(agents).expect("a small number"));
        let bound = (f64::from(run.work) / m).max(f64::from(longest));
        let most = (2.0 - 1.0 / m) * bound;
        assert!(
            f64::from(run.now) <= most + 1e-6,
            "seed {seed}: {} > {most}",
            run.now
        );
    }
}

/// The longest chain by hard dependencies; each job comes after those with lower keys.
fn longest_chain(view: &View, minutes: &dyn Fn(&str) -> u32) -> u32 {
    let mut chains: BTreeMap<&str, u32> = BTreeMap::new();
    let mut jobs: Vec<&Job> = view.jobs.iter().collect();
    jobs.sort_by_key(|job| &job.key);
    for job in jobs {
        let before = job.hard.iter().map(|dep| chains[dep.as_str()]).max();
        chains.insert(&job.key, before.unwrap_or(0) + minutes(&job.key));
    }
    chains.values().copied().max().unwrap_or(0)
}

/// ST-09, ST-14: twelve agents work on three epics without starting a job twice, and no agent is
/// idle while two streams have ready work.
#[test]
fn twelve_agents_over_three_epics_start_everything_once() {
    let weather = Weather {
        surprises: true,
        ..Weather::default()
    };
    for seed in 0..GRAPHS {
        let random = &mut Random::new(seed);
        let mut run = run(random, weather, 12, 3, 60);
        loop {
            let choices = choose(&run.view);
            // The simulator panics if a job is started twice.
            run.apply(&choices);
            let waiting: BTreeSet<_> = run
                .view
                .jobs
                .iter()
                .filter(|job| is_ready(job, &run.view))
                .map(|job| (&job.epic, &job.stream))
                .collect();
            let idle = run.view.limits.free_agents;
            assert!(
                idle == 0 || waiting.is_empty(),
                "seed {seed}: {idle} agents idle, ready: {waiting:?}"
            );
            if !run.advance() {
                break;
            }
        }
        let is_done = |job: &Job| job.state == State::Done && run.begun(&job.key).is_some();
        assert!(run.view.jobs.iter().all(is_done), "seed {seed}");
    }
}
