//! Plans made separately in two clones, and undone plans: a later clone never reverts the work of
//! an earlier one.

use serde_json::{Value, json};

use crate::support::{Repo, Scene, script_file, set_up};

const DOCUMENT: &str = "\
# Reports

## Functional requirements

### FR-1: Write the report
- The report has a date

### FR-2: Print the report
- It fits on a page. Depends on FR-1.
";

fn with_document() -> (Scene, Repo, Repo) {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let b = scene.clone_of(&hub, "b", "Bea");
    for repo in [&a, &b] {
        repo.pm(&["init"]).ok();
        repo.write("docs/plan.md", DOCUMENT);
    }
    (scene, a, b)
}

fn planned() -> (Scene, Repo) {
    let (scene, repo) = set_up();
    repo.write("docs/plan.md", DOCUMENT);
    repo.pm(&["plan", "new", "docs/plan.md"]).ok();
    (scene, repo)
}

fn title(repo: &Repo, id: &str) -> Value {
    repo.data(&["show", id])["title"].clone()
}

/// PL-14: a clone that later adds, plans and approves the same document offline changes nothing
/// that others did with their plan meanwhile.
#[test]
fn pl_14_a_later_clone_does_not_revert_the_work_of_an_earlier_one() {
    let (_scene, a, b) = with_document();
    a.pm(&["plan", "new", "docs/plan.md"]).ok();
    a.pm(&["plan", "set", "1", "title=Write it well", "estimate=L"])
        .ok();
    a.pm(&["plan", "approve"]).ok();
    a.pm(&["prd", "edit", "P-1", "--title", "Reports, renamed"])
        .ok();
    a.pm(&["task", "edit", "T-1", "--title", "Write it at once"])
        .ok();
    a.pm(&["task", "done", "T-1", "--force"]).ok();
    std::thread::sleep(std::time::Duration::from_millis(20));
    b.pm(&["--offline", "plan", "new", "docs/plan.md"]).ok();
    b.pm(&["--offline", "plan", "approve"]).ok();
    for repo in [&a, &b, &a, &b] {
        repo.pm(&["sync"]).ok();
    }
    assert_eq!(a.state_tree(), b.state_tree());
    assert_eq!(title(&b, "P-0001"), "Reports, renamed");
    assert_eq!(title(&b, "T-0001"), "Write it at once");
    assert_eq!(b.data(&["show", "T-0001"])["status"], "done");
    let plan = b.data(&["plan", "show"]);
    assert_eq!(plan["status"], "approved");
    assert_eq!(plan["tasks"][0]["title"], "Write it well");
    assert_eq!(plan["tasks"][0]["estimate"], "L");
    b.pm(&["fsck"]).ok();
}

/// PL-40: an undone approval can be given again, and includes the changes made meanwhile.
#[test]
fn pl_40_edits_after_an_undone_approval_are_included_in_the_next_approval() {
    let (_scene, repo) = planned();
    repo.pm(&["plan", "approve"]).ok();
    repo.pm(&["undo"]).ok();
    repo.pm(&[
        "plan",
        "set",
        "1",
        "title=A new title",
        "acceptance=Another criterion",
    ])
    .ok();
    // The criterion of the document is in no task any more.
    repo.pm(&["plan", "approve", "--accept-uncovered"]).ok();
    let task = repo.data(&["show", "T-0001"]);
    assert_eq!(task["title"], "A new title");
    let criteria: Vec<&Value> = task["acceptance"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| &c["text"])
        .collect();
    assert_eq!(criteria, [&json!("Another criterion")]);
}

/// PL-18: changes that others make while the editor is open are kept.
#[test]
fn pl_18_plan_edit_changes_only_the_edited_fields() {
    let (scene, repo) = planned();
    let path = scene.dir.path().join("editor.sh");
    let binary = crate::support::binary();
    script_file(
        &path,
        &format!(
            "#!/bin/sh\nsed -i 's/^### fr-1\\. .*/### fr-1. Edited/' \"$1\"\n\
             '{binary}' plan add Meanwhile --accept 'It is there' >/dev/null\n"
        ),
    );
    let editing = repo.with("GIT_EDITOR", path.to_str().unwrap());
    editing.pm(&["plan", "edit"]).ok();
    let plan = repo.data(&["plan", "show"]);
    let titles: Vec<&str> = plan["tasks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|task| task["title"].as_str().unwrap())
        .collect();
    assert!(
        titles.contains(&"Edited") && titles.contains(&"Meanwhile"),
        "{titles:?}"
    );
}

/// An undone plan can be drafted again; creating a plan that was edited since cannot be undone.
#[test]
fn an_undone_plan_can_be_drafted_again() {
    let (_scene, repo) = set_up();
    repo.write("docs/plan.md", DOCUMENT);
    repo.pm(&["prd", "add", "docs/plan.md"]).ok();
    repo.pm(&["plan", "new", "P-1"]).ok();
    repo.pm(&["undo"]).ok();
    repo.pm(&["plan", "show", "P-1"]).exits(4);
    let plan = repo.data(&["plan", "new", "P-1"]);
    assert_eq!(plan["status"], "draft");
    let (_other, repo) = planned();
    repo.pm(&["plan", "set", "1", "risk=high"]).ok();
    let drawn = repo.git(&["rev-parse", "refs/pm/main~1"]).ok().text();
    repo.pm(&["undo", drawn.trim()]).exits(1);
}

/// PL-18: an edge that was made soft by hand stays soft when the plan is regenerated.
#[test]
fn pl_18_an_edge_set_by_hand_is_kept_when_the_plan_is_regenerated() {
    let (_scene, repo) = planned();
    let class = |plan: &Value| {
        let edges = plan["edges"].as_array().unwrap();
        let by_hand = edges
            .iter()
            .find(|edge| !edge["rule"].as_str().unwrap().starts_with("test-"));
        by_hand.unwrap_or_else(|| panic!("{plan}"))["class"].clone()
    };
    let plan = repo.data(&["plan", "show"]);
    assert_eq!(class(&plan), "hard");
    repo.pm(&["plan", "dep", "3", "1", "--soft"]).ok();
    let plan = repo.data(&["plan", "regenerate"]);
    assert_eq!(class(&plan), "soft");
}

/// An agent cannot approve by undoing the undo of an approval.
#[test]
fn design_7_an_agent_cannot_restore_the_approval_of_a_plan() {
    let (_scene, repo) = planned();
    repo.pm(&["plan", "approve"]).ok();
    repo.pm(&["undo"]).ok();
    let agent = repo.with("CLAUDECODE", "1").by("robot");
    let undone = repo.git(&["rev-parse", "refs/pm/main"]).ok().text();
    agent.pm(&["undo", undone.trim()]).exits(1);
    assert_eq!(repo.data(&["plan", "show"])["status"], "draft");
}

/// Changes and approvals of a plan can name the version they were made for.
#[test]
fn a_plan_is_changed_only_at_the_given_version() {
    let (_scene, repo) = planned();
    let seen = repo.data(&["plan", "show"])["version"]
        .as_str()
        .unwrap()
        .to_string();
    repo.pm(&["plan", "set", "1", "risk=high", "--if-version", &seen])
        .ok();
    repo.pm(&["plan", "set", "1", "risk=low", "--if-version", &seen])
        .exits(3);
    repo.pm(&["plan", "approve", "--if-version", &seen])
        .exits(3);
    let now = repo.data(&["plan", "show"])["version"]
        .as_str()
        .unwrap()
        .to_string();
    repo.pm(&["plan", "approve", "--if-version", &now]).ok();
}
