//! Agents that replay a transcript (`--with replay:FILE`): what they do, and what is refused.

use std::time::Instant;

use serde_json::{Value, json};

use super::stage::{Stage, find};
use crate::support::Ran;

/// A stage with these tasks, and the agent that replays these entries.
fn stage(titles: &[&str], entries: &[Value]) -> (Stage, String) {
    let stage = Stage::with_tasks(titles);
    let lines: Vec<String> = entries.iter().map(Value::to_string).collect();
    let file = stage.dir().join("transcript.jsonl");
    std::fs::write(&file, lines.join("\n")).unwrap();
    (stage, format!("replay:{}", file.display()))
}

#[track_caller]
fn run(stage: &Stage, with: &str, more: &[&str]) -> Ran {
    let args = [&["run", "--with", with], more].concat();
    stage.start_command(&stage.repo, &args).end()
}

#[track_caller]
fn reason(stage: &Stage) -> String {
    let task = stage.task("T-0001");
    assert_eq!(task["status"], "failed", "{}", stage.why());
    task["reason"].as_str().unwrap().to_string()
}

/// The work of a transcript is committed through the repository's hooks and submitted; what it says
/// that it used is recorded with its price.
#[test]
fn a_replayed_developer_works_a_task_to_a_submitted_branch() {
    let entries = [
        json!({"role": "planner", "fail": "another role"}),
        json!({"contains": ["T-0001", "no such text"], "fail": "another prompt"}),
        json!({
            "role": "developer", "round": 1, "contains": ["T-0001", "Greet *"],
            "write": {"src/new/a*.txt": "hello\n", "README.md": "short"}, "commit": "feat: greet",
            "answer": "Greeted.", "input_tokens": 1000, "output_tokens": 50, "usd": 0.25,
        }),
    ];
    let (stage, with) = stage(&["Greet *"], &entries);
    stage
        .repo
        .write("README.md", "a longer text than its successor\n");
    stage.repo.commit_all("Explain");
    run(&stage, &with, &[]).exits(1);
    assert_eq!(stage.item("T-0001"), "in_review", "{}", stage.why());
    let branch = stage.repo.data(&["show", "T-0001"])["branch"].clone();
    let branch = branch.as_str().unwrap();
    let show = |args: &[&str]| stage.repo.git(args).ok().out;
    assert_eq!(
        show(&["show", &format!("{branch}:src/new/a*.txt")]),
        "hello\n"
    );
    assert_eq!(show(&["show", &format!("{branch}:README.md")]), "short");
    let message = show(&["log", "-1", "--format=%B", branch]);
    assert!(message.starts_with("feat: greet\n"), "{message}");
    assert!(message.contains("Task: T-0001"), "no hook ran: {message}");
    let logs = stage.repo.pm(&["logs"]).ok().out;
    for line in ["write: src/new/a*.txt", "Greeted."] {
        assert!(logs.contains(line), "{line}: {logs}");
    }
    let total = stage.repo.data(&["cost"])["total"].clone();
    for (key, wanted) in [
        ("input_tokens", json!(1000)),
        ("output_tokens", json!(50)),
        ("cost_usd", json!(0.25)),
        ("unpriced_tokens", json!(0)),
        ("messages", json!(1)),
    ] {
        assert_eq!(total[key], wanted, "{key}: {total}");
    }
    assert_eq!(find(&stage.status(), "T-0001")["with"], "replay");
    stage.left_no_process();
}

/// The budget sees the cost that a transcript reports.
#[test]
fn a_replayed_cost_counts_against_the_budget() {
    let entry = json!({"write": {"a.txt": "a"}, "commit": "Add a", "input_tokens": 1, "usd": 2.0});
    let (stage, with) = stage(&["One", "Two"], &[entry]);
    run(&stage, &with, &["--budget", "1usd"]).exits(7);
    let started = ["T-0001", "T-0002"].map(|id| stage.item(id) == "in_review");
    assert_eq!(started, [true, false], "{}", stage.why());
}

