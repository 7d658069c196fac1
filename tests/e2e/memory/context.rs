//! The project context: knowledge that every agent gets.

use serde_json::json;

use crate::support::{Scene, agent, at_terminal, binary, forge, set_up};

// MS-10: an update is visible at once in other worktrees, and after a sync in other clones.
#[test]
fn ms_10_a_section_is_visible_to_every_worktree_and_clone() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let id = a.task("T", &[]);
    a.pm(&["start", &id]).ok();
    let there = a.worktree(&id);
    a.pm(&["context", "set", "Build", "run `make`"]).ok();
    let shown = there.data(&["context", "show", "build"]);
    assert_eq!(
        (&shown["name"], &shown["text"], &shown["author"]),
        (&json!("build"), &json!("run `make`"), &json!("Ana"))
    );
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Bea");
    let list = b.data(&["context", "list"]);
    assert_eq!(list["items"][0]["name"], "build");
    assert!(b.pm(&["context", "show"]).ok().out.contains("run `make`"));
    // An agent's own name is recorded.
    let by = agent(&b).data(&["context", "set", "style", "short functions"]);
    assert!(by["agent"].is_string(), "{by}");
    // The same text again writes nothing.
    let tip = b.tip("refs/pm/main");
    b.pm(&["context", "set", "style", "short functions\n"]).ok();
    assert_eq!(b.tip("refs/pm/main"), tip);
    b.pm(&["fsck"]).ok();
}

#[test]
fn concurrent_edits_of_a_section_are_both_kept() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let b = scene.clone_of(&hub, "b", "Bea");
    // Both create one section, and one other each.
    for (clone, text, own) in [(&a, "from a", "alpha"), (&b, "from b", "beta")] {
        clone.pm(&["context", "set", "build", text]).ok();
        clone.pm(&["context", "set", own, "own"]).ok();
    }
    a.pm(&["sync"]).ok();
    let synced = b.data(&["sync"]);
    assert_eq!(synced["conflicted"], json!(["context:build"]));
    a.pm(&["sync"]).ok();
    assert_eq!(a.state_tree(), b.state_tree(), "the clones differ");
    let all = a.data(&["context", "show"]);
    let names: Vec<&str> = all["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| s["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["alpha", "beta", "build"]);
    let shown = a.pm(&["context", "show", "build"]).ok().out;
    assert!(
        shown.contains("from a") && shown.contains("from b"),
        "{shown}"
    );
    let found = a.data(&["conflicts"]);
    assert_eq!(found["items"][0]["id"], "context:build");
    let first = found["items"][0]["versions"][0]["text"].clone();
    a.pm(&["conflicts", "context:build", "--keep", "9"])
        .exits(4);
    a.pm(&["conflicts", "context:build", "--merged"]).exits(1);
    a.pm(&["conflicts", "context:build", "--keep", "1"]).ok();
    assert_eq!(a.data(&["context", "show", "build"])["text"], first);
    assert_eq!(a.data(&["conflicts"])["items"], json!([]));
    // Without a conflict the list is empty; without a section there is nothing to list.
    for name in ["context:build", "context:BUILD"] {
        assert_eq!(a.data(&["conflicts", name])["items"], json!([]));
    }
    a.pm(&["conflicts", "context:nope"]).exits(4);
    a.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    assert_eq!(a.state_tree(), b.state_tree());
    b.pm(&["fsck"]).ok();
}

#[test]
fn texts_that_do_not_belong_into_the_context_are_refused() {
    let (_scene, repo) = set_up();
    let tip = repo.tip("refs/pm/main");
    let key = "deploy with AKIAIOSFODNN7EXAMPLQ";
    let refused = repo.pm(&["--json", "context", "set", "deploy", key]);
    assert_eq!(refused.exits(1).error()["reason"], "secret.found");
    let long = "x".repeat(33 * 1024);
    let too_long = repo.feed(binary(), &["context", "set", "long", "-"], &long);
    assert!(too_long.exits(2).err.contains("the limit for a section is"));
    for name in ["", "../x", "a b", "-x", "a\u{1b}[2J"] {
        let ran = repo.pm(&["context", "set", "--", name, "text"]).exits(2);
        assert!(!ran.err.contains('\u{1b}'));
    }
    repo.pm(&["context", "set", "empty", " \n"]).exits(2);
    repo.pm(&["context", "show", "none"]).exits(4);
    repo.pm(&["context", "remove", "none"]).exits(4);
    assert_eq!(repo.tip("refs/pm/main"), tip);
}

