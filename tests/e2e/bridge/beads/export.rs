//! `git pm export beads`: unchanged records are exported byte for byte as imported, and changed
//! ones differ only in the changed keys.

use serde_json::Value;

use super::{export, import, ready, same};
use crate::bridge::beads::fixture::{SHAPES, Shape, file};
use crate::support::{Repo, Scene, rounds, size};

/// The record of an id in an export.
fn line(repo: &Repo, id: &str) -> String {
    let all = export(repo);
    let wanted = format!("\"id\":\"{id}\",");
    let found = all.lines().find(|line| line.contains(&wanted));
    found
        .unwrap_or_else(|| panic!("{id} is not in the export:\n{all}"))
        .to_string()
}

fn record(repo: &Repo, id: &str) -> Value {
    serde_json::from_str(&line(repo, id)).unwrap()
}

#[test]
fn files_of_every_shape_are_exported_as_imported() {
    for (n, shape) in SHAPES.into_iter().enumerate() {
        for lines in [39, size(10_519, rounds(800))] {
            let (scene, repo) = ready();
            let text = file(shape, lines, n as u64 + 7);
            import(&repo, &text).ok();
            let out = export(&repo);
            same(&format!("{shape:?} of {lines}"), &out, &text);
            // Imported into an empty store and exported again.
            let other = scene.set_up("other");
            import(&other, &out).ok();
            same(
                &format!("{shape:?} of {lines}, again"),
                &export(&other),
                &text,
            );
        }
    }
}

#[test]
fn whitespace_blank_lines_order_and_a_missing_line_end_are_preserved() {
    let (_scene, repo) = ready();
    let text = "{\"_schema\":\"beads-jsonl/2\"}\n\n{ \"id\" : \"bd-z\", \"title\":\"<plain> & caf\\u00e9\" ,\"n\":1.0e+2 }\r\n{\"_type\":\"memory\",\"key\":\"k\",\"value\":\"v\"}\n{\"id\":\"bd-a\",\"title\":\"t\",\"priority\":2}\n{\"_type\":\"novel\",\"x\":1}\n{\"id\":\"bd-z\",\"title\":\"twin\"}";
    import(&repo, text).ok();
    same("an odd file", &export(&repo), text);
}

#[test]
fn only_the_changed_keys_of_an_edited_record_differ() {
    let (_scene, repo) = ready();
    let before = "{ \"id\":\"bd-1\",\"odd\":{\"b\":1.50},\"title\":\"Old\",\"status\":\"open\", \"priority\":1,\"issue_type\":\"bug\",\"updated_at\":\"2026-01-02T00:00:00.5-08:00\",\"labels\":[\"z\",\"a\"],\"dependencies\":[{\"issue_id\":\"bd-1\",\"depends_on_id\":\"bd-gone\",\"type\":\"blocks\",\"created_at\":\"2026-01-01T00:00:00Z\",\"x\":1}],\"zz\":null}";
    let other = "{\"id\":\"bd-2\",\"title\":\"t\",\"status\":\"open\",\"updated_at\":\"2026-01-02T00:00:00Z\"}";
    import(&repo, &format!("{before}\n{other}\n")).ok();
    let now = repo.when("2027-11-20T10:00:00.250Z");
    now.pm(&[
        "task",
        "edit",
        "bd-1",
        "--title",
        "New <b>",
        "--add-label",
        "m",
        "--remove-label",
        "z",
    ])
    .ok();
    let now = repo.when("2027-11-20T10:00:00.5Z");
    now.pm(&["dep", "add", "bd-1", "bd-2"]).ok();
    let wanted = before
        .replace("\"Old\"", "\"New \\u003cb\\u003e\"")
        .replace("[\"z\",\"a\"]", "[\"a\",\"m\"]")
        .replace("\"2026-01-02T00:00:00.5-08:00\"", "\"2027-11-20T10:00:00.500001Z\"")
        .replace("\"x\":1}]", "\"x\":1},{\"issue_id\":\"bd-1\",\"depends_on_id\":\"bd-2\",\"type\":\"blocks\",\"created_at\":\"2027-11-20T10:00:00Z\"}]");
    same(
        "a touched record",
        &export(&repo),
        &format!("{wanted}\n{other}\n"),
    );
    // Undone, it is as before except for its time.
    let later = repo.when("2027-11-20T11:00:00Z");
    later.pm(&["dep", "rm", "bd-1", "bd-2"]).ok();
    let later = repo.when("2027-11-20T11:00:00.125Z");
    later
        .pm(&[
            "task",
            "edit",
            "bd-1",
            "--title",
            "Old",
            "--remove-label",
            "m",
            "--add-label",
            "z",
        ])
        .ok();
    same(
        "a record changed and changed back",
        &export(&repo),
        &format!(
            "{}\n{other}\n",
            before.replace("2026-01-02T00:00:00.5-08:00", "2027-11-20T11:00:00.125Z")
        ),
    );
}

