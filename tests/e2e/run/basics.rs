//! Tasks with dependencies, several agents: everything is done, in order.

use std::collections::BTreeSet;
use std::os::unix::fs::MetadataExt as _;

use super::control::WAITS;
use super::stage::{Stage, WORK};
use crate::support::{Scene, binary};

/// Six tasks: T-0003 waits for T-0001 and T-0002, T-0005 for T-0004, T-0006 for T-0003 and T-0005.
fn graph() -> Stage {
    let stage = Stage::with_tasks(&["One", "Two", "Three", "Four", "Five", "Six"]);
    for (id, on) in [(3, 1), (3, 2), (5, 4), (6, 3), (6, 5)] {
        let (id, on) = (format!("T-000{id}"), format!("T-000{on}"));
        stage.repo.pm(&["dep", "add", &id, &on]).ok();
    }
    stage
}

const ALL: [&str; 6] = ["T-0001", "T-0002", "T-0003", "T-0004", "T-0005", "T-0006"];

/// RC-07, RC-12: each ready task is given to an agent, and its work is merged.
#[test]
fn a_graph_of_tasks_is_worked_and_merged() {
    let stage = graph();
    stage.run(WORK, &["--agents", "3", "--merge", "gates"]).ok();
    stage.all_merged(&ALL);
    let status = stage.status();
    assert_eq!(status["status"], "completed");
    assert_eq!(status["alive"], false);
    assert_eq!(status["agents"], 3);
    assert_eq!(status["merge"], "gates");
    let agents: BTreeSet<&str> = status["tasks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|task| task["agent"].as_str().unwrap())
        .collect();
    assert!(agents.iter().all(|a| a.starts_with("agent-")), "{agents:?}");
    assert!(agents.len() > 1, "{agents:?}");
}

/// Dependent work starts from what it depends on.
#[test]
fn a_task_starts_with_the_work_that_it_waits_for() {
    let stage = graph();
    let script = format!("ls > \"$OUT/$GIT_PM_TASK.ls\"\n{WORK}");
    stage
        .run(&script, &["--agents", "3", "--merge", "gates"])
        .ok();
    for (id, on) in [(3, 1), (3, 2), (5, 4), (6, 3), (6, 5)] {
        let seen = stage.told(&format!("T-000{id}.ls"));
        assert!(seen.contains(&format!("T-000{on}.txt")), "{id}: {seen}");
    }
}

/// The approval of a merge by gates says that it was one, and who said so.
#[test]
fn a_merge_by_gates_is_recorded_as_such() {
    let stage = Stage::with_tasks(&["One"]);
    stage.run(WORK, &["--merge", "gates"]).ok();
    let item = stage.repo.data(&["show", "T-0001"]);
    assert!(item.to_string().contains("gates"), "{item}");
    let log = stage.repo.data(&["log", "T-0001"]).to_string();
    assert!(log.contains("gates"), "{log}");
    let bookkeeping = stage.repo.git(&["log", "--format=%s", "refs/pm/main"]).out;
    let marks = bookkeeping
        .lines()
        .filter(|line| *line == "T-0001: mark task done");
    assert_eq!(marks.count(), 1, "{bookkeeping}");
}

/// The agent's process: its folder, its environment, and the prompt on standard input.
#[test]
fn an_agent_gets_the_worktree_the_environment_and_the_prompt() {
    let stage = Stage::new();
    stage.repo.task(
        "Refuse wrong passwords",
        &[
            "--body",
            "Compare in constant time.",
            "--accept",
            "it is tested",
        ],
    );
    let script = format!(
        "pwd > \"$OUT/pwd\"\nenv > \"$OUT/env\"\nid=$GIT_PM_TASK\ngit branch --show-current > \"$OUT/branch\"\n\
         {WORK}\ngit pm task accept $id 1 --evidence 'cargo test'\n"
    );
    // What marks another agent is not given on.
    let place = stage.repo.with("SOMETHING_ELSE", "kept");
    let ran = stage.start_as(&place, &script, &[]).end();
    ran.exits(1);
    let env = stage.told("env");
    let run = stage.status()["id"].as_str().unwrap().to_string();
    for line in [
        "GIT_PM_TASK=T-0001",
        &format!("GIT_PM_RUN={run}"),
        "GIT_PM_ACTOR=agent-1",
        "SOMETHING_ELSE=kept",
    ] {
        assert!(env.lines().any(|l| l == line), "{line}\n{env}");
    }
    let shown = stage.repo.pm(&["worktree", "path", "T-0001"]).ok().text();
    assert_eq!(stage.told("pwd").trim_end(), shown);
    assert_ne!(
        stage.told("pwd").trim_end(),
        stage.repo.path.to_str().unwrap()
    );
    let branch = stage.told("branch");
    assert!(branch.contains("T-0001"), "{branch}");
    let prompt = stage.told("T-0001.prompt");
    // AG-48: description, acceptance, nothing cut.
    for part in [
        "T-0001",
        "Refuse wrong passwords",
        "Compare in constant time.",
        "it is tested",
    ] {
        assert!(prompt.contains(part), "{part}\n{prompt}");
    }
    let author = stage
        .repo
        .git(&["log", "-1", "--format=%an", branch.trim_end()]);
    assert_eq!(author.text(), "Ana", "{env}");
}

/// AG-48: a long specification reaches the agent whole, and the status of what it depends on.
#[test]
fn a_long_specification_reaches_the_agent_whole() {
    let stage = Stage::with_tasks(&["First"]);
    let long: Vec<String> = (0..4000).map(|n| format!("Rule {n} holds.")).collect();
    let body = long.join("\n");
    stage
        .repo
        .task("Second", &["--body", &body, "--depends-on", "T-0001"]);
    stage.run(WORK, &["--merge", "gates"]).ok();
    let prompt = stage.told("T-0002.prompt");
    assert!(prompt.contains("Rule 0 holds.") && prompt.contains("Rule 3999 holds."));
    assert!(prompt.contains("Rule 2000 holds."), "cut in the middle");
    assert!(prompt.contains("T-0001"), "no dependency");
}

/// Without `--merge gates` the work waits for a human, and so does the exit code.
#[test]
fn work_waits_for_a_human_by_default() {
    let stage = graph();
    let main = stage.repo.tip("main");
    stage.run(WORK, &["--agents", "2"]).exits(1);
    assert_eq!(stage.repo.tip("main"), main);
    for (id, wanted) in [("T-0001", "in_review"), ("T-0004", "in_review")] {
        assert_eq!(stage.item(id), wanted, "{}", stage.why());
    }
    // What waits for it has not begun.
    assert_eq!(stage.told("T-0003.prompt"), "");
    assert_eq!(stage.told("T-0005.prompt"), "");
    stage.left_no_process();
    // A human approves and merges; then the run goes on.
    for id in ["T-0001", "T-0002", "T-0004"] {
        stage.repo.pm(&["task", "approve", id]).ok();
        stage.repo.pm(&["merge", id]).ok();
    }
    let status = stage.status();
    assert_eq!(status["reason"], "3 not done (T-0003, T-0005, T-0006)");
    assert_eq!(status["tasks"][0]["reason"], serde_json::Value::Null);
    stage.run(WORK, &["--agents", "2"]).exits(1);
    assert_eq!(stage.item("T-0003"), "in_review", "{}", stage.why());
    assert_eq!(stage.item("T-0005"), "in_review");
}

/// What became of a run's tasks after it ended is what its status says.
#[test]
fn the_status_of_a_run_follows_its_tasks() {
    let stage = Stage::with_tasks(&["One", "Two", "Three"]);
    let repo = &stage.repo;
    stage.run(WORK, &["--only", "T-0001", "T-0002"]).exits(1);
    assert_eq!(stage.status()["reason"], "2 in review");
    repo.pm(&["approve", "1"]).ok();
    assert_eq!(stage.status()["reason"], "1 in review, 1 approved");
    repo.pm(&["merge", "1"]).ok();
    repo.pm(&["cancel", "2", "--reason", "late"]).ok();
    let status = stage.status();
    assert_eq!(status["status"], "completed", "{status}");
    assert_eq!(status["next"], serde_json::json!([]));
    assert_eq!(
        repo.data(&["run", "list"])["items"][0]["status"],
        "completed"
    );
    let shown = repo.pm(&["run", "status"]).ok().out;
    assert!(
        !shown.contains("approval") && shown.contains("it is cancelled"),
        "{shown}"
    );
    repo.pm(&["task", "reopen", "2"]).ok();
    assert_eq!(stage.status()["reason"], "1 not done (T-0002)");
}

/// Work goes to the hub, and the claims of a second clone are respected.
#[test]
fn two_clones_share_one_graph() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let b = scene.clone_of(&hub, "b", "Ben");
    for title in ["One", "Two", "Three", "Four"] {
        a.task(title, &[]);
    }
    a.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    let stage = Stage::of(scene, a);
    let script = format!("echo x >> \"$OUT/$GIT_PM_TASK.starts\"\nsleep 0.3\n{WORK}");
    let args = ["--agents", "2"];
    let (one, two) = (
        stage.start(&script, &args),
        stage.start_as(&b, &script, &args),
    );
    one.end().exits(1);
    two.end().exits(1);
    stage.repo.pm(&["sync"]).ok();
    for id in ["T-0001", "T-0002", "T-0003", "T-0004"] {
        assert_eq!(stage.told(&format!("{id}.starts")), "x\n", "{id}");
        assert_eq!(stage.item(id), "in_review", "{}", stage.why());
    }
}

