//! Exports of a plan.

use serde_json::Value;

use super::{criteria, list, login, text, texts};

/// PL-39: the plan's epic and tasks are in the export, with their edges.
#[test]
fn pl_39_the_beads_export_has_the_epic_its_tasks_and_their_edges() {
    let (_scene, repo, _plan) = login();
    let made = repo.data(&["plan", "approve"]);
    let epic = text(&made, "epic");
    let out = repo.pm(&["export", "beads"]).ok().out;
    let records: Vec<Value> = out
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    let record = |id: &str| {
        let found = records.iter().find(|r| r["id"] == id);
        found.unwrap_or_else(|| panic!("{id} is not exported: {out}"))
    };
    assert_eq!(record(epic)["issue_type"], "epic");
    // What follows from the document alone has the time of its creation, as in `show`.
    let time = &repo.data(&["show", epic])["updated_at"];
    assert_eq!(record(epic)["updated_at"], *time);
    assert!(!out.contains("1970-"), "{out}");
    for planned in list(&made, "tasks") {
        let record = record(text(planned, "item"));
        assert_eq!(record["title"], planned["title"]);
        let deps = list(record, "dependencies");
        let to = |id: &str, kind: &str| {
            deps.iter()
                .any(|d| d["depends_on_id"] == id && d["type"] == kind)
        };
        assert!(to(epic, "parent-child"), "{record} is no part of {epic}");
        for key in texts(planned, "depends_on") {
            let on = list(&made, "tasks")
                .iter()
                .find(|t| t["key"] == key)
                .unwrap();
            assert!(to(text(on, "item"), "blocks"), "{record} lost an edge");
        }
        for criterion in criteria(planned) {
            assert!(
                text(record, "acceptance_criteria").contains(criterion),
                "{record}"
            );
        }
    }
}

/// PL-33: the PRD, and the epic with its plan, as Markdown with front matter.
#[test]
fn pl_33_export_md_writes_the_prd_and_the_epic() {
    let (_scene, repo, _plan) = login();
    repo.pm(&["plan", "approve"]).ok();
    repo.pm(&["export", "md", "out"]).ok();
    let mut files = Vec::new();
    let mut folders = vec![repo.path.join("out")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            match entry.path().is_dir() {
                true => folders.push(entry.path()),
                false => files.push(std::fs::read_to_string(entry.path()).unwrap()),
            }
        }
    }
    let with = |parts: &[&str]| {
        let mut all = files.iter().filter(|f| f.starts_with("---\n"));
        all.any(|file| parts.iter().all(|part| file.contains(part)))
    };
    assert!(
        with(&["## Vision", "### FR-1: Store public keys"]),
        "no PRD"
    );
    assert!(
        with(&["Passwords", "Store public keys", "Revoke a key"]),
        "no epic with its tasks"
    );
    assert!(
        with(&["A malformed key is refused with exit code 2"]),
        "no criteria"
    );
}
