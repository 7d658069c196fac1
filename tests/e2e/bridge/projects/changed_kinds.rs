//! Records whose kind changes at their source: their items keep theirs, and all else is imported.

use serde_json::{Value, json};

use super::{has, item, messages};
use crate::support::{Repo, binary, set_up};

/// Imports two issues, the first of a type, at a day.
fn issues(repo: &Repo, kind: &str, title: &str, day: u8) -> Value {
    let one = |number: u8, title: &str, kind: &str| {
        json!({
            "number": number, "title": title, "state": "open", "labels": [], "type": {"name": kind},
            "html_url": format!("https://github.com/o/n/issues/{number}"),
            "updated_at": format!("2024-01-0{day}T00:00:00Z"),
        })
    };
    let all = json!([one(4, title, kind), one(5, &format!("Other {day}"), "Task")]);
    let import = ["--json", "import", "github", "-"];
    repo.feed(binary(), &import, &all.to_string()).ok().data()
}

fn sheet(repo: &Repo, kind: &str, title: &str) -> Value {
    let text = format!("id,title,type,status\nX1,{title},{kind},open\n");
    let import = ["--json", "import", "csv", "-"];
    repo.feed(binary(), &import, &text).ok().data()
}

#[test]
fn an_issue_that_becomes_an_epic_stays_a_task_and_the_others_are_imported() {
    let (_scene, repo) = set_up();
    issues(&repo, "Task", "One", 1);
    let report = issues(&repo, "Epic", "One more", 2);
    assert_eq!(
        (&report["updated"], &report["skipped"]),
        (&json!(2), &json!([]))
    );
    assert_eq!(report["overridden"], json!([]), "{report}");
    let task = item(&repo, "One more");
    has(
        &task,
        json!({"kind": "task", "status": "queued", "type": "chore", "labels": []}),
    );
    let id = task["id"].as_str().unwrap();
    let told = format!("became an epic at its source; {id} stays a task");
    assert!(messages(&report).contains(&told), "{report}");
    let mut warned = report["warnings"].as_array().unwrap().iter();
    assert!(warned.any(|one| one["id"] == "o/n#4"), "{report}");
    item(&repo, "Other 2");
    // What did not change is not told again.
    let again = issues(&repo, "Epic", "One more", 2);
    assert_eq!(again["unchanged"], 2, "{again}");
    assert!(!messages(&again).contains("became"), "{again}");
}

#[test]
fn an_epic_that_becomes_a_task_stays_an_epic_with_its_status() {
    let (_scene, repo) = set_up();
    issues(&repo, "Epic", "One", 1);
    let report = issues(&repo, "Task", "One more", 2);
    assert_eq!(report["overridden"], json!([]), "{report}");
    let epic = item(&repo, "One more");
    has(&epic, json!({"kind": "epic", "status": "open"}));
    let told = format!("{} stays an epic", epic["id"].as_str().unwrap());
    assert!(messages(&report).contains(&told), "{report}");
}

#[test]
fn a_line_of_a_sheet_keeps_its_kind_either_way() {
    for (before, after, status) in [("Task", "Epic", "queued"), ("Epic", "Task", "open")] {
        let (_scene, repo) = set_up();
        sheet(&repo, before, "One");
        let report = sheet(&repo, after, "Two");
        assert_eq!(report["updated"], 1, "{report}");
        assert_eq!(report["overridden"], json!([]), "{report}");
        let kind = before.to_lowercase();
        has(&item(&repo, "Two"), json!({"kind": kind, "status": status}));
        assert_eq!(repo.data(&["fsck"])["faults"], 0);
    }
}
