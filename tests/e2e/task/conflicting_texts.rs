//! Stories, and texts written concurrently in two clones.

use crate::support::{Repo, Scene, script_file, set_up};

// TM-08: a story keeps its sentence.
#[test]
fn tm_08_a_story_keeps_its_sentence() {
    let (_scene, repo) = set_up();
    let title = "As a user I need to log in so that I see my plans";
    let item = repo.data(&["task", "create", title, "--type", "story"]);
    assert_eq!(item["title"], title);
    assert_eq!(item["type"], "story");
}

#[test]
fn conflicting_bodies_are_both_kept_until_a_decision() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.task("T", &["--body", "one\ntwo\nthree\nfour\n"]);
    a.task("U", &["--body", "base\n"]);
    a.task("V", &["--body", "base\n"]);
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Bea");
    for (place, t, u) in [
        (&a, "ONE\ntwo\nthree\nfour\n", "from a\n"),
        (&b, "one\ntwo\nthree\nFOUR\n", "from b\n"),
    ] {
        place.pm(&["task", "edit", "T-1", "--body", t]).ok();
        place.pm(&["task", "edit", "T-2", "--body", u]).ok();
        place.pm(&["task", "edit", "T-3", "--body", u]).ok();
        place.pm(&["task", "edit", "T-3", "--title", u.trim()]).ok();
    }
    a.pm(&["sync"]).ok();
    let report = b.data(&["sync"]);
    assert_eq!(
        report["conflicted"],
        serde_json::json!(["T-0001", "T-0002", "T-0003"]),
        "a text was overwritten without notice"
    );
    a.pm(&["sync"]).ok();
    assert_eq!(a.state_tree(), b.state_tree());
    let list = a.data(&["conflicts"]);
    let found = list["items"].as_array().unwrap();
    assert_eq!(found.len(), 3);
    for conflict in found {
        assert_eq!(
            conflict["versions"].as_array().unwrap().len(),
            2,
            "{conflict}"
        );
    }
    let texts = found[1]["versions"].to_string();
    assert!(
        texts.contains("from a") && texts.contains("from b"),
        "{texts}"
    );
    assert!(
        a.pm(&["show", "T-2"]).ok().out.contains("git pm conflicts"),
        "show does not report it"
    );
    // The merge is only proposed.
    let merged = a.data(&["conflicts", "T-1", "--merged"]);
    assert_eq!(merged["body"], "ONE\ntwo\nthree\nFOUR\n");
    let refused = a.pm(&["conflicts", "T-2", "--merged"]).exits(1).err;
    assert!(
        refused.contains("cannot be merged automatically"),
        "{refused}"
    );
    a.pm(&["conflicts", "T-2", "--keep", "3"]).exits(4);
    let second = found[1]["versions"][1]["text"].clone();
    assert_eq!(a.data(&["conflicts", "T-2", "--keep", "2"])["body"], second);
    let written = a
        .feed(
            "git-pm",
            &["--json", "conflicts", "T-3", "--text", "-"],
            "both\n",
        )
        .ok()
        .data();
    assert_eq!(written["body"], "both\n");
    assert_eq!(a.data(&["conflicts"])["items"], serde_json::json!([]));
    a.pm(&["conflicts", "T-1", "--keep", "1"]).exits(1);
    a.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    assert_eq!(b.data(&["conflicts"])["items"], serde_json::json!([]));
    assert_eq!(b.data(&["show", "T-1"])["body"], "ONE\ntwo\nthree\nFOUR\n");
    // The overridden value can be read in the log.
    let lost = b.data(&["log", "--conflicts"]);
    let row = lost["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["field"] == "title")
        .unwrap_or_else(|| panic!("the overridden title is not in the log: {lost}"));
    assert_eq!(row["item"], "T-0003");
    let pair = [row["kept"].as_str().unwrap(), row["lost"].as_str().unwrap()];
    assert!(
        pair.contains(&"from a") && pair.contains(&"from b"),
        "{row}"
    );
}

/// Two clones that changed the text of a task at the same time; each has the other's version.
fn with_a_conflict(scene: &Scene, of_a: &str, of_b: &str) -> (Repo, Repo) {
    let (hub, a) = scene.with_hub();
    a.task("T", &["--body", "top\nmiddle\nend\n"]);
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Bea");
    a.pm(&["task", "edit", "T-1", "--body", of_a]).ok();
    b.pm(&["task", "edit", "T-1", "--body", of_b]).ok();
    a.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    a.pm(&["sync"]).ok();
    (a, b)
}

