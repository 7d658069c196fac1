//! Random runs: graphs with priorities, streams, patterns and interruptions, and the fate of each job.

use std::collections::BTreeMap;

use super::builders::{job, view};
use super::simulator::{Fate, Simulator};
use crate::run::schedule::{Job, State};

/// SplitMix64 (Steele, Lea and Flood 2014).
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Random {
        Random(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`.
    pub(super) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).expect("less than a usize")
    }

    /// True in `share` percent of cases.
    pub(super) fn percent(&mut self, share: usize) -> bool {
        self.below(100) < share
    }

    pub(super) fn one<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.below(all.len())]
    }

    pub(super) fn shuffle<T>(&mut self, all: &mut [T]) {
        for at in (1..all.len()).rev() {
            all.swap(at, self.below(at + 1));
        }
    }
}

/// The features of a random run.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Weather {
    pub(super) patterns: bool,
    pub(super) failures: bool,
    /// Jobs that are held, blocked or skipped, others' reservations, and unknown dependencies.
    pub(super) obstacles: bool,
    pub(super) reviews: bool,
    /// Set if work may take more or less time than expected.
    pub(super) surprises: bool,
    pub(super) priorities: bool,
    pub(super) soft: bool,
}

/// The patterns of random jobs; the last one overlaps all.
pub(super) const PATTERNS: &[&str] = &[
    "src/a/**",
    "src/a/x.rs",
    "src/b/**",
    "src/*/mod.rs",
    "src/b/y.rs",
    "docs/**",
    "docs/z.md",
    "lib/1",
    "lib/2",
    "lib/3",
    "lib/{4,5}",
    "lib/5",
    "tests/t.rs",
    "Cargo.lock",
    "**/*.md",
    "**",
];

/// A run of up to `most` jobs.
pub(super) fn run(
    random: &mut Random,
    weather: Weather,
    agents: usize,
    epics: usize,
    most: usize,
) -> Simulator {
    let count = 1 + random.below(most);
    let density = random.below(100);
    let mut fates = BTreeMap::new();
    let mut jobs = Vec::new();
    for n in 0..count {
        let (job, fate) = random_job(random, weather, n, density, epics);
        fates.insert(job.key.clone(), fate);
        jobs.push(job);
    }
    random.shuffle(&mut jobs);
    let mut view = view(agents, jobs);
    if weather.patterns && random.percent(50) {
        view = view.contests(&["Cargo.lock", "src/a/mod.rs", "docs/z.md"]);
    }
    if weather.obstacles && random.percent(30) {
        view = view.reserves("ana", &[random.one(&PATTERNS[..PATTERNS.len() - 1])]);
    }
    if weather.reviews && random.percent(50) {
        view = view.reviews_at_most(1 + random.below(4));
    }
    Simulator::new(view, fates)
}

fn key(n: usize) -> String {
    format!("T-{:04}", n + 1)
}

fn random_job(
    random: &mut Random,
    weather: Weather,
    n: usize,
    density: usize,
    epics: usize,
) -> (Job, Fate) {
    let epic = format!("E-{}", random.below(epics));
    let mut job = job(&key(n)).of(&epic, random.one(&["api", "ui", "docs", "ops", "data"]));
    job.minutes = [15, 30, 60, 120, 240, 480][random.below(6)];
    if weather.priorities {
        job.priority = [0, 1, 2, 2, 2, 3, 4][random.below(7)];
    }
    // Most jobs depend on a few of those just before them, which makes long chains.
    while n > 0 && random.percent(density) && job.hard.len() < 4 {
        let back = 1 + random.below(n.min(8));
        job.hard.push(key(n - back));
    }
    if weather.soft && random.percent(20) {
        job.soft.push(key(random.below(n + 5)));
    }
    if weather.patterns {
        // `**` is rare.
        let known = PATTERNS.len() - usize::from(random.percent(90));
        for _ in 0..random.below(3) {
            job.patterns.push(random.one(&PATTERNS[..known]).into());
        }
    }
    if weather.obstacles {
        // As after a long wait, which these runs are too short to reach.
        if random.percent(20) {
            job.overtaken = u32::try_from(random.below(150)).expect("a small number");
        }
        match random.below(60) {
            0 => job.state = State::Held,
            1 => job.state = State::Blocked,
            2 => job.state = State::Skipped,
            3 => job.state = State::Elsewhere,
            4 => job.state = State::Paused,
            5 => job.state = State::Done,
            6 => job.hard.push("T-9999".into()),
            7 => job.hard.push(key(n)),
            _ => {}
        }
    }
    let tenths = if weather.surprises {
        1 + random.below(30)
    } else {
        10
    };
    let minutes = job.minutes * u32::try_from(tenths).expect("a small number") / 10;
    let fate = Fate {
        minutes: minutes.max(1),
        review: if weather.reviews && random.percent(50) {
            45
        } else {
            0
        },
        fails: weather.failures && random.percent(10),
    };
    (job, fate)
}
