//! Learnings as files, and from another repository.

use super::{add, ids};
use crate::support::{Repo, Scene, set_up};
use serde_json::json;

/// A repository with a decision and a gotcha.
fn source(scene: &Scene) -> (Repo, String, String) {
    let repo = scene.set_up("source");
    let task = repo.task("Some task", &[]);
    let decision = add(
        &repo,
        "One queue per tenant",
        &[
            "--context",
            "It blocked.",
            "--decision",
            "A queue\n\nfor each.",
            "--consequences",
            "More to watch.",
            "--tag",
            "queues",
            "--path",
            "src/queue/**",
            "--item",
            &task,
        ],
    );
    let gotcha = add(
        &repo,
        "Retries: at most three",
        &[
            "--tag",
            "queues",
            "--body",
            "# Why\n\nIt doubles.",
            "--symptom",
            "load doubles",
        ],
    );
    repo.pm(&["learn", "use", &gotcha]).ok();
    (repo, decision, gotcha)
}

#[test]
fn ln_02_learnings_are_exported_as_notes_by_type() {
    let scene = Scene::new();
    let (repo, _, gotcha) = source(&scene);
    repo.pm(&["learn", "export", "notes"]).ok();
    let text = repo.read("notes/learnings/decisions/one-queue-per-tenant.md");
    for part in [
        "type: decision",
        "tags: [queues]",
        "## Decision",
        "A queue\n\nfor each.",
    ] {
        assert!(text.contains(part), "{part} is missing: {text}");
    }
    let text = repo.read("notes/learnings/gotchas/retries-at-most-three.md");
    assert!(
        text.contains("links: [\"[[one-queue-per-tenant]]\"]"),
        "{text}"
    );
    repo.pm(&["learn", "export", "notes"]).exits(1);
    // Unchanged files change nothing; an edited one changes its learning.
    let report = repo.data(&["learn", "import", "notes"]);
    assert_eq!(
        (&report["unchanged"], &report["updated"]),
        (&json!(2), &json!(0)),
        "{report}"
    );
    let edited = text.replace("It doubles.", "It trebles.");
    repo.write("notes/learnings/gotchas/retries-at-most-three.md", &edited);
    let report = repo.data(&["learn", "import", "notes"]);
    assert_eq!(
        (&report["unchanged"], &report["updated"]),
        (&json!(1), &json!(1)),
        "{report}"
    );
    assert_eq!(ids(&repo, &["learn", "search", "trebles"])[0], gotcha);
}

#[test]
fn ln_07_zettel_notes_have_front_matter_and_wikilinks() {
    let scene = Scene::new();
    let (repo, decision, _) = source(&scene);
    add(&repo, "One queue for all", &["--supersedes", &decision]);
    repo.pm(&["learn", "export", "vault", "--layout", "zettel"])
        .ok();
    let text = repo.read("vault/retries-at-most-three.md");
    let front = text.split("---\n").nth(1).unwrap();
    for key in ["date: ", "type: gotcha", "tags: [queues]", "links: "] {
        assert!(front.contains(key), "{key} is missing: {text}");
    }
    assert!(
        text.contains("## Links\n\n- [[one-queue-per-tenant]]"),
        "{text}"
    );
    let newer = repo.read("vault/one-queue-for-all.md");
    assert!(
        newer.contains("- Supersedes [[one-queue-per-tenant]]"),
        "{newer}"
    );
    let before = repo.state_tree();
    let report = repo.data(&["learn", "import", "vault"]);
    assert_eq!(report["unchanged"], 3, "{report}");
    assert_eq!(repo.state_tree(), before);
}

