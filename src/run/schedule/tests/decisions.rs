//! Which jobs may start, and the reason for each that does not.

use super::builders::{job, started, texts, view, why_not};
use crate::coordinate::reserve::pattern::overlap::Case;
use crate::run::schedule::{Other, State, Why, choose};

fn by_job(key: &str) -> Other {
    Other::Job(key.into())
}

/// RC-07: every ready job starts, up to the number of free agents.
#[test]
fn ready_jobs_start_up_to_the_number_of_free_agents() {
    let jobs = vec![
        job("T-1"),
        job("T-2"),
        job("T-3"),
        job("T-4").needs(&["T-1"]),
    ];
    let two = view(2, jobs);
    assert_eq!(started(&two), ["T-1", "T-2"]);
    assert_eq!(why_not(&two, "T-3"), Some(Why::NoFreeAgent));
    assert_eq!(why_not(&two, "T-4"), Some(Why::WaitsFor(texts(&["T-1"]))));
    assert!(started(&view(0, two.jobs)).is_empty());
}

/// RC-07, RC-15: only work that is done satisfies a hard dependency; a failed job stops only those
/// that wait for it.
#[test]
fn a_hard_dependency_is_satisfied_only_when_it_is_done() {
    for state in [
        State::Held,
        State::Running,
        State::Paused,
        State::Elsewhere,
        State::InReview,
        State::Failed,
        State::Blocked,
        State::Skipped,
    ] {
        let jobs = vec![job("T-1").is(state), job("T-2").needs(&["T-1"]), job("T-3")];
        let view = view(2, jobs);
        assert_eq!(started(&view), ["T-3"], "{state:?}");
        assert_eq!(why_not(&view, "T-2"), Some(Why::WaitsFor(texts(&["T-1"]))));
    }
    let done = vec![job("T-1").is(State::Done), job("T-2").needs(&["T-1"])];
    assert_eq!(started(&view(2, done)), ["T-2"]);
}

#[test]
fn a_dependency_outside_the_view_and_a_cycle_are_waited_for() {
    let jobs = vec![
        job("T-1").needs(&["T-9"]),
        job("T-2").needs(&["T-3"]),
        job("T-3").needs(&["T-2"]),
        job("T-4").needs(&["T-4"]),
    ];
    let view = view(4, jobs);
    assert!(started(&view).is_empty());
    assert_eq!(why_not(&view, "T-1"), Some(Why::WaitsFor(texts(&["T-9"]))));
    assert_eq!(why_not(&view, "T-4"), Some(Why::WaitsFor(texts(&["T-4"]))));
}

/// RS-05: of two tasks that could change the same file, one waits, whether the other is running or
/// starts now.
#[test]
fn jobs_with_overlapping_patterns_do_not_run_at_once() {
    let jobs = vec![
        job("T-1").on(&["src/a/**"]),
        job("T-2").on(&["docs/x.md", "src/*/b.rs"]),
        job("T-3").on(&["src/c/b.rs"]),
        job("T-4"),
    ];
    let mut now = view(4, jobs);
    assert_eq!(started(&now), ["T-1", "T-3", "T-4"]);
    assert_eq!(why_not(&now, "T-2"), Some(Why::Overlaps(by_job("T-1"))));
    for state in [State::Running, State::Elsewhere, State::Paused] {
        now.jobs[2].state = state;
        now.jobs[0].state = State::Done;
        assert_eq!(
            why_not(&now, "T-2"),
            Some(Why::Overlaps(by_job("T-3"))),
            "{state:?}"
        );
    }
}