/// A start without an entry is a failure that names it, and `fail` one in the entry's words.
#[test]
fn no_entry_and_a_failure_are_reported() {
    let entry =
        json!({"role": "developer", "round": 2, "write": {"a.txt": "a"}, "commit": "Add a"});
    let (one, with) = stage(&["One"], &[entry]);
    run(&one, &with, &[]).exits(1);
    let path = one.dir().join("transcript.jsonl");
    let wanted = format!(
        "the transcript {} has no entry for role developer, round 1",
        path.display()
    );
    assert_eq!(reason(&one), wanted);
    assert!(one.repo.pm(&["logs"]).ok().out.contains(&wanted));

    let entry = json!({"answer": "Half", "fail": "the model is\u{1b}[31m overloaded"});
    let (two, with) = stage(&["One"], &[entry]);
    run(&two, &with, &[]).exits(1);
    assert_eq!(reason(&two), "the model is overloaded");
    assert!(two.repo.pm(&["logs"]).ok().out.contains("Half"));
}

/// Each attempt has its own entry.
#[test]
fn the_second_attempt_plays_the_entry_of_round_two() {
    let entries = [
        json!({"round": 1, "answer": "I have read the code."}),
        json!({"round": 2, "contains": ["did not pass all checks"], "write": {"a.txt": "a"}, "commit": "Add a"}),
        json!({"fail": "a third attempt"}),
    ];
    let (stage, with) = stage(&["One"], &entries);
    run(&stage, &with, &[]).exits(1);
    assert_eq!(stage.item("T-0001"), "in_review", "{}", stage.why());
    assert_eq!(stage.task("T-0001")["attempt"], 2);
}

/// A path out of the worktree, into git or through a link is refused, and nothing is written there.
#[test]
fn writes_stay_in_the_worktree() {
    for name in [
        "../out.txt",
        "/tmp/out.txt",
        ".git/config",
        "sub/.GIT/hooks/x",
        "link/out.txt",
        "dangling",
    ] {
        let (stage, with) = stage(
            &["One"],
            &[json!({"write": {name: "bad"}, "answer": "Done."})],
        );
        for (link, to) in [("link", "../out"), ("dangling", "../out/new.txt")] {
            std::os::unix::fs::symlink(stage.dir().join(to), stage.repo.path.join(link)).unwrap();
        }
        stage.repo.commit_all("Links");
        run(&stage, &with, &[]).exits(1);
        let reason = reason(&stage);
        assert!(reason.contains(name), "{name}: {reason}");
        let left: Vec<_> = std::fs::read_dir(&stage.out).unwrap().collect();
        assert!(left.is_empty(), "{name}: {left:?}");
        assert!(!stage.repo.path.parent().unwrap().join("out.txt").exists());
    }
}

/// A hook that refuses the commit fails the attempt, with its words.
#[test]
fn a_commit_that_a_hook_refuses_is_a_failure() {
    let entry = json!({"write": {"a.txt": "a"}, "commit": "Add a"});
    let (stage, with) = stage(&["One"], &[entry]);
    stage
        .repo
        .pm(&["reserve", "add", "a.txt", "--mode", "edit"])
        .ok();
    run(&stage, &with, &[]).exits(1);
    let reason = reason(&stage);
    assert!(reason.starts_with("`git commit` failed:"), "{reason}");
    assert!(reason.contains("a.txt"), "{reason}");
}

