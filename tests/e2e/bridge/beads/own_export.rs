//! Own exports that are imported again: they are no versions of the source.

use serde_json::{Value, json};

use super::{export, import, ready};
use crate::support::{Repo, binary, commits};

fn record(title: &str, priority: u8, labels: &[&str], time: &str) -> String {
    let labels = json!(labels);
    format!(
        "{{\"id\":\"bd-a\",\"title\":\"{title}\",\"status\":\"open\",\"priority\":{priority},\"issue_type\":\"task\",\"created_at\":\"2026-01-01T00:00:00Z\",\"updated_at\":\"{time}\",\"labels\":{labels}}}\n"
    )
}

fn day(repo: &Repo, day: u8) -> Repo {
    repo.when(&format!("2026-01-{day:02}T12:00:00Z"))
}

/// What an import of a text would do.
fn dry(repo: &Repo, text: &str) -> Value {
    let args = ["--json", "import", "beads", "-", "--dry-run"];
    repo.feed(binary(), &args, text).ok().data()
}

/// What a report says about values, apart from the commit.
fn told(report: &Value) -> [Value; 5] {
    ["updated", "unchanged", "overridden", "kept", "warnings"].map(|key| report[key].clone())
}

fn update(repo: &Repo) {
    let args = "issue update bd-a --title Ours --add-label hot -d Mine";
    let args: Vec<&str> = args.split(' ').collect();
    repo.pm(&args).ok();
}

#[test]
fn work_done_here_survives_an_own_export_and_a_colleagues_file_after_it() {
    let (_scene, repo) = ready();
    let base = record("Old", 2, &["x"], "2026-01-01T00:00:00Z");
    import(&day(&repo, 1), &base).ok();
    update(&day(&repo, 2));
    let (own, before) = (export(&repo), commits(&repo));
    let would = dry(&day(&repo, 3), &own);
    let report = import(&day(&repo, 3), &own).ok().data();
    assert_eq!(told(&report), told(&would));
    assert_eq!(report["unchanged"], 1, "{report}");
    assert_eq!(commits(&repo), before, "nothing changed: {report}");
    // A colleague, who has not seen the export, changes another field.
    let theirs = record("Old", 1, &["x"], "2026-01-04T00:00:00Z");
    let would = dry(&day(&repo, 5), &theirs);
    let report = import(&day(&repo, 5), &theirs).ok().data();
    assert_eq!(told(&report), told(&would));
    assert_eq!(report["overridden"], json!([]), "{report}");
    let item = repo.data(&["show", "bd-a"]);
    assert_eq!(
        (&item["title"], &item["priority"], &item["labels"]),
        (&json!("Ours"), &json!(1), &json!(["hot", "x"]))
    );
    assert_eq!(item["body"], "Mine");
}

// An item that was created here has a record, too, once one was imported.
#[test]
fn work_on_an_item_made_here_survives_an_own_export_as_well() {
    let (_scene, repo) = ready();
    let id = day(&repo, 1).data(&["issue", "create", "Old"])["id"].clone();
    let id = id.as_str().unwrap();
    let at = |text: &str, time: &str| {
        let mut record: Value = serde_json::from_str(text).unwrap();
        record["updated_at"] = time.into();
        record
    };
    let theirs = at(&export(&repo), "2026-01-02T00:00:00Z");
    let mut first = theirs.clone();
    first["priority"] = 1.into();
    import(&day(&repo, 2), &format!("{first}\n")).ok();
    day(&repo, 3)
        .pm(&["issue", "update", id, "--title", "Ours"])
        .ok();
    let own = export(&repo);
    let report = import(&day(&repo, 4), &own).ok().data();
    assert_eq!(
        (&report["unchanged"], &report["commit"]),
        (&json!(1), &Value::Null)
    );
    let mut second = at(&theirs.to_string(), "2026-01-05T00:00:00Z");
    second["priority"] = 0.into();
    import(&day(&repo, 6), &format!("{second}\n")).ok();
    let item = repo.data(&["show", id]);
    assert_eq!(
        (&item["title"], &item["priority"]),
        (&json!("Ours"), &json!(0))
    );
}