#[test]
fn ln_12_learnings_of_another_repository_are_imported_once_by_either_way() {
    let scene = Scene::new();
    let (from, decision, gotcha) = source(&scene);
    add(&from, "Not sure", &["--draft"]);
    let to = scene.set_up("to");
    let report = to.data(&["learn", "import", "../source"]);
    assert_eq!(report["created"], 2, "{report}");
    assert!(!from.path.join(".git/pm/index.sqlite-wal").exists());
    let shown = to.data(&["learn", "show", &decision]);
    for (key, value) in [
        ("type", json!("decision")),
        ("context", json!("It blocked.")),
        ("decision", json!("A queue\n\nfor each.")),
        ("consequences", json!("More to watch.")),
        ("paths", json!(["src/queue/**"])),
        ("item", json!(null)),
        ("commit", json!(null)),
    ] {
        assert_eq!(shown[key], value, "{key}");
    }
    assert_eq!(to.data(&["learn", "show", &gotcha])["uses"], 0);
    // Twice changes nothing, and the files bring the same learnings.
    let tree = to.state_tree();
    let report = to.data(&["learn", "import", "../source"]);
    assert_eq!(report["unchanged"], 2, "{report}");
    assert_eq!(to.state_tree(), tree);
    from.pm(&["learn", "export", "notes"]).ok();
    let report = to.data(&["learn", "import", "../source/notes"]);
    assert_eq!(report["created"], 1, "the draft: {report}");
    assert_eq!(ids(&to, &["learn", "list"]).len(), 3);
    // A change there comes in, a change here stays.
    to.pm(&["learn", "edit", &gotcha, "--tag", "mine"]).ok();
    let later = from.when("2126-01-01T00:00:00Z");
    later
        .pm(&["learn", "edit", &gotcha, "--title", "Retries: at most two"])
        .ok();
    later
        .pm(&["learn", "edit", &gotcha, "--body", "It trebles."])
        .ok();
    to.pm(&["learn", "import", "../source"]).ok();
    // The export was made before that change.
    let tree = to.state_tree();
    let report = to.pm(&["--json", "learn", "import", "../source/notes"]);
    let report = report.ok().data();
    assert_eq!(
        (&report["updated"], &report["skipped"][0]["reason"]),
        (&json!(0), &json!("is older than the version here")),
        "{report}"
    );
    assert_eq!(to.state_tree(), tree);
    let shown = to.data(&["learn", "show", &gotcha]);
    assert_eq!(shown["title"], "Retries: at most two", "{shown}");
    assert_eq!(shown["body"], "It trebles.", "{shown}");
    assert!(
        shown["tags"].as_array().unwrap().contains(&json!("mine")),
        "{shown}"
    );
    to.pm(&["learn", "import", "../nowhere"]).exits(5);
    let plain = scene.repo("plain");
    drop(plain);
    to.pm(&["learn", "import", "../plain"]).exits(4);
    to.pm(&["fsck"]).ok();
}

#[test]
fn two_clones_that_import_the_same_repository_have_the_same_learnings() {
    let scene = Scene::new();
    source(&scene);
    let (hub, a) = scene.with_hub();
    let b = scene.clone_of(&hub, "b", "Ben");
    for clone in [&a, &b] {
        let path = scene.dir.path().join("source");
        clone.pm(&["learn", "import", path.to_str().unwrap()]).ok();
    }
    for clone in [&a, &b, &a] {
        clone.pm(&["sync"]).ok();
    }
    assert_eq!(a.state_tree(), b.state_tree(), "the clones differ");
    assert_eq!(ids(&a, &["learn", "list"]).len(), 2);
}

#[test]
fn a_second_file_with_the_uid_of_another_one_is_skipped() {
    let (_scene, repo) = set_up();
    let uid = "01m8666ee1m7t8hk0k6zccqzsg";
    for (file, title) in [("1.md", "One"), ("2.md", "Two")] {
        let note = format!("---\ntitle: {title}\npm: \"{uid}\"\n---\n\n{title}.\n");
        repo.write(&format!("notes/{file}"), &note);
    }
    let import = ["--json", "learn", "import", "notes"];
    let mut after = None;
    for (created, unchanged) in [(1, 0), (0, 1), (0, 1)] {
        let report = repo.pm(&import).exits(8).data();
        assert_eq!(report["created"], created, "{report}");
        assert_eq!(report["unchanged"], unchanged, "{report}");
        assert_eq!(report["updated"], 0, "{report}");
        let skipped = &report["skipped"][0];
        assert_eq!(skipped["file"], "2.md", "{report}");
        assert_eq!(
            skipped["reason"], "has the same uid as 1.md, which is imported",
            "{report}"
        );
        let tip = repo.tip("refs/pm/main");
        let before = after.replace(tip.clone());
        assert!(
            before.is_none_or(|before| before == tip),
            "a repeated import wrote"
        );
    }
    let listed = repo.data(&["learn", "list"]);
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    assert_eq!(listed["items"][0]["title"], "One", "{listed}");
}

