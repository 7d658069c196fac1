//! A queue that is killed, or beside which others work.

use super::{alone, approved, ids, left_out, queue, records, runs, subjects, with_gate};
use crate::merge::status;
use crate::support::Scene;

/// TM-15: after a kill at any step, the next queue does what is left; each merge is made and
/// recorded once.
#[test]
fn a_killed_queue_is_completed_by_the_next_one() {
    let points = [
        ("queue-tested:1", "3"),
        ("queue-tested:2", "1"),
        ("merge-prepared:1", "1"),
        ("merge-prepared:2", "3"),
        ("merge-moved:1", "3"),
        ("merge-moved:2", "1"),
        ("merge-marked:2", "3"),
        ("merge-synced:1", "1"),
        ("queue-merged:2", "3"),
        ("git-worktree-done:2", "1"),
    ];
    for (point, batch) in points {
        let scene = Scene::new();
        let (repo, _) = with_gate(&scene);
        let before = repo.tip("main");
        for n in 1..=3 {
            approved(&repo, &format!("Number {n}"), &format!("{n}.txt"), "x\n");
        }
        let batch = ["--batch", batch];
        let killed = repo.with("GIT_PM_FAULT", &format!("{point}:kill"));
        let ran = killed.pm(&[&["merge", "--queue"][..], &batch].concat());
        assert_ne!(ran.code, 0, "{point} was not reached");
        let report = queue(&repo, &batch, 0);
        assert_eq!(left_out(&report), [], "{point}");
        let expected = ["Number 1", "Number 2", "Number 3"];
        assert_eq!(subjects(&repo, &before), expected, "{point}");
        for id in ["T-0001", "T-0002", "T-0003"] {
            assert_eq!(status(&repo, id), "done", "{point}");
            assert_eq!(records(&repo, id), 1, "{point}");
        }
        assert_eq!(repo.git(&["status", "--porcelain"]).ok().out, "", "{point}");
        let places = repo.git(&["worktree", "list"]).ok().out;
        assert!(!places.contains("merge-T-"), "{point}: {places}");
    }
}

/// A commit that arrives while the gates run is built upon.
#[test]
fn a_target_that_moves_is_built_upon_again() {
    let scene = Scene::new();
    let repo = alone(&scene);
    approved(&repo, "One", "1.txt", "1\n");
    approved(&repo, "Two", "2.txt", "2\n");
    let (once, notes) = (scene.at("once").path, scene.at("gate-runs").path);
    // In the middle of the first test, the owner of the target commits.
    let gate = format!(
        "tests=echo run >> '{notes}'; test -e '{once}' || {{ touch '{once}'; cd '{repo}' && echo \
         other > other.txt && git add other.txt && git commit -qm Other; }}",
        notes = notes.display(),
        once = once.display(),
        repo = repo.path.display(),
    );
    repo.git(&["config", "pm.gate", &gate]).ok();
    // The gates are what an approval rests on.
    for id in ["T-0001", "T-0002"] {
        repo.pm(&["task", "approve", id]).ok();
    }
    let before = repo.tip("main");
    let report = queue(&repo, &["--batch", "2"], 0);
    assert_eq!(ids(&report, "merged"), ["T-0001", "T-0002"]);
    assert_eq!(subjects(&repo, &before), ["Other", "One", "Two"]);
    assert_eq!(
        runs(&notes),
        2,
        "the first result was not the one that was tested"
    );
    assert_eq!(repo.read("other.txt"), "other\n");
}

/// A target that never stands still ends the attempts.
#[test]
fn attempts_are_bounded() {
    let scene = Scene::new();
    let repo = alone(&scene);
    let (id, _) = approved(&repo, "One", "1.txt", "1\n");
    let gate = format!(
        "tests=cd '{}' && date +%s%N > other.txt && git add other.txt && git commit -qm Other",
        repo.path.display(),
    );
    repo.git(&["config", "pm.gate", &gate]).ok();
    repo.pm(&["task", "approve", &id]).ok();
    let report = queue(&repo, &[], 1);
    assert_eq!(left_out(&report), [super::pair(&id, "merge.branch_moved")]);
    assert_eq!(status(&repo, &id), "ready_for_integration");
}

/// One queue at a time works in a repository.
#[test]
fn a_second_queue_is_refused() {
    let scene = Scene::new();
    let repo = alone(&scene);
    approved(&repo, "One", "1.txt", "1\n");
    let log = scene.at("points").path;
    let slow = repo
        .with("GIT_PM_FAULT", "queue-tested:1:sleep:3000")
        .with("GIT_PM_FAULT_LOG", &log.display().to_string());
    let first = slow.spawn(&["merge", "--queue"]);
    let is_there = || std::fs::read_to_string(&log).is_ok_and(|text| text.contains("queue-tested"));
    while !is_there() {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let refused = repo.pm(&["--json", "merge", "--queue"]).exits(3);
    assert_eq!(refused.error()["reason"], "queue.running");
    crate::support::wait_all(vec![first]).remove(0).ok();
    assert_eq!(status(&repo, "T-0001"), "done");
}

/// The worktree that the caller is in goes last.
#[test]
fn a_queue_can_be_started_in_a_worktree_that_it_removes() {
    let scene = Scene::new();
    let (repo, _) = with_gate(&scene);
    let (_, place) = approved(&repo, "One", "1.txt", "1\n");
    approved(&repo, "Two", "2.txt", "2\n");
    let report = queue(&place, &[], 0);
    assert_eq!(ids(&report, "merged"), ["T-0001", "T-0002"]);
    assert!(!place.path.exists());
}
