//! Acceptance criteria of an item's own list, which beads has as boxes of one text.

use serde_json::{Value, json};

use super::{export, import, ready};
use crate::support::Repo;

const ONE: &str = r#"{"id":"bd-a","title":"One","status":"open","priority":2,"issue_type":"task","created_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-01T00:00:00Z"}"#;

const LISTED: &str = "- [ ] it works\n- [ ] it is really fast\n- [ ] nobody has to wait";

fn day(repo: &Repo, day: u8) -> Repo {
    repo.when(&format!("2026-01-{day:02}T12:00:00Z"))
}

/// An imported issue and one from here, each with three criteria in its list, and exported.
fn exported(repo: &Repo) -> [String; 2] {
    import(&day(repo, 1), ONE).ok();
    let made = day(repo, 1).data(&["issue", "create", "Two"])["id"].clone();
    let ids = ["bd-a".to_string(), made.as_str().unwrap().to_string()];
    for id in &ids {
        let mut edit = vec!["edit", id];
        edit.extend(LISTED.lines().flat_map(|line| ["--accept", &line[6..]]));
        day(repo, 2).pm(&edit).ok();
    }
    day(repo, 2).pm(&["export", "beads", "e.jsonl"]).ok();
    ids
}

/// The export of an item to a file, with other criteria from the 5th of January.
fn edited(repo: &Repo, id: &str, criteria: &str) -> String {
    let text = std::fs::read_to_string(repo.path.join("e.jsonl")).unwrap();
    let read = |line: &str| serde_json::from_str::<Value>(line).unwrap();
    let mut record = text.lines().map(read).find(|one| one["id"] == id).unwrap();
    assert_eq!(record["acceptance_criteria"], LISTED);
    record["acceptance_criteria"] = criteria.into();
    record["updated_at"] = "2026-01-05T00:00:00Z".into();
    format!("{record}\n")
}

/// The criteria, each with its mark.
fn listed(repo: &Repo, id: &str) -> Vec<String> {
    let item = repo.data(&["show", id]);
    let all = item["acceptance"].as_array().unwrap().iter();
    let line = |one: &Value| {
        let mark = if one["done"] == true { 'x' } else { ' ' };
        format!("[{mark}] {}", one["text"].as_str().unwrap())
    };
    all.map(line).collect()
}

#[test]
fn what_the_source_does_to_criteria_of_the_list_is_taken() {
    let (_scene, repo) = ready();
    for id in exported(&repo) {
        let theirs = edited(
            &repo,
            &id,
            "- [x] it works\n- [ ] it is very fast\n- [ ] it is new",
        );
        import(&day(&repo, 6), &theirs).ok();
        let wanted = ["[ ] it is new", "[x] it works", "[ ] it is very fast"];
        assert_eq!(listed(&repo, &id), wanted, "{id}");
        let report = import(&day(&repo, 7), &theirs).ok().data();
        assert_eq!(report["unchanged"], 1, "{report}");
        assert_eq!(listed(&repo, &id), wanted, "{id}: imported again");
    }
}

#[test]
fn what_both_sides_did_to_criteria_of_the_list_is_kept_and_told() {
    let (_scene, repo) = ready();
    for id in exported(&repo) {
        day(&repo, 3).pm(&["task", "accept", &id, "3"]).ok();
        let theirs = edited(&repo, &id, "- [x] it works\n- [ ] it is really fast");
        let report = import(&day(&repo, 6), &theirs).ok().data();
        let told = report["warnings"].to_string();
        assert!(told.contains("`nobody has to wait`"), "{id}: {report}");
        let wanted = [
            "[x] it works",
            "[ ] it is really fast",
            "[x] nobody has to wait",
        ];
        assert_eq!(listed(&repo, &id), wanted, "{id}");
    }
}

