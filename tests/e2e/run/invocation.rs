//! How an agent is started: what is missing or wrong is said before anything is claimed.

use super::control::WAITS;
use super::stage::{Stage, WORK, until};
use crate::support::script_file;

/// Runs with an agent that cannot be started: a clear error, and nothing is claimed.
#[track_caller]
fn cannot_start(stage: &Stage, with: &str, names: &str) {
    let ran = stage
        .start_command(&stage.repo, &["run", "--with", with, "--merge", "gates"])
        .end();
    assert_ne!(ran.code, 0);
    let said = ran.out + &ran.err;
    assert!(said.contains(names), "`{with}`, `{names}` not in: {said}");
    assert_eq!(stage.item("T-0001"), "queued", "{with}");
    assert!(stage.repo.data(&["show", "T-0001"])["claim"].is_null());
    assert_eq!(stage.worktrees(), [""; 0], "{with}");
}

#[test]
fn a_missing_script_is_an_error_before_any_claim() {
    let stage = Stage::with_tasks(&["One"]);
    cannot_start(&stage, "script:/nowhere/agent.sh", "/nowhere/agent.sh");
}

#[test]
fn a_script_that_is_not_executable_is_an_error_before_any_claim() {
    let stage = Stage::with_tasks(&["One"]);
    let path = stage.dir().join("plain.txt");
    std::fs::write(&path, "#!/bin/sh\nexit 0\n").unwrap();
    cannot_start(&stage, &format!("script:{}", path.display()), "plain.txt");
    let folder = format!("script:{}", stage.dir().display());
    cannot_start(&stage, &folder, stage.dir().to_str().unwrap());
}

/// RC-21: so is a program that is not installed.
#[test]
fn a_program_that_is_not_installed_is_an_error_before_any_claim() {
    let stage = Stage::with_tasks(&["One"]);
    cannot_start(&stage, "command:no-such-program --now", "no-such-program");
    // Here no agent is installed, whatever the machine of the test has.
    let bin = stage.dir().join("bin");
    std::fs::create_dir_all(&bin).unwrap();
    for name in ["git", "sh", "git-pm"] {
        let found = stage.repo.run("sh", &["-c", &format!("command -v {name}")]);
        #[cfg(unix)]
        std::os::unix::fs::symlink(found.ok().text(), bin.join(name)).unwrap();
    }
    let bare = stage.repo.with("PATH", bin.to_str().unwrap());
    for agent in ["claude", "codex"] {
        let ran = stage.start_command(&bare, &["run", "--with", agent]).end();
        assert_ne!(ran.code, 0);
        assert!(ran.err.contains(agent), "{}{}", ran.out, ran.err);
        assert_eq!(stage.item("T-0001"), "queued", "{agent}");
    }
}

/// A relative path is meant from where the command is called, not from the worktree.
#[test]
fn a_relative_path_of_a_script_is_from_the_callers_folder() {
    let stage = Stage::with_tasks(&["T-0001"]);
    let text = format!("OUT='{}'\n{WORK}", stage.out.display());
    script_file(&stage.dir().join("relative.sh"), &text);
    let ran = stage
        .start_command(
            &stage.repo,
            &["run", "--with", "script:../relative.sh", "--merge", "gates"],
        )
        .end();
    ran.ok();
    stage.all_merged(&["T-0001"]);
}

/// A command line of any program: the prompt is on its standard input.
#[test]
fn any_command_line_can_be_an_agent() {
    let stage = Stage::with_tasks(&["T-0001"]);
    let text = format!(
        "OUT='{}'\necho \"$1\" > \"$OUT/arg\"\n{WORK}",
        stage.out.display()
    );
    script_file(&stage.dir().join("my agent.sh"), &text);
    let with = format!("command:'{}/my agent.sh' --fast", stage.dir().display());
    stage
        .start_command(&stage.repo, &["run", "--with", &with, "--merge", "gates"])
        .end()
        .ok();
    assert_eq!(stage.told("arg"), "--fast\n");
    assert!(stage.told("T-0001.prompt").contains("T-0001"));
    stage.all_merged(&["T-0001"]);
}