/// What is no transcript is refused with its line, before anything starts.
#[test]
fn a_broken_transcript_is_refused_before_anything_starts() {
    let stage = Stage::with_tasks(&["One"]);
    let file = stage.dir().join("broken.jsonl");
    let with = format!("replay:{}", file.display());
    let good = "{\"answer\": \"a\"}\n\n";
    for (text, said) in [
        (format!("{good}{{\"answer\": "), "line 3 of the transcript"),
        (
            format!("{good}{{\"answr\": \"a\"}}"),
            "unknown field `answr`",
        ),
        (format!("{good}{{\"answer\": 7}}"), "invalid type"),
        (format!("{good}[]"), "line 3"),
        (
            format!("{good}{{\"round\": 1}}"),
            "none of `answer`, `write` and `fail`",
        ),
        (
            format!("{good}{{\"answer\": \"\", \"usd\": -1}}"),
            "`usd` is negative",
        ),
        (
            format!("{good}{{\"answer\": \"\", \"commit\": \"x\"}}"),
            "nothing to commit",
        ),
        (" ".repeat((16 << 20) + 1), "at most 16777216 bytes"),
    ] {
        std::fs::write(&file, &text).unwrap();
        let ran = run(&stage, &with, &[]).exits(2);
        assert!(ran.err.contains(said), "{said}: {}", ran.err);
        assert!(!ran.err.contains("line 1"), "{}", ran.err);
    }
    std::fs::remove_file(&file).unwrap();
    run(&stage, &with, &[]).exits(2);
    assert_eq!(stage.repo.data(&["run", "list"])["items"], json!([]));
    assert_eq!(stage.worktrees(), [""; 0]);
}

/// A wait ends when the run is stopped, and nothing after it happens.
#[test]
fn a_waiting_agent_can_be_stopped() {
    let entry = json!({"wait_ms": 60_000, "write": {"a.txt": "a"}, "answer": "Late."});
    let (stage, with) = stage(&["One"], &[entry]);
    let began = Instant::now();
    let run = stage.start_command(&stage.repo, &["run", "--with", &with]);
    super::stage::until("waiting", || {
        let waits = |(_, line): &(i32, String)| line.starts_with("sleep 60");
        stage.processes().iter().any(waits).then_some(())
    });
    stage.repo.pm(&["run", "stop"]).ok();
    run.end().exits(1);
    assert!(began.elapsed().as_secs() < 50);
    stage.left_no_process();
    for place in stage.worktrees() {
        assert!(!std::path::Path::new(&place).join("a.txt").exists());
    }
}

/// Every agent knows its role and round; a routed one has the role of its item.
#[test]
fn role_and_round_reach_scripts_and_routed_agents() {
    let script = "echo \"$GIT_PM_ROLE $GIT_PM_ROUND\" >> \"$OUT/role\"\n\
                  test $GIT_PM_ROUND = 1 || { echo a > a; git add a; git commit -qm a; }";
    let one = Stage::with_tasks(&["One"]);
    let outer = one.repo.with("GIT_PM_ROLE", "outer");
    one.start_as(&outer, script, &[]).end().exits(1);
    assert_eq!(one.told("role"), "developer 1\ndeveloper 2\n");

    let entry = json!({"role": "testing", "write": {"a.txt": "a"}, "commit": "Add a"});
    let (two, with) = stage(&[], &[entry]);
    two.repo.task("Test it", &["--type", "test"]);
    let route = format!("all={with}");
    two.repo.git(&["config", "--add", "pm.route", &route]).ok();
    run(&two, "auto", &[]).exits(1);
    assert_eq!(two.item("T-0001"), "in_review", "{}", two.why());
}

/// A plan, in the rounds of the planner; the file is found from where the command is given.
#[test]
fn a_replayed_planner_plans_a_document() {
    let plan = "# Choir\n### absence. Say that one misses\nlines: 3\n- L3\n";
    let entries = [
        json!({"role": "planner", "round": 1, "answer": "I would begin with the absences."}),
        json!({"role": "planner", "round": 2, "answer": plan, "input_tokens": 7}),
        json!({"role": "developer", "fail": "another role"}),
    ];
    let (stage, _) = stage(&[], &entries);
    stage.repo.write(
        "doc.md",
        "# Choir\n\n- Singers can say that they miss a rehearsal.\n",
    );
    let with = "replay:../transcript.jsonl";
    let ran = stage
        .repo
        .pm(&["--json", "plan", "new", "doc.md", "--with", with]);
    let planned = ran.ok().data();
    assert_eq!(planned["rounds"].as_array().unwrap().len(), 2, "{planned}");
    assert_eq!(planned["rounds"][1]["input_tokens"], 7, "{planned}");
    assert_eq!(planned["rounds"][1]["written"], true, "{planned}");
    assert_eq!(planned["statements"]["open"], 0, "{planned}");
}
