//! Verbs that all kinds of items share: create, list, show, edit, close, reopen, comment, delete.

use serde_json::Value;

use crate::support::{script_file, set_up};

fn ids(data: &Value) -> Vec<String> {
    let items = data["items"].as_array().unwrap();
    items
        .iter()
        .map(|item| item["id"].as_str().unwrap().to_string())
        .collect()
}

// IN-18: one code path serves all kinds; only the words of the states differ.
#[test]
fn every_kind_has_the_same_verbs_from_create_to_delete() {
    let (_scene, repo) = set_up();
    for kind in ["epic", "prd", "issue"] {
        let made = repo.data(&[kind, "create", "Single sign-on"]);
        let id = made["id"].as_str().unwrap().to_string();
        assert_eq!(made["kind"], kind);
        assert_eq!(made["status"], "open");
        let edited = repo.data(&[
            kind,
            "edit",
            &id,
            "--title",
            "SSO",
            "-p",
            "0",
            "--body",
            "Why.",
            "--design",
            "How.",
            "--notes",
            "And.",
            "--due",
            "2027-01-15",
            "--external-ref",
            "gh-7",
            "--minutes",
            "90",
        ]);
        let said = |key: &str, value: Value| {
            assert_eq!(edited[key], value, "{kind} edit lost `{key}`: {edited}");
        };
        said("title", "SSO".into());
        said("priority", 0.into());
        said("body", "Why.".into());
        said("design", "How.".into());
        said("notes", "And.".into());
        said("due_at", "2027-01-15T23:59:59Z".into());
        said("external_refs", vec!["gh-7"].into());
        said("estimated_minutes", 90.into());
        assert_eq!(ids(&repo.data(&[kind, "list"])), [id.as_str()]);
        let shown = repo.pm(&[kind, "show", &id]).ok().out;
        for part in ["SSO", "Why.", "How.", "And.", "gh-7", "1 h 30 min"] {
            assert!(shown.contains(part), "{kind} show hides `{part}`: {shown}");
        }
        repo.pm(&[kind, "comment", &id, "-m", "Looks good"]).ok();
        let closed = repo.data(&[kind, "close", &id, "--reason", "shipped"]);
        assert_eq!(closed["status"], "closed");
        assert_eq!(closed["reason"], "shipped");
        assert!(closed["closed_at"].is_string(), "{closed}");
        assert!(ids(&repo.data(&[kind, "list"])).is_empty());
        assert_eq!(ids(&repo.data(&[kind, "list", "--all"])), [id.as_str()]);
        let open = repo.data(&[kind, "reopen", &id, "--reason", "it is back"]);
        assert_eq!(open["status"], "open");
        assert!(open["closed_at"].is_null(), "{open}");
        repo.pm(&[kind, "delete", &id, "--reason", "a test"]).ok();
        let gone = repo.pm(&["--json", kind, "show", &id]).exits(4).error();
        assert!(gone["message"].to_string().contains(&id), "{gone}");
        // The history uses the same operation names for all kinds.
        let log = repo.pm(&["log", "--op", kind]).ok().out;
        for op in ["create", "edit", "comment", "close", "reopen", "delete"] {
            let words = format!("{kind} {op}");
            assert!(log.contains(&words), "the log has no `{words}`: {log}");
        }
        repo.pm(&["undo"]).ok();
        assert_eq!(repo.data(&[kind, "show", &id])["title"], "SSO");
    }
    repo.task("Given up", &[]);
    repo.pm(&["task", "delete", "T-1"]).ok();
    repo.pm(&["show", "T-1"]).exits(4);
}

// A write based on an older version is refused for every kind.
#[test]
fn an_outdated_version_is_refused_for_every_kind() {
    let (_scene, repo) = set_up();
    for kind in ["epic", "prd", "issue"] {
        let made = repo.data(&[kind, "create", "One"]);
        let (id, version) = (
            made["id"].as_str().unwrap(),
            made["version"].as_str().unwrap(),
        );
        repo.pm(&[kind, "edit", id, "--title", "Two"]).ok();
        for verb in [
            &[kind, "edit", id, "--title", "Three"][..],
            &[kind, "close", id],
            &[kind, "delete", id],
        ] {
            let mut all = vec!["--if-version", version];
            all.extend(verb);
            repo.pm(&all).exits(3);
        }
        assert_eq!(repo.data(&[kind, "show", id])["title"], "Two");
    }
}

#[test]
fn closing_or_deleting_many_items_is_one_commit_or_none() {
    let (_scene, repo) = set_up();
    let made: Vec<String> = (0..5)
        .map(|n| repo.data(&["issue", "create", &format!("Issue {n}")])["id"].to_string())
        .map(|id| id.trim_matches('"').to_string())
        .collect();
    let before = repo.tip("refs/pm/main");
    let mut all = vec!["issue", "close"];
    all.extend(made.iter().map(String::as_str));
    all.push("pm-nobody");
    repo.pm(&all).exits(4);
    assert_eq!(
        repo.tip("refs/pm/main"),
        before,
        "some were closed in spite of the refusal"
    );
    let from_stdin = made.join("\n");
    repo.feed(
        crate::support::binary(),
        &["issue", "close", "-"],
        &from_stdin,
    )
    .ok();
    let count = repo.git(&["rev-list", "--count", &format!("{before}..refs/pm/main")]);
    assert_eq!(count.text(), "1", "one commit for all");
    assert!(ids(&repo.data(&["issue", "list"])).is_empty());
    let mut all = vec!["issue", "delete"];
    all.extend(made.iter().map(String::as_str));
    repo.pm(&all).ok();
    assert!(ids(&repo.data(&["issue", "list", "--all"])).is_empty());
}