/// OB-16: of many tasks that wait, the page shows the next ones and counts the others.
#[test]
fn of_many_queued_tasks_the_next_ones_are_shown() {
    let stage = Stage::new();
    let line = |n: usize| format!("{{\"op\":\"task.create\",\"title\":\"Task {n}\"}}\n");
    let lines: String = (0..30).map(line).collect();
    stage.repo.feed(binary(), &["batch"], &lines).ok();
    let run = stage.start(WAITS, &["--agents", "1"]);
    stage.wait_for("T-0001.pid");
    let page = stage.repo.pm(&["run", "status"]).ok().out;
    assert!(
        page.contains("and 9 more queued; `git pm run status --json`"),
        "{page}"
    );
    assert!(
        page.contains("T-0021") && !page.contains("T-0030"),
        "{page}"
    );
    let all = stage.status()["tasks"].as_array().unwrap().len();
    assert_eq!(all, 30, "{}", stage.status());
    stage.repo.pm(&["run", "stop"]).ok();
    run.end();
}

/// An approval and what follows it bring the index forward; they do not build it again.
#[test]
fn an_approval_does_not_build_the_index_again() {
    let stage = Stage::with_tasks(&["One"]);
    stage.run(WORK, &[]).exits(1);
    let index = stage.repo.path.join(".git/pm/index.sqlite");
    let built = || std::fs::metadata(&index).unwrap().ino();
    let before = built();
    for args in [
        &["task", "approve", "T-0001"][..],
        &["task", "edit", "T-0001", "--priority", "P1"],
        &["merge", "T-0001"],
    ] {
        stage.repo.pm(args).ok();
        assert_eq!(built(), before, "{args:?}");
    }
    assert_eq!(stage.item("T-0001"), "done", "{}", stage.why());
}
