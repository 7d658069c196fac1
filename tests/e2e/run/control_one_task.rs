//! A second process controls one task of a run. RC-03, RC-04, RC-05.

use super::control::{WAITS, pid};
use super::stage::{Stage, WORK, process_state, until};

/// RC-03: a task that is skipped is left out; what does not wait for it goes on.
#[test]
fn rc_03_a_skipped_task_is_left_out() {
    let stage = Stage::with_tasks(&["One", "Two", "Three"]);
    let run = stage.start(WAITS, &["--merge", "gates"]);
    stage.wait_for("T-0001.pid");
    stage.repo.pm(&["run", "skip", "T-0002"]).ok();
    stage.tell("on");
    let ran = run.end();
    assert!(ran.code == 0 || ran.code == 1, "{ran:?}");
    assert_eq!(stage.told("T-0002.prompt"), "", "it was started");
    assert_eq!(stage.task("T-0002")["status"], "skipped");
    assert_eq!(stage.item("T-0001"), "done");
    assert_eq!(stage.item("T-0003"), "done");
    assert_ne!(stage.item("T-0002"), "done");
}

/// A task that is at work can be skipped too: its agent ends, and its claim.
#[test]
fn a_task_at_work_can_be_skipped() {
    let stage = Stage::with_tasks(&["One", "Two"]);
    let run = stage.start(WAITS, &["--merge", "gates"]);
    let agent = pid(&stage.wait_for("T-0001.pid"));
    stage.repo.pm(&["run", "skip", "T-0001"]).ok();
    stage.wait_task("T-0001", "skipped");
    until("its end", || process_state(agent).is_none().then_some(()));
    stage.tell("on");
    run.end();
    assert_eq!(stage.item("T-0002"), "done", "{}", stage.why());
    assert!(stage.repo.data(&["show", "T-0001"])["claim"].is_null());
    stage.left_no_process();
}

/// RC-04: the note of a retry reaches the agent.
#[test]
fn rc_04_the_note_of_a_retry_is_in_the_prompt() {
    let stage = Stage::with_tasks(&["T-0001", "T-0002"]);
    let script = "echo x >> \"$OUT/$GIT_PM_TASK.attempts\"\n\
                  n=$(wc -l < \"$OUT/$GIT_PM_TASK.attempts\" | tr -d ' ')\n\
                  cat > \"$OUT/$GIT_PM_TASK.prompt-$n\"\n\
                  test $GIT_PM_TASK$n = T-00011 && exit 1\n\
                  if test $GIT_PM_TASK = T-0002; then while ! test -e \"$OUT/on\"; do sleep 0.05; done; fi\n\
                  echo $GIT_PM_TASK > $GIT_PM_TASK.txt; git add -A; git commit -qm Work";
    let run = stage.start(script, &["--agents", "2", "--merge", "gates"]);
    stage.wait_task("T-0001", "failed");
    stage
        .repo
        .pm(&[
            "run",
            "retry",
            "T-0001",
            "--note",
            "The door is blue; mind the step.",
        ])
        .ok();
    stage.wait_task("T-0001", "completed");
    stage.tell("on");
    run.end().ok();
    let prompt = stage.told("T-0001.prompt-2");
    assert!(
        prompt.contains("The door is blue; mind the step."),
        "{prompt}"
    );
    stage.all_merged(&["T-0001", "T-0002"]);
}

/// After the end of a run too: `retry`, then `resume`.
#[test]
fn a_failed_task_can_be_tried_again_after_the_run() {
    let stage = Stage::with_tasks(&["T-0001"]);
    let script = format!("test -e \"$OUT/on\" || exit 1\n{WORK}");
    stage.run(&script, &["--merge", "gates"]).exits(1);
    stage.tell("on");
    stage
        .repo
        .pm(&["run", "retry", "T-0001", "--note", "Now it is there."])
        .ok();
    if stage.item("T-0001") != "done" {
        stage.resume().ok();
    }
    assert!(stage.told("T-0001.prompt").contains("Now it is there."));
    stage.all_merged(&["T-0001"]);
}

