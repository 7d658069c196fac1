//! Agents that speak the Agent Client Protocol: a scripted one, as a real process. RC-23, AG-48.

use std::path::Path;

use super::stage::{Running, Stage};
use crate::support::Ran;

/// Starts a run with the scripted agent in a scenario.
fn start(stage: &Stage, scenario: &str, more: &[&str]) -> Running {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/acp/agent.py");
    let with = format!(
        "acp:python3 '{}' {scenario} '{}'",
        script.display(),
        stage.out.display()
    );
    let mut args = vec!["run", "--with", &with, "--merge", "gates"];
    args.extend(more);
    stage.start_command(&stage.repo, &args)
}

fn run(stage: &Stage, scenario: &str, more: &[&str]) -> Ran {
    start(stage, scenario, more).end()
}

/// A run with one task, which fails at once.
fn fails(scenario: &str, more: &[&str]) -> (Stage, String) {
    let stage = Stage::with_tasks(&["One"]);
    let mut all = vec!["--retries", "0", "--returns", "0"];
    all.extend(more);
    run(&stage, scenario, &all).exits(1);
    let task = stage.task("T-0001");
    assert_eq!(task["status"], "failed", "{}", stage.why());
    stage.left_no_process();
    let why = task["reason"].as_str().unwrap_or_default().to_string();
    (stage, why)
}

fn logs(stage: &Stage) -> String {
    stage.repo.pm(&["logs"]).ok().out
}

/// RC-23: two agents at once, from the claim to the merge; permission is given by its kind, and the log
/// has the decision, the steps and the text, without escapes.
#[test]
fn an_agent_works_over_the_protocol() {
    let stage = Stage::with_tasks(&["One", "Two"]);
    run(&stage, "happy", &["--agents", "2"]).ok();
    stage.all_merged(&["T-0001", "T-0002"]);
    assert_eq!(stage.told("T-0001.chosen"), "reject\n");
    assert!(stage.told("T-0001.prompt").contains("T-0001"));
    let heard = stage.told("T-0001.heard");
    let first = heard.lines().next().unwrap();
    for part in [
        r#""method":"initialize""#,
        r#""protocolVersion":1"#,
        r#""readTextFile":false"#,
        r#""terminal":false"#,
    ] {
        assert!(first.contains(part), "{first}");
    }
    assert!(
        heard.ends_with("EOF\n"),
        "its input was not closed: {heard}"
    );
    let logs = logs(&stage);
    for line in [
        "I write the file.",
        "allowed: edit: T-0001.txt",
        "edit: T-0001.txt: done",
    ] {
        assert!(logs.contains(line), "{line}\n{logs}");
    }
    assert!(
        !logs.contains('\u{1b}') && !logs.contains("sessionUpdate"),
        "{logs}"
    );
    let used = &stage.task("T-0001")["used"];
    for (name, count) in [
        ("input_tokens", 800),
        ("cached_tokens", 200),
        ("output_tokens", 50),
    ] {
        assert_eq!(used[name], count, "{used}");
    }
    assert_eq!(used["cost_usd"], 0.25);
}

/// SE-01: what names a path outside of the worktree is refused, and so is a permanent permission.
#[test]
fn permission_is_refused_outside_of_the_worktree() {
    let stage = Stage::with_tasks(&["One"]);
    run(&stage, "outside", &[]).ok();
    assert_eq!(stage.told("T-0001.chosen"), "no\nno\nno\ncancelled\n");
    let logs = logs(&stage);
    for line in [
        "refused: edit: /etc/motd: /etc/motd is outside the worktree",
        "refused: execute: cat ../../secret",
        "refused: execute: git status && cat /etc/hostname",
        "it offers no option to allow this only once",
    ] {
        assert!(logs.contains(line), "{line}\n{logs}");
    }
    stage.all_merged(&["T-0001"]);
}

