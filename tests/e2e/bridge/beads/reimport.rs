//! Files imported again, in another clone, or in an older version: older records never win.

use serde_json::{Value, json};

use super::{ONE, export, import, ready};
use crate::bridge::beads::fixture::{SHAPES, Shape, file};
use crate::support::{Repo, Scene, commits};

#[test]
fn the_same_file_again_changes_nothing_and_writes_no_commit() {
    let (_scene, repo) = ready();
    for shape in SHAPES {
        let text = file(shape, 40, 3);
        import(&repo, &text).ok();
        let before = commits(&repo);
        let again = import(&repo, &text).ok().data();
        assert_eq!(again["commit"], Value::Null, "{shape:?}");
        assert_eq!(
            (&again["created"], &again["updated"]),
            (&json!(0), &json!(0)),
            "{shape:?}"
        );
        assert_eq!(commits(&repo), before);
    }
    let faults = repo.pm(&["fsck", "--json"]).ok().data();
    assert_eq!(faults["faults"], 0, "{faults}");
}

#[test]
fn two_clones_that_import_the_same_file_separately_are_joined() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let b = scene.clone_of(&hub, "b", "Ben");
    for shape in SHAPES {
        let text = file(shape, 30, 5);
        let (a, b) = (
            a.when("2026-11-20T10:00:00Z"),
            b.when("2026-11-20T11:30:00Z"),
        );
        import(&a, &text).ok();
        import(&b, &text).ok();
    }
    let issues = |repo: &Repo| repo.git(&["rev-parse", "refs/pm/main:issues"]).text();
    assert_eq!(issues(&a), issues(&b), "the same file made other documents");
    for repo in [&a, &b, &a] {
        repo.pm(&["sync"]).ok();
    }
    assert_eq!(a.state_tree(), b.state_tree());
    assert_eq!(export(&a), export(&b));
    let again = import(&b, &file(Shape::Town, 30, 5)).ok().data();
    assert_eq!(
        again["created"], 0,
        "a duplicate id was assigned to another item: {again}"
    );
}

#[test]
fn a_value_that_both_clones_imported_is_not_overridden_by_a_change_of_one() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let b = scene.clone_of(&hub, "b", "Ben");
    let newer = ONE
        .replace("\"title\":\"One\"", "\"title\":\"Newer\"")
        .replace("2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z");
    let silent = |repo: &Repo| {
        let synced = repo.pm(&["sync"]).ok();
        let told = synced.out + &synced.err;
        assert!(!told.contains("overridden"), "{told}");
        let log = repo.pm(&["log", "--conflicts"]).ok().out;
        assert!(log.contains("No overridden values"), "{log}");
    };
    for (record, change) in [
        (ONE, ["--priority", "3"]),
        (newer.as_str(), ["--title", "Mine"]),
    ] {
        import(&a, record).ok();
        import(&b, record).ok();
        a.pm(&[&["issue", "update", "bd-1"][..], &change[..]].concat())
            .ok();
        for repo in [&a, &b, &a] {
            silent(repo);
        }
    }
    let item = b.data(&["show", "bd-1"]);
    assert_eq!(
        (&item["priority"], &item["title"]),
        (&json!(3), &json!("Mine"))
    );
    // Two changes are still told.
    for (repo, priority) in [(&a, "0"), (&b, "4")] {
        let update = ["issue", "update", "bd-1", "--priority", priority];
        repo.pm(&[&["--offline"][..], &update].concat()).ok();
    }
    a.pm(&["sync"]).ok();
    let told = b.pm(&["sync"]).ok();
    let told = told.out + &told.err;
    assert!(told.contains("overridden"), "{told}");
}

#[test]
fn fields_changed_here_and_fields_changed_there_both_survive() {
    let (_scene, repo) = ready();
    import(&repo, ONE).ok();
    repo.pm(&[
        "task",
        "edit",
        "bd-1",
        "--priority",
        "3",
        "--add-label",
        "here",
    ])
    .ok();
    let newer = ONE
        .replace("\"One\"", "\"Two\"")
        .replace("2026-01-02", "2026-02-02")
        .replace("[\"b\"]", "[\"there\"]")
        .replace("\"Text\"", "\"Longer text\"")
        .replace("}]}", "},{\"id\":2,\"issue_id\":\"bd-1\",\"author\":\"e\",\"text\":\"new\",\"created_at\":\"2026-02-01T00:00:00Z\"}]}");
    let report = import(&repo, &newer).ok().data();
    assert_eq!(
        (&report["updated"], &report["comments"]),
        (&json!(1), &json!(1))
    );
    let item = repo.data(&["show", "bd-1"]);
    assert_eq!(item["title"], "Two", "a change at the source was lost");
    assert_eq!(item["priority"], 3, "a local change was lost");
    assert_eq!(item["labels"], json!(["here", "there"]));
    assert_eq!(item["body"], "Longer text");
    assert_eq!(item["comments"].as_array().unwrap().len(), 2);
    // The newer value of a field wins: here it was changed now, there in February.
    repo.pm(&["task", "edit", "bd-1", "--title", "Mine"]).ok();
    let late = newer
        .replace("\"Two\"", "\"Three\"")
        .replace("2026-02-02", "2026-02-03");
    import(&repo, &late).ok();
    assert_eq!(repo.data(&["show", "bd-1"])["title"], "Mine");
}