/// Two runs at the same time in one clone: the second is refused, or they share the tasks. No task is
/// worked twice, and the first is not disturbed.
#[test]
fn two_runs_in_one_clone_do_no_work_twice() {
    let stage = Stage::with_tasks(&["One", "Two", "Three"]);
    let script = format!("echo x >> \"$OUT/$GIT_PM_TASK.starts\"\n{WAITS}");
    let first = stage.start(&script, &["--merge", "gates"]);
    stage.wait_for("T-0001.pid");
    let with = format!("script:{}", stage.dir().join("agent.sh").display());
    let args = ["run", "--with", &with, "--merge", "gates"];
    let mut second = stage.start_command(&stage.repo, &args);
    until("the second has begun or is refused", || {
        (second.is_over() || !stage.told("T-0002.pid").is_empty()).then_some(())
    });
    stage.tell("on");
    first.end().ok();
    second.end().exits(3);
    for id in ["T-0001", "T-0002", "T-0003"] {
        assert_eq!(stage.item(id), "done", "{id}: {}", stage.why());
        assert_eq!(stage.told(&format!("{id}.starts")), "x\n", "{id}");
    }
    assert_eq!(stage.worktrees(), [""; 0]);
    stage.left_no_process();
}

/// To continue a run that goes on changes nothing.
#[test]
fn a_run_that_goes_on_is_not_continued_a_second_time() {
    let stage = Stage::with_tasks(&["One", "Two"]);
    let run = stage.start(WAITS, &["--merge", "gates"]);
    stage.wait_for("T-0001.pid");
    let resumed = stage.start_command(&stage.repo, &["run", "resume"]).end();
    assert!(!resumed.err.contains("panicked"), "{resumed:?}");
    assert_eq!(stage.told("T-0002.pid"), "", "a second agent was started");
    assert_eq!(stage.status()["status"], "running");
    stage.tell("on");
    run.end().ok();
    stage.all_merged(&["T-0001", "T-0002"]);
}

/// A run can be started from the worktree of a task and from a folder below.
#[test]
fn a_run_can_be_started_from_anywhere_in_the_clone() {
    let stage = Stage::with_tasks(&["T-0001", "T-0002"]);
    let below = stage.repo.other("src");
    stage
        .start_as(&below, WORK, &["--merge", "gates", "--only", "T-0001"])
        .end()
        .ok();
    stage
        .repo
        .git(&["worktree", "add", "-q", "-b", "side", "../side"])
        .ok();
    let side = stage.repo.other("../side");
    stage
        .start_as(&side, WORK, &["--merge", "gates", "--only", "T-0002"])
        .end()
        .ok();
    assert_eq!(stage.item("T-0001"), "done");
    assert_eq!(stage.item("T-0002"), "done");
    stage.repo.git(&["worktree", "remove", "../side"]).ok();
}

/// A pager, a closed output or a terminal that goes away do not end the work.
#[test]
fn a_reader_that_goes_away_does_not_end_the_run() {
    let stage = Stage::with_tasks(&["T-0001", "T-0002"]);
    let with = stage.agent(WORK);
    let line = format!("git-pm run --with '{with}' --merge gates 2>&1 | head -n 1");
    stage.repo.run("sh", &["-c", &line]).ok();
    until("the end", || {
        (stage.status()["alive"] == false).then_some(())
    });
    if stage.item("T-0002") != "done" {
        stage.resume().ok();
    }
    stage.all_merged(&["T-0001", "T-0002"]);
}

#[test]
fn in_16_the_agents_of_a_run_get_the_mcp_servers_of_the_settings() {
    let script =
        "cat \"$GIT_PM_MCP_CONFIG\" >> \"$OUT/servers\"; echo a > a; git add a; git commit -qm a";
    let stage = Stage::with_tasks(&["One"]);
    let set = ["config", "pm.agentMcp", "docs=npx -y docs"];
    stage.repo.git(&set).ok();
    stage.start(script, &[]).end().exits(1);
    let servers: serde_json::Value = serde_json::from_str(&stage.told("servers")).unwrap();
    assert_eq!(servers["mcpServers"]["docs"]["command"], "npx");
    // A value that names none stops the start.
    let other = Stage::with_tasks(&["One"]);
    let wrong = ["config", "pm.agentMcp", "docs"];
    other.repo.git(&wrong).ok();
    cannot_start(&other, "command:true", "names no MCP server");
}