/// RC-03: to stop a run cancels the prompt, so that the agent ends its own tools; nothing is left.
#[test]
fn a_stopped_run_cancels_the_prompt() {
    let stage = Stage::with_tasks(&["One"]);
    let run = start(&stage, "works", &[]);
    stage.wait_for("T-0001.pid");
    stage.repo.pm(&["run", "stop"]).ok();
    run.end();
    let heard = stage.told("T-0001.heard");
    assert!(heard.contains(r#""method":"session/cancel""#), "{heard}");
    assert_eq!(stage.status()["status"], "stopped");
    stage.left_no_process();
}

/// AG-48: lines that are not messages, unknown messages, and requests for what is not offered.
#[test]
fn garbage_does_not_end_the_dialogue() {
    let stage = Stage::with_tasks(&["T-0001"]);
    run(&stage, "garbage", &[]).ok();
    assert_eq!(stage.told("T-0001.terminal"), "-32601\n-32601\n");
    assert!(!logs(&stage).contains('\u{1b}'));
    stage.all_merged(&["T-0001"]);
}

/// AG-48: without end, they do.
#[test]
fn endless_garbage_ends_it() {
    let (_stage, why) = fails("drowns", &[]);
    assert!(why.contains("lines that are not messages"), "{why}");
}

/// AG-48: a request that is too long is answered as unreadable; long updates are read.
#[test]
fn huge_lines_are_bounded() {
    let stage = Stage::with_tasks(&["T-0001"]);
    run(&stage, "huge", &[]).ok();
    assert_eq!(stage.told("T-0001.huge"), "-32600\n");
    stage.all_merged(&["T-0001"]);
}

/// RC-12: an agent that ends without an answer has not finished, whatever its exit code.
#[test]
fn an_agent_that_dies_has_failed() {
    let (stage, why) = fails("dies", &[]);
    assert!(why.contains("without reporting that it finished"), "{why}");
    assert_eq!(stage.item("T-0001"), "queued");
    let (_stage, why) = fails("crashes", &[]);
    assert!(why.contains("code 3: cannot go on"), "{why}");
}

/// RC-11: silence is limited.
#[test]
fn an_agent_that_never_answers_is_ended() {
    let (stage, why) = fails("silent", &["--idle", "2s"]);
    assert!(why.contains("printed nothing for 2s"), "{why}");
    assert!(!stage.told("T-0001.pid").is_empty());
}

/// RC-10: errors and other ends of a prompt.
#[test]
fn an_error_is_told() {
    let (_stage, why) = fails("fails", &[]);
    assert!(why.contains("Authentication required: no key"), "{why}");
    let (_stage, why) = fails("cut_short", &[]);
    assert!(why.contains("max_tokens"), "{why}");
    let (_stage, why) = fails("happy", &["--model", "any"]);
    assert!(why.contains("does not offer the model any"), "{why}");
}

/// RC-11: an agent that stays when all is said does not hold up the run.
#[test]
fn an_agent_that_stays_is_ended() {
    let stage = Stage::with_tasks(&["T-0001"]);
    run(&stage, "stays", &[]).ok();
    assert_eq!(stage.told("T-0001.after"), "''\n");
    stage.all_merged(&["T-0001"]);
}

/// RC-23: what a check returned goes on in the same session, whose earlier cost is not counted again; a
/// session that is lost is started again.
#[test]
fn work_that_comes_back_goes_on_in_its_session() {
    for (scenario, method) in [("load", "session/load"), ("resume", "session/resume")] {
        let stage = Stage::with_tasks(&["T-0001"]);
        run(&stage, scenario, &[]).ok();
        let heard = stage.told("T-0001.heard");
        assert_eq!(heard.matches("session/new").count(), 1, "{heard}");
        assert_eq!(heard.matches(method).count(), 1, "{heard}");
        assert!(!logs(&stage).contains("What was said before"));
        stage.all_merged(&["T-0001"]);
    }
    let stage = Stage::with_tasks(&["T-0001"]);
    run(&stage, "lost", &[]).ok();
    assert_eq!(stage.told("T-0001.lost"), "ses_T0001\n");
    assert!(logs(&stage).contains("the earlier session cannot be resumed"));
    stage.all_merged(&["T-0001"]);
}
