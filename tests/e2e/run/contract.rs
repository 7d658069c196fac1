//! What scripts that call `git pm run` rely on: who may say what, what writes nothing, JSON.

use super::stage::{Stage, WORK};
use crate::support::{Repo, schemas};

/// All refs, except those that only this clone has, and the folder's content.
fn look(repo: &Repo) -> (String, String, String) {
    (
        repo.git(&["for-each-ref"]).ok().out,
        repo.git(&["status", "--porcelain", "--ignored"]).ok().out,
        repo.git(&["worktree", "list"]).ok().out,
    )
}

/// Only a human may let gates alone decide about a merge.
#[test]
fn an_agent_may_not_say_merge_by_gates() {
    let stage = Stage::with_tasks(&["One"]);
    let with = stage.agent(WORK);
    let before = look(&stage.repo);
    for (key, value) in [("AGENT_NAME", "bot"), ("CLAUDECODE", "1")] {
        let agent = stage.repo.with(key, value);
        let ran = agent.pm(&["--json", "run", "--with", &with, "--merge", "gates"]);
        let error = ran.exits(1).error();
        assert!(error.to_string().contains("human"), "{error}");
        assert_eq!(look(&stage.repo), before, "{key}");
    }
    assert_eq!(stage.told("T-0001.prompt"), "", "an agent was started");
    // Without it, an agent may.
    let agent = stage.repo.with("AGENT_NAME", "bot");
    agent.pm(&["run", "--with", &with]).exits(1);
    assert_eq!(stage.item("T-0001"), "in_review", "{}", stage.why());
}

/// Nor may the agent of a task, from inside of the run.
#[test]
fn the_agent_of_a_task_may_not_merge_by_gates_or_control_for_a_human() {
    let stage = Stage::with_tasks(&["One", "Two"]);
    let script = format!(
        "if test $GIT_PM_TASK = T-0001; then\n\
         git pm run --with claude --merge gates --only T-0002 > \"$OUT/inner\" 2>&1; echo $? > \"$OUT/code\"\n\
         git pm run complete T-0002 --reason 'I say so' > \"$OUT/complete\" 2>&1; echo $? >> \"$OUT/code\"\n\
         fi\n{WORK}"
    );
    stage.run(&script, &[]).exits(1);
    let codes = stage.told("code");
    let codes: Vec<&str> = codes.lines().collect();
    assert_eq!(codes.len(), 2, "{}", stage.why());
    assert_ne!(codes[0], "0", "{}", stage.told("inner"));
    assert_ne!(codes[1], "0", "{}", stage.told("complete"));
    assert_eq!(stage.item("T-0002"), "in_review", "{}", stage.why());
}

/// RC-17: a dry run shows what would start, and writes nothing.
#[test]
fn a_dry_run_writes_nothing() {
    let stage = Stage::with_tasks(&["One", "Two", "Three"]);
    stage.repo.pm(&["dep", "add", "T-0003", "T-0001"]).ok();
    let with = stage.agent(WORK);
    let before = look(&stage.repo);
    let args = ["run", "--dry-run", "--agents", "2", "--with", &with];
    let text = stage.repo.pm(&args).ok();
    for id in ["T-0001", "T-0002", "T-0003"] {
        assert!(text.out.contains(id), "{}", text.out);
    }
    let mut json = vec!["--json"];
    json.extend(args);
    let printed = stage.repo.pm(&json).ok();
    let data = printed.data().to_string();
    assert!(data.contains("T-0003"), "{data}");
    assert_eq!(look(&stage.repo), before);
    assert_eq!(stage.told("T-0001.prompt"), "", "an agent was started");
    // There is no run to show either.
    let none = stage.repo.pm(&["run", "list"]).ok();
    assert!(!none.out.contains("R-"), "{}", none.out);
}

