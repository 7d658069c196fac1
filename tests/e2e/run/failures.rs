//! Agents that say that they failed: which are tried again, and what goes on meanwhile.

use serde_json::json;

use super::stage::{Stage, WORK};
use crate::support::script_file;

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

/// RC-19: an agent that uses more memory, or has more processes, than the clone allows is ended; another one
/// works on with the niceness that is set.
#[test]
fn rc_19_an_agent_is_kept_within_the_resources_that_are_set() {
    for (key, limit, script, why) in [
        (
            "pm.agentMemory",
            "60",
            "{ head -c 150000000 /dev/zero; sleep 60; } | tail -n 1",
            "too much memory",
        ),
        (
            "pm.agentProcesses",
            "20",
            "for i in $(seq 40); do sleep 60 & done; wait",
            "too many processes",
        ),
    ] {
        let stage = Stage::with_tasks(&["One"]);
        stage.repo.pm(&["config", key, limit]).ok();
        stage.run(script, &["--retries", "0"]).exits(1);
        let task = stage.task("T-0001");
        assert!(task["reason"].as_str().unwrap().contains(why), "{task}");
    }
    let stage = Stage::with_tasks(&["One"]);
    stage.repo.pm(&["config", "pm.agentNice", "7"]).ok();
    let script = format!("sleep 1; nice > \"$OUT/nice\"\n{WORK}");
    stage.run(&script, &["--merge", "gates"]).ok();
    assert_eq!(stage.told("nice").trim(), "7");
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

/// RC-10: an agent that does nothing but ask is not tried again; the question reaches the human who
/// started the run, and the answer reaches the agent.
#[test]
fn a_question_reaches_the_human_and_the_answer_the_agent() {
    let stage = Stage::with_tasks(&["Serve"]);
    let script = "cat >/dev/null; echo x >> \"$OUT/attempts\"; echo 'Which port should I use?'";
    stage.run(script, &[]).exits(1);
    assert_eq!(stage.told("attempts"), "x\n");
    let status = stage.status();
    let reason = stage.task("T-0001")["reason"].to_string();
    assert!(reason.contains("its agent asks: Which port"), "{reason}");
    assert_eq!(
        status["next"],
        json!(["git pm run retry T-0001 --note ANSWER", "git pm run resume"])
    );
    let inbox = stage.repo.pm(&["msg", "inbox"]).ok().out;
    assert!(inbox.contains("asks a question about T-0001"), "{inbox}");
    let read = stage.repo.pm(&["msg", "read"]).ok().out;
    assert!(read.contains("> Which port should I use?"), "{read}");

    stage
        .repo
        .pm(&["run", "retry", "T-0001", "--note", "Port 8080."])
        .ok();
    stage.agent(WORK);
    stage.resume();
    let prompt = stage.told("T-0001.prompt");
    assert!(prompt.contains("Port 8080."), "{prompt}");
    // Next is what the human does now, and nothing once all is done.
    let next = stage.status()["next"].clone();
    assert_eq!(
        next,
        json!([
            "git pm task diff T-0001",
            "git pm task approve T-0001",
            "git pm run resume"
        ])
    );
    stage.repo.pm(&["task", "approve", "T-0001"]).ok();
    assert_eq!(stage.status()["next"][0], "git pm merge T-0001");
    stage.repo.pm(&["merge", "T-0001"]).ok();
    stage.resume().ok();
    assert_eq!(stage.status()["next"], json!([]));
}

/// RC-10: aider runs no commands, so gates accept the criteria; without a gate, that is said at once.
#[test]
fn gates_accept_the_criteria_for_an_agent_without_tools() {
    let stage = Stage::new().without_sandbox();
    stage.repo.task("One", &["--accept", "green"]);
    let bin = stage.dir().join("bin");
    std::fs::create_dir_all(&bin).unwrap();
    let work = "echo x >> \"$OUT/attempts\"; echo x > one.txt; git add .; git commit -qm one; echo 'Tokens: 1.0k sent, 50 received.'";
    let text = format!("OUT='{}'\n{work}", stage.out.display());
    script_file(&bin.join("aider"), &text);
    let path = stage.repo.run("sh", &["-c", "echo $PATH"]).text();
    let repo = stage
        .repo
        .with("PATH", &format!("{}:{path}", bin.display()));
    let run = ["run", "--with", "aider"];
    stage.start_command(&repo, &run).end().exits(1);
    assert_eq!(stage.told("attempts"), "x\n");
    let reason = stage.task("T-0001")["reason"].to_string();
    assert!(reason.contains("pm.gate"), "{reason}");
    stage
        .repo
        .pm(&["config", "pm.gate", "there=test -e one.txt"])
        .ok();
    stage.start_command(&repo, &run).end().exits(1);
    assert_eq!(stage.item("T-0001"), "in_review", "{}", stage.why());
    let shown = stage.repo.data(&["show", "T-0001"]);
    assert_eq!(shown["acceptance"][0]["done"], true);
    assert_eq!(shown["acceptance"][0]["evidence"], "gates passed: there");
}

/// MR-08: routes to what is not installed are no dead end.
#[test]
fn auto_offers_what_is_installed() {
    let stage = Stage::with_tasks(&["One"]);
    let bin = stage.dir().join("bin");
    std::fs::create_dir_all(&bin).unwrap();
    script_file(&bin.join("opencode"), "exit 1");
    let path = format!("{}:/usr/bin:/bin", bin.display());
    let repo = stage.repo.with("PATH", &path).with("ANTHROPIC_API_KEY", "");
    let refused = repo.pm(&["run", "--with", "auto"]).exits(2);
    assert!(refused.err.contains("pm.route all=opencode"), "{refused:?}");
}

/// RC-10: work that a reservation keeps from being committed is not tried again in vain, and the
/// reason names it.
#[test]
fn rc_10_a_reservation_that_stops_the_commit_is_the_reason() {
    let stage = Stage::with_tasks(&["One"]).without_sandbox();
    let bea = stage.repo.by("Bea");
    bea.pm(&["reserve", "add", "src/auth.rs"]).ok();
    let script = "cat >/dev/null; echo x >> \"$OUT/attempts\"; echo mine > src/auth.rs\n\
                  git commit -qam Work || true";
    stage.run(script, &[]).exits(1);
    let task = stage.task("T-0001");
    let reason = task["reason"].as_str().unwrap();
    assert!(
        reason.contains("src/auth.rs is reserved by Bea"),
        "{reason}"
    );
    assert_eq!(task["status"], "failed", "{task}");
    assert_eq!(stage.told("attempts"), "x\n");
}
