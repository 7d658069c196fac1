//! The files of logs while agents print much: rotation, those who follow, a kill in between, and
//! their removal by age. OB-04.

use std::path::PathBuf;

use super::stage::Stage;

/// Prints `$1` numbered lines of nearly 8,000 characters, which fill a file of 10 MiB after 1,300.
const PRINTS: &str = r#"
unset GIT_PM_FAULT
prints() {
  awk -v n="$1" 'BEGIN { pad = sprintf("%7900s", ""); gsub(/ /, "x", pad)
    for (i = 0; i < n; i++) printf "number %05d %s\n", i, pad }'
}
"#;

/// The numbers of the lines that a text has, in order.
fn numbers(text: &str) -> Vec<usize> {
    let after = text.split("number ").skip(1);
    after.map(|rest| rest[..5].parse().unwrap()).collect()
}

/// The log files of all runs.
fn files(stage: &Stage) -> Vec<PathBuf> {
    let runs = stage.repo.path.join(".git/pm/runs");
    let inside = |folder: PathBuf| {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).collect::<Vec<_>>()
    };
    let files = inside(runs).into_iter().flat_map(inside);
    files
        .filter(|path| path.extension().is_some_and(|end| end == "jsonl"))
        .collect()
}

/// OB-04: who follows the log of an agent reads all of it once and in order, through rotations and to
/// the end of the run, when it is moved into its ref.
#[test]
fn ob_04_those_who_follow_read_through_rotations() {
    let stage = Stage::with_tasks(&["One"]);
    let script = format!(
        "{PRINTS}\necho begun > \"$OUT/begun\"\nwhile ! test -e \"$OUT/on\"; do sleep 0.05; done\n\
         prints 4000\necho the last words\nexit 1"
    );
    let run = stage.start(&script, &[]);
    stage.wait_for("begun");
    let follow = stage.start_command(&stage.repo, &["logs", "T-0001", "--follow"]);
    stage.tell("on");
    run.end().exits(1);
    let followed = follow.end().ok().out;
    assert_eq!(numbers(&followed), (0..4000).collect::<Vec<_>>());
    assert_eq!(followed.matches("the last words").count(), 1);
    assert!(!followed.contains("dropped"));
    // The same once it has ended.
    let logs = stage.repo.pm(&["logs"]).ok().out;
    assert_eq!(numbers(&logs), (0..4000).collect::<Vec<_>>());
    assert_eq!(files(&stage), [""; 0].map(PathBuf::from));
}

/// Kills the run at a point of a rotation, and continues it with an agent that prints a little.
/// Returns the numbers of the lines that were kept.
#[track_caller]
fn killed_at(point: &str, lines: usize) -> Vec<usize> {
    let stage = Stage::with_tasks(&["One"]);
    let fault = stage.repo.with("GIT_PM_FAULT", &format!("{point}:kill"));
    let script = format!("{PRINTS}\nprints {lines}\nsleep 60");
    let ran = stage.start_as(&fault, &script, &[]).end();
    assert!(ran.code < 0, "{point} was not reached: {ran:?}");
    assert!(!files(&stage).is_empty());
    stage.agent("echo and again; exit 1");
    stage.resume().exits(1);
    let logs = stage.repo.pm(&["logs"]).ok().out;
    assert_eq!(logs.matches("and again").count(), 1);
    let numbers = numbers(&logs);
    assert_eq!(logs.contains("earlier output was dropped"), numbers[0] > 0);
    numbers
}

/// OB-04: a kill before the next file is there costs no line that was written, nor does one before the
/// oldest is removed; the next process goes on and keeps the bounds.
#[test]
fn ob_04_a_kill_between_the_steps_of_a_rotation_loses_no_line() {
    let kept = killed_at("log-begin:2", 1_500);
    assert!(kept.len() > 1_200 && kept.len() < 1_500, "{}", kept.len());
    assert_eq!(kept, (0..kept.len()).collect::<Vec<_>>());
    let kept = killed_at("log-drop:1", 7_000);
    let last = *kept.last().unwrap();
    assert!(kept.len() > 5_000 && last > 6_000, "{last}");
    assert_eq!(kept, (kept[0]..=last).collect::<Vec<_>>());
}

/// OB-04: a kill after the logs were copied into their ref, and before the files are gone, repeats
/// nothing.
#[test]
fn ob_04_a_kill_while_logs_are_kept_repeats_nothing() {
    let stage = Stage::with_tasks(&["One"]);
    let fault = stage.repo.with("GIT_PM_FAULT", "logs-kept:1:kill");
    let ran = stage.start_as(&fault, "echo once; exit 1", &[]).end();
    assert!(ran.code < 0, "{ran:?}");
    let said = |word: &str| {
        let logs = stage.repo.pm(&["logs"]).ok().out;
        logs.lines().filter(|line| line.ends_with(word)).count()
    };
    assert_eq!((files(&stage).len(), said(" once")), (1, 1));
    stage.agent("echo twice; exit 1");
    stage.resume();
    stage.repo.pm(&["run", "retry", "T-0001"]).ok();
    stage.resume().exits(1);
    assert_eq!((said(" once"), said(" twice")), (1, 1));
    assert_eq!(files(&stage).len(), 0);
}

/// OB-04, SE-03: `gc` also removes log files of a run that was killed and never continued, by their
/// age and not while a process works.
#[test]
fn ob_04_gc_removes_old_logs_of_killed_runs() {
    let stage = Stage::with_tasks(&["One", "Two"]);
    let fault = stage.repo.with("GIT_PM_FAULT", "git-mktree:1:kill");
    stage
        .start_as(&fault, "echo $GIT_PM_TASK; exit 1", &[])
        .end();
    let logs = files(&stage);
    assert_eq!(logs.len(), 2);
    let touch = ["-d", "2020-01-01T00:00:00Z", logs[0].to_str().unwrap()];
    stage.repo.run("touch", &touch).ok();
    let name = logs[0].file_name().unwrap().to_str().unwrap();
    stage.repo.git(&["config", "pm.gc.runs", "never"]).ok();
    assert_eq!(
        stage.repo.data(&["gc"])["logs"].as_array().unwrap().len(),
        0
    );
    stage.repo.git(&["config", "--unset", "pm.gc.runs"]).ok();

    let listed = |data: serde_json::Value| {
        let listed = data["logs"].as_array().unwrap().clone();
        assert_eq!(listed.len(), 1, "{data}");
        assert!(listed[0].as_str().unwrap().ends_with(name), "{data}");
    };
    listed(stage.repo.data(&["gc", "--dry-run"]));
    assert_eq!(files(&stage).len(), 2);
    // Not while a process works on a run.
    let file = std::fs::File::open(stage.repo.path.join(".git/pm/runs/lock")).unwrap();
    file.lock().unwrap();
    assert_eq!(
        stage.repo.data(&["gc"])["logs"].as_array().unwrap().len(),
        0
    );
    file.unlock().unwrap();

    listed(stage.repo.data(&["gc"]));
    assert_eq!(files(&stage), logs[1..]);
    let text = stage.repo.pm(&["gc", "--dry-run"]).ok().out;
    assert!(!text.contains(name), "{text}");
    let logs = stage.repo.pm(&["logs"]).ok().out;
    assert!(logs.contains("T-0001") != logs.contains("T-0002"), "{logs}");
}
