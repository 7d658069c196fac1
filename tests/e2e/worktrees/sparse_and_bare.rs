//! Sparse worktrees, caches, and starts from bare repositories.

use super::{config, with_task, work};
use crate::support::Scene;

#[test]
fn a_sparse_worktree_has_the_tasks_folders() {
    let scene = Scene::new();
    let repo = with_task(&scene);
    config(&repo, "pm.sparse", "true");
    repo.pm(&["start", "T-0001"]).ok();
    let place = repo.worktree("T-0001");
    assert!(place.path.join("src/main.rs").exists());
    assert!(
        !place.path.join("docs").exists(),
        "files outside the planned paths are checked out"
    );
    assert!(repo.path.join("docs/guide.md").exists());
    assert_eq!(place.git(&["status", "--porcelain"]).ok().out, "");
    // A file outside the cone counts as work, too.
    place.write("src/main.rs", "fn main() { todo!() }\n");
    place.commit_all("Work");
    repo.pm(&["finish", "T-0001", "--merge"]).ok();
    assert_eq!(repo.read("docs/guide.md"), "Guide\n", "the rest is lost");
    // Without planned paths the worktree is complete.
    repo.task("No paths", &[]);
    repo.pm(&["start", "T-0002"]).ok();
    assert!(repo.worktree("T-0002").path.join("docs/guide.md").exists());
    // A pattern without a fixed folder needs the whole tree.
    repo.task("Everywhere", &["--path", "**/*.md", "--path", "src/**"]);
    repo.pm(&["start", "T-0003"]).ok();
    let place = repo.worktree("T-0003");
    assert!(
        place.path.join("docs/guide.md").exists(),
        "a planned file is not checked out"
    );
}

/// A sparse repository's worktrees have what the task plans to change, too.
#[test]
fn planned_folders_are_added_to_a_sparse_checkout() {
    let scene = Scene::new();
    let repo = with_task(&scene);
    repo.git(&["sparse-checkout", "set", "docs"]).ok();
    assert!(!repo.path.join("src").exists());
    repo.pm(&["start", "T-0001"]).ok();
    let place = repo.worktree("T-0001");
    assert!(place.path.join("src/main.rs").exists());
    assert!(place.path.join("docs/guide.md").exists());
    assert_eq!(place.git(&["status", "--porcelain"]).ok().out, "");
    assert!(!repo.path.join("src").exists());
}

#[test]
fn ignored_caches_are_copied_or_the_reason_is_reported() {
    let scene = Scene::new();
    let repo = with_task(&scene);
    repo.write(".gitignore", "cache/\n");
    repo.commit_all("Ignore");
    repo.write("cache/built", "built\n");
    config(&repo, "pm.copyIgnored", "cache");
    config(&repo, "pm.copyIgnored", "src");
    let started = repo.data(&["start", "T-0001"]);
    let place = repo.worktree("T-0001");
    let warnings = started["warnings"].to_string();
    assert!(warnings.contains("src was not copied"), "{warnings}");
    if place.path.join("cache").exists() {
        assert_eq!(place.read("cache/built"), "built\n");
    } else {
        assert!(warnings.contains("cache was not copied"), "{warnings}");
    }
    assert_eq!(repo.read("cache/built"), "built\n");
    assert_eq!(place.git(&["status", "--porcelain"]).ok().out, "");
}

#[test]
fn a_start_works_from_a_bare_repository_and_from_another_worktree() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    // A relative URL would be another folder for git in each worktree.
    let from = hub.path.to_str().unwrap();
    a.git(&["remote", "set-url", "origin", from]).ok();
    a.task("One", &[]);
    a.task("Two", &[]);
    a.pm(&["start", "T-0001"]).ok();
    let one = a.worktree("T-0001");
    one.other("src")
        .pm(&["start", "T-0002", "--as", "Ana"])
        .ok();
    let two = a.worktree("T-0002");
    assert_eq!(two.path.parent(), one.path.parent(), "nested in T-0001's");

    let bare = scene.at("bare.git");
    scene
        .at(".")
        .git(&["clone", "-q", "--bare", from, "bare.git"])
        .ok();
    bare.pm(&["init"]).ok();
    bare.task("Three", &["--path", "src/**"]);
    let id = bare.data(&["task", "list"])["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|t| t["title"] == "Three")
        .unwrap()["id"]
        .as_str()
        .unwrap()
        .to_string();
    bare.pm(&["start", &id]).ok();
    let three = work(&bare, &id, "three.txt");
    assert!(!three.path.starts_with(&bare.path), "inside the repository");
    three.pm(&["finish", "--merge"]).ok();
    assert_eq!(
        bare.git(&["show", "main:three.txt"])
            .ok()
            .out
            .lines()
            .count(),
        1
    );
}

#[test]
fn planned_paths_may_be_spelled_in_any_way_for_a_sparse_worktree() {
    let scene = Scene::new();
    let repo = with_task(&scene);
    config(&repo, "pm.sparse", "true");
    for path in ["./docs/**", "docs", "docs/", "docs/guide.md"] {
        let id = repo.task(path, &["--path", path]);
        repo.pm(&["start", &id]).ok();
        let place = repo.worktree(&id);
        assert!(place.path.join("docs/guide.md").exists(), "{path}");
        assert!(!place.path.join("src").exists(), "{path}: all of it");
        repo.pm(&["task", "cancel", &id]).ok();
    }
}
