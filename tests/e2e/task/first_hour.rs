//! What a newcomer tried and what went wrong: each command does what it says, or says why not.

use crate::support::{Repo, Scene};

fn branch(repo: &Repo) -> String {
    repo.git(&["branch", "--show-current"])
        .ok()
        .out
        .trim()
        .to_string()
}

#[test]
fn a_start_without_a_worktree_switches_this_folder() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    let id = repo.task("Fix the login", &[]);
    let started = repo.pm(&["start", &id, "--no-worktree"]).ok();
    assert!(branch(&repo).starts_with("task/"), "{}", started.out);
    assert!(!started.out.contains("next: cd "), "{}", started.out);
    repo.write("login", "1\n");
    repo.commit_all("Fix the login");
    let merged = repo.pm(&["finish", "--merge"]).ok();
    assert!(
        !merged.err.contains("git worktree remove"),
        "{}",
        merged.err
    );
    assert_eq!(repo.git(&["show", "main:login"]).ok().out, "1\n");
    assert_eq!(repo.data(&["show", &id])["status"], "done");

    // What cannot be switched is not claimed, and leaves no branch.
    repo.git(&["switch", "-q", "--detach", "main~1"]).ok();
    repo.write("login", "mine\n");
    let id = repo.task("Fix the logout", &[]);
    let refused = repo.pm(&["start", &id, "--no-worktree", "--json"]).exits(1);
    assert_eq!(refused.error()["reason"], "worktree.not_switched");
    assert_eq!(repo.data(&["show", &id])["status"], "queued");
    let left = repo.git(&["branch", "--list", "task/*logout"]).ok().out;
    assert_eq!(left, "");
}

#[test]
fn an_edit_adds_to_lists_and_removes_what_is_named() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    let first = repo.task("One", &[]);
    let id = repo.task(
        "Two",
        &[
            "--accept", "Fast", "--accept", "Small", "--path", "src/**", "--label", "ui",
        ],
    );
    let edit = |args: &[&str]| {
        let all: Vec<&str> = ["task", "edit", id.as_str()]
            .iter()
            .chain(args)
            .copied()
            .collect();
        repo.data(&all)
    };
    let texts = |item: &serde_json::Value| -> Vec<String> {
        let all = item["acceptance"].as_array().unwrap().iter();
        all.map(|one| one["text"].as_str().unwrap().to_string())
            .collect()
    };
    repo.pm(&["task", "accept", &id, "1"]).ok();
    let item = edit(&[
        "--accept",
        "Safe",
        "--path",
        "docs/**",
        "--label",
        "ci",
        "--depends-on",
        &first,
    ]);
    assert_eq!(texts(&item), ["Fast", "Small", "Safe"]);
    assert_eq!(item["acceptance"][0]["done"], true, "{item}");
    assert_eq!(item["paths"], serde_json::json!(["docs/**", "src/**"]));
    assert_eq!(item["labels"], serde_json::json!(["ci", "ui"]));
    let item = edit(&[
        "--remove-accept",
        "2",
        "--remove-accept",
        "Safe",
        "--remove-path",
        "src/**",
    ]);
    assert_eq!(texts(&item), ["Fast"]);
    assert_eq!(item["paths"], serde_json::json!(["docs/**"]));
    let item = edit(&["--remove-depends-on", &first, "--remove-label", "ui"]);
    assert_eq!(item["depends_on"], serde_json::json!([]));
    // An empty text clears the list first.
    let item = edit(&["--accept", "", "--accept", "New"]);
    assert_eq!(texts(&item), ["New"]);
    repo.pm(&["task", "edit", &id, "--remove-accept", "7"])
        .exits(4);
    assert_eq!(texts(&repo.data(&["show", &id])), ["New"]);
}

#[test]
fn a_task_is_deferred_until_a_day() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    let id = repo.task("Later", &[]);
    for until in [&["2099-12-24"][..], &["--until", "2099-12-24"]] {
        let all: Vec<&str> = ["task", "defer", id.as_str()]
            .iter()
            .chain(until)
            .copied()
            .collect();
        let item = repo.data(&all);
        assert!(
            item["defer_until"]
                .as_str()
                .unwrap()
                .starts_with("2099-12-2"),
            "{item}"
        );
        assert_eq!(repo.data(&["ready"])["items"].as_array().unwrap().len(), 0);
        let item = repo.data(&["task", "undefer", &id]);
        assert!(item["defer_until"].is_null(), "{item}");
        assert_eq!(repo.data(&["ready"])["items"].as_array().unwrap().len(), 1);
    }
    // A day that has passed is said.
    let edited = repo.pm(&["task", "edit", &id, "--due", "2020-01-01"]).ok();
    assert!(
        edited.err.contains("`2020-01-01` is in the past"),
        "{}",
        edited.err
    );
    repo.pm(&["task", "edit", &id, "--due", "friday 9am"]).ok();
}