#[test]
fn what_was_written_here_and_a_stale_file_replaces_is_reported() {
    let (_scene, repo) = ready();
    let base = record("Old", 2, &["x"], "2026-01-01T00:00:00Z");
    import(&day(&repo, 1), &base).ok();
    update(&day(&repo, 2));
    // An edited export is a version of the source, which has the values from here.
    let edited = export(&repo).replace("\"priority\":2", "\"priority\":0");
    let report = import(&day(&repo, 3), &edited).ok().data();
    assert_eq!(report["updated"], 1, "{report}");
    assert_eq!(report["overridden"], json!([]), "{report}");
    let stale = record("Old", 1, &["x"], "2026-01-04T00:00:00Z");
    let would = dry(&day(&repo, 5), &stale);
    let report = import(&day(&repo, 5), &stale).ok().data();
    assert_eq!(told(&report), told(&would));
    let lost = |all: &Value| -> Vec<(String, Value)> {
        let all = all.as_array().unwrap().iter();
        let pair = |one: &Value| {
            let field = one["field"].as_str().unwrap().to_string();
            (field, one["lost"].clone())
        };
        let mut all: Vec<(String, Value)> = all.map(pair).collect();
        all.sort_by(|a, b| a.0.cmp(&b.0));
        all
    };
    let wanted = [
        ("body".to_string(), json!("Mine")),
        ("labels/hot".to_string(), json!(true)),
        ("title".to_string(), json!("Ours")),
    ];
    assert_eq!(lost(&report["overridden"]), wanted, "{report}");
    let log = repo.data(&["log", "--conflicts"]);
    assert_eq!(lost(&log["items"]), wanted, "{log}");
}

#[test]
fn of_two_files_from_clocks_that_are_ahead_the_newer_one_stays() {
    let (_scene, repo) = ready();
    let at = |second: &str| format!("2026-01-05T00:0{second}Z");
    let base = record("Old", 2, &[], "2026-01-01T00:00:00Z");
    import(&day(&repo, 1), &base).ok();
    let newer = record("Newer", 2, &[], &at("1:00"));
    let older = record("Older", 2, &[], &at("0:50"));
    for (now, text) in [("0:00", &newer), ("0:10", &older), ("0:20", &newer)] {
        import(&repo.when(&at(now)), text).ok();
        assert_eq!(repo.data(&["show", "bd-a"])["title"], "Newer");
    }
    let report = import(&repo.when(&at("0:30")), &older).ok().data();
    let reason = &report["skipped"][0]["reason"];
    assert_eq!(reason, "is older than the version here");
}

#[test]
fn a_record_in_which_only_unknown_keys_changed_is_kept_and_not_counted_as_an_update() {
    let (_scene, repo) = ready();
    let base = record("Old", 2, &["x"], "2026-01-01T00:00:00Z");
    import(&day(&repo, 1), &base).ok();
    let newer = record("Old", 2, &["x"], "2026-01-02T00:00:00Z")
        .replace("\"labels\"", "\"work_type\":\"w\",\"labels\"");
    let report = import(&day(&repo, 3), &newer).ok().data();
    assert_eq!(
        (&report["updated"], &report["unchanged"]),
        (&json!(0), &json!(1)),
        "{report}"
    );
    assert_eq!(export(&repo), newer);
}

/// An export to a file, in which a colleague changes a value, at a time.
fn edited(repo: &Repo, (from, to): (&str, &str), time: &str) -> String {
    repo.pm(&["export", "beads", "e.jsonl"]).ok();
    let text = std::fs::read_to_string(repo.path.join("e.jsonl")).unwrap();
    let line = text.lines().find(|line| line.contains(from)).unwrap();
    let mut record: Value = serde_json::from_str(&line.replace(from, to)).unwrap();
    record["updated_at"] = time.into();
    format!("{record}\n")
}

/// The title, status, priority and labels of an item.
fn shown(repo: &Repo, id: &str) -> [Value; 4] {
    let item = repo.data(&["show", id]);
    ["title", "status", "priority", "labels"].map(|key| item[key].clone())
}

#[test]
fn what_changed_here_after_an_export_survives_another_change_in_its_file() {
    let (_scene, repo) = ready();
    let base = record("Old", 2, &[], "2026-01-01T00:00:00Z");
    import(&day(&repo, 1), &base).ok();
    // One from here has no record at its source.
    let made = day(&repo, 1).data(&["issue", "create", "Old here", "-p", "2"])["id"].clone();
    for (id, title) in [
        ("bd-a", "\"Old\""),
        (made.as_str().unwrap(), "\"Old here\""),
    ] {
        let begin = day(&repo, 2);
        begin.pm(&["issue", "claim", id]).ok();
        let update = ["issue", "update", id];
        begin
            .pm(&[&update[..], &["-p", "1", "--add-label", "mine"]].concat())
            .ok();
        let theirs = edited(&begin, (title, "\"By bd\""), "2026-01-05T00:00:00Z");
        // A later export is not what they started from.
        let end = day(&repo, 3);
        end.pm(&["issue", "close", id]).ok();
        end.pm(&["export", "beads", "later.jsonl"]).ok();
        end.pm(&[&update[..], &["-p", "3", "--remove-label", "mine"]].concat())
            .ok();
        let would = dry(&day(&repo, 6), &theirs);
        let report = import(&day(&repo, 6), &theirs).ok().data();
        assert_eq!(told(&report), told(&would));
        assert_eq!(report["updated"], 1, "{report}");
        assert_eq!(
            (&report["overridden"], &report["kept"]),
            (&json!([]), &json!([])),
            "{report}"
        );
        let wanted = [json!("By bd"), json!("closed"), json!(3), json!([])];
        assert_eq!(shown(&repo, id), wanted, "{id}");
        import(&day(&repo, 7), &theirs).ok();
        assert_eq!(shown(&repo, id), wanted, "{id}: imported again");
    }
}

