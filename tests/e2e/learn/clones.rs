//! Learnings in several clones.

use super::{add, ids};
use crate::support::{Repo, Scene};
use serde_json::{Value, json};

/// Two clones with the same state, of which the second one was synced last.
fn two_clones(scene: &Scene) -> (Repo, Repo) {
    let (hub, a) = scene.with_hub();
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    b.pm(&["sync"]).ok();
    (a, b)
}

/// A learning that both clones have.
fn shared(a: &Repo, b: &Repo, title: &str, more: &[&str]) -> String {
    let id = add(a, title, more);
    a.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    id
}

/// The rows of `log --conflicts`.
fn overridden(repo: &Repo, more: &[&str]) -> Vec<Value> {
    let mut args = vec!["log", "--conflicts"];
    args.extend(more);
    let found = repo.data(&args);
    found["items"].as_array().expect("a list").clone()
}

#[test]
fn concurrent_texts_of_a_learning_are_resolved_like_those_of_an_item() {
    let scene = Scene::new();
    let (a, b) = two_clones(&scene);
    let lines = "one\ntwo\nthree\nfour\n";
    let [first, second, third] =
        ["First", "Second", "Third"].map(|title| shared(&a, &b, title, &["--body", lines]));
    let edit = |clone: &Repo, id: &str, text: &str| {
        let args = ["--offline", "learn", "edit", id, "--body", text];
        clone.pm(&args).ok();
    };
    for (clone, id, text) in [
        (&b, &first, "ONE\ntwo\nthree\nfour\n"),
        (&a, &first, "one\ntwo\nthree\nFOUR\n"),
        (&b, &second, "from b\n"),
        (&a, &second, "from a\n"),
        (&b, &third, "from b\n"),
        (&a, &third, "from a\n"),
    ] {
        edit(clone, id, text);
    }
    b.pm(&["sync"]).ok();
    let told = a.pm(&["sync"]).ok();
    let told = format!("{}{}", told.out, told.err);
    for id in [&first, &second, &third] {
        assert!(told.contains(&format!("git pm conflicts {id}")), "{told}");
    }
    b.pm(&["sync"]).ok();
    let found = a.data(&["conflicts"]);
    assert_eq!(found["items"].as_array().unwrap().len(), 3, "{found}");
    let of_first = a.data(&["conflicts", &first]);
    assert_eq!(of_first["items"][0]["title"], "First", "{of_first}");
    let status = a.data(&["status"]);
    assert_eq!(status["conflicted"].as_array().unwrap().len(), 3);
    let shown = a.pm(&["learn", "show", &first]).ok();
    let shown = format!("{}{}", shown.out, shown.err);
    assert!(
        shown.contains(&format!("git pm conflicts {first}")),
        "{shown}"
    );
    // Nothing but a resolution changes them.
    a.pm(&["conflicts", &second, "--merged"]).exits(1);
    a.pm(&["conflicts", &second, "--keep", "3"]).exits(4);
    a.pm(&["conflicts", "L-zzzzzz", "--keep", "1"]).exits(4);
    let merged = a.data(&["conflicts", &first, "--merged"]);
    assert_eq!(merged["body"], "ONE\ntwo\nthree\nFOUR\n", "{merged}");
    let kept = a.data(&["conflicts", &second, "--keep", "2"]);
    assert_eq!(kept["conflicted"], false, "{kept}");
    let versions = found["items"].as_array().unwrap().iter();
    let versions = versions.clone().find(|one| one["id"] == second.as_str());
    assert_eq!(kept["body"], versions.unwrap()["versions"][1]["text"]);
    let secret = "AKIAIOSFODNN7EXAMPLQ";
    a.pm(&["conflicts", &third, "--text", secret]).exits(1);
    let written = a.data(&["conflicts", &third, "--text", "both"]);
    assert_eq!(written["body"], "both");
    a.pm(&["conflicts", &third, "--keep", "1"]).exits(1);
    for clone in [&a, &b] {
        clone.pm(&["sync"]).ok();
        assert_eq!(clone.data(&["conflicts"])["items"], json!([]));
        clone.pm(&["fsck"]).ok();
    }
    assert_eq!(a.state_tree(), b.state_tree(), "the clones differ");
}

