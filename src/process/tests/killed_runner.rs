//! The processes that a killed runner leaves behind.

use super::super::end_all;
use super::*;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};

/// A shell that starts an agent for a task, as a runner does, and is killed once the agent has
/// started. The agent's tool has a session of its own, and ignores TERM.
fn killed_runner(run: &str, task: &str, dir: &std::path::Path) {
    let mut runner = Command::new("sh")
        .args([
            "-c",
            "GIT_PM_RUN=$0 GIT_PM_TASK=$1 setsid sh -c '
                setsid sh -c \"trap : TERM; echo >ready; while :; do sleep 0.05; done\" & wait' &
             wait",
            run,
            task,
        ])
        .current_dir(dir)
        .stdin(Stdio::null())
        .process_group(0)
        .spawn()
        .unwrap();
    until("the agent", || dir.join("ready").exists());
    std::fs::remove_file(dir.join("ready")).unwrap();
    runner.kill().unwrap();
    runner.wait().unwrap();
}

/// AG-49, RC-16: the agents of a killed runner are found by run and task, and ended.
#[test]
fn a_killed_runner_leaves_agents_that_are_found() {
    let dir = tempfile::tempdir().unwrap();
    let (run, other) = (new_run(), new_run());
    killed_runner(&run, "T-0001", dir.path());
    killed_runner(&run, "T-0002", dir.path());
    killed_runner(&other, "T-0001", dir.path());

    assert!(leftovers(&run, None).len() >= 4);
    let first = leftovers(&run, Some("T-0001"));
    assert!(first.len() >= 2 && first.iter().any(|process| process.name == "sh"));
    assert_eq!(leftovers(&run, Some("T-0003")), []);
    assert_eq!(leftovers("", None), []);
    // A prefix of a value does not match.
    assert_eq!(leftovers(&run[..run.len() - 1], None), []);

    let ending = end_all(&run, Some("T-0001"), seconds(0.3));
    assert!(ending.count >= 2 && ending.ended.iter().any(|ended| ended.is_killed));
    assert_eq!(ending.survivors, []);
    assert_eq!(leftovers(&run, Some("T-0001")), []);
    assert!(!leftovers(&run, Some("T-0002")).is_empty());
    assert!(!leftovers(&other, None).is_empty());

    for run in [&run, &other] {
        assert!(end_all(run, None, seconds(0.3)).count >= 2);
        assert_eq!(leftovers(run, None), []);
    }
    assert_eq!(end_all(&run, None, seconds(5.0)).count, 0);
}

/// AG-49: `end_all` in a process with the marks of the run spares itself, its ancestors and its
/// group, and ends the others.
#[test]
fn the_caller_and_its_ancestors_are_spared() {
    const INNER: &str = "GIT_PM_TEST_CALLER";
    if let Ok(run) = std::env::var(INNER) {
        let ending = end_all(&run, None, seconds(1.0));
        assert_eq!(ending.count, 1, "{ending:?}");
        return;
    }
    let (run, dir) = (new_run(), tempfile::tempdir().unwrap());
    let output = Command::new("sh")
        .args([
            "-c",
            "setsid sh -c 'echo >ready; exec sleep 60' >/dev/null 2>&1 &
             sleep 61 >/dev/null 2>&1 & beside=$!
             while [ ! -e ready ]; do sleep 0.01; done
             \"$0\" --exact --test-threads 1 \"$1\" >&2 && kill $beside && {
                 wait $beside
                 echo spared
             }",
        ])
        .arg(std::env::current_exe().unwrap())
        .arg(format!(
            "{}::the_caller_and_its_ancestors_are_spared",
            module_path!().split_once("::").unwrap().1
        ))
        .current_dir(dir.path())
        .env_clear()
        .env("PATH", path())
        .env("GIT_PM_RUN", &run)
        .env("GIT_PM_TASK", "T-0001")
        .env(INNER, &run)
        .process_group(0)
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(printed.trim(), "spared", "{errors}");
    assert_eq!(leftovers(&run, None), []);
}
