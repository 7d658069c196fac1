//! Random choices: how many, and from which seed.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};

fn is_set(name: &str) -> bool {
    std::env::var(name).is_ok_and(|v| v == "1")
}

/// True if long campaigns are requested: `GIT_PM_TEST_FULL=1`, or `GIT_PM_TEST_HUGE=1`.
pub fn thorough() -> bool {
    is_set("GIT_PM_TEST_FULL") || is_set("GIT_PM_TEST_HUGE")
}

/// The number of repetitions of randomised tests: a twentieth, a sixth with `GIT_PM_TEST_FULL=1`,
/// all with `GIT_PM_TEST_HUGE=1`.
pub fn rounds(all: usize) -> usize {
    if is_set("GIT_PM_TEST_HUGE") {
        all
    } else if is_set("GIT_PM_TEST_FULL") {
        all.div_ceil(6)
    } else {
        all.div_ceil(20)
    }
}

/// The size of a fixture: the full size takes minutes, and is made with `GIT_PM_TEST_HUGE=1` only.
pub fn size(huge: usize, usual: usize) -> usize {
    if is_set("GIT_PM_TEST_HUGE") {
        huge
    } else {
        usual
    }
}

/// The seed of `GIT_PM_TEST_SEED`.
fn given() -> Option<u64> {
    let text = std::env::var("GIT_PM_TEST_SEED").ok()?;
    Some(text.parse().expect("GIT_PM_TEST_SEED is not a number"))
}

/// A number that changes from call to call.
pub fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// A seed that changes from run to run, or that of `GIT_PM_TEST_SEED`. It is printed if the test
/// fails.
pub fn seed() -> u64 {
    let seed = given().unwrap_or_else(|| random() >> 32);
    println!("repeat this with GIT_PM_TEST_SEED={seed}");
    seed
}

/// Runs as many of `all` rounds as [`rounds`] says, each with its own seed, or one with that of
/// `GIT_PM_TEST_SEED`.
pub fn campaign(all: usize, mut round: impl FnMut(u64)) {
    let count = given().map_or(rounds(all), |_| 1);
    for _ in 0..count {
        round(seed());
    }
}

/// A small random generator (SplitMix64) with a seed.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % (n.max(1) as u64)).unwrap()
    }

    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub fn pick<'a, T>(&mut self, list: &'a [T]) -> Option<&'a T> {
        let n = self.below(list.len());
        list.get(n)
    }
}
