//! The order in which jobs start.

use super::builders::{job, started, view};
use crate::run::schedule::{State, choose, merge_order};

/// RC-07: within a priority, the longest chain of work comes first, then the lower id.
#[test]
fn the_longest_chain_comes_first_within_a_priority() {
    let jobs = vec![
        job("T-2").takes(90),
        job("T-10").takes(60),
        job("T-3").takes(60),
        job("T-4").takes(30),
        job("T-5").takes(61).needs(&["T-4"]),
    ];
    assert_eq!(started(&view(9, jobs)), ["T-4", "T-2", "T-3", "T-10"]);
}

/// RC-07: only the part of a chain that can be done counts: not behind a failed job, and not
/// through done ones.
#[test]
fn work_that_cannot_be_done_makes_nothing_urgent() {
    let jobs = vec![
        job("T-1").takes(60),
        job("T-2").takes(50),
        job("T-3").needs(&["T-2", "T-4"]).takes(500).p(0),
        job("T-4").is(State::Failed),
        job("T-5").needs(&["T-2"]).takes(500).is(State::Done),
        job("T-6").needs(&["T-2", "T-7"]).takes(500),
        job("T-7").needs(&["T-6"]),
    ];
    assert_eq!(started(&view(9, jobs)), ["T-1", "T-2"]);
}

/// RC-07: a higher priority comes before a longer chain.
#[test]
fn a_higher_priority_comes_before_a_longer_chain() {
    let jobs = vec![
        job("T-1").p(3).takes(480),
        job("T-2").p(3).needs(&["T-1"]).takes(480),
        job("T-3").p(0).takes(30),
        job("T-4").p(1).takes(240),
    ];
    assert_eq!(started(&view(3, jobs)), ["T-3", "T-4", "T-1"]);
}

/// RC-07: of equal chains, the one whose files the most work waits for comes first.
#[test]
fn of_equal_chains_the_most_wanted_files_come_first() {
    let jobs = vec![
        job("T-1").on(&["a/**"]),
        job("T-2").on(&["b/**", "c/**"]),
        job("T-3").on(&["c/**"]),
        job("T-4").on(&["c/**"]).is(State::Held),
        job("T-5").on(&["d/**"]).needs(&["T-9"]),
        job("T-6").on(&["d/**"]),
    ];
    assert_eq!(started(&view(2, jobs)), ["T-2", "T-1"]);
}

/// RC-07: a job that an urgent one waits for is as urgent, even by a soft dependency.
#[test]
fn a_job_inherits_the_priority_of_what_waits_for_it() {
    let jobs = vec![
        job("T-1").p(1),
        job("T-2").p(4),
        job("T-3").p(3).needs(&["T-2"]),
        job("T-4").p(0).needs(&["T-3"]),
        job("T-5").p(4).takes(10),
        job("T-6").p(0).prefers(&["T-5"]),
    ];
    assert_eq!(started(&view(3, jobs)), ["T-2", "T-5", "T-1"]);
}

/// A job starts after others while its soft dependency runs or could run, but no agent stays idle
/// for it.
#[test]
fn a_soft_dependency_is_preferred_but_not_required() {
    let jobs = vec![
        job("T-1").p(0).prefers(&["T-2"]),
        job("T-2").p(3),
        job("T-3").p(4),
    ];
    let mut now = view(2, jobs);
    assert_eq!(started(&now), ["T-2", "T-3"]);
    let choices = choose(&now);
    assert!(choices.iter().any(|one| one.key == "T-1" && one.overtaken));
    now.jobs[1].state = State::Running;
    now.limits.free_agents = 1;
    assert_eq!(started(&now), ["T-3"]);
    now.limits.free_agents = 2;
    assert_eq!(started(&now), ["T-3", "T-1"]);
    for state in [State::Done, State::InReview, State::Failed, State::Held] {
        now.jobs[1].state = state;
        assert_eq!(started(&now)[0], "T-1", "{state:?}");
    }
}

/// Jobs that prefer each other are not postponed forever.
#[test]
fn a_soft_dependency_postpones_a_job_only_for_some_time() {
    let jobs = vec![
        job("T-1").prefers(&["T-2"]).overtaken(4),
        job("T-2").takes(90).prefers(&["T-1"]).overtaken(3),
        job("T-3"),
    ];
    assert_eq!(started(&view(1, jobs)), ["T-1"]);
}

/// ST-14, ST-01: of equal jobs, one from the epic, then the stream, with the fewest running jobs is
/// next.
#[test]
fn equal_jobs_are_taken_from_the_stream_with_the_fewest_running() {
    let jobs = vec![
        job("T-1").of("E-1", "api").is(State::Running),
        job("T-2").of("E-1", "api"),
        job("T-3").of("E-1", "ui"),
        job("T-4").of("E-2", "api"),
        job("T-5").of("E-2", "api"),
        job("T-6").of("E-2", "ui"),
    ];
    let first = started(&view(5, jobs.clone()));
    assert_eq!(first, ["T-4", "T-3", "T-6", "T-2", "T-5"]);
    // Urgency takes precedence over balance.
    let mut jobs = jobs;
    jobs[1].minutes = 61;
    assert_eq!(started(&view(1, jobs)), ["T-2"]);
}

/// RC-07: of several finished jobs, the one with the longest work waiting for it is merged first.
#[test]
fn what_others_wait_for_is_merged_first() {
    let merging = |key: &str| job(key).is(State::Merging);
    let jobs = vec![
        merging("T-1").takes(480),
        merging("T-2"),
        merging("T-3"),
        merging("T-4").p(1),
        merging("T-8").on(&["a/**"]),
        job("T-9").on(&["a/**"]).takes(20),
        job("T-10").on(&["a/**"]).takes(20),
        job("T-5").needs(&["T-2"]).takes(30),
        job("T-6").needs(&["T-3"]).takes(60),
        job("T-7").takes(90),
    ];
    assert_eq!(
        merge_order(&view(2, jobs)),
        ["T-4", "T-3", "T-2", "T-8", "T-1"]
    );
}
