//! The learnings that `start` shows.

use super::add;
use crate::support::{commits, set_up};
use serde_json::json;

#[test]
fn ln_04_start_shows_at_most_three_learnings_about_the_same_paths() {
    let (_scene, repo) = set_up();
    for n in 0..4 {
        add(
            &repo,
            &format!("About logins {n}"),
            &["--path", "src/auth/**"],
        );
    }
    let voted = add(&repo, "The best one", &["--path", "src/auth/login.rs"]);
    repo.pm(&["learn", "vote", &voted, "useful"]).ok();
    add(&repo, "About the web", &["--path", "src/web/**"]);
    let draft = add(&repo, "Not sure", &["--path", "src/auth/**", "--draft"]);
    let task = repo.task("Keep users signed in", &["--path", "src/auth/*.rs"]);
    let before = commits(&repo);
    let started = repo.data(&["start", &task, "--no-worktree"]);
    let shown = started["learnings"].as_array().unwrap();
    assert_eq!(shown.len(), 3, "{started}");
    assert_eq!(shown[0]["id"], json!(voted));
    for one in shown {
        assert_eq!(one["because"], "paths");
        assert_ne!(one["id"], json!(draft));
        assert_ne!(one["title"], "About the web");
    }
    assert_eq!(commits(&repo), before + 1, "only the claim was written");
    let text = repo
        .pm(&["start", &task, "--resume", "--no-worktree"])
        .ok()
        .out;
    assert!(
        text.contains("Learned before") && text.contains("The best one"),
        "{text}"
    );
}

#[test]
fn without_paths_start_shows_learnings_with_most_words_of_the_title() {
    let (_scene, repo) = set_up();
    let id = add(&repo, "Flaky login test: the clock was mocked", &[]);
    add(&repo, "Flaky network", &[]);
    let old = add(&repo, "Flaky login tests fail", &[]);
    repo.pm(&["learn", "edit", &id, "--supersedes", &old]).ok();
    let task = repo.task("Fix flaky login tests", &[]);
    let started = repo.data(&["start", &task, "--no-worktree"]);
    let shown = started["learnings"].as_array().unwrap();
    assert_eq!(shown.len(), 1, "{started}");
    assert_eq!(
        (&shown[0]["id"], &shown[0]["because"]),
        (&json!(id), &json!("words"))
    );
    let other = repo.task("Write the guide", &[]);
    let started = repo.data(&["start", &other, "--no-worktree"]);
    assert_eq!(started["learnings"], json!([]));
}
