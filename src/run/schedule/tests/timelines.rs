//! The simulation of a whole run.

use super::builders::{job, texts, view};
use crate::run::schedule::{Slot, State, Timeline, Why, plan};

fn slots(timeline: &Timeline) -> Vec<(&str, usize, u64, u64)> {
    let all = timeline.slots.iter();
    all.map(
        |Slot {
             key,
             agent,
             start,
             end,
         }| (key.as_str(), *agent, *start, *end),
    )
    .collect()
}

/// ST-13, ME-06: start and end by agent, the critical path, and the parallel efficiency.
#[test]
fn a_timeline_has_times_and_the_parallel_efficiency() {
    let jobs = vec![
        job("T-1").takes(60),
        job("T-2").takes(30),
        job("T-3").takes(90).needs(&["T-1"]),
        job("T-4").takes(30).needs(&["T-2"]),
    ];
    let timeline = plan(&view(0, jobs), 2);
    assert_eq!(
        slots(&timeline),
        [
            ("T-1", 1, 0, 60),
            ("T-2", 2, 0, 30),
            ("T-4", 2, 30, 60),
            ("T-3", 1, 60, 150)
        ]
    );
    assert_eq!(
        (timeline.makespan, timeline.work, timeline.critical_path),
        (150, 210, 150)
    );
    assert!((timeline.efficiency() - 0.7).abs() < 1e-9);
}

/// RS-05: overlapping jobs are planned one after the other.
#[test]
fn a_timeline_keeps_overlapping_jobs_apart() {
    let jobs = vec![
        job("T-1").on(&["a/**"]),
        job("T-2").on(&["a/b"]),
        job("T-3").on(&["c"]),
    ];
    let timeline = plan(&view(0, jobs), 3);
    assert_eq!(
        slots(&timeline),
        [("T-1", 1, 0, 60), ("T-3", 2, 0, 60), ("T-2", 1, 60, 120)]
    );
}

#[test]
fn running_jobs_are_planned_to_their_end() {
    let jobs = vec![
        job("T-1").is(State::Running).takes(20),
        job("T-2").is(State::Running).takes(0),
        job("T-3").needs(&["T-1"]),
    ];
    let timeline = plan(&view(0, jobs), 1);
    assert_eq!(timeline.agents, 2, "an agent at work is left out");
    assert_eq!(
        slots(&timeline),
        [("T-1", 1, 0, 20), ("T-2", 2, 0, 0), ("T-3", 1, 20, 80)]
    );
}

#[test]
fn jobs_that_cannot_start_are_left_over_with_the_reason() {
    let jobs = vec![
        job("T-1").is(State::Held),
        job("T-2").needs(&["T-1"]),
        job("T-3"),
        job("T-4").on(&["src/**"]),
    ];
    let view = view(0, jobs).reserves("ana", &["src/x"]);
    let timeline = plan(&view, 2);
    assert_eq!(slots(&timeline), [("T-3", 1, 0, 60)]);
    let [reserved, held, waits] = &timeline.left_over[..] else {
        panic!("{:?}", timeline.left_over);
    };
    assert!(matches!(reserved, (key, Why::Overlaps(_)) if key == "T-4"));
    assert_eq!(held, &("T-1".to_string(), Why::Held));
    assert_eq!(waits, &("T-2".to_string(), Why::WaitsFor(texts(&["T-1"]))));
}

#[test]
fn a_plan_without_agents_or_jobs_is_empty() {
    let none = plan(&view(0, vec![job("T-1")]), 0);
    assert_eq!(none.left_over, [("T-1".to_string(), Why::NoFreeAgent)]);
    let empty = plan(&view(0, Vec::new()), 4);
    assert_eq!(empty.makespan, 0);
    assert!((empty.efficiency() - 1.0).abs() < 1e-9);
}