#[test]
fn an_imported_learning_has_the_limits_of_an_added_one() {
    let (_scene, repo) = set_up();
    let note = |name: &str, front: &str, body: &str| {
        let text = format!("---\n{front}\n---\n\n{body}\n");
        repo.write(&format!("notes/{name}.md"), &text);
    };
    note("body", "title: Long text", &"x".repeat(262_145));
    note("control", "title: \"Red \\u001b[31m\"", "Text.");
    note("fits", "title: Fits", &"x".repeat(262_000));
    note(
        "line",
        &format!("title: Line\nsymptoms: [{}]", "x".repeat(501)),
        "Text.",
    );
    note(
        "tag",
        &format!("title: Tag\ntags: [{}]", "x".repeat(81)),
        "Text.",
    );
    note("title", &format!("title: {}", "x".repeat(301)), "Text.");
    note(
        "type",
        "title: Typo\ntype: decison\npaths: [\"../../x\", \"src/**\"]",
        "Text.",
    );
    let tags: Vec<String> = (0..101).map(|n| format!("t{n}")).collect();
    note(
        "list",
        &format!("title: Many\ntags: [{}]", tags.join(", ")),
        "Text.",
    );
    let report = repo
        .pm(&["--json", "learn", "import", "notes"])
        .exits(8)
        .data();
    assert_eq!(report["created"], 2, "{report}");
    let skipped = report["skipped"].as_array().unwrap().iter();
    let skipped: Vec<(&str, &str)> = skipped
        .map(|one| {
            (
                one["file"].as_str().unwrap(),
                one["reason"].as_str().unwrap(),
            )
        })
        .collect();
    for (file, part) in [
        ("body.md", "the limit is 262144"),
        ("control.md", "without control characters"),
        ("line.md", "the limit is 500"),
        ("list.md", "the limit is 100"),
        ("tag.md", "the limit is 80"),
        ("title.md", "the limit is 300"),
    ] {
        let found = skipped.iter().find(|(name, _)| *name == file);
        assert!(
            found.is_some_and(|(_, why)| why.contains(part)),
            "{file}: {skipped:?}"
        );
    }
    assert_eq!(skipped.len(), 6, "{skipped:?}");
    let warnings = report["warnings"].to_string();
    for part in ["type.md", "unknown type `decison`", "a path was left out"] {
        assert!(warnings.contains(part), "{part}: {warnings}");
    }
}

#[test]
fn an_imported_note_cannot_take_the_uid_of_an_item() {
    let (_scene, repo) = set_up();
    let task = repo.task("A task", &[]);
    let uid = repo.data(&["show", &task])["uid"]
        .as_str()
        .unwrap()
        .to_string();
    let note = format!("---\ntitle: Taken\ntype: gotcha\npm: {uid}\n---\n\nText.\n");
    repo.write("notes/x.md", &note);
    repo.write(
        "notes/y.md",
        "---\ntitle: Keys\npm: ../../x\n---\nAKIAIOSFODNN7EXAMPLQ\n",
    );
    let report = repo
        .pm(&["--json", "learn", "import", "notes"])
        .exits(8)
        .data();
    assert_eq!(report["skipped"].as_array().unwrap().len(), 2, "{report}");
    assert_eq!(repo.data(&["show", &task])["title"], "A task");
    repo.pm(&["fsck"]).ok();
}