#[test]
fn comments_written_here_survive_an_export_and_reimport() {
    let (scene, repo) = ready();
    let one = "{\"id\":\"bd-1\",\"title\":\"t\",\"status\":\"open\",\"priority\":2,\"issue_type\":\"task\",\"updated_at\":\"2026-01-02T00:00:00Z\",\"comments\":[{\"id\":7,\"issue_id\":\"bd-1\",\"author\":\"e\",\"text\":\"first\",\"created_at\":\"2026-01-01T00:00:00Z\"}]}\n";
    import(&repo, one).ok();
    repo.by("ana")
        .pm(&["task", "comment", "bd-1", "second & last"])
        .ok();
    let out = record(&repo, "bd-1");
    assert_eq!(out["comments"][0]["id"], 7);
    assert!(
        out["comments"][1]["id"].is_u64(),
        "the file's readers want numbers: {out}"
    );
    assert_eq!(out["comments"][1]["text"], "second & last");
    let text = export(&repo);
    import(&repo, &text).ok();
    let comments = repo.data(&["show", "bd-1"])["comments"].clone();
    assert_eq!(
        comments.as_array().unwrap().len(),
        2,
        "a comment was imported as another one: {comments}"
    );
    same("an export that came home", &export(&repo), &text);
    let other = scene.set_up("other");
    import(&other, &text).ok();
    same("an export in an empty store", &export(&other), &text);
}

