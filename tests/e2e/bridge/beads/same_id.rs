//! Both trackers count the children of an issue from 1, so an id may be of two issues.

use serde_json::{Value, json};

use super::{export, import, ready};
use crate::support::{Repo, Scene};

const EPIC: &str = r#"{"id":"bd-e","title":"Epic","status":"open","priority":1,"issue_type":"epic","created_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-01T00:00:00Z"}"#;

/// The epic, and a child that beads made.
fn with_child(more: &str) -> String {
    let child = format!(
        r#"{{"id":"bd-e.1","title":"Made there","status":"open","priority":3,"issue_type":"bug","created_at":"2026-01-05T00:00:00Z","created_by":"zoe","updated_at":"2026-01-05T00:00:00Z"{more},"dependencies":[{{"issue_id":"bd-e.1","depends_on_id":"bd-e","type":"parent-child","created_at":"2026-01-05T00:00:00Z"}}]}}"#
    );
    format!("{EPIC}\n{child}\n")
}

fn make_child(repo: &Repo) {
    import(repo, EPIC).ok();
    let args = ["issue", "create", "Made here", "--parent", "bd-e"];
    let made = repo.data(&[&args[..], &["-d", "important"]].concat());
    assert_eq!(made["id"], "bd-e.1");
}

#[test]
fn a_record_of_another_issue_is_kept_beside_the_one_made_here() {
    let (_scene, repo) = ready();
    make_child(&repo);
    repo.pm(&["start", "bd-e.1", "--no-worktree"]).ok();
    let file = with_child("");
    let dry = repo.feed(
        crate::support::binary(),
        &["--json", "import", "beads", "-", "--dry-run"],
        &file,
    );
    let dry = dry.ok().data();
    let report = import(&repo, &file).ok().data();
    for told in [&dry, &report] {
        assert_eq!(
            (&told["created"], &told["updated"]),
            (&json!(1), &json!(0)),
            "{told}"
        );
        let note = told["warnings"][0]["message"].as_str().unwrap();
        assert!(note.contains("\"Made here\""), "{told}");
        assert!(note.contains("now bd-e.2"), "{told}");
    }
    let (there, here) = (
        repo.data(&["show", "bd-e.1"]),
        repo.data(&["show", "bd-e.2"]),
    );
    assert_eq!(there["title"], "Made there");
    assert_eq!(
        (&here["title"], &here["body"]),
        (&json!("Made here"), &json!("important"))
    );
    assert_eq!(here["status"], "in_progress", "the claim was lost");
    // Beads gets both, and they are told apart from then on.
    let out = export(&repo);
    let ids = |line: &str| serde_json::from_str::<Value>(line).unwrap()["id"].clone();
    let ids: Vec<Value> = out.lines().map(ids).collect();
    assert_eq!(ids, ["bd-e", "bd-e.1", "bd-e.2"], "{out}");
    for again in [&file, &out] {
        let report = import(&repo, again).ok().data();
        assert_eq!(report["commit"], Value::Null, "{report}");
    }
    // A new id is not one of the file.
    let (_scene, repo) = ready();
    make_child(&repo);
    let second = with_child("")
        .lines()
        .last()
        .unwrap()
        .replace("bd-e.1", "bd-e.2");
    import(&repo, &format!("{file}{second}\n")).ok();
    assert_eq!(repo.data(&["show", "bd-e.3"])["title"], "Made here");
}

#[test]
fn a_record_of_another_issue_is_refused_if_other_clones_know_the_one_made_here() {
    let scene = Scene::new();
    let (_hub, a) = scene.with_hub();
    make_child(&a);
    a.pm(&["sync"]).ok();
    let before = a.data(&["show", "bd-e.1"]);
    let report = import(&a, &with_child("")).exits(8).data();
    let skipped = &report["skipped"][0];
    assert_eq!(skipped["id"], "bd-e.1");
    let reason = skipped["reason"].as_str().unwrap();
    assert!(reason.contains("\"Made here\""), "{reason}");
    assert_eq!(a.data(&["show", "bd-e.1"]), before, "it was changed");
    // The way out: created again there, with another id.
    let gone = with_child(r#","deleted_at":"2026-01-06T00:00:00Z""#)
        .replace("\"open\",\"priority\":3", "\"tombstone\",\"priority\":3");
    let second = with_child("")
        .lines()
        .last()
        .unwrap()
        .replace("bd-e.1", "bd-e.2");
    let report = import(&a, &format!("{gone}{second}\n")).ok().data();
    assert_eq!(report["created"], 1, "{report}");
    assert_eq!(a.data(&["show", "bd-e.1"])["title"], "Made here");
    assert_eq!(a.data(&["show", "bd-e.2"])["title"], "Made there");
}
