//! Agents that say that they failed: which are tried again, and what goes on meanwhile.

use super::stage::{Stage, WORK};

/// RC-10: exit code 1 is a permanent failure.
#[test]
fn a_failure_is_not_tried_again() {
    let stage = Stage::with_tasks(&["One"]);
    let script = "echo x >> \"$OUT/attempts\"; echo 'I cannot do it' >&2; exit 1";
    stage.run(script, &[]).exits(1);
    assert_eq!(stage.told("attempts"), "x\n");
    let task = stage.task("T-0001");
    assert_eq!(task["status"], "failed", "{task}");
    let reason = task["reason"].as_str().unwrap();
    assert!(
        reason.contains('1') || reason.contains("I cannot"),
        "{reason}"
    );
    assert!(stage.repo.pm(&["logs"]).ok().out.contains("I cannot do it"));
    assert_ne!(stage.item("T-0001"), "done");
}

/// RC-10: exit code 75 is a failure that may pass.
#[test]
fn a_failure_that_may_pass_is_tried_again() {
    let stage = Stage::with_tasks(&["T-0001"]);
    let script = format!(
        "echo x >> \"$OUT/attempts\"\ntest $(wc -l < \"$OUT/attempts\") -lt 2 && exit 75\n{WORK}"
    );
    stage.run(&script, &["--merge", "gates"]).ok();
    assert_eq!(stage.told("attempts"), "x\nx\n");
    stage.all_merged(&["T-0001"]);
}

/// RC-10: twice by default.
#[test]
fn a_failure_that_does_not_pass_fails_after_two_retries() {
    for (more, attempts) in [(&[][..], 3), (&["--retries", "0"], 1)] {
        let stage = Stage::with_tasks(&["One"]);
        stage
            .run("echo x >> \"$OUT/attempts\"; exit 75", more)
            .exits(1);
        let tried = stage.told("attempts").lines().count();
        assert_eq!(tried, attempts, "{more:?}");
        assert_eq!(stage.task("T-0001")["status"], "failed");
    }
}

/// RC-15: a failing task stops what waits for it, and nothing else.
#[test]
fn a_failing_task_does_not_stop_other_streams() {
    let stage = Stage::with_tasks(&["One", "Two", "Three", "Four", "Five"]);
    stage.repo.pm(&["dep", "add", "T-0002", "T-0001"]).ok();
    stage.repo.pm(&["dep", "add", "T-0004", "T-0003"]).ok();
    stage.repo.pm(&["dep", "add", "T-0005", "T-0004"]).ok();
    let script = format!("test $GIT_PM_TASK = T-0001 && exit 1\n{WORK}");
    stage
        .run(&script, &["--agents", "2", "--merge", "gates"])
        .exits(1);
    for id in ["T-0003", "T-0004", "T-0005"] {
        assert_eq!(stage.item(id), "done", "{}", stage.why());
    }
    assert_eq!(stage.task("T-0001")["status"], "failed");
    assert_eq!(stage.told("T-0002.prompt"), "", "it waits for T-0001");
    assert_ne!(stage.item("T-0002"), "done");
    let blocked = stage.task("T-0002");
    assert!(
        blocked.is_null() || blocked["status"] == "blocked" || blocked["status"] == "queued",
        "{blocked}"
    );
    assert_eq!(stage.status()["status"], "failed");
    stage.left_no_process();
}

/// An agent killed by a signal has failed; its commits are kept.
#[test]
fn an_agent_that_is_killed_loses_no_commit() {
    let stage = Stage::with_tasks(&["One"]);
    let script = format!("{WORK}\ngit rev-parse HEAD >> \"$OUT/heads\"\nkill -9 $$");
    stage.run(&script, &[]).exits(1);
    assert_eq!(stage.task("T-0001")["status"], "failed", "{}", stage.why());
    let heads = stage.told("heads");
    let first = heads.lines().next().unwrap();
    let branches = stage.repo.git(&["branch", "--contains", first]).ok();
    assert!(branches.out.contains("T-0001"), "{}", branches.out);
}

/// The time of an attempt is limited, and that without output.
#[test]
fn an_agent_without_an_end_is_ended() {
    for (limit, script) in [
        (["--timeout", "2s"], "while :; do echo on; sleep 0.2; done"),
        (["--idle", "2s"], "echo on; sleep 1000"),
    ] {
        let stage = Stage::with_tasks(&["One"]);
        let mut more = vec!["--retries", "0", "--returns", "0"];
        more.extend(limit);
        stage.run(script, &more).exits(1);
        let task = stage.task("T-0001");
        assert_eq!(task["status"], "failed", "{limit:?}: {task}");
        let reason = task["reason"].as_str().unwrap_or_default();
        assert!(!reason.is_empty(), "{limit:?}: no reason");
        stage.left_no_process();
    }
}

/// A task that failed does not fall out of sight: a new run takes it, or says why it does not.
#[test]
fn a_new_run_says_what_becomes_of_a_failed_task() {
    let stage = Stage::with_tasks(&["T-0001"]);
    stage.run("exit 1", &[]).exits(1);
    let ran = stage.run(WORK, &["--merge", "gates"]);
    if ran.code == 0 {
        stage.all_merged(&["T-0001"]);
    } else {
        assert!((ran.out + &ran.err).contains("T-0001"), "{}", stage.why());
    }
}