// PL-39: epics, tasks and PRDs are in it, in the form that beads reads.
#[test]
fn pl_39_the_plan_is_exported_in_the_terms_of_beads() {
    let (scene, repo) = ready();
    let repo = repo.by("ana").when("2027-11-20T10:00:00Z");
    let epic = repo.data(&["epic", "create", "Auth"])["id"]
        .as_str()
        .unwrap()
        .to_string();
    let one = repo.task(
        "Log in",
        &[
            "--epic",
            &epic,
            "--type",
            "feature",
            "--accept",
            "nobody fails twice",
            "--priority",
            "1",
            "--label",
            "auth",
        ],
    );
    let two = repo.task(
        "Document it",
        &[
            "--epic",
            &epic,
            "--type",
            "docs",
            "--depends-on",
            &one,
            "--body",
            "All of it",
        ],
    );
    let soft = repo.task("Later", &[]);
    repo.pm(&["dep", "add", &soft, &one, "--soft"]).ok();
    repo.pm(&["task", "accept", &one, "--all"]).ok();
    repo.pm(&["task", "cancel", &one, "--reason", "<obsolete>"])
        .ok();
    repo.pm(&["task", "comment", &two, "hello"]).ok();
    let head = "{\"id\":\"T-0001\",\"title\":\"Log in\",\"acceptance_criteria\":\"- [x] nobody fails twice\",\"status\":\"closed\",\"priority\":1,\"issue_type\":\"feature\"";
    let text = line(&repo, &one);
    assert!(
        text.starts_with(head),
        "the keys are not in the order of beads: {text}"
    );
    let first = record(&repo, &one);
    assert_eq!(
        first["closed_at"], "2027-11-20T10:00:00Z",
        "closed and no closed_at: {first}"
    );
    assert_eq!(first["close_reason"], "<obsolete>");
    assert_eq!(first["labels"][0], "auth");
    assert_eq!(first["dependencies"][0]["type"], "parent-child");
    assert_eq!(first["dependencies"][0]["depends_on_id"], epic);
    let second = record(&repo, &two);
    assert_eq!(second["issue_type"], "task", "beads has no type docs");
    assert_eq!(second["status"], "open");
    assert_eq!(second["description"], "All of it");
    assert_eq!(second["created_by"], "ana");
    let kinds: Vec<&str> = second["dependencies"]
        .as_array()
        .unwrap()
        .iter()
        .map(|d| d["type"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["blocks", "parent-child"]);
    assert_eq!(second["comments"][0]["author"], "ana");
    assert_eq!(record(&repo, &epic)["issue_type"], "epic");
    let third = record(&repo, &soft);
    assert_eq!(
        third["dependencies"][0]["type"], "related",
        "an item that may be started is blocked in beads: {third}"
    );
    repo.pm(&["task", "block", &two, "waits"]).ok();
    assert_eq!(record(&repo, &two)["status"], "blocked");
    assert_eq!(record(&repo, &two)["close_reason"], Value::Null);

    // Importing it again changes nothing, and an empty store exports the same text.
    let text = export(&repo);
    let again = import(&repo, &text).ok().data();
    assert_eq!(
        (again["created"].clone(), again["updated"].clone()),
        (0.into(), 0.into()),
        "{again}"
    );
    let other = scene.set_up("other");
    import(&other, &text).ok();
    same("a plan in an empty store", &export(&other), &text);
    assert_eq!(other.data(&["show", &two])["depends_on"][0], one);

    // Changes of a task in beads are reported and not applied: git pm owns the state of tasks.
    let changed = text.replace("Document it", "Other").replace(
        "\"updated_at\":\"2027-11-20T10:00:00",
        "\"updated_at\":\"2027-11-20T10:00:01",
    );
    let report = import(&repo.when("2027-11-20T12:00:00Z"), &changed)
        .exits(8)
        .data();
    assert!(
        report["skipped"]
            .to_string()
            .contains("is a task that was created here"),
        "{report}"
    );
    assert_eq!(repo.data(&["show", &two])["title"], "Document it");
}

#[test]
fn an_edited_record_survives_an_import_into_an_empty_store() {
    let (scene, repo) = ready();
    let before = file(Shape::Dolt, 30, 9);
    import(&repo, &before).ok();
    let read = |line: &str| {
        serde_json::from_str::<Value>(line).unwrap()["id"]
            .as_str()
            .map(str::to_string)
    };
    let ids: Vec<String> = before.lines().filter_map(read).collect();
    assert_eq!(ids.len(), 30);
    for (n, id) in ids.iter().enumerate().filter(|(n, _)| n % 3 == 0) {
        repo.pm(&[
            "task",
            "edit",
            id,
            "--title",
            &format!("Touched {n} <&>"),
            "--body",
            "Other\ntext",
        ])
        .ok();
    }
    let text = export(&repo);
    let other = scene.set_up("other");
    import(&other, &text).ok();
    same("a touched file", &export(&other), &text);
}

#[test]
fn an_export_replaces_the_file_atomically_and_refuses_a_folder() {
    let (_scene, repo) = ready();
    let text = file(Shape::Rust, 39, 1);
    import(&repo, &text).ok();
    repo.write(".beads/issues.jsonl", "old\n");
    let report = repo.data(&["export", "beads", ".beads/issues.jsonl"]);
    assert_eq!(report["records"], report["untouched"]);
    same("the file", &repo.read(".beads/issues.jsonl"), &text);
    let left = std::fs::read_dir(repo.path.join(".beads")).unwrap().count();
    assert_eq!(left, 1, "a temporary file was left");
    repo.pm(&["export", "beads", ".beads"]).exits(2);
    repo.pm(&["export", "beads", "nowhere/x.jsonl"]).exits(5);
    let empty = Scene::new();
    let fresh = empty.set_up("a");
    assert_eq!(export(&fresh), "");
}

#[test]
fn an_issue_created_here_and_changed_in_beads_is_reimported_as_the_same_item() {
    use git_pm::tasks::{Fields, NewItem};
    use git_pm::values::ItemKind;

    let (_scene, repo) = ready();
    let new = NewItem {
        title: "Made here".into(),
        fields: Fields {
            labels: Some(vec!["a".into()]),
            ..Fields::default()
        },
        ..NewItem::default()
    };
    let pm = repo.library().unwrap();
    let id = pm.tasks().create(ItemKind::Issue, &new).unwrap().id;
    let out = export(&repo);
    let at = |text: &str, time: &str| {
        let (head, rest) = text.split_once("\"updated_at\":\"").unwrap();
        let (_, tail) = rest.split_once('"').unwrap();
        format!("{head}\"updated_at\":\"{time}\"{tail}")
    };
    let again = import(&repo, &out).ok().data();
    assert_eq!(
        again["commit"],
        Value::Null,
        "the exported file was imported as a change: {again}"
    );

    // Changed there, then on both sides: both changes survive, and there is still one item.
    let changed = at(
        &out.replace("Made here", "Changed there"),
        "2027-01-01T00:00:00Z",
    );
    let report = import(&repo.when("2027-01-02T00:00:00Z"), &changed)
        .ok()
        .data();
    assert_eq!(
        (&report["created"], &report["updated"]),
        (&0.into(), &1.into())
    );
    same("a record that is known by now", &export(&repo), &changed);
    repo.when("2027-02-01T00:00:00Z")
        .pm(&["task", "edit", &id, "--priority", "0"])
        .ok();
    let changed = at(
        &changed.replace("Changed there", "Changed again"),
        "2027-03-01T00:00:00Z",
    );
    import(&repo.when("2027-04-01T00:00:00Z"), &changed).ok();
    let item = repo.data(&["show", &id]);
    assert_eq!(item["title"], "Changed again");
    assert_eq!(item["priority"], 0, "a local change was lost");
    assert_eq!(export(&repo).lines().count(), 1);

    // Deleted there: a tombstone here, and the same one in the next export.
    let dead = at(&export(&repo), "2027-05-01T00:00:00Z")
        .replace("\"status\":\"open\"", "\"status\":\"tombstone\"");
    let later = repo.when("2027-06-01T00:00:00Z");
    import(&later, &dead).ok();
    repo.pm(&["show", &id]).exits(4);
    same("a tombstone", &export(&repo), &dead);
    assert_eq!(import(&later, &dead).ok().data()["unchanged"], 1);
}

#[test]
fn changing_few_records_preserves_order_and_header_of_the_file() {
    let (_scene, repo) = ready();
    let text = file(Shape::Sqlite, 39, 3).replacen('{', "{\"_schema\":\"x/1\"}\n{", 1);
    import(&repo, &text).ok();
    let first = text.lines().nth(5).unwrap();
    let (head, rest) = first.split_once("\"title\":\"").unwrap();
    let changed = format!("{head}\"title\":\"Changed: {rest}");
    import(&repo, &changed).ok();
    same(
        "a file with one other record",
        &export(&repo),
        &text.replace(first, &changed),
    );
}

// A document written by an older version that knew fewer keys: the keys that it did not know were
// not removed by a user.
#[test]
fn keys_unknown_to_the_importer_are_exported_unchanged() {
    let (_scene, repo) = ready();
    let one = "{\"id\":\"bd-1\",\"title\":\"t\",\"description\":\"d\",\"notes\":\"n\",\"status\":\"open\",\"priority\":2,\"issue_type\":\"task\",\"updated_at\":\"2026-01-02T00:00:00Z\",\"labels\":[\"a\",\"b\"],\"dependencies\":[{\"issue_id\":\"bd-1\",\"depends_on_id\":\"bd-2\",\"type\":\"tracks\",\"created_at\":\"2026-01-01T00:00:00Z\"}]}\n";
    import(&repo, one).ok();
    let all = repo
        .git(&["ls-tree", "-r", "--name-only", "refs/pm/main"])
        .ok()
        .out;
    let path = all.lines().find(|path| path.contains("/bd-1-")).unwrap();
    let document = repo
        .git(&["show", &format!("refs/pm/main:{path}")])
        .ok()
        .out;
    let older: String = document
        .lines()
        .filter(|line| {
            !["notes:", "labels:", "edges:", "d"]
                .iter()
                .any(|key| line.starts_with(key))
        })
        .map(|line| format!("{line}\n"))
        .collect();
    assert!(older.len() < document.len() - 40, "{older}");
    let index = repo.with(
        "GIT_INDEX_FILE",
        repo.path.join(".git/other").to_str().unwrap(),
    );
    repo.write("older.md", &older);
    let blob = repo.git(&["hash-object", "-w", "older.md"]).ok().text();
    index.git(&["read-tree", "refs/pm/main"]).ok();
    index
        .git(&[
            "update-index",
            "--add",
            "--cacheinfo",
            &format!("100644,{blob},{path}"),
        ])
        .ok();
    let tree = index.git(&["write-tree"]).ok().text();
    let commit = repo
        .git(&["commit-tree", &tree, "-p", "refs/pm/main", "-m", "older"])
        .ok()
        .text();
    repo.git(&["update-ref", "refs/pm/main", &commit]).ok();
    same("a document of an older version", &export(&repo), one);
    repo.when("2027-01-01T00:00:00Z")
        .pm(&["task", "edit", "bd-1", "--title", "u", "--add-label", "c"])
        .ok();
    let wanted = one
        .replace("\"title\":\"t\"", "\"title\":\"u\"")
        .replace("2026-01-02T", "2027-01-01T")
        .replace("[\"a\",\"b\"]", "[\"a\",\"b\",\"c\"]");
    same("the same, touched", &export(&repo), &wanted);
}

#[test]
fn in_18_a_list_has_the_edges_of_the_export() {
    let (_scene, repo) = ready();
    let two = "{\"id\":\"bd-1\",\"title\":\"t\",\"status\":\"open\",\"priority\":2,\"issue_type\":\"task\",\"created_at\":\"2026-01-01T00:00:00Z\",\"updated_at\":\"2026-01-02T00:00:00Z\"}\n{\"id\":\"bd-2\",\"title\":\"u\",\"status\":\"open\",\"priority\":2,\"issue_type\":\"task\",\"created_at\":\"2026-01-01T00:00:00Z\",\"updated_at\":\"2026-01-02T00:00:00Z\",\"dependencies\":[{\"issue_id\":\"bd-2\",\"depends_on_id\":\"bd-1\",\"type\":\"blocks\",\"created_at\":\"2026-01-01T10:00:00Z\",\"created_by\":\"bob\"}]}\n";
    import(&repo, two).ok();
    let listed = repo.pm(&["issue", "list", "--format", "beads"]).ok().json();
    let listed = listed
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["id"] == "bd-2");
    let edges = &listed.expect("bd-2 is listed")["dependencies"];
    assert_eq!(*edges, record(&repo, "bd-2")["dependencies"]);
    assert_eq!(edges[0]["created_by"], "bob");
}

// The reason for which an issue was closed is not the one for which it was deleted.
#[test]
fn a_tombstone_says_by_whom_and_why_the_item_was_deleted() {
    let (_scene, repo) = ready();
    let closed = r#"{"id":"bd-1","title":"One","status":"closed","priority":2,"issue_type":"task","created_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-02T00:00:00Z","closed_at":"2026-01-02T00:00:00Z","close_reason":"fixed it"}"#;
    import(&repo, closed).ok();
    repo.pm(&["issue", "delete", "bd-1"]).ok();
    let id = repo.pm(&["issue", "q", "Two"]).ok().text();
    repo.pm(&["issue", "close", &id, "--reason", "fixed it"])
        .ok();
    repo.pm(&["issue", "delete", &id, "--reason", "dup of nothing"])
        .ok();
    for (id, reason) in [("bd-1", Value::Null), (&*id, "dup of nothing".into())] {
        let gone = record(&repo, id);
        assert_eq!(gone["status"], "tombstone", "{gone}");
        assert_eq!(gone["delete_reason"], reason, "{gone}");
        assert_eq!(gone["close_reason"], "fixed it", "{gone}");
        assert_eq!(gone["deleted_by"], "Ana", "{gone}");
    }
}