/// RS-05: the case sensitivity of paths is the repository's, and a known file has nothing below it.
#[test]
fn patterns_overlap_as_reservations_do() {
    let jobs = vec![job("T-1").on(&["README.md"]), job("T-2").on(&["readme.MD"])];
    let mut now = view(2, jobs);
    assert_eq!(started(&now), ["T-1", "T-2"]);
    now.case = Case::Folded;
    assert_eq!(started(&now), ["T-1"]);

    let jobs = vec![job("T-1").on(&["src/auth.rs"]), job("T-2").on(&["**/*.md"])];
    let mut now = view(2, jobs);
    assert_eq!(started(&now), ["T-1"]);
    now.jobs[0].files = texts(&["src/auth.rs"]);
    assert_eq!(started(&now), ["T-1", "T-2"]);
}

/// RS-05: no task starts on paths that someone else reserved.
#[test]
fn a_reservation_outside_the_run_is_respected() {
    let jobs = vec![job("T-1").on(&["src/a.rs"]), job("T-2").on(&["src/b.rs"])];
    let view = view(2, jobs).reserves("ana (T-77)", &["src/b*"]);
    assert_eq!(started(&view), ["T-1"]);
    let holder = Other::Reservation("ana (T-77)".into());
    assert_eq!(why_not(&view, "T-2"), Some(Why::Overlaps(holder)));
}

/// ST-05: two tasks that touch a contested file do not run at once, and the second waits until the
/// first is merged.
#[test]
fn a_contested_file_is_changed_by_one_job_until_that_is_merged() {
    let jobs = vec![job("T-1").on(&["src/*.rs"]), job("T-2").on(&["src/lib.rs"])];
    let mut now = view(2, jobs).contests(&["Cargo.lock", "src/lib.rs"]);
    let contested = |key| Some(Why::Contested("src/lib.rs".into(), by_job(key)));
    assert_eq!(started(&now), ["T-1"]);
    assert_eq!(why_not(&now, "T-2"), contested("T-1"));
    now.jobs[0].state = State::InReview;
    assert_eq!(why_not(&now, "T-2"), contested("T-1"));
    now.jobs[0].state = State::Done;
    assert_eq!(started(&now), ["T-2"]);
    // Without a conflict on the file, work in review blocks no other job.
    now.jobs[0].state = State::InReview;
    now.contested.clear();
    assert_eq!(started(&now), ["T-2"]);
}

#[test]
fn nothing_starts_while_too_many_tasks_are_in_review() {
    let jobs = vec![job("T-1").is(State::InReview), job("T-2")];
    let mut now = view(2, jobs).reviews_at_most(2);
    assert_eq!(started(&now), ["T-2"]);
    now.limits.in_review_elsewhere = 1;
    assert_eq!(why_not(&now, "T-2"), Some(Why::ReviewLimit));
}

#[test]
fn held_and_paused_jobs_do_not_start() {
    let jobs = vec![
        job("T-1").is(State::Held),
        job("T-2").is(State::Paused),
        job("T-3"),
    ];
    let view = view(3, jobs);
    assert_eq!(started(&view), ["T-3"]);
    assert_eq!(why_not(&view, "T-1"), Some(Why::Held));
    assert_eq!(why_not(&view, "T-2"), Some(Why::Held));
}

/// ST-09: a job that a view contains twice is started once.
#[test]
fn a_key_starts_once() {
    assert_eq!(started(&view(4, vec![job("T-1"), job("T-1")])), ["T-1"]);
}

#[test]
fn there_is_a_decision_about_every_job_that_is_not_begun() {
    let jobs = vec![
        job("T-1"),
        job("T-2").is(State::Held),
        job("T-3").needs(&["T-1"]),
        job("T-4").is(State::Running),
        job("T-5").is(State::Done),
    ];
    let keys: Vec<String> = choose(&view(1, jobs))
        .into_iter()
        .map(|one| one.key)
        .collect();
    assert_eq!(keys, ["T-1", "T-2", "T-3"]);
}

/// An invalid pattern reserves nothing, so it blocks no other job either.
#[test]
fn an_invalid_pattern_overlaps_nothing() {
    let jobs = vec![job("T-1").on(&["!a", "../b"]), job("T-2").on(&["**"])];
    assert_eq!(started(&view(2, jobs)), ["T-1", "T-2"]);
}
