//! Returning to beads: which records of an export its own import accepts, after any merge.

use serde_json::{Value, json};

use super::{export, import, ready, same};
use crate::bridge::beads::fixture::{SHAPES, file};
use crate::support::{Repo, Scene, binary};

fn records(text: &str) -> Vec<Value> {
    let all = text.lines().filter(|line| !line.trim().is_empty());
    all.map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn at(record: &Value) -> Option<jiff::Timestamp> {
    record["updated_at"].as_str()?.parse().ok()
}

/// What beads' own import leaves out of a file: records that differ from what it has and are not
/// newer (`if !incoming.UpdatedAt.After(existing.UpdatedAt)`).
fn not_taken(existing: &str, incoming: &str) -> Vec<String> {
    let existing = records(existing);
    let mut out = Vec::new();
    let incoming = records(incoming);
    for (n, new) in incoming.iter().enumerate() {
        // Some files have an id twice.
        let nth = incoming[..n].iter().filter(|r| r["id"] == new["id"]);
        let mut same = existing.iter().filter(|old| old["id"] == new["id"]);
        let Some(old) = same.nth(nth.count()) else {
            continue;
        };
        if old == new || !new["id"].is_string() {
            continue;
        }
        if at(new) <= at(old) {
            out.push(format!("{old}\n  {new}"));
        }
    }
    out
}

fn issue(n: usize, more: &str, updated_at: &str) -> String {
    format!(
        "{{\"id\":\"bd-{n}\",\"content_hash\":\"c0ffee\",\"title\":\"T{n}\",{more}\"status\":\"open\",\"priority\":2,\"issue_type\":\"task\",\"created_at\":\"2026-01-01T00:00:00Z\",\"updated_at\":\"{updated_at}\"}}\n"
    )
}

#[test]
fn beads_accepts_every_changed_record_of_an_export_after_a_merge() {
    let (_scene, repo) = ready();
    let early = "2026-01-01T00:00:00Z";
    let before: String = (0..8).map(|n| issue(n, "", early)).collect();
    import(&repo.when("2026-01-02T00:00:00Z"), &before).ok();
    let here = repo.when("2026-01-03T00:00:00Z");
    here.pm(&["issue", "update", "bd-0", "--title", "mine"])
        .ok();
    here.pm(&["issue", "update", "bd-1", "-p", "0"]).ok();
    here.pm(&["issue", "close", "bd-2", "--reason", "done here"])
        .ok();
    here.pm(&["issue", "label", "add", "bd-3", "ours"]).ok();
    here.pm(&["issue", "comment", "bd-4", "hello"]).ok();
    here.pm(&["issue", "dep", "add", "bd-5", "bd-6"]).ok();
    here.pm(&["issue", "update", "bd-6", "--notes", "n"]).ok();
    here.pm(&["issue", "delete", "bd-7"]).ok();
    // beads edits all descriptions afterwards, with times in each format that it has used.
    let zones = [
        "2026-01-04T00:00:00Z",
        "2026-01-03T16:00:00.123456-08:00",
        "2026-01-04T11:00:00.987654321+11:00",
        "2026-01-04T00:00:00.5Z",
    ];
    let there: String = (0..8)
        .map(|n| issue(n, "\"description\":\"theirs\",", zones[n % zones.len()]))
        .collect();
    import(&repo.when("2026-01-05T00:00:00Z"), &there).ok();
    let out = export(&repo);
    let ours = records(&out);
    let changed = ours.iter().zip(records(&there));
    assert_eq!(changed.filter(|(a, b)| *a != b).count(), 8, "{out}");
    assert_eq!(not_taken(&there, &out), [""; 0]);
    for record in &ours {
        assert_eq!(record["description"], "theirs");
        assert!(
            record["content_hash"].is_null(),
            "of another text: {record}"
        );
    }
    // beads then has it and writes it unchanged, and both agree from then on.
    import(&repo, &out).ok();
    same("the same again", &export(&repo), &out);
}

#[test]
fn beads_accepts_all_changes_for_files_of_every_shape() {
    for (n, shape) in SHAPES.into_iter().enumerate() {
        let (_scene, repo) = ready();
        let before = file(shape, 60, n as u64 + 3);
        import(&repo, &before).ok();
        let ids: Vec<String> = records(&before)
            .iter()
            .filter(|r| r["id"].is_string() && r["status"] != "tombstone")
            .map(|r| r["id"].as_str().unwrap().to_string())
            .collect();
        touch(&repo, &ids);
        let out = export(&repo);
        let differ = records(&before);
        let differ = records(&out)
            .iter()
            .filter(|new| !differ.contains(new))
            .count();
        assert!(differ >= 5, "{shape:?}: {differ}");
        assert_eq!(not_taken(&before, &out), [""; 0], "{shape:?}");
    }
}

/// Writes with a clock earlier than all times of the file.
fn touch(repo: &Repo, ids: &[String]) {
    let unique: Vec<&String> = ids
        .iter()
        .filter(|id| ids.iter().filter(|other| other == id).count() == 1)
        .collect();
    assert!(unique.len() >= 5, "{ids:?}");
    let here = repo.when("2025-01-01T00:00:00Z");
    for id in unique.iter().take(8) {
        here.pm(&["issue", "update", id, "--title", "Changed here"])
            .ok();
    }
}

#[test]
fn a_first_comment_in_an_early_file_gets_a_number() {
    let with_header = "{\"_schema\":\"beads-jsonl/1\"}\n";
    for (header, is_number) in [("", true), (with_header, false)] {
        let (_scene, repo) = ready();
        import(
            &repo,
            &format!("{header}{}", issue(1, "", "2026-01-01T00:00:00Z")),
        )
        .ok();
        repo.pm(&["issue", "comment", "bd-1", "hello"]).ok();
        let out = export(&repo);
        let all = records(&out);
        let id = &all.last().unwrap()["comments"][0]["id"];
        assert_eq!(id.is_u64(), is_number, "{out}");
        assert_eq!(id.is_string(), !is_number, "{out}");
    }
}

/// A model of the import of beads: it accepts a record that is newer than its own.
struct Beads(Vec<Value>);

impl Beads {
    fn new(file: &str) -> Beads {
        Beads(records(file))
    }

    /// Imports an export; afterwards both must be equal.
    #[track_caller]
    fn takes(&mut self, what: &str, export: &str) {
        let told = |record: &Value| {
            let mut record = record.clone();
            record["updated_at"] = Value::Null;
            record
        };
        for new in records(export) {
            let old = self.0.iter_mut().find(|old| old["id"] == new["id"]);
            let Some(old) = old else {
                self.0.push(new);
                continue;
            };
            if at(&new) > at(old) {
                *old = new;
            } else {
                assert_eq!(told(old), told(&new), "{what}: beads keeps the first one");
            }
        }
    }
}

const EARLY: &str = "2026-01-01T00:00:00Z";

fn two() -> String {
    issue(1, "\"description\":\"d\",", EARLY) + &issue(2, "", EARLY)
}

#[test]
fn beads_accepts_values_undone_after_an_export() {
    let both: [(&str, &[&str], &[&str]); 8] = [
        ("close", &["close", "bd-1"], &["reopen", "bd-1"]),
        (
            "title",
            &["update", "bd-1", "--title", "other"],
            &["update", "bd-1", "--title", "T1"],
        ),
        (
            "description",
            &["update", "bd-1", "--description", "other"],
            &["update", "bd-1", "--description", "d"],
        ),
        (
            "label",
            &["label", "add", "bd-1", "x"],
            &["label", "remove", "bd-1", "x"],
        ),
        (
            "edge",
            &["dep", "add", "bd-1", "bd-2"],
            &["dep", "remove", "bd-1", "bd-2"],
        ),
        ("delete", &["delete", "bd-1"], &["undo"]),
        ("undo", &["update", "bd-1", "-p", "0"], &["undo"]),
        ("comment", &["comment", "bd-1", "hi"], &["undo"]),
    ];
    // Also if the record was written by a clock that is ahead.
    for file in [two(), two().replace("2026-01", "2031-01")] {
        for (what, there, back) in both {
            let (_scene, repo) = ready();
            let mut beads = Beads::new(&file);
            import(&repo, &file).ok();
            let run = |args: &[&str]| {
                let command = if args == ["undo"] {
                    &[][..]
                } else {
                    &["issue"][..]
                };
                repo.pm(&[command, args].concat()).ok();
            };
            run(there);
            beads.takes(what, &export(&repo));
            assert_ne!(beads.0, records(&file), "{what}");
            run(back);
            let out = export(&repo);
            beads.takes(what, &out);
            for (now, then) in records(&out).iter().zip(records(&file)) {
                assert_eq!(
                    (&now["title"], &now["status"]),
                    (&then["title"], &then["status"])
                );
                assert_eq!(
                    (&now["labels"], &now["comments"]),
                    (&Value::Null, &Value::Null)
                );
            }
            assert!(
                out.contains(file.lines().nth(1).unwrap()),
                "untouched: {out}"
            );
            // Importing it again changes nothing, also without the fractions of seconds.
            import(&repo, &out).ok();
            same(what, &export(&repo), &out);
            repo.pm(&["issue", "update", "bd-2", "-p", "1"]).ok();
            let first = |text: &str| text.lines().next().unwrap().to_string();
            assert_eq!(first(&export(&repo)), first(&out), "{what}");
        }
    }
}

#[test]
fn a_repeated_export_contains_the_undone_values() {
    let (_scene, repo) = ready();
    repo.write(".beads/issues.jsonl", &two());
    let mut beads = Beads::new(&two());
    repo.pm(&["import", "beads"]).ok();
    for args in [["close", "bd-1"], ["reopen", "bd-1"], ["close", "bd-1"]] {
        repo.pm(&["issue", args[0], args[1]]).ok();
        repo.pm(&["export", "beads", ".beads/issues.jsonl"]).ok();
        beads.takes(args[0], &repo.read(".beads/issues.jsonl"));
    }
}

#[test]
fn beads_accepts_a_record_whose_import_was_undone() {
    let (_scene, repo) = ready();
    import(&repo, &two()).ok();
    // Keys for which git pm has no field are kept only in the record.
    let newer = issue(
        1,
        "\"description\":\"d\",\"work_type\":\"x\",",
        "2026-02-01T00:00:00Z",
    );
    import(&repo, &newer).ok();
    let mut beads = Beads::new(&export(&repo));
    assert_eq!(beads.0[0]["work_type"], "x");
    repo.pm(&["undo"]).ok();
    beads.takes("undo", &export(&repo));
    assert_eq!(beads.0[0]["work_type"], Value::Null);
}

#[test]
fn beads_accepts_changes_that_a_sync_brought_after_an_export() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let b = scene.clone_of(&hub, "b", "bert");
    let mut beads = Beads::new(&two());
    import(&a, &two()).ok();
    let sync = || {
        for repo in [&a, &b, &a] {
            repo.pm(&["sync"]).ok();
        }
    };
    sync();
    let day = |repo: &Repo, n: usize| repo.when(&format!("2027-01-{n:02}T00:00:00Z"));
    let update = |repo: &Repo, args: &[&str]| {
        repo.pm(&[&["issue"][..], args].concat()).ok();
    };
    // The writes of b are older than those of a, which beads imported before a and b synced.
    let rounds: [(&[&str], &[&str]); 5] = [
        (
            &["update", "bd-1", "--notes", "from bert"],
            &["update", "bd-1", "-p", "0"],
        ),
        (&["comment", "bd-1", "hi"], &["update", "bd-1", "-p", "1"]),
        (
            &["label", "add", "bd-1", "x"],
            &["update", "bd-1", "-p", "3"],
        ),
        (
            &["dep", "add", "bd-1", "bd-2"],
            &["update", "bd-1", "-p", "4"],
        ),
        (
            &["update", "bd-1", "--title", "bert's"],
            &["update", "bd-1", "-p", "1"],
        ),
    ];
    for (n, (theirs, ours)) in rounds.into_iter().enumerate() {
        let what = format!("{theirs:?}");
        update(&day(&b, 2 * n + 1), theirs);
        update(&day(&a, 2 * n + 2), ours);
        beads.takes(&what, &export(&a));
        sync();
        let out = export(&a);
        beads.takes(&what, &out);
        assert_eq!(out, export(&b), "{what}: one state, one file");
    }
    // In one of bert's clones a later write follows an earlier one, both before the last write.
    for (n, notes) in [(1, "more"), (2, "most")] {
        let time = format!("2027-02-01T0{n}:00:00Z");
        update(&b.when(&time), &["update", "bd-1", "--notes", notes]);
        if n == 1 {
            sync();
        }
    }
    update(
        &a.when("2027-02-02T00:00:00Z"),
        &["update", "bd-1", "-p", "2"],
    );
    beads.takes("before", &export(&a));
    sync();
    beads.takes("after", &export(&a));
    let first = &beads.0[0];
    assert_eq!(
        (&first["notes"], &first["title"]),
        (&"most".into(), &"bert's".into())
    );
    assert_eq!(
        (&first["priority"], &first["labels"][0]),
        (&2.into(), &"x".into())
    );
}