#[test]
fn versions_of_a_conflict_name_their_writers() {
    let scene = Scene::new();
    let (a, b) = with_a_conflict(&scene, "of a\n", "of b\n");
    for place in [&a, &b] {
        let list = place.data(&["conflicts"]);
        let versions = list["items"][0]["versions"].as_array().unwrap();
        for version in versions {
            let wanted = if version["text"] == "of b\n" {
                "Bea"
            } else {
                "Ana"
            };
            assert_eq!(version["actor"], wanted, "{version}");
        }
        let text = place.pm(&["conflicts"]).ok().out;
        assert!(text.contains("Bea, ") && text.contains("Ana, "), "{text}");
        assert!(text.contains("git pm conflicts T-0001 --editor"), "{text}");
    }
}

/// Whoever cuts the history has not written what is in its first commit.
#[test]
fn after_a_cut_of_the_history_no_version_has_a_wrong_writer() {
    let scene = Scene::new();
    let (a, b) = with_a_conflict(&scene, "of a\n", "of b\n");
    a.pm(&["gc", "--new-generation"]).ok();
    a.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    for place in [&a, &b] {
        let list = place.data(&["conflicts"]);
        let versions = list["items"][0]["versions"].as_array().unwrap();
        assert_eq!(versions.len(), 2, "{list}");
        for version in versions {
            assert_eq!(version["actor"], serde_json::Value::Null, "{version}");
        }
        let text = place.pm(&["conflicts"]).ok().out;
        assert!(!text.contains("Bea, ") && !text.contains("Ana, "), "{text}");
    }
    // What is written from then on has a writer.
    a.task("U", &["--body", "base\n"]);
    a.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    a.pm(&["task", "edit", "T-2", "--body", "of a\n"]).ok();
    b.pm(&["task", "edit", "T-2", "--body", "of b\n"]).ok();
    a.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    let text = b.pm(&["conflicts", "T-2"]).ok().out;
    assert!(text.contains("Bea, ") && text.contains("Ana, "), "{text}");
}

#[test]
fn a_conflict_is_merged_in_the_editor_and_markers_are_refused() {
    let scene = Scene::new();
    let (a, b) = with_a_conflict(&scene, "TOP\nof a\nend\n", "top\nof b\nend\n");
    let editor = scene.dir.path().join("editor");
    let seen = scene.dir.path().join("seen");
    script_file(&editor, &format!("cp \"$1\" {}", seen.display()));
    let with = a.with("GIT_EDITOR", editor.to_str().unwrap());
    // Left as it is.
    let refused = with.pm(&["conflicts", "T-1", "--editor"]).exits(1).err;
    assert!(refused.contains("conflict markers"), "{refused}");
    assert!(refused.contains("conflict-draft-T-0001.md"), "{refused}");
    assert_eq!(a.data(&["conflicts"])["items"].as_array().unwrap().len(), 1);
    let text = std::fs::read_to_string(&seen).unwrap();
    assert!(text.contains("of a") && text.contains("of b"), "{text}");
    for name in ["<<<<<<< 1 ", "=======", ">>>>>>> 2 ", "Ana, ", "Bea, "] {
        assert!(text.contains(name), "{name}: {text}");
    }
    assert!(
        text.ends_with("\nend\n"),
        "what both have is not in conflict: {text}"
    );
    script_file(&editor, "printf 'TOP\\nof both\\nend\\n' > \"$1\"");
    let done = with.pm(&["conflicts", "T-1", "--editor"]).ok().out;
    assert!(done.contains("Resolved T-0001"), "{done}");
    assert_eq!(a.data(&["show", "T-1"])["body"], "TOP\nof both\nend");
    a.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    assert_eq!(b.data(&["conflicts"])["items"].as_array().unwrap().len(), 0);
    // There is nothing to edit now.
    with.pm(&["conflicts", "T-1", "--editor"]).exits(1);
}

#[test]
fn undoing_a_resolution_brings_both_texts_back() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let id = a.task("T", &["--body", "base"]);
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Bea");
    for (place, text) in [(&a, "from a"), (&b, "from b")] {
        place.pm(&["edit", &id, "--body", text]).ok();
        place.pm(&["sync"]).ok();
    }
    a.pm(&["sync"]).ok();
    for keep in ["1", "2"] {
        let texts = || {
            let found = a.pm(&["conflicts", &id]).ok().out;
            found.contains("from a") && found.contains("from b")
        };
        assert!(texts());
        a.pm(&["conflicts", &id, "--keep", keep]).ok();
        assert!(!texts());
        a.pm(&["undo"]).ok();
        assert!(texts(), "undoing `--keep {keep}` lost a text");
        // The undo can be undone, and that too.
        let undo =
            || a.data(&["log", "--op", "undo", "--limit", "1"])["items"][0]["commit"].clone();
        a.pm(&["undo", undo().as_str().unwrap()]).ok();
        assert!(!texts());
        a.pm(&["undo", undo().as_str().unwrap()]).ok();
    }
    a.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    assert_eq!(a.state_tree(), b.state_tree());
    assert_eq!(
        b.data(&["conflicts", &id])["items"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}
