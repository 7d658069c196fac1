//! Backlog.md.

use serde_json::json;

use super::{copy, has, import, item, messages, texts, with_fixture};
use crate::support::Scene;

#[test]
fn a_backlog_is_imported_with_all_its_fields() {
    let (_scene, repo) = with_fixture("backlog");
    let report = import(&repo, "backlog", 0);
    assert_eq!(
        (&report["created"], &report["comments"]),
        (&json!(8), &json!(2))
    );
    let said = messages(&report);
    for part in [
        "jon",
        "task-77, which does not exist",
        "unknown status `Frozen`",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let keel = item(&repo, "Lay the keel");
    has(
        &keel,
        json!({
            "kind": "task", "status": "in_progress", "priority": 1, "type": "feature",
            "assignee": "mira", "created_by": "mira", "created_at": "2025-09-01T08:15:00Z",
            "labels": ["heavy  slow", "hull"], "paths": ["hull/frames", "hull/keel.rs"],
            "epic": "E-0001", "external_refs": ["backlog:task-1", "https://example.org/drawings/7"],
        }),
    );
    assert_eq!(
        texts(&keel["acceptance"], "text"),
        ["It is straight", "It floats"]
    );
    assert_eq!(keel["acceptance"][0]["done"], true);
    assert_eq!(keel["acceptance"][1]["done"], false);
    let body = keel["body"].as_str().unwrap();
    assert!(body.contains("The inspector has seen it"), "{body}");
    assert!(
        body.starts_with("The keel comes first.\n\n## Not a section"),
        "{body}"
    );
    assert!(
        body.contains("## Implementation Plan\n\n1. Measure twice"),
        "{body}"
    );
    assert!(!body.contains("<!--") && !body.contains("tar"), "{body}");
    assert_eq!(
        texts(&keel["comments"], "body"),
        ["Who brings the tar?", "I do."]
    );
    assert_eq!(keel["comments"][0]["author"], "jon");
    let seams = item(&repo, "Caulk the seams");
    has(
        &seams,
        json!({"status": "queued", "depends_on": [keel["id"], "task-77"]}),
    );
    assert_eq!(texts(&seams["acceptance"], "text"), ["No drop comes in"]);
    let port = item(&repo, "Port side");
    has(
        &port,
        json!({"status": "in_review", "priority": 3, "type": "bug"}),
    );
    assert_eq!(port["created_at"], "2025-09-01T00:00:00Z");
    assert_eq!(port["edges"][0]["target"], seams["id"]);
    let name = item(&repo, "Choose a name");
    has(
        &name,
        json!({"status": "queued", "labels": ["import-status:Frozen", "milestone:someday", "type:ceremony"]}),
    );
    has(
        &item(&repo, "Maybe a figurehead"),
        json!({"status": "deferred", "labels": ["draft"]}),
    );
    has(
        &item(&repo, "Fell the oaks"),
        json!({"status": "done", "closed_at": "2025-08-20T12:00:00Z"}),
    );
    has(
        &item(&repo, "Paint it pink"),
        json!({"status": "cancelled", "labels": ["archived"]}),
    );
    has(
        &item(&repo, "First voyage"),
        json!({"kind": "epic", "status": "open"}),
    );
    // Unknown fields are kept with the item.
    let id = keel["id"].as_str().unwrap();
    let path = repo
        .git(&["grep", "-l", "never run this", "refs/pm/main"])
        .ok()
        .text();
    assert!(path.contains("tasks/") && !id.is_empty(), "{path}");
}

#[test]
fn a_changed_backlog_merges_by_field() {
    let (_scene, repo) = with_fixture("backlog");
    import(&repo, "backlog", 0);
    let keel = item(&repo, "Lay the keel");
    let id = keel["id"].as_str().unwrap();
    repo.pm(&[
        "task",
        "edit",
        id,
        "--title",
        "Lay the long keel",
        "--add-label",
        "here",
    ])
    .ok();
    repo.pm(&["task", "accept", id, "2"]).ok();
    let file = "backlog/tasks/task-1 - Lay-the-keel.md";
    let text = repo
        .read(file)
        .replace(
            "updated_date: '2025-09-03 17:40'",
            "updated_date: '2025-09-04 08:00'",
        )
        .replace("priority: high", "priority: low")
        .replace("  - hull\n", "  - hull\n  - oak\n")
        .replace("#1 It is straight", "#1 It is really straight")
        .replace("The keel comes first.", "The keel comes before all else.")
        .replace("I do.\n", "I do, tomorrow.\n");
    repo.write(file, &text);
    let report = repo.data(&["import", "backlog"]);
    assert_eq!(
        (&report["created"], &report["updated"]),
        (&json!(0), &json!(1))
    );
    let now = repo.data(&["show", id]);
    has(
        &now,
        json!({
            "title": "Lay the long keel", "priority": 3, "conflicted": false,
            "labels": ["heavy  slow", "here", "hull", "oak"],
        }),
    );
    assert_eq!(
        texts(&now["acceptance"], "text"),
        ["It is really straight", "It floats"]
    );
    assert_eq!(
        now["acceptance"][1]["done"], true,
        "a local acceptance is lost"
    );
    assert!(
        now["body"]
            .as_str()
            .unwrap()
            .starts_with("The keel comes before")
    );
    assert_eq!(now["comments"][1]["body"], "I do, tomorrow.");
    // A task moved to another folder keeps its identity; a removed one stays here.
    std::fs::create_dir_all(repo.path.join("backlog/completed")).unwrap();
    std::fs::rename(
        repo.path.join(file),
        repo.path.join("backlog/completed/task-1 - Lay-the-keel.md"),
    )
    .unwrap();
    std::fs::remove_file(repo.path.join("backlog/tasks/task-3 - Choose-a-name.md")).unwrap();
    let report = repo.data(&["import", "backlog"]);
    assert_eq!(
        (&report["created"], &report["updated"]),
        (&json!(0), &json!(1))
    );
    assert_eq!(repo.data(&["show", id])["status"], "done");
    assert_eq!(item(&repo, "Choose a name")["status"], "queued");
}

#[test]
fn two_clones_import_the_same_project_and_agree() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let b = scene.clone_of(&hub, "b", "Ben");
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/import/backlog");
    for clone in [&a, &b] {
        copy(&root, &clone.path);
        clone.pm(&["import", "backlog"]).ok();
    }
    for clone in [&a, &b, &a] {
        clone.pm(&["sync"]).ok();
    }
    assert_eq!(a.state_tree(), b.state_tree(), "the clones differ");
    assert_eq!(
        a.data(&["list", "--all"])["items"]
            .as_array()
            .unwrap()
            .len(),
        8
    );
    a.pm(&["fsck"]).ok();
}
