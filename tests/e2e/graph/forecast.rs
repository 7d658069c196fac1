//! Impact, forecasts and suggestions.

use serde_json::Value;

use crate::support::{Repo, Scene, ids, set_up};

#[test]
fn impact_finds_items_by_commits_and_by_plans() {
    let (_scene, repo) = set_up();
    repo.task("Rewrite login", &[]);
    repo.task("Harden auth", &["--path", "src/auth*.rs"]);
    repo.task("Docs", &["--path", "docs/**"]);
    for (n, id) in [(1, "T-0001"), (2, "T-0001"), (3, "T-0404")] {
        repo.write("src/auth.rs", &format!("pub fn login() {{ /* {n} */ }}\n"));
        repo.commit_all(&format!("Change {n}\n\nTask: {id}"));
    }
    repo.write("src/main.rs", "fn main() { /* */ }\n");
    repo.commit_all("No trailer\n\nThis is about Task: T-0003 but has none.");
    repo.pm(&["task", "cancel", "T-1"]).ok();
    let answer = repo.data(&["impact", "src/auth.rs", "docs", "README.md"]);
    let views = answer["items"].as_array().unwrap();
    assert_eq!(views[0]["path"], "src/auth.rs");
    assert_eq!(
        ids(&views[0]["items"]),
        ["T-0002", "T-0001"],
        "open items are not first"
    );
    let by_commit = &views[0]["items"][1];
    assert_eq!(by_commit["commits"], 2);
    assert_eq!(
        by_commit["last_commit"],
        repo.git(&["rev-parse", "HEAD~2"]).text()
    );
    assert_eq!(by_commit["planned"], serde_json::json!([]));
    assert_eq!(
        views[0]["items"][0]["planned"],
        serde_json::json!(["src/auth*.rs"])
    );
    assert_eq!(views[0]["items"][0]["last_commit"], Value::Null);
    assert_eq!(ids(&views[1]["items"]), ["T-0003"]);
    assert_eq!(views[2]["items"], serde_json::json!([]));
    // A folder covers the files in it, a glob the files it matches, and a path is relative to the
    // current folder.
    let of = |repo: &Repo, path: &str| repo.data(&["impact", path])["items"][0]["items"].clone();
    assert_eq!(ids(&of(&repo, "src")), ["T-0002", "T-0001"]);
    assert_eq!(ids(&of(&repo, "src/**/*.rs")), ["T-0002", "T-0001"]);
    assert_eq!(
        ids(&of(
            &repo.other(repo.path.join("src").display().to_string()),
            "./auth.rs"
        )),
        ["T-0002", "T-0001"]
    );
    // A branch that is not merged yet counts, too.
    repo.git(&["checkout", "-q", "-b", "side"]).ok();
    repo.write("docs/guide.md", "Better\n");
    repo.commit_all("Better\n\nTask: T-0001");
    repo.git(&["checkout", "-q", "main"]).ok();
    assert_eq!(ids(&of(&repo, "docs/guide.md")), ["T-0003", "T-0001"]);
    let text = repo.pm(&["impact", "src/auth.rs"]).ok().out;
    assert!(
        text.contains("2 commits") && text.contains("plans src/auth*.rs"),
        "{text}"
    );
    repo.pm(&["impact"]).exits(2);
    repo.pm(&["impact", "../outside"]).exits(2);
}

#[test]
fn impact_works_before_the_first_commit() {
    let scene = Scene::new();
    let repo = scene.at("new");
    std::fs::create_dir_all(&repo.path).unwrap();
    repo.git(&["init", "-q"]).ok();
    repo.pm(&["init"]).ok();
    repo.task("Plan", &["--path", "src/**"]);
    let answer = repo.data(&["impact", "src/x.rs"]);
    assert_eq!(ids(&answer["items"][0]["items"]), ["T-0001"]);
}

