//! Projects of other tools: what is imported, that a second import changes nothing, and that a
//! changed source is merged. The fixtures are in `testdata/import`.

pub mod backlog;
pub mod ccpm;
pub mod changed_kinds;
pub mod csv;
pub mod equal_criteria;
pub mod gh_json;
pub mod learnings_and_agents;
pub mod odd_inputs;
pub mod refused;
pub mod spreadsheets;
pub mod task_master;

use serde_json::{Value, json};

use crate::support::{Repo, Scene, copy};

/// A repository with the fixture of a tool in its worktree.
fn with_fixture(tool: &str) -> (Scene, Repo) {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/import");
    copy(&root.join(tool), &repo.path);
    (scene, repo)
}

/// The item with a title.
#[track_caller]
fn item(repo: &Repo, title: &str) -> Value {
    let all = repo.data(&["list", "--all"]);
    let items = all["items"].as_array().unwrap();
    let found = items.iter().find(|item| item["title"] == title);
    let id = found.unwrap_or_else(|| panic!("`{title}` was not imported: {all}"))["id"].clone();
    repo.data(&["show", id.as_str().unwrap()])
}

#[track_caller]
fn has(item: &Value, expected: Value) {
    for (key, value) in expected.as_object().unwrap() {
        assert_eq!(&item[key], value, "{key} of {}", item["title"]);
    }
}

fn texts(list: &Value, key: &str) -> Vec<String> {
    let list = list.as_array().unwrap();
    let text = |entry: &Value| entry[key].as_str().unwrap().to_string();
    list.iter().map(text).collect()
}

/// Imports twice: the second time nothing changes.
#[track_caller]
fn import(repo: &Repo, tool: &str, code: i32) -> Value {
    let dry = repo
        .pm(&["--json", "import", tool, "--dry-run"])
        .exits(code)
        .data();
    assert_eq!(dry["commit"], Value::Null);
    assert_eq!(repo.data(&["list", "--all"])["items"], json!([]));
    let before = repo.data(&["log"])["items"].as_array().unwrap().len();
    let report = repo.pm(&["--json", "import", tool]).exits(code).data();
    assert_eq!(
        report["created"], dry["created"],
        "the dry run reported something else"
    );
    let after = repo.data(&["log"])["items"].as_array().unwrap().len();
    assert_eq!(after, before + 1, "an import is one commit");
    let tip = repo.tip("refs/pm/main");
    let again = repo.pm(&["--json", "import", tool]).exits(code).data();
    assert_eq!(
        (&again["created"], &again["updated"]),
        (&json!(0), &json!(0))
    );
    assert_eq!(again["unchanged"], report["created"]);
    assert_eq!(
        repo.tip("refs/pm/main"),
        tip,
        "a second import changed the state"
    );
    let found = repo.data(&["fsck"]);
    let mended = found["findings"].as_array().unwrap();
    assert!(!mended.iter().any(|f| f["repairable"] == true), "{found}");
    assert_eq!(found["faults"], 0, "{found}");
    report
}

fn messages(report: &Value) -> String {
    texts(&report["warnings"], "message").join("\n")
}
