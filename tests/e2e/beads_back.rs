//! Going back to beads: what its own import takes of an export, after any merge.

use serde_json::Value;

use crate::beads_fixture::{SHAPES, file};
use crate::beads_import::{export, import, ready, same};
use crate::support::Repo;

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
fn after_a_merge_beads_takes_every_record_that_differs() {
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
    // beads edits all descriptions afterwards, in each of the forms of a time that it ever wrote.
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
    // beads has it then, writes it as it stands, and both agree from there on.
    import(&repo, &out).ok();
    same("the same again", &export(&repo), &out);
}

#[test]
fn of_every_shape_of_file_beads_takes_all_that_was_changed_here() {
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

/// Writes by a clock that lies before all that the file says.
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
