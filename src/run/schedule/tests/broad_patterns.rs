//! A job whose patterns overlap those of many others.

use super::builders::{job, started, view, why_not};
use super::simulator::Simulator;
use crate::run::schedule::{Job, Other, State, Why, choose};

/// Many half-hour jobs, each in a folder of its own.
fn small(count: usize) -> Vec<Job> {
    let one = |n| {
        job(&format!("T-{n}"))
            .takes(30)
            .on(&[&format!("src/{n}/**")])
    };
    (100..100 + count).map(one).collect()
}

/// RS-05, ST-14: a job that overlaps all others is not starved by a stream of others, even if it is
/// never the most urgent of its priority, and starves no other job.
#[test]
fn a_job_on_everything_gets_its_turn_among_many() {
    let mut jobs = small(80);
    // The others start chains, so that each of them is more urgent.
    let chain: Vec<Job> = (0..80)
        .map(|n| {
            job(&format!("T-{}", 200 + n))
                .takes(30)
                .needs(&[&format!("T-{}", 100 + n)])
                .on(&[&format!("src/{n}/**")])
        })
        .collect();
    jobs.extend(chain);
    // Staggered ends, so that something is always running.
    for (n, job) in jobs.iter_mut().enumerate() {
        job.minutes += u32::try_from(n % 7).expect("a small number");
    }
    jobs.push(job("T-999").takes(20).on(&["**"]));
    let mut run = Simulator::as_expected(view(4, jobs));
    run.finish();
    let begun = run.begun("T-999").expect("a start");
    // 160 jobs of about 33 minutes with 4 agents take about 22 hours.
    assert!(run.now > 1_200, "{}", run.now);
    assert!(begun < 360, "it waited {begun} minutes");
    assert!(run.view.jobs.iter().all(|job| job.state == State::Done));
}

/// ST-14: jobs that end before another's turn could come still start, and so do jobs that do not
/// share its paths.
#[test]
fn agents_work_while_a_job_waits_for_its_turn() {
    let jobs = vec![
        job("T-1").is(State::Running).takes(40).on(&["src/a"]),
        job("T-2").takes(60).on(&["**"]).overtaken(16),
        job("T-4").takes(40).on(&["src/b"]),
        job("T-5").takes(41).on(&["src/c"]),
        job("T-6").takes(300),
    ];
    let view = view(3, jobs);
    assert_eq!(started(&view), ["T-6", "T-4"]);
    assert_eq!(
        why_not(&view, "T-2"),
        Some(Why::Overlaps(Other::Job("T-1".into())))
    );
    assert_eq!(why_not(&view, "T-5"), Some(Why::GivesWay("T-2".into())));
}

/// ST-14: a job with broad patterns stops the others only after it was overtaken often.
#[test]
fn a_broad_job_stops_others_only_when_it_is_its_turn() {
    let mut jobs = small(40);
    jobs.push(job("T-1").is(State::Running).takes(25).on(&["src/1/**"]));
    jobs.push(job("T-2").takes(30).on(&["**"]));
    let mut view = view(1, jobs);
    assert_eq!(started(&view).len(), 1);
    let overtaken = |view: &_| {
        choose(view)
            .iter()
            .any(|one| one.key == "T-2" && one.overtaken)
    };
    assert!(overtaken(&view));
    // With two agents, its turn comes after that many times.
    view.jobs.last_mut().expect("a job").overtaken = 8;
    assert_eq!(started(&view), Vec::<String>::new());
    assert!(!overtaken(&view));
    assert_eq!(why_not(&view, "T-100"), Some(Why::GivesWay("T-2".into())));
}

/// Short jobs may use the time until the turn, but only a limited number of times.
#[test]
fn backfilling_ends() {
    let view = |overtaken| {
        let jobs = vec![
            job("T-1").is(State::Running).takes(30).on(&["src/1"]),
            job("T-2").on(&["**"]).overtaken(overtaken),
            job("T-3").takes(30).on(&["src/3"]),
        ];
        view(1, jobs)
    };
    assert_eq!(started(&view(15)), ["T-3"]);
    assert_eq!(started(&view(16)), Vec::<String>::new());
}

/// A turn needs a foreseeable end: no job gives way to one that waits for a reservation or a
/// review.
#[test]
fn nobody_gives_way_to_a_job_that_waits_for_people() {
    let jobs = vec![
        job("T-1").is(State::Running).takes(5).on(&["src/1"]),
        job("T-2").on(&["**"]).overtaken(100),
        job("T-3").on(&["src/3"]),
    ];
    let mut view = view(1, jobs).reserves("ana", &["docs/x"]);
    assert_eq!(started(&view), ["T-3"]);
    view.reserved.clear();
    assert_eq!(started(&view), Vec::<String>::new());
    view.jobs[0].state = State::Paused;
    assert_eq!(started(&view), ["T-3"]);
}

/// A job of a higher priority is not stopped by the turn of a lower one.
#[test]
fn an_urgent_job_does_not_give_way() {
    let jobs = vec![
        job("T-1").is(State::Running).takes(5).on(&["src/1"]),
        job("T-2").p(3).on(&["**"]).overtaken(100),
        job("T-3").p(1).on(&["src/3"]),
    ];
    assert_eq!(started(&view(1, jobs)), ["T-3"]);
}