#[test]
fn a_stale_record_never_wins_and_is_reported() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let newer = ONE
        .replace("\"One\"", "\"Newer\"")
        .replace("2026-01-02", "2026-03-02");
    import(&a, &newer).ok();
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    let before = b.state_tree();
    // Nothing is wrong with it.
    let report = import(&b, &format!("{ONE}\n")).ok().data();
    let skipped = &report["skipped"][0];
    assert_eq!(
        (&skipped["line"], &skipped["id"]),
        (&json!(1), &json!("bd-1"))
    );
    assert_eq!(skipped["reason"], "is older than the version here");
    assert_eq!(b.state_tree(), before, "an older record changed the state");
    // A clone that imported only the older file gets the newer values when they sync.
    let c = scene.repo("c");
    c.git(&["remote", "add", "origin", "../hub.git"]).ok();
    c.pm(&["init", "--offline"]).ok();
    import(&c, ONE).ok();
    c.pm(&["sync"]).ok();
    assert_eq!(c.data(&["show", "bd-1"])["title"], "Newer");
}

#[test]
fn clones_that_import_files_of_different_age_end_with_the_newer_values() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let b = scene.clone_of(&hub, "b", "Ben");
    let edge = r#","dependencies":[{"issue_id":"bd-1","depends_on_id":"bd-2","type":"blocks","created_at":"2026-01-01T00:00:00Z"},{"issue_id":"bd-1","depends_on_id":"bd-3","type":"tracks","created_at":"2026-01-01T00:00:00Z"}]}"#;
    let old = format!("{}{edge}", ONE.strip_suffix('}').unwrap())
        .replace("\"priority\"", "\"assignee\":\"emma\",\"priority\"");
    let new = ONE
        .replace("2026-01-02", "2026-02-02")
        .replace("\"Text\"", "\"Other text\"")
        .replace("[\"b\"]", "[\"c\"]");
    import(&a, &old).ok();
    import(&b, &new).ok();
    for repo in [&a, &b, &a] {
        repo.pm(&["sync"]).ok();
    }
    assert_eq!(a.state_tree(), b.state_tree());
    // The export says what the item says, and changes nothing when it comes back.
    for repo in [&a, &b] {
        let out = export(repo);
        let told: Value = serde_json::from_str(&out).unwrap();
        let item = repo.data(&["show", "bd-1"]);
        assert_eq!(item["assignee"], "emma", "{item}");
        assert_eq!(told["assignee"], item["assignee"], "{out}");
        assert_eq!(told["description"], item["body"], "{out}");
        let sorted = |list: &Value| {
            let mut all = list.as_array().unwrap().clone();
            all.sort_by_key(Value::to_string);
            all
        };
        assert_eq!(sorted(&told["labels"]), sorted(&item["labels"]), "{out}");
        assert_eq!(told["dependencies"].as_array().unwrap().len(), 2, "{out}");
        let report = import(repo, &out).ok().data();
        assert_eq!(report["commit"], Value::Null, "{report}");
    }
    // The next import of the newest file takes away what only the older one had, and says so.
    let report = import(&a, &new).ok().data();
    let lost = &report["overridden"][0];
    assert_eq!(
        (&lost["field"], &lost["lost"]),
        (&json!("assignee"), &json!("emma")),
        "{report}"
    );
    let item = a.data(&["show", "bd-1"]);
    assert_eq!(item["assignee"], Value::Null, "an older file won a field");
    assert_eq!(
        (&item["labels"], &item["edges"]),
        (&json!(["c"]), &json!([]))
    );
    assert_eq!(
        (&item["body"], &item["conflicted"]),
        (&json!("Other text"), &json!(false))
    );
    for repo in [&a, &b, &a] {
        repo.pm(&["sync"]).ok();
    }
    let tree = a.state_tree();
    for repo in [&a, &b] {
        let report = import(repo, &new).ok().data();
        assert_eq!(report["commit"], Value::Null, "{report}");
        assert_eq!(repo.state_tree(), tree);
        assert_eq!(export(repo), new);
    }
}

