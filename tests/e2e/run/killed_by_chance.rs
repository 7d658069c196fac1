//! Many moments: `kill -9` of the run, of the agents, or of both, by chance, several times in one
//! run.

use std::time::Duration;

use super::after_a_kill::{AGAIN, ALL, three, undisturbed};
use super::stage::{Stage, signal};
use crate::support::{Dice, campaign, rounds, seed};

/// RC-18: whatever was killed when, the run ends as an undisturbed one.
#[test]
fn rc_18_kills_at_random_moments_change_nothing() {
    campaign(60, |seed| {
        let mut dice = Dice::new(seed);
        let stage = three();
        let tree = undisturbed(&stage);
        let mut run = stage.start(AGAIN, &["--agents", "2", "--merge", "gates"]);
        for _ in 0..1 + dice.below(3) {
            std::thread::sleep(Duration::from_millis(dice.below(1500) as u64));
            let agents_too = dice.chance(50);
            run.kill();
            if agents_too {
                for (pid, _) in stage.processes() {
                    signal(pid, "KILL");
                }
            }
            if stage.repo.pm(&["run", "status"]).code != 0 {
                // Killed before the run was recorded.
                run = stage.start(AGAIN, &["--agents", "2", "--merge", "gates"]);
            } else {
                run = stage.start_command(&stage.repo, &["run", "resume"]);
            }
        }
        let ran = run.end();
        assert_eq!(ran.code, 0, "{ran:?}\n{}", stage.why());
        stage.all_merged(&ALL);
        assert_eq!(stage.repo.tip("main^{tree}"), tree);
    });
}

/// An agent that is killed, with the run alive: others go on, and a retry ends it well.
#[test]
fn an_agent_killed_from_outside_is_a_failure_of_its_task_only() {
    let stage = Stage::with_tasks(&["T-0001", "T-0002"]);
    let script = AGAIN.replace(
        "sleep 0.2",
        "echo $$ > \"$OUT/$GIT_PM_TASK.pid\"; test $GIT_PM_TASK = T-0002 || test -e \"$OUT/on\" || sleep 1000",
    );
    let run = stage.start(
        &script,
        &["--agents", "2", "--merge", "gates", "--retries", "0"],
    );
    let pid: i32 = stage.wait_for("T-0001.pid").trim().parse().unwrap();
    signal(pid, "KILL");
    run.end().exits(1);
    assert_eq!(stage.task("T-0001")["status"], "failed");
    assert_eq!(stage.item("T-0002"), "done", "{}", stage.why());
    stage.tell("on");
    stage.repo.pm(&["run", "retry", "T-0001"]).ok();
    if stage.item("T-0001") != "done" {
        stage.resume().ok();
    }
    stage.all_merged(&["T-0001", "T-0002"]);
}

/// A run whose disk, locks or git fail survives it: each task that is not done says why, and can be
/// tried again.
#[test]
fn rc_18_a_run_survives_failing_system_calls() {
    const POINTS: [&str; 16] = [
        "run-recorded:3:fail",
        "run-options-write:1:full",
        "run-approved:1:fail",
        "ref-rename:9:full",
        "object-write:40:full",
        "index-lock:12:fail",
        "ref-lock:10:denied",
        "lock-open:8:denied",
        "start-claimed:1:fail",
        "start-added:1:fail",
        "finish-gated:1:fail",
        "merge-prepared:1:fail",
        "merge-marked:1:full",
        "merge-moved:1:fail",
        "merge-synced:1:fail",
        "worktree-remove:1:denied",
    ];
    let mut dice = Dice::new(seed());
    let first = dice.below(POINTS.len());
    for n in 0..rounds(POINTS.len() * 5) {
        let fault = POINTS[(first + n * 3) % POINTS.len()];
        let stage = three();
        let place = stage.repo.with("GIT_PM_FAULT", fault);
        let ran = stage
            .start_as(&place, AGAIN, &["--agents", "2", "--merge", "gates"])
            .end();
        assert_ne!(ran.code, 101, "{fault}: {ran:?}");
        if ran.code != 0 && stage.repo.pm(&["run", "status"]).code != 0 {
            // It was refused before it began.
            stage
                .run(AGAIN, &["--agents", "2", "--merge", "gates"])
                .ok();
        }
        for id in ALL {
            if stage.item(id) == "done" {
                continue;
            }
            let task = stage.task(id);
            let explained = task.is_null()
                || ["queued", "running"].contains(&task["status"].as_str().unwrap_or_default())
                || task["reason"].is_string();
            assert!(explained, "{fault}: {task}");
            stage.repo.pm(&["run", "retry", id]);
        }
        let resumed = stage.resume();
        assert_eq!(
            resumed.code,
            0,
            "{fault}: {ran:?}\n{resumed:?}\n{}",
            stage.why()
        );
        println!("after {fault}");
        stage.all_merged(&ALL);
    }
}