/// OB-08: the state is on disk in a documented form.
#[test]
fn the_json_of_runs_has_a_schema() {
    let commands = schemas::ALL["commands"].as_object().unwrap();
    for command in [
        "run",
        "run status",
        "run list",
        "run pause",
        "run resume",
        "run skip",
        "run retry",
        "run complete",
        "run stop",
        "logs",
    ] {
        assert!(commands.contains_key(command), "no schema of `{command}`");
    }
    let stage = Stage::with_tasks(&["One", "Two"]);
    let with = stage.agent(WORK);
    // `pm` and `data` check what is printed.
    let ran = stage
        .repo
        .pm(&["--json", "run", "--with", &with, "--merge", "gates"])
        .ok();
    let data = ran.data();
    assert_eq!(data["status"], "completed", "{data}");
    assert_eq!(data, stage.status(), "the end differs from `run status`");
    let list = stage.repo.data(&["run", "list"]);
    let id = data["id"].as_str().unwrap();
    assert!(list.to_string().contains(id), "{list}");
    let named = stage.repo.data(&["run", "status", id]);
    assert_eq!(named["tasks"].as_array().unwrap().len(), 2);
    stage.repo.pm(&["--json", "logs"]).ok();
    stage.repo.pm(&["--json", "logs", "T-0002"]).ok();
}

/// Errors about ids name what is missing.
#[test]
fn unknown_ids_are_errors() {
    let stage = Stage::with_tasks(&["One"]);
    let with = stage.agent(WORK);
    let before = look(&stage.repo);
    for args in [
        &["run", "--with", &with, "--only", "T-0099"][..],
        &["run", "--with", &with, "--epic", "E-0099"],
        &["run", "status", "R-zzzzzz"],
        &["run", "skip", "T-0099"],
        &["run", "retry", "T-0001", "--run", "R-zzzzzz"],
        &["run", "pause", "--run", "R-zzzzzz"],
        &["logs", "R-zzzzzz"],
        &["logs", "T-0099"],
    ] {
        let ran = stage.repo.pm(args).exits(4);
        assert!(ran.err.contains("error:"), "{args:?}: {}", ran.err);
        assert_eq!(look(&stage.repo), before, "{args:?}");
    }
    for args in [
        &["run", "--with", "hal9000"][..],
        &["run", "--with", &with, "--agents", "0"],
        &["run", "--with", &with, "--budget", "many"],
        &["run", "--with", &with, "--merge", "always"],
        &["run", "complete", "T-0001"],
    ] {
        stage.repo.pm(args).exits(2);
        assert_eq!(look(&stage.repo), before, "{args:?}");
    }
}

/// Without any task a run ends well, and without any run there is nothing to show.
#[test]
fn an_empty_project_is_no_error() {
    let stage = Stage::new();
    let none = stage.repo.pm(&["run", "status"]);
    assert!(none.code == 0 || none.code == 4, "{none:?}");
    stage.run(WORK, &["--merge", "gates"]).ok();
    for args in [
        &["logs"][..],
        &["run", "stop"],
        &["run", "pause"],
        &["run", "resume"],
    ] {
        let ran = stage.repo.pm(args);
        assert!(ran.code < 5 && !ran.err.contains("panicked"), "{ran:?}");
    }
}

/// `--only` and `--epic` limit a run.
#[test]
fn only_the_named_tasks_are_worked() {
    let stage = Stage::with_tasks(&["One", "Two", "Three"]);
    let epic = stage.repo.data(&["epic", "create", "Log in"]);
    let epic = epic["id"].as_str().unwrap().to_string();
    let inside = stage.repo.task("Four", &["--epic", &epic]);
    stage
        .run(WORK, &["--merge", "gates", "--only", "T-0002"])
        .ok();
    assert_eq!(stage.item("T-0002"), "done");
    stage.run(WORK, &["--merge", "gates", "--epic", &epic]).ok();
    assert_eq!(stage.item(&inside), "done");
    assert_eq!(stage.item("T-0001"), "queued");
    assert_eq!(stage.item("T-0003"), "queued");
}