#[test]
fn a_criterion_that_both_sides_put_in_other_words_is_kept_in_both() {
    let (_scene, repo) = ready();
    for id in exported(&repo) {
        let change = ["--remove-accept", "it is really fast", "--accept"];
        let ours = [&["edit", &id][..], &change, &["it is quite fast"]].concat();
        day(&repo, 3).pm(&ours).ok();
        let theirs = edited(&repo, &id, &LISTED.replace("really", "very"));
        let report = import(&day(&repo, 6), &theirs).ok().data();
        let told = report["warnings"].to_string();
        assert!(told.contains("`it is quite fast`"), "{id}: {report}");
        let mut found = listed(&repo, &id);
        found.sort();
        let wanted = [
            "[ ] it is quite fast",
            "[ ] it is very fast",
            "[ ] it works",
            "[ ] nobody has to wait",
        ];
        assert_eq!(found, wanted, "{id}");
    }
}

#[test]
fn a_record_that_never_saw_the_list_leaves_it_alone() {
    let (_scene, repo) = ready();
    exported(&repo);
    let theirs = ONE
        .replace(
            "\"One\"",
            "\"Uno\",\"acceptance_criteria\":\"- [ ] theirs\"",
        )
        .replace("updated_at\":\"2026-01-01", "updated_at\":\"2026-01-05");
    import(&day(&repo, 6), &theirs).ok();
    assert_eq!(repo.data(&["show", "bd-a"])["title"], "Uno");
    let wanted = [
        "[ ] theirs",
        "[ ] it works",
        "[ ] it is really fast",
        "[ ] nobody has to wait",
    ];
    assert_eq!(listed(&repo, "bd-a"), wanted);
    let out = export(&repo);
    let whole = json!(format!("- [ ] theirs\n{LISTED}")).to_string();
    assert!(out.contains(&whole), "{out}");
}

/// The record with such criteria, from a day.
fn said(text: &str, date: &str) -> String {
    let criteria = format!("\"acceptance_criteria\":{},\"status\"", json!(text));
    let updated = format!("\"updated_at\":\"{date}");
    ONE.replace("\"status\"", &criteria)
        .replace("\"updated_at\":\"2026-01-01", &updated)
}

/// A record has all of them as one text: what one side accepted stays accepted if the other one adds another.
#[test]
fn what_was_accepted_here_stays_so_if_the_source_adds_a_criterion() {
    let (_scene, repo) = ready();
    let both = "- [ ] one\n- [ ] two";
    import(&day(&repo, 1), &said(both, "2026-01-01")).ok();
    day(&repo, 2).pm(&["task", "accept", "bd-a", "1"]).ok();
    let more = format!("{both}\n- [ ] three");
    for (now, time) in [(4, "2026-01-03"), (6, "2026-01-01")] {
        let report = import(&day(&repo, now), &said(&more, time)).ok().data();
        assert_eq!(report["conflicts"], json!([]), "{report}");
        let wanted = ["[x] one", "[ ] two", "[ ] three"];
        assert_eq!(listed(&repo, "bd-a"), wanted, "{report}");
    }
    // The other way round, in an export that is newer than what was added here.
    let ticked = more.replace("[ ] three", "[x] three");
    import(&day(&repo, 8), &said(&ticked, "2026-01-07")).ok();
    let wanted = ["[x] one", "[ ] two", "[x] three"];
    assert_eq!(listed(&repo, "bd-a"), wanted);
}

/// A criterion that comes after the work was submitted is in nothing that was accepted.
#[test]
fn an_approval_names_the_criteria_that_are_not_accepted() {
    let (_scene, repo) = ready();
    import(&repo, &said("- [ ] one", "2026-01-01")).ok();
    repo.pm(&["start", "bd-a"]).ok();
    let work = repo.worktree("bd-a");
    work.write("f", "x");
    work.commit_all("Work");
    work.pm(&["task", "accept", "bd-a", "--all"]).ok();
    work.pm(&["finish"]).ok();
    import(&repo, &said("- [ ] one\n- [ ] two", "2026-01-02")).ok();
    let ran = repo.pm(&["approve", "bd-a"]).ok();
    let wanted = "1 of the 2 criteria of bd-a are not accepted: two";
    assert!(ran.err.contains(wanted), "{}", ran.err);
}