#[test]
fn tombstones_of_any_age_stay_in_the_export() {
    let (_scene, repo) = ready();
    let text = file(Shape::Sqlite, 60, 4);
    import(&repo, &text).ok();
    repo.when("2028-01-01T00:00:00Z").pm(&["gc"]).ok();
    assert!(
        export(&repo) == text,
        "`gc` removed tombstones that an export still needs"
    );
}

#[test]
fn a_stale_memory_never_wins_and_is_reported() {
    let (_scene, repo) = ready();
    let memory =
        |value: &str| format!("{{\"_type\":\"memory\",\"key\":\"k\",\"value\":\"{value}\"}}\n");
    let newer = format!(
        "{}\n{}",
        ONE.replace("2026-01-02", "2026-03-02"),
        memory("new")
    );
    import(&repo, &newer).ok();
    let report = import(&repo, &format!("{ONE}\n{}", memory("old")))
        .ok()
        .data();
    let skipped = report["skipped"].as_array().unwrap();
    assert_eq!(skipped.len(), 2, "{report}");
    assert_eq!(
        (&skipped[1]["line"], &skipped[1]["id"]),
        (&json!(2), &json!("k"))
    );
    assert_eq!(export(&repo), newer);
}

// What an export leaves out, such as a claim or the reason of a reopening, was not removed.
#[test]
fn an_import_of_ones_own_export_changes_nothing() {
    let (_scene, repo) = ready();
    import(&repo, ONE).ok();
    let bot = repo.with("AI_AGENT", "claude");
    bot.pm(&["issue", "close", "bd-1", "--reason", "fixed"])
        .ok();
    import(&repo, &export(&repo)).ok();
    bot.pm(&["issue", "reopen", "bd-1", "--reason", "again"])
        .ok();
    bot.pm(&["start", "bd-1"]).ok();
    let tree = repo.state_tree();
    let report = import(&repo, &export(&repo)).ok().data();
    assert_eq!(report["unchanged"], 1, "{report}");
    assert_eq!(repo.state_tree(), tree, "{report}");
}

// The holder is no field of the item, and in the record of an earlier export all the same.
#[test]
fn a_claimed_issue_is_exported_and_imported_again_and_again_without_a_change() {
    let (_scene, repo) = ready();
    import(&repo, ONE).ok();
    repo.with("AGENT_NAME", "bot")
        .pm(&["issue", "update", "bd-1", "--claim"])
        .ok();
    let first = export(&repo);
    assert!(first.contains("\"assignee\":\"bot\""), "{first}");
    import(&repo, &first).ok();
    let tree = repo.state_tree();
    for _ in 0..2 {
        let again = export(&repo);
        assert_eq!(again, first, "only its time can have changed");
        let report = import(&repo, &again).ok().data();
        assert_eq!(report["unchanged"], 1, "{report}");
        assert_eq!(repo.state_tree(), tree);
    }
}

// Who holds an issue is its assignee in the export, and not because the source says so.
#[test]
fn one_edited_field_of_an_own_export_changes_no_other() {
    let (_scene, repo) = ready();
    import(&repo, ONE).ok();
    repo.pm(&["edit", "bd-1", "--add-label", "here", "--body", "Mine"])
        .ok();
    repo.pm(&["start", "bd-1", "--no-worktree"]).ok();
    let before = repo.data(&["show", "bd-1"]);
    let text = export(&repo);
    assert!(text.contains("\"assignee\":\"Ana\""), "{text}");
    let report = import(&repo, &text.replace("\"One\"", "\"Two\""))
        .ok()
        .data();
    assert_eq!(report["updated"], 1, "{report}");
    let after = repo.data(&["show", "bd-1"]);
    assert_eq!(after["title"], "Two");
    for key in ["assignee", "status", "labels", "body", "priority", "owner"] {
        assert_eq!(after[key], before[key], "{key}: {after}");
    }
    // The holder leaves it, and nobody is assigned.
    repo.pm(&["drop", "bd-1"]).ok();
    let left = repo.data(&["show", "bd-1"]);
    assert_eq!(
        (&left["owner"], &left["assignee"]),
        (&Value::Null, &Value::Null)
    );
}

#[test]
fn records_that_a_later_file_lacks_are_named_and_stay() {
    let (_scene, repo) = ready();
    let one = |id: &str| ONE.replace("bd-1", id) + "\n";
    let whole = ["bd-1", "bd-2", "bd-3"].map(one).concat();
    repo.pm(&["issue", "create", "Made here"]).ok();
    let told = |text: &str| import(&repo, text).ok().data()["warnings"].to_string();
    let note = "not in this file: bd-2; their items are kept";
    assert!(!told(&whole).contains("not in this file"));
    assert!(!told(&whole).contains("not in this file"));
    assert!(told(&(one("bd-1") + &one("bd-3"))).contains(note));
    assert_eq!(repo.data(&["show", "bd-2"])["title"], "One");
    // A single record is no whole file, and what was deleted here is not missed.
    assert!(!told(&one("bd-1")).contains("not in this file"));
    repo.pm(&["issue", "delete", "bd-2", "--force"]).ok();
    assert!(!told(&(one("bd-1") + &one("bd-3"))).contains("not in this file"));
}

