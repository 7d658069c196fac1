//! `log --conflicts`: values that a merge overrode, and changes that a deletion overrode.

use crate::support::{Repo, Scene};
use serde_json::{Value, json};

/// The rows of `log --conflicts` about an item.
fn overridden(repo: &Repo, id: &str) -> Vec<Value> {
    let found = repo.data(&["log", "--conflicts", id]);
    found["items"].as_array().expect("a list").clone()
}

/// Two clones that know of the same issue, and its id.
fn two_clones(scene: &Scene) -> (Repo, Repo, String) {
    let (hub, a) = scene.with_hub();
    let issue = a.data(&["issue", "create", "An issue", "--description", "d0"]);
    let id = issue["id"].as_str().expect("an id").to_string();
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    b.pm(&["sync"]).ok();
    (a, b, id)
}

#[test]
fn texts_of_which_both_versions_are_kept_are_not_listed_as_overridden() {
    let scene = Scene::new();
    let (a, b, id) = two_clones(&scene);
    for (clone, who) in [(&b, "ben"), (&a, "ana")] {
        let mut args = vec!["--offline", "issue", "update", &id];
        for field in [
            "--notes",
            "--design",
            "--acceptance",
            "--description",
            "--title",
        ] {
            args.extend([field, who]);
        }
        clone.by(who).pm(&args).ok();
    }
    for clone in [&b, &a, &b] {
        clone.pm(&["sync"]).ok();
    }
    for clone in [&a, &b] {
        let kept = clone.data(&["conflicts", &id]);
        assert_eq!(kept["items"].as_array().unwrap().len(), 4, "{kept}");
        let rows = overridden(clone, &id);
        let fields: Vec<&Value> = rows.iter().map(|row| &row["field"]).collect();
        assert_eq!(fields, [&json!("title")], "{rows:?}");
        assert_eq!(rows[0]["deleted"], false);
    }
    // The decision of a user is in the history of the item, so nothing is listed later either.
    for field in ["body", "notes", "design", "acceptance_criteria"] {
        a.pm(&["conflicts", &id, "--field", field, "--keep", "1"])
            .ok();
    }
    for clone in [&a, &b] {
        clone.pm(&["sync"]).ok();
        assert_eq!(overridden(clone, &id).len(), 1);
    }
}

// What is made of an item that another clone deleted meanwhile is kept, but nobody would look for it there.
#[test]
fn comments_and_children_of_an_item_that_another_clone_deleted_are_told() {
    let scene = Scene::new();
    let (a, b, id) = two_clones(&scene);
    let (ben, ana) = (b.by("ben"), a.by("ana"));
    ben.pm(&["--offline", "comment", &id, "one"]).ok();
    ben.pm(&["--offline", "comment", &id, "two"]).ok();
    let child = ["--offline", "issue", "create", "Part", "--parent", &id];
    ben.pm(&child).ok();
    ana.pm(&["--offline", "issue", "delete", &id, "--force"])
        .ok();
    a.pm(&["sync"]).ok();
    let told = b.data(&["sync"]);
    let child = format!("{id}.1");
    let lost = json!([{
        "id": id, "fields": ["child", "comment"], "changed_by": "ben", "deleted_by": "ana",
    }]);
    let mut found = told["lost_changes"].clone();
    let fields = found[0]["fields"].as_array_mut().unwrap();
    fields.sort_by_key(Value::to_string);
    assert_eq!(fields[0], json!(format!("child {child}")));
    fields[0] = json!("child");
    assert_eq!(found, lost, "{told}");
    // The comment is no news of the item, which is gone here, too.
    let said = a.pm(&["sync"]).ok();
    let said = format!("{}{}", said.out, said.err);
    assert!(!said.contains("comments by"), "{said}");
    assert!(said.contains(&format!("{child}  created by ben")), "{said}");
    let warning = format!("{id} was deleted by ana while it was changed by ben (");
    assert!(said.contains(&warning), "{said}");
    assert!(said.contains(&format!("`git pm show {id}`")), "{said}");
    for clone in [&a, &b] {
        assert_eq!(clone.data(&["sync"])["lost_changes"], json!([]));
    }
    // Who deletes what was commented on knows it.
    ben.pm(&["comment", &child, "three"]).ok();
    for clone in [&b, &a] {
        clone.pm(&["sync"]).ok();
    }
    ana.pm(&["issue", "delete", &child]).ok();
    for clone in [&a, &b] {
        assert_eq!(clone.data(&["sync"])["lost_changes"], json!([]));
    }
}

