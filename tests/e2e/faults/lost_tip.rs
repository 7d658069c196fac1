//! A tip that cannot be read, as after a power failure: the loss of an acknowledged write is always
//! reported.

use crate::support::{Repo, Scene, set_up};

fn object(repo: &Repo, id: &str) -> std::path::PathBuf {
    let objects = repo.path.join(".git/objects");
    objects.join(&id[..2]).join(&id[2..])
}

/// Empties a loose object.
fn truncate_object(repo: &Repo, id: &str) {
    std::fs::remove_file(object(repo, id)).unwrap();
    std::fs::write(object(repo, id), "").unwrap();
}

fn titles(repo: &Repo) -> Vec<String> {
    let items = repo.data(&["list"])["items"].clone();
    let items = items.as_array().unwrap().iter();
    items
        .map(|i| i["title"].as_str().unwrap().to_string())
        .collect()
}

#[test]
fn every_command_reports_a_damaged_tip_until_its_writes_were_searched_for() {
    let (_scene, repo) = set_up();
    repo.task("Kept", &[]);
    repo.task("Torn", &["--body", "words"]);
    let lost = repo.tip("refs/pm/main");
    truncate_object(&repo, &lost);
    for args in [
        &["list"][..],
        &["status"],
        &["task", "create", "Next"],
        &["list"],
    ] {
        let told = repo.pm(args).ok().err;
        assert!(told.contains(&lost[..10]), "{args:?}: {told}");
        assert!(told.contains("fsck --repair"), "{args:?}: {told}");
    }
    // The write that continued without it names it.
    let log = repo
        .git(&["log", "-1", "--format=%B", "refs/pm/main"])
        .ok()
        .out;
    assert!(log.contains(&format!("PM-Lost: {lost}")), "{log}");
    let found = repo.pm(&["fsck"]).exits(5);
    assert!(found.out.contains("tip-lost"), "{}", found.out);

    repo.pm(&["fsck", "--repair"]).ok();
    assert_eq!(titles(&repo), ["Kept", "Torn", "Next"]);
    let shown = repo.data(&["list", "Torn"])["items"][0]["id"].clone();
    let body = repo.data(&["show", shown.as_str().unwrap()])["body"].clone();
    assert!(body.as_str().unwrap().contains("words"), "{body}");
    assert!(!repo.pm(&["list"]).ok().err.contains("cannot be read"));
    repo.pm(&["doctor"]).ok();
}

#[test]
fn a_pruned_tip_is_recovered_before_anything_else_is_written() {
    let (_scene, repo) = set_up();
    repo.task("Kept", &[]);
    repo.task("One", &[]);
    repo.task("Two", &[]);
    let (two, one) = (repo.tip("refs/pm/main"), repo.tip("refs/pm/main~1"));
    for id in [&two, &one] {
        std::fs::remove_file(object(&repo, id)).unwrap();
    }
    assert_eq!(titles(&repo), ["Kept"]);
    repo.pm(&["fsck", "--repair"]).ok();
    assert_eq!(titles(&repo), ["Kept", "One", "Two"]);
}

#[test]
fn a_tip_lost_completely_is_reported() {
    let (_scene, repo) = set_up();
    repo.task("Kept", &[]);
    repo.task("Gone", &[]);
    let (lost, tree) = (repo.tip("refs/pm/main"), repo.state_tree());
    truncate_object(&repo, &lost);
    truncate_object(&repo, &tree);
    let repaired = repo.pm(&["fsck", "--repair"]);
    assert!(
        repaired.out.contains("none of its documents exist here"),
        "{repaired:?}"
    );
    assert_eq!(titles(&repo), ["Kept"]);
    assert!(!repo.pm(&["list"]).ok().err.contains("cannot be read"));
}

#[test]
fn writes_of_a_lost_tip_that_the_remote_has_return_with_the_next_sync() {
    let scene = Scene::new();
    let (_hub, repo) = scene.with_hub();
    repo.task("Kept", &[]);
    repo.task("Synced", &[]);
    repo.pm(&["sync"]).ok();
    let lost = repo.tip("refs/pm/main");
    truncate_object(&repo, &lost);
    repo.pm(&["sync"]).ok();
    assert_eq!(titles(&repo), ["Kept", "Synced"]);
}

#[test]
fn the_tree_of_a_damaged_tip_made_by_a_sync_is_found() {
    let scene = Scene::new();
    let (_hub, repo) = scene.with_hub();
    let id = repo.task("Begun", &[]);
    repo.pm(&["start", &id, "--no-worktree"]).ok();
    truncate_object(&repo, &repo.tip("refs/pm/main"));
    let repaired = repo.pm(&["fsck", "--repair"]);
    assert!(
        !repaired.out.contains("none of its documents exist here"),
        "{repaired:?}"
    );
    assert_eq!(repo.data(&["show", &id])["status"], "in_progress");
}

#[test]
fn a_tip_whose_tree_is_damaged_is_lost_and_not_moved() {
    let (_scene, repo) = set_up();
    repo.task("Kept", &[]);
    repo.task("Torn", &[]);
    let lost = repo.tip("refs/pm/main");
    truncate_object(&repo, &repo.tip("refs/pm/main^{tree}"));
    // The index could answer without the tree.
    std::fs::remove_file(repo.path.join(".git/pm/index.sqlite")).unwrap();
    for args in [&["list"][..], &["task", "create", "Next"], &["list"]] {
        let told = repo.pm(args).ok().err;
        assert!(told.contains(&lost[..10]), "{args:?}: {told}");
        assert!(told.contains("cannot be read"), "{args:?}: {told}");
    }
    let log = repo.git(&["log", "-1", "--format=%B", "refs/pm/main"]);
    assert!(log.ok().out.contains(&format!("PM-Lost: {lost}")));
}