#[test]
fn forecast_reports_its_confidence_and_sample_size() {
    let (_scene, repo) = set_up();
    let day = |n: u32| repo.when(&format!("2026-11-{n:02}T12:00:00Z"));
    repo.pm(&["epic", "create", "Later"]).ok();
    day(1).task("first", &[]);
    let nothing = day(1).data(&["forecast"]);
    assert_eq!(nothing["confidence"], "none");
    assert_eq!(nothing["days"], Value::Null, "a forecast without data");
    assert!(
        day(1)
            .pm(&["forecast"])
            .ok()
            .out
            .contains("too few finished items")
    );
    // One item is closed every day.
    for n in 1..=5 {
        let id = day(n).task(&format!("task {n}"), &["--estimate", "S"]);
        day(n).pm(&["task", "done", &id, "--force"]).ok();
    }
    for (title, more) in [
        ("a", &["--epic", "E-1"][..]),
        ("b", &["--epic", "E-1", "--depends-on", "T-1"]),
        ("c", &["--depends-on", "T-8"]),
        ("alone", &[]),
    ] {
        day(5).task(title, more);
    }
    let all = day(5).data(&["forecast"]);
    assert_eq!(all["remaining"], 5);
    assert_eq!(all["samples"], 5);
    assert_eq!(all["window_days"], 5);
    assert_eq!(all["confidence"], "low");
    assert_eq!(all["days"]["p50"], 5.0, "one a day, five to do: {all}");
    assert_eq!(all["dates"]["p95"], "2026-11-10T12:00:00Z");
    assert_eq!(
        day(5).data(&["forecast"]),
        all,
        "the answer differs between runs"
    );
    let epic = day(5).data(&["forecast", "E-1"]);
    assert_eq!(epic["id"], "E-0001");
    assert_eq!(
        epic["remaining"], 3,
        "its two tasks and what one of them waits for"
    );
    let last = day(5).data(&["forecast", "T-9"]);
    assert_eq!(last["remaining"], 3, "c, b and first");
    assert_eq!(last["critical_path_hours"], 12);
    assert_eq!(epic["critical_path_hours"], 8);
    let text = day(5).pm(&["forecast", "E-1"]).ok().out;
    for part in ["3 items", "low (5 items finished in 5 days)", "2026-11-08"] {
        assert!(text.contains(part), "`{part}` is missing:\n{text}");
    }
    repo.pm(&["forecast", "T-99"]).exits(4);
}

#[test]
fn a_forecast_does_not_count_the_days_before_an_import() {
    let (scene, repo) = set_up();
    let mut lines = String::from("Summary,Issue key,Issue Type,Status,Created\n");
    for n in 1..=8 {
        lines.push_str(&format!("Job {n},X-{n},Task,To Do,02/Nov/25 9:12 AM\n"));
    }
    let file = scene.at(".").path.join("jira.csv");
    std::fs::write(&file, lines).unwrap();
    let day = |n: u32| repo.when(&format!("2026-11-{n:02}T12:00:00Z"));
    day(1).pm(&["import", "csv", file.to_str().unwrap()]).ok();
    for n in 1..=4 {
        let id = format!("X-{n}");
        day(n).pm(&["task", "done", &id, "--force"]).ok();
    }
    let forecast = day(4).data(&["forecast"]);
    assert_eq!(forecast["window_days"], 4, "{forecast}");
    assert_eq!(forecast["days"]["p50"], 4.0, "{forecast}");
}

#[test]
fn suggest_names_duplicates() {
    let (_scene, repo) = set_up();
    let suggested = || repo.data(&["suggest"])["items"].clone();
    assert_eq!(suggested(), serde_json::json!([]));
    repo.task("Fix the flaky login test", &[]);
    repo.task("Fixing flaky login tests", &[]);
    repo.task("Write docs", &["--body", "Depends on T-1.\n"]);
    let hints = suggested();
    assert_eq!(hints.as_array().unwrap().len(), 1, "{hints}");
    let same = &hints[0];
    assert_eq!(
        (&same["id"], &same["of"]),
        (&"T-0002".into(), &"T-0001".into())
    );
    std::fs::remove_dir_all(repo.path.join(".git/pm")).unwrap();
    assert_eq!(
        suggested(),
        hints,
        "the suggestions differ without an index"
    );
    let command = same["command"].as_str().unwrap();
    let text = repo.pm(&["suggest"]).ok().out;
    assert!(text.contains(command), "{text}");
    // The suggested command can be run, and then nothing more is suggested.
    let words: Vec<&str> = command.split(' ').skip(2).collect();
    repo.pm(&words).ok();
    assert_eq!(suggested(), serde_json::json!([]));
    // The duplicate is offered nowhere, and can be started by name.
    repo.pm(&["task", "edit", "T-0002", "-p", "0"]).ok();
    assert_ne!(repo.data(&["next"])["id"], "T-0002");
    for verb in ["ready", "status", "triage"] {
        let offered = repo.pm(&[verb]).ok().out;
        assert!(offered.contains("T-0001"), "{verb}: {offered}");
        assert!(!offered.contains("start T-0002"), "{verb}: {offered}");
        assert!(verb != "ready" || !offered.contains("T-0002"), "{offered}");
    }
    let why = repo.pm(&["why", "T-0002"]).out;
    assert!(why.contains("duplicate of T-0001"), "{why}");
    repo.pm(&["start", "T-0002"]).ok();
}