#[test]
fn changes_to_an_item_that_another_clone_deleted_are_listed_and_told() {
    let scene = Scene::new();
    let (a, b, id) = two_clones(&scene);
    b.by("ben")
        .pm(&[
            "--offline",
            "issue",
            "update",
            &id,
            "--title",
            "Better",
            "--description",
            "d1",
        ])
        .ok();
    b.by("ben")
        .pm(&["--offline", "issue", "label", "add", &id, "late"])
        .ok();
    b.pm(&["sync"]).ok();
    a.by("ana")
        .pm(&["--offline", "issue", "delete", &id, "--force"])
        .ok();
    let told = a.data(&["sync"]);
    let lost = &told["lost_changes"][0];
    assert_eq!(
        (&lost["id"], &lost["deleted_by"]),
        (&json!(id), &json!("ana")),
        "{told}"
    );
    assert_eq!(lost["changed_by"], "ben", "{told}");
    assert!(
        lost["fields"].as_array().unwrap().contains(&json!("body")),
        "{told}"
    );
    let told = b.pm(&["sync"]).ok();
    let told = format!("{}{}", told.out, told.err);
    assert!(
        told.contains(&format!(
            "{id} was deleted by ana while it was changed by ben"
        )),
        "{told}"
    );
    for clone in [&a, &b] {
        let rows = overridden(clone, &id);
        for (field, value) in [
            ("title", json!("Better")),
            ("body", json!("d1")),
            ("labels/late", json!(true)),
        ] {
            let row = rows.iter().find(|row| row["field"] == field);
            let row = row.unwrap_or_else(|| panic!("{field} is missing: {rows:?}"));
            assert_eq!(row["lost"], value);
            assert_eq!(
                (&row["kept"], &row["deleted"]),
                (&json!(null), &json!(true))
            );
            assert_eq!(
                (&row["kept_by"], &row["lost_by"]),
                (&json!("ana"), &json!("ben"))
            );
        }
        assert_eq!(rows.len(), 3, "{rows:?}");
        let text = clone.pm(&["log", "--conflicts"]).ok().out;
        assert!(
            text.contains("deleted by ana, lost \"Better\" by ben"),
            "{text}"
        );
        // It is told once.
        assert_eq!(clone.data(&["sync"])["lost_changes"], json!([]));
    }
}

#[test]
fn a_deletion_of_what_nobody_changed_loses_nothing() {
    let scene = Scene::new();
    let (a, b, id) = two_clones(&scene);
    b.pm(&["issue", "update", &id, "--title", "Known"]).ok();
    b.pm(&["sync"]).ok();
    a.pm(&["sync"]).ok();
    b.pm(&["issue", "create", "Another"]).ok();
    b.pm(&["sync"]).ok();
    a.pm(&["--offline", "issue", "delete", &id, "--force"]).ok();
    for clone in [&a, &b] {
        assert_eq!(clone.data(&["sync"])["lost_changes"], json!([]));
        assert_eq!(overridden(clone, &id), Vec::<Value>::new());
    }
}

// The later start loses, although it wrote last.
#[test]
fn a_double_start_is_listed_as_it_was_settled_and_is_no_news() {
    let scene = Scene::new();
    let (a, b, id) = two_clones(&scene);
    a.when("2026-03-02T12:00:00Z")
        .pm(&["--offline", "start", &id])
        .ok();
    b.when("2026-03-02T12:00:09Z")
        .pm(&["--offline", "start", &id])
        .ok();
    a.pm(&["sync"]).ok();
    for clone in [&b, &a] {
        let told = clone.pm(&["sync"]).ok();
        assert!(!told.err.contains("overridden"), "{}", told.err);
        assert!(!told.out.contains("overridden"), "{}", told.out);
        assert_eq!(clone.data(&["show", &id])["claim"]["actor"], "Ana");
        let rows = overridden(clone, &id);
        let row = rows.iter().find(|row| row["field"] == "started_by");
        let row = row.expect("both had started it");
        assert_eq!((&row["kept"], &row["lost"]), (&json!("Ana"), &json!("Ben")));
        assert_eq!(
            (&row["kept_by"], &row["lost_by"]),
            (&json!("Ana"), &json!("Ben"))
        );
    }
}

// A due date is a person's, though its name ends as those of times that follow a status do.
#[test]
fn an_overridden_due_date_is_told() {
    let scene = Scene::new();
    let (a, b, id) = two_clones(&scene);
    for (clone, day) in [(&a, "2030-01-01"), (&b, "2030-02-01")] {
        let edit = ["--offline", "issue", "update", &id, "--due", day];
        clone.pm(&edit).ok();
    }
    a.pm(&["sync"]).ok();
    let told = b.pm(&["sync"]).ok();
    let said = format!("{}{}", told.out, told.err);
    assert!(
        said.contains("due_at") && said.contains("overridden"),
        "{said}"
    );
}
