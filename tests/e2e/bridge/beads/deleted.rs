//! Records of items that were deleted, here or at the source.

use serde_json::{Value, json};

use super::{ONE, export, import, ready};
use crate::support::{Repo, Scene, binary};

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
    // With its copy, it is known as an export of this clone.
    std::fs::remove_dir_all(repo.path.join(".git/pm/exports")).unwrap();
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

#[test]
fn a_deletion_at_the_source_is_told_with_what_was_changed_here() {
    let (_scene, repo) = ready();
    import(&repo, ONE).ok();
    let update = ["issue", "update", "bd-1", "--title", "Mine", "-d", "Long"];
    repo.pm(&update).ok();
    repo.pm(&["issue", "claim", "bd-1"]).ok();
    let gone = tombstone("2099-01-02T00:00:00Z");
    for more in [&["--dry-run"][..], &[]] {
        let args = [&["--json", "import", "beads", "-"], more].concat();
        let later = repo.when("2099-01-03T00:00:00Z");
        let report = later.feed(binary(), &args, &gone).ok().data();
        let said = "was deleted at its source, and so here, where it was in progress \
                    (changed here: title, body)";
        says(&report, said);
        // No state stands against that.
        assert_eq!(report["kept"], json!([]), "{report}");
    }
    repo.pm(&["show", "bd-1"]).exits(4);
}

/// The record of a deletion at the source, from a day of 2026.
fn tombstone(date: &str) -> String {
    let more = format!("\"deleted_at\":\"{date}\",\"deleted_by\":\"cleanup\",\"labels\"");
    ONE.replace("\"open\"", "\"tombstone\"")
        .replace("2026-01-02T00:00:00Z", date)
        .replace("\"labels\"", &more)
}

#[track_caller]
fn is_closed(repo: &Repo) {
    let item = repo.data(&["show", "bd-1"]);
    assert_eq!(
        (&item["status"], &item["reason"]),
        (&json!("closed"), &json!("fixed")),
        "{item}"
    );
    let out: Value = serde_json::from_str(&export(repo)).unwrap();
    assert_eq!(out["status"], "closed", "{out}");
    assert!(out["deleted_at"].is_null(), "{out}");
    assert!(out["closed_at"].is_string(), "{out}");
}

#[track_caller]
fn says(report: &Value, what: &str) {
    let told = report["warnings"].to_string();
    assert!(told.contains(what), "{report}");
}

const STAYS: &str = "was deleted at its source, but had been closed here";

#[test]
fn what_was_closed_here_is_neither_deleted_nor_reopened_by_its_source() {
    let (_scene, repo) = ready();
    import(&repo.when("2026-01-03T00:00:00Z"), ONE).ok();
    let done = repo.when("2026-01-05T00:00:00Z");
    done.pm(&["issue", "close", "bd-1", "--reason", "fixed"])
        .ok();
    let dead = tombstone("2026-02-01T00:00:00Z");
    let later = repo.when("2026-02-02T00:00:00Z");
    let report = import(&later, &dead).ok().data();
    says(&report, STAYS);
    is_closed(&later);
    is_known(&later, &dead);
    // The source takes its deletion back.
    let back = ONE.replace("2026-01-02T00:00:00Z", "2026-03-01T00:00:00Z");
    let later = repo.when("2026-03-02T00:00:00Z");
    let report = import(&later, &back).ok().data();
    assert_eq!(report["kept"][0]["field"], "status", "{report}");
    is_closed(&later);
}

#[test]
fn what_was_closed_in_one_clone_survives_the_deletion_that_another_imported() {
    for knows in [true, false] {
        let scene = Scene::new();
        let (hub, a) = scene.with_hub();
        import(&a.when("2026-01-03T00:00:00Z"), ONE).ok();
        let b = match knows {
            true => {
                a.pm(&["sync"]).ok();
                scene.clone_of(&hub, "b", "Ben")
            }
            false => {
                let b = scene.clone_of(&hub, "b", "Ben");
                a.pm(&["sync"]).ok();
                b
            }
        };
        a.when("2026-01-05T00:00:00Z")
            .pm(&["issue", "close", "bd-1", "--reason", "fixed"])
            .ok();
        let dead = tombstone("2026-02-01T00:00:00Z");
        let (a, b) = (
            a.when("2026-02-02T00:00:00Z"),
            b.when("2026-02-02T00:00:00Z"),
        );
        import(&b, &dead).ok();
        for repo in [&a, &b, &a] {
            repo.pm(&["sync"]).ok();
        }
        let report = import(&a, &dead).ok().data();
        says(&report, STAYS);
        is_closed(&a);
        for repo in [&a, &b] {
            repo.pm(&["sync"]).ok();
        }
        is_closed(&b);
        is_known(&b, &dead);
    }
}

#[test]
fn the_deletion_of_an_item_whose_status_was_changed_here_is_told_and_undone_with_that_status() {
    let (_scene, repo) = ready();
    import(&repo.when("2026-01-03T00:00:00Z"), ONE).ok();
    repo.when("2026-01-05T00:00:00Z")
        .pm(&["issue", "update", "bd-1", "--status", "in_progress"])
        .ok();
    let later = repo.when("2026-02-02T00:00:00Z");
    let report = import(&later, &tombstone("2026-02-01T00:00:00Z"))
        .ok()
        .data();
    says(&report, "and so here, where it was in progress");
    let out: Value = serde_json::from_str(&export(&later)).unwrap();
    assert_eq!(out["status"], "tombstone", "{out}");
    later.pm(&["undo"]).ok();
    assert_eq!(later.data(&["show", "bd-1"])["status"], "in_progress");
}
