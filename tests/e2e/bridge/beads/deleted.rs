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
