//! The undo of what was decided about texts, and of changes beside a cycle that was there before.

use serde_json::{Value, json};

use crate::support::{Repo, Scene, binary, without_hooks};

/// Two clones with a text and notes of a task in conflict, each with the other's versions.
fn with_conflicts(scene: &Scene) -> (Repo, Repo) {
    let (hub, a) = scene.with_hub();
    let write = |repo: &Repo, text: &str| {
        let body = format!("{text} top\nmiddle\nend\n");
        repo.pm(&["task", "edit", "T-1", "--body", &body, "--notes", text])
            .ok();
    };
    a.task("One", &["--body", "top\nmiddle\nend\n", "--notes", "n"]);
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Bea");
    write(&b, "of b");
    write(&a, "of a");
    for repo in [&b, &a, &b] {
        repo.pm(&["sync"]).ok();
    }
    (a, b)
}

fn conflicts(repo: &Repo) -> Value {
    repo.data(&["conflicts"])["items"].clone()
}

#[test]
fn undoing_a_resolution_restores_versions_authors_order_and_the_offered_merge() {
    let scene = Scene::new();
    let (a, b) = with_conflicts(&scene);
    let before = conflicts(&a);
    assert_eq!(before.as_array().unwrap().len(), 2, "{before}");
    let shown = || {
        let item = a.data(&["show", "T-1"]);
        [item["body"].clone(), item["notes"].clone()]
    };
    let texts = shown();
    for field in ["body", "notes"] {
        for decision in [&["--keep", "1"][..], &["--keep", "2"], &["--text", "third"]] {
            let args = [&["conflicts", "T-1", "--field", field], decision].concat();
            a.pm(&args).ok();
            assert_eq!(conflicts(&a).as_array().unwrap().len(), 1);
            a.pm(&["undo"]).ok();
            assert_eq!(conflicts(&a), before, "after the undo of {args:?}");
            assert_eq!(shown(), texts, "{args:?}");
            // Both can be undone again.
            let undo = a.tip("refs/pm/main");
            a.pm(&["undo", &undo]).ok();
            assert_eq!(conflicts(&a).as_array().unwrap().len(), 1);
            a.pm(&["undo", &a.tip("refs/pm/main")]).ok();
            assert_eq!(conflicts(&a), before, "after the second undo of {args:?}");
        }
    }
    a.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    assert_eq!(a.state_tree(), b.state_tree());
    assert_eq!(conflicts(&b), before);
}

#[test]
fn an_edit_of_one_of_two_versions_is_undone_beside_the_other() {
    let scene = Scene::new();
    let (a, _b) = with_conflicts(&scene);
    let before = conflicts(&a);
    a.by("Cem")
        .pm(&[
            "task", "edit", "T-1", "--body", "edited", "--notes", "edited",
        ])
        .ok();
    assert_ne!(conflicts(&a), before);
    let edit = a.tip("refs/pm/main");
    a.pm(&["undo", &edit]).ok();
    assert_eq!(conflicts(&a), before);
}

#[test]
fn a_cycle_that_was_there_does_not_prevent_an_undo() {
    let (_scene, repo) = without_hooks();
    let record = |id: &str, on: &str, title: &str, day: u8| {
        json!({
            "id": id, "title": title, "status": "open", "priority": 1, "issue_type": "task",
            "created_at": "2026-01-01T00:00:00Z", "updated_at": format!("2026-01-0{day}T00:00:00Z"),
            "dependencies": [{"issue_id": id, "depends_on_id": on, "type": "blocks", "created_at": "2026-01-01T00:00:00Z"}],
        })
        .to_string()
    };
    let import = |title: &str, day: u8| {
        let file = format!(
            "{}\n{}\n",
            record("bd-a", "bd-b", title, day),
            record("bd-b", "bd-a", "B", 1)
        );
        repo.feed(binary(), &["import", "beads", "-"], &file).ok();
    };
    import("A", 1);
    import("A, again", 2);
    repo.pm(&["undo"]).ok();
    assert_eq!(repo.data(&["show", "bd-a"])["title"], "A");
    repo.pm(&["issue", "update", "bd-b", "--title", "B, again"])
        .ok();
    repo.pm(&["undo"]).ok();
    // A removed edge of it would close it again.
    repo.pm(&["dep", "rm", "bd-a", "bd-b"]).ok();
    let refused = repo.pm(&["undo"]).exits(1).err;
    assert!(refused.contains("would create a cycle"), "{refused}");
}

/// What the answer of an undo offers works, also where an import had brought a cycle.
#[test]
fn an_undone_import_with_a_cycle_is_redone() {
    let (_scene, repo) = without_hooks();
    let record = |id: &str, on: &str| {
        json!({
            "id": id, "title": id, "status": "open", "priority": 1, "issue_type": "task",
            "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z",
            "dependencies": [{"issue_id": id, "depends_on_id": on, "type": "blocks", "created_at": "2026-01-01T00:00:00Z"}],
        })
        .to_string()
    };
    let file = format!("{}\n{}\n", record("bd-a", "bd-b"), record("bd-b", "bd-a"));
    repo.feed(binary(), &["import", "beads", "-"], &file).ok();
    let said = repo.pm(&["undo"]).ok().out;
    let redo = said.split("redo it: git pm ").nth(1).expect("an offer");
    let redo: Vec<&str> = redo.split_whitespace().take(2).collect();
    repo.pm(&["show", "bd-a"]).exits(4);
    repo.pm(&redo).ok();
    for (id, on) in [("bd-a", "bd-b"), ("bd-b", "bd-a")] {
        assert_eq!(repo.data(&["show", id])["depends_on"], json!([on]));
    }
}