#[test]
fn an_edit_of_a_learning_that_another_clone_deleted_is_listed_and_told() {
    let scene = Scene::new();
    let (a, b) = two_clones(&scene);
    let id = shared(&a, &b, "Valuable", &["--body", "b0"]);
    let text = "three hours of debugging";
    b.by("ben")
        .pm(&["--offline", "learn", "edit", &id, "--body", text])
        .ok();
    b.pm(&["sync"]).ok();
    a.by("ana").pm(&["--offline", "learn", "delete", &id]).ok();
    for clone in [&a, &b] {
        let told = clone.data(&["sync"]);
        assert_eq!(told["lost_changes"][0]["id"], id.as_str(), "{told}");
        let rows = overridden(clone, &[&id]);
        assert_eq!(rows.len(), 1, "{rows:?}");
        assert_eq!(
            (&rows[0]["lost"], &rows[0]["deleted"]),
            (&json!(text), &json!(true))
        );
        assert_eq!(
            (&rows[0]["kept_by"], &rows[0]["lost_by"]),
            (&json!("ana"), &json!("ben"))
        );
    }
}

#[test]
fn learnings_in_a_circle_supersede_none_of_it() {
    let scene = Scene::new();
    let (a, b) = two_clones(&scene);
    let x = shared(&a, &b, "Cache by path", &["--path", "src/**"]);
    let y = shared(
        &a,
        &b,
        "Cache by hash",
        &["--path", "src/**", "--supersedes", &x],
    );
    let z = shared(
        &a,
        &b,
        "Cache nothing",
        &["--path", "src/**", "--supersedes", &y],
    );
    assert_eq!(ids(&a, &["learn", "list"]), [z.as_str()]);
    // Within one clone, a circle is refused.
    let tree = a.state_tree();
    for older in [&y, &z] {
        let error = a
            .pm(&["--json", "learn", "edit", &x, "--supersedes", older])
            .exits(2)
            .error();
        assert_eq!(error["reason"], "learning.circle", "{error}");
    }
    assert_eq!(a.state_tree(), tree);
    // Two clones can make one.
    let edit = |clone: &Repo, id: &str, older: &str| {
        clone
            .pm(&["--offline", "learn", "edit", id, "--supersedes", older])
            .ok();
    };
    edit(&a, &z, "");
    edit(&a, &y, "");
    a.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    assert_eq!(ids(&a, &["learn", "list"]).len(), 3);
    edit(&a, &x, &y);
    edit(&b, &y, &x);
    edit(&b, &z, &x);
    for clone in [&a, &b, &a] {
        clone.pm(&["sync"]).ok();
    }
    assert_eq!(a.state_tree(), b.state_tree(), "the clones differ");
    let task = a.task("Work on the cache", &["--path", "src/cache.rs"]);
    a.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    for clone in [&a, &b] {
        // One outside of the circle still supersedes one in it.
        assert_eq!(ids(clone, &["learn", "list"]), [z.as_str(), y.as_str()]);
        let shown = clone.data(&["learn", "show", &x]);
        assert_eq!(shown["superseded_by"], json!([z]), "{shown}");
        let prime = clone.pm(&["prime", &task]).ok().out;
        assert!(prime.contains("Cache by hash"), "{prime}");
        let report = clone.data(&["fsck"]);
        let findings = report["findings"].as_array().unwrap();
        let circle = findings.iter().find(|one| one["code"] == "learning-circle");
        let circle = circle.unwrap_or_else(|| panic!("no circle is reported: {report}"));
        let message = circle["message"].as_str().unwrap();
        assert!(message.contains(&x) && message.contains(&y), "{message}");
        assert!(!message.contains(&z), "{message}");
    }
    edit(&a, &x, "");
    let report = a.data(&["fsck"]);
    assert_eq!(report["warnings"], 0, "{report}");
    assert_eq!(ids(&a, &["learn", "list", "--all"]).len(), 3);
    assert_eq!(
        a.data(&["learn", "show", &x])["superseded_by"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
}

#[test]
fn overridden_values_of_learnings_are_in_the_log() {
    let scene = Scene::new();
    let (a, b) = two_clones(&scene);
    let id = shared(&a, &b, "One queue", &["--context", "c", "--decision", "d"]);
    for (clone, who, kind) in [(&b, "ben", "pattern"), (&a, "ana", "gotcha")] {
        let text = |field: &str| format!("{who}'s {field}");
        let (title, context) = (text("title"), text("context"));
        let (decision, consequences) = (text("decision"), text("consequences"));
        clone
            .by(who)
            .pm(&[
                "--offline",
                "learn",
                "edit",
                &id,
                "--title",
                &title,
                "--context",
                &context,
                "--decision",
                &decision,
                "--consequences",
                &consequences,
                "--kind",
                kind,
            ])
            .ok();
    }
    for clone in [&b, &a, &b] {
        clone.pm(&["sync"]).ok();
    }
    for clone in [&a, &b] {
        let rows = overridden(clone, &[]);
        let fields: Vec<&str> = rows.iter().map(|r| r["field"].as_str().unwrap()).collect();
        for field in ["title", "context", "decision", "consequences", "type"] {
            assert!(fields.contains(&field), "{field} is missing: {rows:?}");
        }
        for row in &rows {
            assert_eq!(row["item"], id.as_str(), "{row}");
            assert_eq!(
                (&row["kept_by"], &row["lost_by"]),
                (&json!("ana"), &json!("ben"))
            );
        }
        let title = rows.iter().find(|row| row["field"] == "title").unwrap();
        assert_eq!(title["kept"], "ana's title");
        assert_eq!(title["lost"], "ben's title");
        assert_eq!(overridden(clone, &[&id]).len(), rows.len());
        assert_eq!(overridden(clone, &[&id, "--actor", "cyd"]).len(), 0);
    }
}

#[test]
fn uses_and_votes_of_two_clones_are_all_counted() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let id = add(&a, "Use one job", &["--tag", "ci"]);
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    for clone in [&a, &b] {
        clone.pm(&["learn", "use", &id]).ok();
        clone.pm(&["learn", "vote", &id, "useful"]).ok();
        clone
            .pm(&[
                "learn",
                "edit",
                &id,
                "--tag",
                "ci",
                "--tag",
                clone.path.file_name().unwrap().to_str().unwrap(),
            ])
            .ok();
    }
    b.pm(&["learn", "edit", &id, "--body", "From Ben."]).ok();
    a.pm(&["learn", "edit", &id, "--body", "From Ana."]).ok();
    for clone in [&a, &b, &a] {
        clone.pm(&["sync"]).ok();
    }
    assert_eq!(a.state_tree(), b.state_tree(), "the clones differ");
    let shown = a.data(&["learn", "show", &id]);
    assert_eq!(
        (&shown["uses"], &shown["useful"]),
        (&json!(2), &json!(2)),
        "{shown}"
    );
    assert_eq!(shown["tags"].as_array().unwrap().len(), 3, "{shown}");
    assert_eq!(shown["conflicted"], true, "{shown}");
    for clone in [&a, &b] {
        for word in ["Ben", "Ana"] {
            assert_eq!(
                ids(clone, &["learn", "search", word]),
                [id.as_str()],
                "{word}"
            );
        }
        clone.pm(&["fsck"]).ok();
    }
    let text = a.pm(&["learn", "show", &id]).ok().out;
    assert!(
        text.contains("From Ana.") && text.contains("From Ben."),
        "{text}"
    );
}

#[test]
fn fetched_learnings_are_named_by_sync() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let b = scene.clone_of(&hub, "b", "Ben");
    b.pm(&["sync"]).ok();
    let id = add(&a, "Use one job", &[]);
    a.pm(&["sync"]).ok();
    let text = b.pm(&["sync"]).ok().out;
    assert!(text.contains(&id) && text.contains("Use one job"), "{text}");
}