#[test]
fn a_change_in_the_last_export_counts_although_an_earlier_one_had_that_value() {
    let (_scene, repo) = ready();
    let base = record("Old", 2, &[], "2026-01-01T00:00:00Z");
    import(&day(&repo, 1), &base).ok();
    let priority = |at: u8, priority: &str| {
        let update = ["issue", "update", "bd-a", "-p", priority];
        day(&repo, at).pm(&update).ok();
    };
    priority(2, "1");
    let first = day(&repo, 2);
    first.pm(&["export", "beads", "first.jsonl"]).ok();
    priority(3, "3");
    let change = ("\"priority\":3", "\"priority\":1");
    let theirs = edited(&day(&repo, 3), change, "2026-01-05T00:00:00Z");
    import(&day(&repo, 6), &theirs).ok();
    assert_eq!(shown(&repo, "bd-a")[2], json!(1));
}

#[test]
fn without_copies_of_exports_an_import_compares_with_the_last_one() {
    let (_scene, repo) = ready();
    let base = record("Old", 2, &[], "2026-01-01T00:00:00Z");
    import(&day(&repo, 1), &base).ok();
    day(&repo, 2)
        .pm(&["issue", "update", "bd-a", "-p", "1"])
        .ok();
    let change = ("\"Old\"", "\"By bd\"");
    let theirs = edited(&day(&repo, 2), change, "2026-01-05T00:00:00Z");
    day(&repo, 3)
        .pm(&["issue", "update", "bd-a", "-p", "3"])
        .ok();
    let copies = repo.path.join(".git/pm/exports");
    assert_eq!(std::fs::read_dir(&copies).unwrap().count(), 1);
    std::fs::remove_dir_all(&copies).unwrap();
    let report = import(&day(&repo, 6), &theirs).ok().data();
    assert_eq!(report["overridden"][0]["field"], "priority", "{report}");
    assert_eq!(shown(&repo, "bd-a")[0], json!("By bd"));
}

// The number of copies has a limit, and a redaction removes them.
#[test]
fn copies_of_exports_are_few_and_do_not_outlive_a_redaction() {
    let (_scene, repo) = ready();
    let base = record("Old", 2, &[], "2026-01-01T00:00:00Z");
    import(&day(&repo, 1), &base).ok();
    let copies = repo.path.join(".git/pm/exports");
    let count = || std::fs::read_dir(&copies).map_or(0, Iterator::count);
    for n in 0..25 {
        let now = repo.when(&format!("2026-01-02T00:00:{n:02}Z"));
        let title = format!("Title {n}");
        now.pm(&["issue", "update", "bd-a", "--title", &title]).ok();
        now.pm(&["export", "beads", "e.jsonl"]).ok();
        // One that says the same takes no place.
        let again = repo.when(&format!("2026-01-02T00:01:{n:02}Z"));
        export(&again);
        assert_eq!(count(), std::cmp::min(20, n + 1));
    }
    repo.pm(&["gc", "--new-generation"]).ok();
    assert_eq!(count(), 0);
}

/// What is piped into another program is what a colleague edits there.
#[test]
fn what_changed_here_after_an_export_to_standard_output_survives_too() {
    let (_scene, repo) = ready();
    let base = record("Old", 2, &[], "2026-01-01T00:00:00Z");
    import(&day(&repo, 1), &base).ok();
    let priority = |at: u8, priority: &str| {
        let update = ["issue", "update", "bd-a", "-p", priority];
        day(&repo, at).pm(&update).ok();
    };
    priority(2, "1");
    let piped = day(&repo, 2).pm(&["export", "beads", "-"]).ok().out;
    let mut theirs: Value = serde_json::from_str(&piped).unwrap();
    theirs["title"] = "By bd".into();
    theirs["updated_at"] = "2026-01-05T00:00:00Z".into();
    priority(3, "3");
    let report = import(&day(&repo, 6), &format!("{theirs}\n")).ok().data();
    assert_eq!(report["overridden"], json!([]), "{report}");
    let now = shown(&repo, "bd-a");
    assert_eq!((&now[0], &now[2]), (&json!("By bd"), &json!(3)));
}

