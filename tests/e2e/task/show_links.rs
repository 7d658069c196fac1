//! Links of an item, the order of lists, and ids of other trackers.

use crate::support::{ids, set_up};

#[test]
fn show_lists_children_dependents_and_dependencies_with_their_titles() {
    let (_scene, repo) = set_up();
    repo.pm(&["epic", "create", "Rework the parser"]).ok();
    repo.task("Read tokens", &["--epic", "E-1"]);
    repo.task("Build the tree", &["--epic", "E-1", "--depends-on", "T-1"]);
    let epic = repo.data(&["show", "E-1"]);
    let parts: Vec<_> = epic["children"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c["title"].as_str().unwrap())
        .collect();
    assert_eq!(parts, ["Read tokens", "Build the tree"]);
    let first = repo.data(&["show", "T-1"]);
    assert_eq!(first["dependents"][0]["id"], "T-0002");
    let second = repo.data(&["show", "T-2"]);
    assert_eq!(second["edges"][0]["title"], "Read tokens");
    assert_eq!(second["edges"][0]["status"], "queued");
    let text = repo.pm(&["show", "T-2"]).ok().out;
    assert!(text.contains("T-0001  Read tokens (queued)"), "{text}");
    let text = repo.pm(&["show", "E-1"]).ok().out;
    assert!(text.contains("T-0002  Build the tree  queued"), "{text}");
    // A list does not read the neighbours of every item.
    assert!(repo.data(&["task", "list"])["items"][0]["children"].is_null());
}

#[test]
fn items_of_equal_priority_are_listed_by_age() {
    let (_scene, repo) = set_up();
    let mut made = Vec::new();
    for minute in 0..6 {
        let then = repo.when(&format!("2026-11-20T10:0{minute}:00Z"));
        let issue = then.data(&["issue", "create", &format!("Number {minute}"), "-p", "1"]);
        made.push(issue["id"].as_str().unwrap().to_string());
    }
    for args in [&["ready"][..], &["issue", "ready"], &["order"]] {
        let items = repo.data(args)["items"].clone();
        assert_eq!(ids(&items), made, "{args:?}");
    }
    assert_eq!(repo.data(&["next"])["id"], made[0]);
    let triage = repo.data(&["triage"]);
    assert_eq!(triage["recommendations"][0]["id"], made[0]);
    // Also without an index.
    std::fs::remove_file(repo.path.join(".git/pm/index.sqlite")).unwrap();
    assert_eq!(ids(&repo.data(&["ready"])["items"]), made);
}

#[test]
fn ready_shows_the_first_items_and_counts_the_others() {
    let (_scene, repo) = set_up();
    let lines: String = (0..25)
        .map(|n| format!("{{\"op\":\"task.create\",\"title\":\"Task {n}\"}}\n"))
        .collect();
    repo.feed(crate::support::binary(), &["batch"], &lines).ok();
    let text = repo.pm(&["ready"]).ok().out;
    assert!(text.contains("and 5 more"), "{text}");
    assert_eq!(
        text.lines().filter(|line| line.contains("Task ")).count(),
        20
    );
    let all = repo.pm(&["ready", "--limit", "0"]).ok().out;
    assert_eq!(
        all.lines().filter(|line| line.contains("Task ")).count(),
        25
    );
    let first = repo.data(&["ready"]);
    assert_eq!(
        (ids(&first["items"]).len(), &first["more"]),
        (20, &5.into())
    );
}

#[test]
fn an_empty_list_mentions_closed_items() {
    let (_scene, repo) = set_up();
    assert!(
        repo.pm(&["task", "list"])
            .ok()
            .out
            .starts_with("No tasks.\n")
    );
    repo.task("Old", &[]);
    repo.pm(&["task", "cancel", "T-1"]).ok();
    let text = repo.pm(&["task", "list"]).ok().out;
    assert!(text.contains("`--all` shows 1 closed"), "{text}");
}

#[test]
fn items_are_found_by_their_ids_in_other_trackers() {
    let (_scene, repo) = set_up();
    repo.write(
        ".taskmaster/tasks/tasks.json",
        r#"{"master":{"tasks":[{"id":29,"title":"Parse","status":"pending","dependencies":[],"subtasks":[{"id":1,"title":"Tokens","status":"pending","dependencies":[]}]}]},
            "mem":{"tasks":[{"id":2,"title":"Cache","status":"pending","dependencies":[]}]}}"#,
    );
    repo.pm(&["import", "taskmaster", ".taskmaster/tasks/tasks.json"])
        .ok();
    for (old, title) in [
        ("29.1", "Tokens"),
        ("master/29.1", "Tokens"),
        ("mem/2", "Cache"),
    ] {
        assert_eq!(repo.data(&["show", old])["title"], title, "{old}");
    }
    repo.write(
        "backlog/tasks/task-1 - Fix.md",
        "---\nid: TASK-1\ntitle: Fix\nstatus: To Do\n---\n",
    );
    repo.pm(&["import", "backlog", "backlog"]).ok();
    for old in ["task-1", "TASK-1"] {
        assert_eq!(repo.data(&["show", old])["title"], "Fix", "{old}");
    }
}

#[test]
fn show_suggests_only_steps_that_the_actor_can_take() {
    let (_scene, repo) = set_up();
    let next = |repo: &crate::support::Repo, id: &str| {
        let text = repo.pm(&["show", id]).ok().out;
        let line = text.lines().find(|line| line.starts_with("next:"));
        line.map(str::to_string)
    };
    // The work of another actor in the same clone.
    repo.task("Bob's", &[]);
    let bob = repo.by("Bob");
    bob.pm(&["start", "T-1", "--no-worktree"]).ok();
    assert_eq!(next(&repo, "T-1"), None);
    assert!(next(&bob, "T-1").is_some_and(|line| line.contains("git pm finish T-0001")));
    let made = |args: &[&str]| {
        let made = repo.data(&[&["issue"], args].concat());
        made["id"].as_str().unwrap().to_string()
    };
    // Items that are never started.
    let human = made(&["gate", "create", "human"]);
    let resolve = format!("next: git pm issue gate resolve {human}");
    assert_eq!(next(&repo, &human), Some(resolve));
    assert_eq!(next(&repo.with("CLAUDECODE", "1"), &human), None);
    let timer = made(&["gate", "create", "timer", "--timeout", "4h"]);
    let check = Some("next: git pm issue gate check".to_string());
    assert_eq!(next(&repo, &timer), check);
    let template = made(&["create", "Pattern", "--template"]);
    let pinned = made(&["create", "To know"]);
    repo.pm(&["issue", "update", &pinned, "--pinned"]).ok();
    let epic = made(&["create", "Whole", "-t", "epic"]);
    let later = made(&["create", "Later", "--defer", "+40d"]);
    for id in [&template, &pinned, &epic, &later] {
        assert_eq!(next(&repo, id), None, "{id}");
    }
    let shown = repo.pm(&["show", &later]).ok().out;
    assert!(shown.contains("deferred     for "), "{shown}");
    assert!(!shown.contains("until in"), "{shown}");
    let over = made(&["create", "Back again", "--defer", "+2s"]);
    let after = repo.when("2099-01-01T00:00:00Z");
    let start = Some(format!("next: git pm start {over}"));
    assert_eq!(next(&after, &over), start);
    // A parent waits for its children.
    let whole = made(&["create", "Whole"]);
    made(&["create", "Part", "--parent", &whole]);
    assert_eq!(
        next(&repo, &whole),
        Some(format!("next: git pm why {whole}"))
    );
}
