//! Task Master.

use serde_json::json;

use super::{has, import, item, messages, texts, with_fixture};

#[test]
fn task_master_is_imported_with_all_its_fields() {
    let (_scene, repo) = with_fixture("taskmaster");
    let report = import(&repo, "taskmaster", 8);
    assert_eq!(report["created"], 8);
    assert_eq!(
        report["skipped"][0]["reason"],
        "is not a task: it has no id"
    );
    let said = messages(&report);
    for part in ["master/9, which does not exist", "unknown status `someday`"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let sensors = item(&repo, "Read the sensors");
    has(
        &sensors,
        json!({"status": "done", "priority": 0, "closed_at": "2025-07-02T10:00:00Z"}),
    );
    let body = sensors["body"].as_str().unwrap();
    assert_eq!(
        body,
        "All four of them.\n\n## Details\n\nPoll every second.\n\n## Test strategy\n\nWith a fake bus."
    );
    let curve = item(&repo, "Draw the curve");
    has(
        &curve,
        json!({"status": "in_progress", "priority": 3, "depends_on": [sensors["id"]], "labels": []}),
    );
    assert_eq!(
        texts(&curve["acceptance"], "text"),
        ["The axis has a unit", "It redraws in 16 ms"]
    );
    assert_eq!(curve["acceptance"][0]["done"], true);
    let axis = item(&repo, "The axis");
    has(&axis, json!({"status": "done"}));
    has(
        &axis["edges"][0],
        json!({"type": "parent-child", "target": curve["id"], "title": "Draw the curve"}),
    );
    let line = item(&repo, "The line");
    has(
        &line,
        json!({"status": "queued", "depends_on": [axis["id"]]}),
    );
    let protocol = item(&repo, "Choose a protocol");
    has(&protocol, json!({"status": "cancelled"}));
    let legend = item(&repo, "The legend");
    has(
        &legend,
        json!({"status": "in_review", "depends_on": [line["id"], protocol["id"]]}),
    );
    has(
        &item(&repo, "Send it home"),
        json!({"status": "deferred", "depends_on": [curve["id"], "master/9"]}),
    );
    has(
        &item(&repo, "Dim the lamp"),
        json!({"status": "queued", "labels": ["import-status:someday", "tag:night-mode"]}),
    );
    // Changes at the source are imported, local changes stay.
    let id = line["id"].as_str().unwrap();
    repo.pm(&["task", "edit", id, "-p", "0"]).ok();
    let file = ".taskmaster/tasks/tasks.json";
    let text = repo
        .read(file)
        .replace("\"The line\"", "\"The dotted line\"");
    repo.write(file, &text);
    let report = repo.pm(&["--json", "import", "taskmaster"]).exits(8).data();
    assert_eq!(
        (&report["created"], &report["updated"]),
        (&json!(0), &json!(1))
    );
    has(
        &repo.data(&["show", id]),
        json!({"title": "The dotted line", "priority": 0}),
    );
}

#[test]
fn task_master_files_without_tags_are_read_from_standard_input() {
    let (_scene, repo) = with_fixture("taskmaster");
    let old = r#"{"tasks":[{"id":1,"title":"One","status":"pending"},{"id":2,"title":"Two","dependencies":[1]}]}"#;
    let report = repo.feed(
        crate::support::binary(),
        &["--json", "import", "taskmaster", "-"],
        old,
    );
    assert_eq!(report.ok().data()["created"], 2);
    let two = item(&repo, "Two");
    has(
        &two,
        json!({"status": "queued", "depends_on": ["T-0001"], "labels": []}),
    );
    for bad in ["", "{", "[]", "{\"a\":1}"] {
        repo.feed(
            crate::support::binary(),
            &["import", "taskmaster", "-"],
            bad,
        )
        .exits(2);
    }
}

#[test]
fn a_task_that_depends_on_itself_is_imported_without_that_edge() {
    let (_scene, repo) = crate::support::set_up();
    repo.write(
        "tasks.json",
        r#"{"tasks":[{"id":1,"title":"One","dependencies":[1]},{"id":2,"title":"Two","dependencies":[1,2]}]}"#,
    );
    let imported = repo.pm(&["--json", "import", "taskmaster", "tasks.json"]);
    assert!(messages(&imported.data()).contains("depends on itself"));
    let one = item(&repo, "One");
    assert_ne!(one["depends_on"], json!([one["id"]]));
    has(&item(&repo, "Two"), json!({"depends_on": [one["id"]]}));
    repo.pm(&["fsck"]).ok();
}