/// What the source changes back to what its last record said is a change of it, if it edited an export.
#[test]
fn a_change_back_to_the_last_import_counts_in_an_edited_export() {
    let (_scene, repo) = ready();
    let base = record("Old", 2, &[], "2026-01-01T00:00:00Z");
    import(&day(&repo, 1), &base).ok();
    let update = ["issue", "update", "bd-a", "-p", "3", "--title", "Mine"];
    day(&repo, 2).pm(&update).ok();
    let change = ("\"priority\":3", "\"priority\":2");
    let theirs = edited(&day(&repo, 3), change, "2026-01-05T00:00:00Z");
    import(&day(&repo, 6), &theirs).ok();
    let now = shown(&repo, "bd-a");
    assert_eq!((&now[0], &now[2]), (&json!("Mine"), &json!(2)));
}

/// A value that both sides chose is no sign that the source has seen anything else from here.
#[test]
fn an_equal_change_of_both_sides_takes_back_nothing_else() {
    for exports in [false, true] {
        for (args, from, to) in [
            (["-p", "1"], "\"priority\":2", "\"priority\":1"),
            (["--status", "in_progress"], "\"open\"", "\"in_progress\""),
            (["-t", "bug"], "\"task\"", "\"bug\""),
            (["--add-label", "y"], "[\"x\"]", "[\"x\",\"y\"]"),
        ] {
            let (_scene, repo) = ready();
            let base = record("Old", 2, &["x"], "2026-01-01T00:00:00Z");
            import(&day(&repo, 1), &base).ok();
            let here = day(&repo, 2);
            let update = ["issue", "update", "bd-a"];
            here.pm(&[&update[..], &args].concat()).ok();
            here.pm(&[&update[..], &["-a", "lea"]].concat()).ok();
            if exports {
                here.pm(&["export", "beads", "e.jsonl"]).ok();
            }
            let theirs = base
                .replace(from, to)
                .replace("\"updated_at\":\"2026-01-01", "\"updated_at\":\"2026-01-03");
            let report = import(&day(&repo, 4), &theirs).ok().data();
            for key in ["overridden", "kept"] {
                assert_eq!(report[key], json!([]), "{args:?}: {report}");
            }
            let item = repo.data(&["show", "bd-a"]);
            assert_eq!(item["assignee"], "lea", "{args:?}: {report}");
        }
    }
}

/// An export from between two imports of a file is not what that file was made from.
#[test]
fn an_import_is_repeated_after_its_undo_although_an_export_was_made() {
    let (_scene, repo) = ready();
    let file = |text: &str| repo.write("i.jsonl", text);
    let run = |at: u8| {
        let args = ["--json", "import", "beads", "i.jsonl"];
        day(&repo, at).pm(&args).ok().data()
    };
    file(&record("Old", 2, &["x"], "2026-01-01T00:00:00Z"));
    run(1);
    let update = "issue update bd-a -p 0 --add-label urgent";
    let update: Vec<&str> = update.split(' ').collect();
    day(&repo, 2).pm(&update).ok();
    file(&record("New", 2, &["x"], "2026-01-03T00:00:00Z"));
    run(4);
    day(&repo, 5).pm(&["export", "beads", "e.jsonl"]).ok();
    day(&repo, 6).pm(&["undo"]).ok();
    let wanted = |title: &str| {
        [
            json!(title),
            json!("open"),
            json!(0),
            json!(["urgent", "x"]),
        ]
    };
    assert_eq!(shown(&repo, "bd-a"), wanted("Old"));
    let report = run(7);
    let all = report["overridden"].as_array().unwrap();
    assert!(all.iter().all(|one| one["field"] == "title"), "{report}");
    assert_eq!(shown(&repo, "bd-a"), wanted("New"));
}

/// A comment of the source is none of those that were written here.
#[test]
fn comments_of_both_sides_are_no_sign_of_an_export() {
    let (_scene, repo) = ready();
    let base = record("Old", 2, &[], "2026-01-01T00:00:00Z");
    import(&day(&repo, 1), &base).ok();
    let here = day(&repo, 2);
    here.pm(&["issue", "comment", "bd-a", "fixed"]).ok();
    here.pm(&["issue", "close", "bd-a"]).ok();
    let comment = "\"comments\":[{\"id\":7,\"issue_id\":\"bd-a\",\"author\":\"zoe\",\"text\":\"me too\",\"created_at\":\"2026-01-03T00:00:00Z\"}],\"labels\"";
    let theirs = record("Old", 2, &[], "2026-01-03T00:00:00Z").replace("\"labels\"", comment);
    let report = import(&day(&repo, 4), &theirs).ok().data();
    assert_eq!(report["overridden"], json!([]), "{report}");
    let item = repo.data(&["show", "bd-a"]);
    assert_eq!(item["status"], "closed", "{item}");
    assert_eq!(item["comments"].as_array().unwrap().len(), 2, "{item}");
}
