//! The join of encoded bytes: random histories of 2 to 5 replicas over every kind of field, as
//! documents and as trees of a real repository; the counterexamples that once broke the design; and
//! damaged, mutated and hostile input. `GIT_PM_TEST_FULL=1` runs twenty times as many.

mod cases;
mod documents;
mod history;
mod listed;
mod mutation;
mod repo;
mod state;
mod trees;

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};

use proptest::test_runner::{Config, RngSeed, TestRunner};

/// A runner of a twentieth of the cases, or all with `GIT_PM_TEST_FULL=1`. Their seed changes from
/// run to run and is printed if a property fails; `GIT_PM_TEST_SEED` repeats it.
pub fn runner(full: u32) -> TestRunner {
    let all = std::env::var_os("GIT_PM_TEST_FULL").is_some_and(|v| v == "1");
    let seed = match std::env::var("GIT_PM_TEST_SEED") {
        Ok(text) => text.parse().expect("GIT_PM_TEST_SEED is not a number"),
        Err(_) => RandomState::new().build_hasher().finish() >> 32,
    };
    println!("repeat this with GIT_PM_TEST_SEED={seed}");
    TestRunner::new(Config {
        cases: if all { full } else { full / 20 },
        failure_persistence: None,
        max_shrink_iters: 2000,
        rng_seed: RngSeed::Fixed(seed),
        ..Config::default()
    })
}
