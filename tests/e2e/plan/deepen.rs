//! Research notes on the tasks of a plan.

use serde_json::{Value, json};

use super::LOGIN;
use crate::support::{Repo, Scene, set_up};

fn planned(repo: &Repo) -> Value {
    repo.write("login.md", LOGIN);
    repo.data(&["plan", "new", "login.md"])
}

/// The texts of the notes of a task.
fn notes(plan: &Value, number: usize) -> Vec<String> {
    let mut tasks = plan["tasks"].as_array().unwrap().iter();
    let task = tasks.find(|task| task["number"] == number).unwrap();
    let all = task["research_notes"].as_array().unwrap().iter();
    all.map(|note| note["text"].as_str().unwrap().to_string())
        .collect()
}

fn names(plan: &Value) -> Vec<(Value, Value)> {
    let tasks = plan["tasks"].as_array().unwrap().iter();
    tasks
        .map(|task| (task["key"].clone(), task["number"].clone()))
        .collect()
}

/// CM-03: what is known from earlier work reaches the tasks of a plan.
#[test]
fn pl_34_research_notes_reach_the_tasks_without_changing_ids() {
    let (_scene, repo) = set_up();
    // What the repository knows: a learning on the path, and a finished task that changed it.
    let old = repo.task("Read keys from a file", &[]);
    repo.write("src/auth.rs", "// keys\n");
    repo.git(&["add", "src"]).ok();
    let message = format!("feat: read keys\n\nTask: {old}");
    repo.git(&["commit", "-q", "-m", &message]).ok();
    repo.pm(&["task", "done", &old, "--force"]).ok();
    let add = ["learn", "add", "Keys end with a line feed", "--path"];
    repo.pm(&[&add[..], &["src/auth.rs"]].concat()).ok();

    let before = planned(&repo);
    let report = repo.data(&["plan", "deepen"]);
    assert_eq!(report["added"], 2, "{report}");
    let plan = repo.data(&["plan", "show"]);
    assert_eq!(names(&plan), names(&before));
    // Notes of one commit are in the order of their ids.
    let found = notes(&plan, 1);
    let item = format!("{old} changed src/auth.rs: Read keys from a file");
    let at = found.iter().position(|note| *note == item);
    let at = at.unwrap_or_else(|| panic!("{found:?}"));
    let learning = &found[1 - at];
    assert!(
        learning.ends_with(": Keys end with a line feed"),
        "{found:?}"
    );
    // Twice adds nothing; a note that was removed is not collected again.
    assert_eq!(repo.data(&["plan", "deepen"])["added"], 0);
    repo.pm(&["plan", "deepen", "1", "--rm", &(at + 1).to_string()])
        .ok();
    repo.pm(&["plan", "deepen", "1", "--rm", "2"]).exits(4);
    assert_eq!(repo.data(&["plan", "deepen", "1"])["added"], 0);
    // By hand, in several lines, and gone through all that changes a plan.
    let text = "RFC 8709:\nhow keys are written";
    repo.pm(&["plan", "deepen", "1", text]).ok();
    repo.pm(&["plan", "deepen", "3", "Ask Ben about sessions"])
        .ok();
    repo.pm(&["plan", "regenerate"]).ok();
    repo.pm(&["plan", "merge", "3", "5"]).ok();
    let plan = repo.data(&["plan", "show"]);
    assert_eq!(notes(&plan, 1), [learning.as_str(), text]);
    assert_eq!(notes(&plan, 3), ["Ask Ben about sessions"]);
    let shown = repo.pm(&["plan", "show", "-v"]).ok().out;
    assert!(
        shown.contains("note 2: RFC 8709:\n         how keys"),
        "{shown}"
    );

    let made = repo.data(&["plan", "approve", "--yes", "--accept-uncovered"]);
    let plan = repo.data(&["plan", "show"]);
    assert_eq!(plan["status"], "approved", "{made}");
    let mut tasks = plan["tasks"].as_array().unwrap().iter();
    let first = tasks.find(|task| task["number"] == 1).unwrap();
    let id = first["item"].as_str().unwrap();
    let item = repo.data(&["show", id]);
    let wanted = format!("- {learning}\n- RFC 8709:\n  how keys are written");
    assert_eq!(item["notes"], wanted.as_str(), "{item}");
    let text = repo.pm(&["show", id]).ok().out;
    assert!(text.contains("how keys are written"), "{text}");
    // Its notes are now comments.
    let refused = repo.pm(&["--json", "plan", "deepen", "1", "late"]).exits(1);
    assert_eq!(refused.error()["reason"], "plan.task_exists");
    repo.pm(&["fsck"]).ok();
}

#[test]
fn notes_of_two_clones_are_merged_and_those_of_merged_tasks_move() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    planned(&a);
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    a.pm(&["plan", "deepen", "1", "from Ada"]).ok();
    b.pm(&["plan", "deepen", "1", "from Ben"]).ok();
    b.pm(&["plan", "deepen", "3", "on the second"]).ok();
    b.pm(&["plan", "merge", "1", "3"]).ok();
    for clone in [&a, &b, &a] {
        clone.pm(&["sync"]).ok();
    }
    assert_eq!(a.state_tree(), b.state_tree(), "the clones differ");
    let mut found = notes(&a.data(&["plan", "show"]), 1);
    found.sort();
    assert_eq!(found, ["from Ada", "from Ben", "on the second"]);
}

#[test]
fn bad_requests_for_notes_change_nothing() {
    let (_scene, repo) = set_up();
    repo.pm(&["plan", "deepen"]).exits(4);
    planned(&repo);
    let tip = repo.tip("refs/pm/main");
    for (words, code) in [
        (&["99", "x"][..], 4),
        (&["1", " \n"], 2),
        (&["--rm", "1"], 2),
        (&["1", "--rm", "0"], 4),
        (&["1", "x", "--rm", "1"], 2),
    ] {
        repo.pm(&[&["plan", "deepen"], words].concat()).exits(code);
    }
    assert_eq!(repo.tip("refs/pm/main"), tip);
    let none = repo.data(&["plan", "deepen"]);
    assert_eq!(
        none,
        json!({ "prd": "P-0001", "added": 0, "removed": 0, "tasks": [] })
    );
    for n in 0..50 {
        repo.pm(&["plan", "deepen", "1", &format!("note {n}")]).ok();
    }
    let full = repo.pm(&["plan", "deepen", "1", "one more"]).exits(2);
    assert!(full.err.contains("50 research notes"), "{}", full.err);
}