/// What was imported again after an undo has a later stamp than its record has a time: this decides of later edits.
#[test]
fn in_06_a_record_edited_at_the_same_time_is_taken_after_an_undo_too() {
    let (_scene, repo) = ready();
    let at = |title: &str, day: &str| {
        let titled = ONE.replace("\"One\"", &format!("\"{title}\""));
        titled.replace("2026-01-02", day)
    };
    import(&repo, ONE).ok();
    import(&repo, &at("Two", "2026-03-02")).ok();
    repo.pm(&["undo"]).ok();
    for title in ["Three", "Four", "Five"] {
        let report = import(&repo, &at(title, "2026-03-02")).ok().data();
        assert_eq!(report["updated"], 1, "{report}");
        assert_eq!(repo.data(&["show", "bd-1"])["title"], title);
    }
    // An older one is named.
    let report = import(&repo, &at("Six", "2026-03-01")).ok().data();
    assert_eq!(report["skipped"][0]["id"], "bd-1", "{report}");
    repo.write("old.jsonl", &at("Six", "2026-03-01"));
    let said = repo.pm(&["import", "beads", "old.jsonl"]).ok().out;
    assert!(said.contains("1 older record (bd-1)"), "{said}");
}

/// A colleague who sets a value back in an exported file has seen it: at a later time, and in a record that has what only
/// the export said.
#[test]
fn in_06_a_value_that_is_set_back_in_an_export_is_a_change() {
    let reopened = |export: &str, time: &str| {
        let mut record: Value = serde_json::from_str(export).unwrap();
        let fields = record.as_object_mut().unwrap();
        fields.insert("status".into(), "open".into());
        fields.retain(|key, _| !key.starts_with("close"));
        let time = match time {
            "" => fields["updated_at"].as_str().unwrap().to_string(),
            time => time.to_string(),
        };
        fields.insert("updated_at".into(), time.into());
        record.to_string()
    };
    for claimed in [false, true] {
        for time in ["2026-12-24T00:00:00Z", ""] {
            let (_scene, repo) = ready();
            let (record, _) = ONE.split_once(",\"comments\"").unwrap();
            import(&repo, &format!("{record}}}")).ok();
            if claimed {
                repo.pm(&["issue", "claim", "bd-1"]).ok();
            }
            repo.pm(&["issue", "close", "bd-1", "--reason", "Fixed"])
                .ok();
            repo.pm(&["export", "beads", "f.jsonl"]).ok();
            let exported = std::fs::read_to_string(repo.path.join("f.jsonl")).unwrap();
            let later = repo.when("2026-12-25T00:00:00Z");
            import(&later, &reopened(&exported, time)).ok();
            let status = repo.data(&["show", "bd-1"])["status"].clone();
            assert_ne!(status, "closed", "claimed {claimed}, {time}");
        }
    }
}

/// The last comment of a record is removed with its list, if other records of the file have one; a new one on an issue that
/// was deleted here is told.
#[test]
fn in_06_comments_of_records_without_a_list_and_of_deleted_ones() {
    let (_scene, repo) = ready();
    let import = |text: &str| {
        repo.write("f.jsonl", text);
        repo.pm(&["--json", "import", "beads", "f.jsonl"])
            .ok()
            .data()
    };
    let comment = |id: u8| {
        format!(
            r#","comments":[{{"id":{id},"issue_id":"bd-1","author":"ana","text":"one","created_at":"2026-01-01T00:00:00Z"}}]}}"#
        )
    };
    let one = |day: &str, end: &str| {
        let (record, _) = ONE.split_once(",\"comments\"").unwrap();
        let record = record.replace("2026-01-02", day);
        format!("{record}{end}\n")
    };
    let other = one("2026-01-02", &comment(2)).replace("bd-1", "bd-2");
    import(&format!("{}{other}", one("2026-01-02", &comment(1))));
    let report = import(&format!("{}{other}", one("2026-02-02", "}")));
    assert_eq!(report["comments_removed"], 1, "{report}");
    repo.pm(&["issue", "delete", "bd-1", "--force"]).ok();
    let report = import(&format!("{}{other}", one("2026-03-02", &comment(3))));
    let told = report["warnings"].to_string();
    assert!(
        told.contains("is deleted here, but was changed at its source (comments)"),
        "{report}"
    );
}