#[test]
fn a_section_can_be_removed_undone_compared_and_redacted() {
    let (_scene, repo) = set_up();
    repo.pm(&["context", "set", "build", "one\ntwo"]).ok();
    let first = repo.tip("refs/pm/main");
    repo.pm(&["context", "set", "build", "one\nthree"]).ok();
    let diff = repo.pm(&["diff", &first]).ok().out;
    for part in ["context:build", "-two", "+three"] {
        assert!(diff.contains(part), "{part} is missing: {diff}");
    }
    let log = repo.pm(&["log"]).ok().out;
    assert!(log.contains("context set build"), "{log}");
    let text = || repo.data(&["context", "show", "build"])["text"].clone();
    repo.pm(&["undo"]).ok();
    assert_eq!(text(), "one\ntwo");
    repo.pm(&["undo", "refs/pm/main"]).ok();
    assert_eq!(text(), "one\nthree");
    repo.pm(&["context", "remove", "BUILD"]).ok();
    repo.pm(&["context", "show", "build"]).exits(4);
    repo.pm(&["undo"]).ok();
    assert_eq!(text(), "one\nthree");
    repo.pm(&["context", "remove", "build"]).ok();
    repo.pm(&["gc"]).ok();
    repo.pm(&["context", "set", "build", "four, hunter2-ish"])
        .ok();
    assert_eq!(text(), "four, hunter2-ish");
    repo.pm(&["redact", "hunter2-ish"]).ok();
    repo.git(&["grep", "hunter2", "refs/pm/main"]).exits(1);
    repo.pm(&["fsck"]).ok();
    // The undo of the first write removes the section.
    let (_scene, repo) = set_up();
    repo.pm(&["context", "set", "build", "one"]).ok();
    repo.pm(&["undo"]).ok();
    repo.pm(&["context", "show", "build"]).exits(4);
}

#[test]
fn a_section_is_edited_in_the_editor() {
    let (_scene, repo) = set_up();
    let with = repo.with("GIT_EDITOR", "sh -c 'echo more >>\"$1\"' --");
    with.pm(&["context", "edit", "build"]).ok();
    with.pm(&["context", "edit", "build"]).ok();
    assert_eq!(
        repo.data(&["context", "show", "build"])["text"],
        "more\nmore"
    );
    at_terminal(&repo, &["context", "list"], "").ok();
}

#[test]
fn a_change_while_the_editor_is_open_is_not_lost() {
    let (_scene, repo) = set_up();
    for (change, left, name) in [
        (
            "context set build theirs",
            Some("theirs"),
            "context-edit-build.md",
        ),
        ("context remove build", None, "context-edit-build-2.md"),
    ] {
        repo.pm(&["context", "set", "build", "old"]).ok();
        let editor = format!(
            "sh -c '{} {change} >/dev/null; echo mine >\"$1\"' --",
            binary()
        );
        let with = repo.with("GIT_EDITOR", &editor);
        let ran = with.pm(&["--json", "context", "edit", "build"]).exits(3);
        let error = ran.error();
        assert_eq!(error["reason"], "context.changed");
        let kept = repo.path.join(".git/pm/drafts").join(name);
        assert_eq!(std::fs::read_to_string(&kept).unwrap(), "mine\n");
        assert!(error["hints"].to_string().contains(name));
        match left {
            Some(text) => assert_eq!(repo.data(&["context", "show", "build"])["text"], text),
            None => _ = repo.pm(&["context", "show", "build"]).exits(4),
        }
    }
}

#[test]
fn a_repeated_command_gives_the_same_answer() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let b = scene.clone_of(&hub, "b", "Bea");
    a.pm(&["context", "set", "build", "from a"]).ok();
    b.pm(&["context", "set", "build", "from b"]).ok();
    a.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    let twice = |key: &str, args: &[&str]| {
        let args = [&["--idempotency-key", key], args].concat();
        let first = b.data(&args);
        let tip = b.tip("refs/pm/main");
        assert_eq!(b.data(&args), first, "{args:?}");
        assert_eq!(b.tip("refs/pm/main"), tip, "{args:?}");
        first
    };
    let done = twice("k1", &["conflicts", "context:build", "--keep", "2"]);
    assert_eq!(done["versions"], json!([]));
    twice("k2", &["context", "set", "build", "new"]);
    let gone = twice("k3", &["context", "remove", "build"]);
    assert_eq!(gone["text"], "new");
    b.pm(&["context", "show", "build"]).exits(4);
}

