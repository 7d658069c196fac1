//! The join under attack, on encoded bytes: random histories of 2 to 5 replicas over every kind of
//! field, as documents and as trees of a real repository; the counterexamples that once broke the
//! design; and damaged, mutated and hostile input. `GIT_PM_TEST_FULL=1` runs ten times as many.

mod cases;
mod history;
mod laws;
mod mutation;
mod repo;
mod state;
mod trees;

use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// A runner with the same cases on every run: a tenth of `full`, all where the environment asks.
pub fn runner(full: u32) -> TestRunner {
    let all = std::env::var_os("GIT_PM_TEST_FULL").is_some_and(|v| v == "1");
    let config = Config {
        cases: if all { full } else { full / 10 },
        failure_persistence: None,
        max_shrink_iters: 2000,
        ..Config::default()
    };
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}