#[test]
fn an_export_equals_the_store_after_clones_imported_several_files() {
    let told = |title: &str, description: &str, priority: u8, day: u8| {
        issue(
            1,
            &format!("\"description\":\"{description}\","),
            &format!("2026-01-0{day}T00:00:00Z"),
        )
        .replace("\"T1\"", &format!("\"{title}\""))
        .replace("\"priority\":2", &format!("\"priority\":{priority}"))
    };
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let b = scene.clone_of(&hub, "b", "bert");
    let newest = told("T", "d", 0, 3);
    for repo in [&a, &b] {
        import(repo, &told("T", "d", 2, 1)).ok();
    }
    import(&a, &told("T from a", "d from a", 2, 2)).ok();
    import(&b, &newest).ok();
    for repo in [&a, &b, &a] {
        repo.pm(&["sync"]).ok();
    }
    for repo in [&a, &b] {
        let item = repo.data(&["show", "bd-1"]);
        let out: Value = serde_json::from_str(&export(repo)).unwrap();
        assert_eq!(
            (&item["title"], &out["title"]),
            (&"T from a".into(), &"T from a".into())
        );
        assert_eq!(
            (&item["body"], &out["description"]),
            (&"d from a".into(), &"d from a".into())
        );
        assert_eq!(out["priority"], 0);
        assert!(out["updated_at"] == "2026-01-03T00:00:00.001Z", "{out}");
    }
    // The newest file wins once it is imported, and this is reported.
    let ran = import(&a, &newest).ok();
    let gave_way = ran.data()["overridden"].clone();
    assert_eq!(
        (&gave_way[0]["field"], &gave_way[0]["lost"]),
        (&"title".into(), &"T from a".into())
    );
    assert_eq!(export(&a), newest);
}