/// RC-05: a human closes a task by hand, with a reason that is recorded.
#[test]
fn rc_05_a_task_can_be_closed_by_hand() {
    let stage = Stage::with_tasks(&["One", "Two"]);
    stage.repo.pm(&["dep", "add", "T-0002", "T-0001"]).ok();
    let run = stage.start(WAITS, &["--merge", "gates"]);
    let agent = pid(&stage.wait_for("T-0001.pid"));
    stage
        .repo
        .pm(&["run", "complete", "T-0001", "--reason", "the vendor did it"])
        .ok();
    stage.wait_task("T-0001", "completed");
    until("its end", || process_state(agent).is_none().then_some(()));
    stage.tell("on");
    run.end().ok();
    assert_eq!(stage.item("T-0001"), "done", "{}", stage.why());
    assert_eq!(stage.item("T-0002"), "done", "{}", stage.why());
    let reason = ["grep", "the vendor did it", "refs/pm/main"];
    stage.repo.git(&reason).ok();
    let log = stage.repo.data(&["log", "T-0001"]).to_string();
    assert!(log.contains("by hand"), "{log}");
    stage.left_no_process();
}

/// One task is stopped: its agent ends, its claim is given back, the others go on.
#[test]
fn one_task_can_be_stopped() {
    let stage = Stage::with_tasks(&["One", "Two", "Three"]);
    let run = stage.start(WAITS, &["--agents", "2", "--merge", "gates"]);
    let agent = pid(&stage.wait_for("T-0001.pid"));
    stage.wait_for("T-0002.pid");
    stage.repo.pm(&["run", "stop", "T-0001"]).ok();
    stage.wait_task("T-0001", "stopped");
    until("its end", || process_state(agent).is_none().then_some(()));
    assert!(stage.repo.data(&["show", "T-0001"])["claim"].is_null());
    stage.tell("on");
    run.end().exits(1);
    assert_eq!(stage.item("T-0002"), "done", "{}", stage.why());
    assert_eq!(stage.item("T-0003"), "done");
    assert_eq!(stage.task("T-0001")["status"], "stopped");
    stage.left_no_process();
}

/// One task is paused: its agent halts, the others go on.
#[test]
fn one_task_can_be_paused() {
    let stage = Stage::with_tasks(&["One", "Two"]);
    let run = stage.start(WAITS, &["--agents", "2", "--merge", "gates"]);
    let agents = ["T-0001.pid", "T-0002.pid"].map(|name| pid(&stage.wait_for(name)));
    stage.repo.pm(&["run", "pause", "T-0001"]).ok();
    stage.wait_task("T-0001", "paused");
    until("halted", || {
        (process_state(agents[0])? == 'T').then_some(())
    });
    assert_ne!(process_state(agents[1]), Some('T'));
    stage.tell("on");
    stage.wait_task("T-0002", "completed");
    assert_eq!(process_state(agents[0]), Some('T'));
    stage.repo.pm(&["run", "resume", "T-0001"]).ok();
    run.end().ok();
    stage.all_merged(&["T-0001", "T-0002"]);
}

/// A task that is done is not tried again.
#[test]
fn a_task_that_is_done_is_not_tried_again() {
    let stage = Stage::with_tasks(&["T-0001"]);
    stage.run(WORK, &["--merge", "gates"]).ok();
    for args in [
        &["run", "retry", "T-0001"][..],
        &["run", "skip", "T-0001"],
        &["run", "stop", "T-0001"],
    ] {
        let ran = stage.repo.pm(args);
        assert_eq!(stage.task("T-0001")["status"], "completed", "{ran:?}");
    }
    let retry = stage.repo.pm(&["run", "retry", "T-0001"]);
    assert_ne!(retry.code, 0, "{retry:?}");
    stage.all_merged(&["T-0001"]);
}
