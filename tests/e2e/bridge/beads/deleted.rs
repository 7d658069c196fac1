//! Records of items that were deleted, here or at the source.

use serde_json::{Value, json};

use super::{ONE, export, import, ready};
use crate::support::{Repo, Scene};

fn delete(repo: &Repo) -> String {
    repo.pm(&["issue", "delete", "bd-1"]).ok();
    repo.tip("refs/pm/main")
}

/// Requires that an import writes nothing.
#[track_caller]
fn is_known(repo: &Repo, text: &str) {
    let report = import(repo, text).ok().data();
    assert_eq!(
        (&report["unchanged"], &report["commit"]),
        (&json!(1), &Value::Null),
        "{report}"
    );
}

#[track_caller]
fn is_live(repo: &Repo) {
    assert_eq!(repo.data(&["show", "bd-1"])["status"], "open");
    let listed = repo.data(&["list"])["items"].clone();
    assert_eq!(listed[0]["id"], "bd-1", "{listed}");
    let out: Value = serde_json::from_str(&export(repo)).unwrap();
    assert_eq!(out["status"], "open", "{out}");
    repo.pm(&["start", "bd-1", "--no-worktree"]).ok();
}

#[test]
fn an_own_tombstone_that_comes_back_writes_nothing_and_the_deletion_can_be_undone() {
    let (_scene, repo) = ready();
    import(&repo, ONE).ok();
    delete(&repo);
    let file = export(&repo);
    assert!(file.contains("\"status\":\"tombstone\""), "{file}");
    for _ in 0..2 {
        is_known(&repo, &file);
    }
    let log = repo.pm(&["log", "--conflicts"]).ok().out;
    assert!(log.contains("No overridden values"), "{log}");
    repo.pm(&["undo"]).ok();
    is_live(&repo);
}

#[test]
fn an_edited_tombstone_does_not_hinder_the_undo_of_a_deletion() {
    let (_scene, repo) = ready();
    import(&repo, ONE).ok();
    let deletion = delete(&repo);
    let edited = export(&repo).replace(
        "\"original_type\"",
        "\"delete_reason\":\"twice\",\"original_type\"",
    );
    let report = import(&repo, &edited).ok().data();
    assert_eq!(report["updated"], 0, "nobody sees it: {report}");
    assert_eq!(export(&repo), edited);
    is_known(&repo, &edited);
    repo.pm(&["undo", &deletion]).ok();
    is_known(&repo, &edited);
    is_live(&repo);
}

#[test]
fn a_tombstone_from_before_an_undo_does_not_delete_the_item_again() {
    let (_scene, repo) = ready();
    import(&repo.when("2026-02-01T00:00:00Z"), ONE).ok();
    delete(&repo.when("2026-03-01T00:00:00Z"));
    let file = export(&repo);
    repo.when("2026-03-02T00:00:00Z").pm(&["undo"]).ok();
    let later = repo.when("2026-03-03T00:00:00Z");
    let report = import(&later, &file).ok().data();
    assert_eq!(report["kept"][0]["field"], "deleted", "{report}");
    is_known(&later, &file);
    is_live(&later);
}

#[test]
fn the_undo_of_a_deletion_restores_an_item_whose_tombstone_another_clone_imported() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    import(&a, ONE).ok();
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    let deletion = delete(&a);
    import(&b, &export(&a)).ok();
    for repo in [&a, &b, &a] {
        repo.pm(&["sync"]).ok();
    }
    a.pm(&["undo", &deletion]).ok();
    is_live(&a);
}

#[test]
fn changes_at_the_source_of_an_item_that_is_deleted_here_are_told() {
    let (_scene, repo) = ready();
    import(&repo, ONE).ok();
    delete(&repo);
    let later = ONE
        .replace("\"One\"", "\"Two\"")
        .replace("\"status\":\"open\"", "\"status\":\"in_progress\"")
        .replace("2026-01-02", "2099-01-02");
    let report = import(&repo.when("2099-01-03T00:00:00Z"), &later)
        .ok()
        .data();
    let note = report["warnings"][0]["message"].as_str().unwrap();
    assert!(note.contains("is deleted here"), "{report}");
    assert!(note.contains("status, title"), "{report}");
    repo.pm(&["show", "bd-1"]).exits(4);
}