#[test]
fn people_who_have_other_names_here_go_back_with_those_of_the_file() {
    let (_scene, repo) = ready();
    let record = |id: &str, day: u8, more: &str| {
        format!(
            "{{\"id\":\"{id}\",\"title\":\"T\",\"status\":\"open\",\"priority\":2,\"issue_type\":\"task\",\"assignee\":\"ana\",\"created_at\":\"2026-01-01T00:00:00Z\",\"created_by\":\"bot\",\"updated_at\":\"2026-01-0{day}T00:00:00Z\"{more}}}\n"
        )
    };
    let comment = |id: &str| {
        format!(
            ",\"comments\":[{{\"id\":1,\"issue_id\":\"{id}\",\"author\":\"emma\",\"text\":\"hi\",\"created_at\":\"2026-01-01T00:00:00Z\"}}]"
        )
    };
    let file = record("bd-a", 1, "") + &record("bd-b", 1, &comment("bd-b"));
    let args = [
        "import",
        "beads",
        "-",
        "--map-user",
        "ana=Anna",
        "--map-user",
        "bot=",
    ];
    repo.feed(binary(), &args, &file).ok();
    let who = |id: &str| {
        let item = repo.data(&["show", id]);
        (item["assignee"].clone(), item["created_by"].clone())
    };
    assert_eq!(who("bd-b"), (json!("Anna"), Value::Null));
    same("the first export", &export(&repo), &file);
    // Also when a later file is imported without them, and after a change of another field.
    let file = record("bd-a", 2, &comment("bd-a")) + &record("bd-b", 1, &comment("bd-b"));
    repo.feed(binary(), &args[..3], &file).ok();
    assert_eq!(who("bd-a"), (json!("Anna"), Value::Null));
    same("the second export", &export(&repo), &file);
    repo.pm(&["issue", "update", "bd-a", "--title", "Ours"])
        .ok();
    let out = export(&repo);
    assert!(!out.contains("Anna"), "{out}");
    assert!(out.lines().all(|line| line.contains("\"bot\"")), "{out}");
    // Who was assigned here is named as here.
    repo.pm(&["issue", "update", "bd-b", "--assignee", "Zoe"])
        .ok();
    let out = export(&repo);
    assert!(out.contains("\"assignee\":\"Zoe\""), "{out}");
}