#[test]
fn an_item_that_others_depend_on_is_deleted_only_with_force() {
    let (_scene, repo) = set_up();
    let epic = repo.data(&["epic", "create", "Whole"])["id"].clone();
    let epic = epic.as_str().unwrap();
    repo.task("Part", &["--epic", epic]);
    repo.task("Later", &["--depends-on", "T-1"]);
    let error = repo
        .pm(&["--json", "epic", "delete", epic])
        .exits(1)
        .error();
    assert!(error.to_string().contains("T-0001"), "{error}");
    repo.pm(&["epic", "close", epic]).exits(1);
    repo.pm(&["task", "delete", "T-1"]).exits(1);
    repo.pm(&["epic", "delete", epic, "--cascade", "--force"])
        .ok();
    repo.pm(&["show", "T-1"]).exits(4);
    // The edge to the deleted item does not block.
    assert_eq!(ids(&repo.data(&["ready"])), ["T-0002"]);
}

#[test]
fn texts_can_be_edited_in_an_editor() {
    let (scene, repo) = set_up();
    let id = repo.data(&["prd", "create", "Plan", "--body", "Old text.\n"])["id"].clone();
    let id = id.as_str().unwrap();
    let editor = scene.dir.path().join("editor");
    script_file(&editor, "sed -i s/Old/New/ \"$1\"");
    let with = repo.with("GIT_EDITOR", editor.to_str().unwrap());
    let item = with.data(&["prd", "edit", id, "--editor"]);
    assert_eq!(item["body"], "New text.\n");
    let fails = repo.with("GIT_EDITOR", "false");
    fails.pm(&["prd", "edit", id, "--editor"]).exits(1);
    assert_eq!(repo.data(&["show", id])["body"], "New text.\n");
    let left = std::fs::read_dir(repo.path.join(".git/pm")).unwrap();
    let left: Vec<_> = left
        .flatten()
        .filter(|f| f.file_name().to_string_lossy().starts_with("edit-"))
        .collect();
    assert!(left.is_empty(), "a draft was left behind: {left:?}");
}

// An epic or issue that is cancelled is not done, and an item ends after its parts.
#[test]
fn an_epic_is_cancelled_and_not_done_and_ends_after_its_parts() {
    let (_scene, repo) = set_up();
    repo.pm(&["epic", "create", "Release"]).ok();
    for title in ["One", "Two"] {
        repo.task(title, &["--epic", "E-1"]);
    }
    repo.pm(&["start", "T-1", "--no-worktree"]).ok();
    let parts = "E-0001 has open children: T-0001, T-0002";
    for refused in [
        &["cancel", "E-1"][..],
        &["done", "E-1", "--evidence", "x"],
        &["epic", "close", "E-1"],
    ] {
        let refused = repo.pm(refused).exits(1).err;
        assert!(
            refused.contains(parts) && refused.contains("--force"),
            "{refused}"
        );
    }
    // Together they end.
    repo.pm(&["cancel", "E-1", "T-1", "T-2", "--reason", "no need"])
        .ok();
    let shown = repo.pm(&["show", "E-1"]).ok().out;
    assert!(shown.contains("status       cancelled"), "{shown}");
    assert_eq!(
        ids(&repo.data(&["list", "status:cancelled", "kind:epic"])),
        ["E-0001"]
    );
    let report = repo.pm(&["report"]).ok().out;
    assert!(report.contains("0 of 0 closed, 1 cancelled"), "{report}");
    repo.pm(&["epic", "reopen", "E-1"]).ok();
    assert_eq!(repo.data(&["show", "E-1"])["status"], "open");
    repo.pm(&["task", "reopen", "T-1"]).ok();
    repo.pm(&["cancel", "E-1", "--force"]).ok();
    assert_eq!(repo.data(&["show", "E-1"])["status"], "cancelled");
    for (title, how) in [
        ("Bug", &["cancel"][..]),
        ("Flaw", &["issue", "update", "--status", "cancelled"]),
    ] {
        let id = repo.data(&["issue", "create", title])["id"].clone();
        let id = id.as_str().unwrap();
        repo.pm(&[how, &[id]].concat()).ok();
        assert_eq!(repo.data(&["show", id])["status"], "cancelled");
    }
}

// What waits for two items says so.
#[test]
fn a_list_tells_how_many_items_one_waits_for() {
    let (_scene, repo) = set_up();
    repo.task("One", &[]);
    repo.task("Two", &[]);
    repo.task("Last", &["--depends-on", "T-1", "--depends-on", "T-2"]);
    let list = repo.pm(&["list"]).ok().out;
    assert!(list.contains("waits for T-0001 +1"), "{list}");
}
