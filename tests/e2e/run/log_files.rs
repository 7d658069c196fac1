//! The files of logs while agents print much: rotation, those who follow, a kill in between, and
//! their removal by age. OB-04.

use std::path::PathBuf;

use super::stage::Stage;
use crate::support::Scene;

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

/// Logs stay in their clone until a human publishes those of a run; then another clone can read them.
#[test]
fn logs_are_published_on_request() {
    let scene = Scene::new();
    let (hub, ana) = scene.with_hub();
    let ben = scene.clone_of(&hub, "b", "ben");
    let stage = Stage::of(scene, ana);
    stage.repo.task("One", &[]);
    let running = "test -e \"$OUT/looked\" || { echo begun > \"$OUT/begun\"; while ! test -e \"$OUT/looked\"; do sleep 0.05; done; }";
    let run = stage.start(
        &format!("{running}\necho hello from the agent\nexit 1"),
        &[],
    );
    stage.wait_for("begun");
    let early = stage.repo.pm(&["run", "publish"]).exits(3);
    assert!(early.err.contains("still running"), "{}", early.err);
    stage.tell("looked");
    run.end().exits(1);
    stage.repo.pm(&["sync"]).ok();
    ben.pm(&["sync"]).ok();
    let id = stage.status()["id"].as_str().unwrap().to_string();
    let none = ben.pm(&["logs", &id, "--fetch"]);
    assert_ne!(none.code, 0, "they are there already: {}", none.out);
    assert!(none.err.contains("git pm run publish"), "{}", none.err);
    let agent = crate::support::agent(&stage.repo);
    assert_ne!(agent.pm(&["run", "publish"]).code, 0);

    let published = stage.repo.data(&["run", "publish"]);
    assert_eq!(published["run"], *id);
    assert_eq!(published["remote"], "origin");
    let logs = ben.pm(&["logs", &id, "--fetch"]).ok().out;
    assert!(logs.contains("hello from the agent"), "{logs}");
    // More attempts continue what was published.
    stage.repo.pm(&["run", "retry", "T-0001"]).ok();
    stage.resume().exits(1);
    stage.repo.pm(&["run", "publish"]).ok();
    let logs = ben.pm(&["logs", &id, "--fetch"]).ok().out;
    assert_eq!(logs.matches("hello from the agent").count(), 2, "{logs}");

    // Who can push can publish anything.
    let line = format!(
        "{{\"at\":\"2026-11-20T10:00:00Z\",\"run\":\"{id}\",\"task\":\"T-0001\",\"attempt\":1,\"agent\":\"a\",\"stream\":\"out\",\"text\":\"forged \\u001b[31mred\"}}\n"
    );
    let blob = ben
        .feed("git", &["hash-object", "-w", "--stdin"], &line)
        .ok()
        .text();
    let entry = format!("100644 blob {blob}\t1-x.1.y.jsonl\n");
    let tree = ben.feed("git", &["mktree"], &entry).ok().text();
    let uid = published["published_ref"].as_str().unwrap();
    let own = uid.replace("refs/pm-runs/", "refs/pm-local/runs/");
    let tip = ben.tip(&own);
    let forged = ben
        .git(&["commit-tree", "-m", "x", "-p", &tip, &tree])
        .ok()
        .text();
    ben.git(&["push", "-q", "origin", &format!("{forged}:{uid}")])
        .ok();
    let shown = stage.repo.pm(&["logs", &id, "--fetch"]).ok().out;
    assert!(
        shown.contains("forged") && !shown.contains('\u{1b}'),
        "{shown:?}"
    );
}