#[test]
fn a_section_is_not_named_like_a_uid() {
    let (_scene, repo) = set_up();
    let tip = repo.tip("refs/pm/main");
    for name in ["01jd4qz0r0000000000000k3f9", "01JD4QZ0R0000000000000K3F9"] {
        let ran = repo
            .pm(&["--json", "context", "set", name, "text"])
            .exits(2);
        assert_eq!(ran.error()["reason"], "context.invalid_name");
    }
    assert_eq!(repo.tip("refs/pm/main"), tip, "it was written");
    let new = repo.data(&["context", "set", "context:new", "text"]);
    assert_eq!(new["name"], "new");
}

#[test]
fn a_section_from_elsewhere_cannot_harm_the_reader() {
    let (_scene, repo) = set_up();
    let uid = "01jd4qz0r0000000000000k3f9";
    let text = format!(
        "---\nuid: \"{uid}\"\nkind: context\nname: \"../../x\\u001b[2J\"\nauthor: 7\nbirth: \"1763625600000.0.ana0\"\n---\na\u{1b}[2Jb"
    );
    let blob = forge::blob(&repo, text.as_bytes());
    let file = format!("{uid}.md");
    let path: [&[u8]; 3] = [b"context", b"f9", file.as_bytes()];
    let tree = forge::with(&repo, Some(&repo.state_tree()), &path, "100644", &blob);
    forge::commit(&repo, &tree);
    let shown = repo.pm(&["context", "show"]).ok().out;
    assert!(shown.contains(uid) && !shown.contains('\u{1b}'), "{shown}");
    repo.pm(&["context", "list"]).ok();
    repo.pm(&["context", "set", uid, "mended"]).ok();
    assert_eq!(repo.data(&["context", "show", uid])["text"], "mended");
    repo.pm(&["context", "remove", uid]).ok();
}

/// A removal wins over a concurrent edit, but not silently.
#[test]
fn an_edit_of_a_section_that_another_clone_removed_is_reported() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.pm(&["context", "set", "build", "make"]).ok();
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    b.pm(&["context", "remove", "build"]).ok();
    b.pm(&["sync"]).ok();
    a.pm(&["context", "set", "build", "precious"]).ok();
    let warned = a.pm(&["sync"]).ok();
    let said = format!("{}{}", warned.out, warned.err);
    assert!(
        said.contains("context:build was deleted by Ben while it was changed by Ana"),
        "{said}"
    );
    let listed = a.data(&["log", "--conflicts", "context:build"]);
    let lost = &listed["items"][0];
    assert_eq!(
        (&lost["item"], &lost["lost"]),
        (&json!("context:build"), &json!("precious")),
        "{listed}"
    );
    b.pm(&["sync"]).ok();
    assert_eq!(a.state_tree(), b.state_tree());
}

#[test]
fn a_section_is_only_changed_at_the_expected_version() {
    let (_scene, repo) = set_up();
    let first = repo.data(&["context", "set", "build", "one"]);
    let version = first["version"].as_str().unwrap().to_string();
    let set = |version: &str, text: &str| {
        repo.pm(&[
            "--json",
            "--if-version",
            version,
            "context",
            "set",
            "build",
            text,
        ])
    };
    set(&version, "two").ok();
    let late = set(&version, "three").exits(3).error();
    assert_eq!(late["reason"], "context.changed");
    set("garbage", "three").exits(3);
    assert_eq!(repo.data(&["context", "show", "build"])["text"], "two");
    for event in repo.data_lines(&["events", "--json", "--kind", "context"]) {
        assert_eq!(event["id"], "context:build");
    }
    let message = ["--if-version", "x", "msg", "send", "--to", "all", "Hi"];
    let refused = repo.pm(&message).exits(2);
    assert!(refused.err.contains("does not apply"), "{}", refused.err);
}
