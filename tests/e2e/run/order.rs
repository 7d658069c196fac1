//! What is started, and when: approved plans, priorities, limits.

use super::control::WAITS;
use super::stage::{Stage, WORK, until};

const PRD: &str = "\
# Log in

## Goals

Users log in with a password.

## Requirements

- FR-1: The system shall store a hash of the password in `src/auth.rs`.
- FR-2: The system shall lock an account after five failures in `src/lock.rs`.

## Acceptance criteria

- A wrong password is refused.
";

/// RC-01: a plan is worked once a human has approved it.
#[test]
fn rc_01_a_plan_is_approved_before_it_is_worked() {
    let stage = Stage::new();
    stage.repo.write("../login.md", PRD);
    stage.repo.pm(&["plan", "new", "../login.md"]).ok();
    let script = format!("echo x >> \"$OUT/starts\"\n{WORK}");
    stage.run(&script, &["--merge", "gates"]);
    assert_eq!(stage.told("starts"), "", "an unapproved plan was worked");
    stage.repo.pm(&["plan", "approve"]).ok();
    let script =
        format!("{script}\ngit pm task accept $GIT_PM_TASK --all --evidence 'seen' || true\n");
    stage.run(&script, &["--agents", "2"]);
    assert_ne!(stage.told("starts"), "", "{}", stage.why());
}

/// Ready tasks by priority.
#[test]
fn urgent_tasks_are_worked_first() {
    let stage = Stage::new();
    for (title, priority) in [("Later", "3"), ("Now", "0"), ("Soon", "1")] {
        stage.repo.task(title, &["-p", priority]);
    }
    let script = format!("echo $GIT_PM_TASK >> \"$OUT/order\"\n{WORK}");
    stage.run(&script, &["--merge", "gates"]).ok();
    assert_eq!(stage.told("order"), "T-0002\nT-0003\nT-0001\n");
}

/// The first task of a long chain before a task that nothing waits for.
#[test]
fn the_critical_path_is_worked_first() {
    let stage = Stage::with_tasks(&["Alone", "First", "Second", "Third"]);
    stage.repo.pm(&["dep", "add", "T-0003", "T-0002"]).ok();
    stage.repo.pm(&["dep", "add", "T-0004", "T-0003"]).ok();
    let script = format!("echo $GIT_PM_TASK >> \"$OUT/order\"\n{WORK}");
    stage.run(&script, &["--merge", "gates"]).ok();
    let order = stage.told("order");
    assert!(order.starts_with("T-0002\n"), "{order}");
}

/// RC-01: a task that is marked as the duplicate of another is not worked, as its work is that of the
/// other; who names it can have it worked all the same.
#[test]
fn rc_01_a_duplicate_is_worked_only_by_name() {
    let stage = Stage::with_tasks(&["One", "One again"]);
    let marked = ["dep", "add", "T-0002", "T-0001", "--type", "duplicates"];
    stage.repo.pm(&marked).ok();
    stage.run(WORK, &["--merge", "gates"]).exits(1);
    assert_eq!(stage.item("T-0001"), "done", "{}", stage.why());
    assert_eq!(stage.item("T-0002"), "queued", "{}", stage.why());
    assert_eq!(stage.told("T-0002.prompt"), "");
    stage
        .run(WORK, &["--merge", "gates", "--only", "T-0002"])
        .ok();
    assert_eq!(stage.item("T-0002"), "done", "{}", stage.why());
}

/// A limit of unreviewed work: nothing more is started.
#[test]
fn a_limit_of_work_in_review_is_kept() {
    let stage = Stage::with_tasks(&["1", "2", "3", "4"]);
    stage.run(WORK, &["--wip-review", "2"]).exits(1);
    let begun = ["T-0001", "T-0002", "T-0003", "T-0004"]
        .iter()
        .filter(|id| !stage.told(&format!("{id}.prompt")).is_empty())
        .count();
    assert_eq!(begun, 2, "{}", stage.why());
}

/// A task that is added while a run goes on is worked by it. No human had it in mind when starting the
/// run, so its work waits for one.
#[test]
fn a_task_that_is_added_meanwhile_is_worked() {
    let stage = Stage::with_tasks(&["One"]);
    let run = stage.start(WAITS, &["--merge", "gates"]);
    stage.wait_for("T-0001.pid");
    stage.repo.task("Two", &[]);
    stage.tell("on");
    run.end().exits(1);
    assert_eq!(stage.item("T-0001"), "done", "{}", stage.why());
    assert_eq!(stage.item("T-0002"), "in_review", "{}", stage.why());
    stage.repo.pm(&["task", "approve", "T-0002"]).ok();
    stage.repo.pm(&["merge", "T-0002"]).ok();
    stage.resume().ok();
    stage.all_merged(&["T-0001", "T-0002"]);
}

/// What a human merges by hand during a run lets the next task start.
#[test]
fn work_approved_meanwhile_lets_the_run_go_on() {
    let stage = Stage::with_tasks(&["One", "Two", "Three"]);
    stage.repo.pm(&["dep", "add", "T-0002", "T-0001"]).ok();
    let script = format!(
        "test $GIT_PM_TASK = T-0003 && while ! test -e \"$OUT/on\"; do sleep 0.05; done\n{WORK}"
    );
    let run = stage.start(&script, &["--agents", "2"]);
    until("review", || {
        (stage.item("T-0001") == "in_review").then_some(())
    });
    stage.repo.pm(&["task", "approve", "T-0001"]).ok();
    stage.repo.pm(&["merge", "T-0001"]).ok();
    stage.wait_task("T-0002", "completed");
    stage.tell("on");
    run.end().exits(1);
    assert_eq!(stage.item("T-0002"), "in_review", "{}", stage.why());
    assert_eq!(stage.item("T-0003"), "in_review");
}

/// RC-07: what others change between two decisions counts for the next one: new, cancelled and edited
/// tasks, and dependencies.
#[test]
fn changes_by_others_count_for_the_next_decision() {
    let stage = Stage::with_tasks(&["One", "Two", "Three", "Four", "Five"]);
    let script = "echo \"$GIT_PM_TASK\" >> \"$OUT/order\"\n\
                  echo > \"$OUT/began.$GIT_PM_TASK\"\n\
                  until [ -e \"$OUT/go.$GIT_PM_TASK\" ]; do sleep 0.05; done\n\
                  echo x > \"$GIT_PM_TASK.txt\" && git add -A && git commit -qm Work\n";
    let run = stage.start(script, &["--agents", "1"]);
    stage.wait_for("began.T-0001");
    let repo = &stage.repo;
    repo.task("Six", &["--priority", "P0"]);
    repo.pm(&["task", "cancel", "T-0002", "--reason", "not wanted"])
        .ok();
    stage.tell("go.T-0001");
    stage.wait_for("began.T-0006");
    repo.pm(&["dep", "add", "T-0003", "T-0006"]).ok();
    repo.pm(&["task", "edit", "T-0005", "--priority", "P1"])
        .ok();
    stage.tell("go.T-0006");
    stage.wait_for("began.T-0005");
    repo.pm(&["task", "delete", "T-0004", "--force"]).ok();
    stage.tell("go.T-0005");
    run.end().exits(1);
    assert_eq!(stage.told("order"), "T-0001\nT-0006\nT-0005\n");
    assert_eq!(stage.item("T-0003"), "queued", "{}", stage.why());
}
