//! Projects of other tools: what comes in, that a second import changes nothing, and that a changed
//! source merges. The fixtures lie in `testdata/import`.

use serde_json::{Value, json};

use crate::support::{Repo, Scene};

/// A repository with the fixture of a tool in its worktree.
fn with_fixture(tool: &str) -> (Scene, Repo) {
    let scene = Scene::new();
    let repo = scene.repo("a");
    repo.pm(&["init"]).ok();
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/import");
    copy(&root.join(tool), &repo.path);
    (scene, repo)
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// The item with a title.
#[track_caller]
fn item(repo: &Repo, title: &str) -> Value {
    let all = repo.data(&["list", "--all"]);
    let items = all["items"].as_array().unwrap();
    let found = items.iter().find(|item| item["title"] == title);
    let id = found.unwrap_or_else(|| panic!("`{title}` did not come in: {all}"))["id"].clone();
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
        "the dry run said something else"
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
        "a second import wrote something"
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

#[test]
fn a_backlog_comes_in_with_all_that_it_says() {
    let (_scene, repo) = with_fixture("backlog");
    let report = import(&repo, "backlog", 0);
    assert_eq!(
        (&report["created"], &report["comments"]),
        (&json!(8), &json!(2))
    );
    let said = messages(&report);
    for part in [
        "jon",
        "task-77, which is not there",
        "`Frozen` is not known",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let keel = item(&repo, "Lay the keel");
    has(
        &keel,
        json!({
            "kind": "task", "status": "in_progress", "priority": 1, "type": "feature",
            "assignee": "mira", "created_by": "mira", "created_at": "2025-09-01T08:15:00Z",
            "labels": ["heavy  slow", "hull"], "paths": ["hull/frames", "hull/keel.rs"],
            "epic": "E-0001", "external_refs": ["backlog:task-1", "https://example.org/drawings/7"],
        }),
    );
    assert_eq!(
        texts(&keel["acceptance"], "text"),
        ["It is straight", "It floats"]
    );
    assert_eq!(keel["acceptance"][0]["done"], true);
    assert_eq!(keel["acceptance"][1]["done"], false);
    let body = keel["body"].as_str().unwrap();
    assert!(body.contains("The inspector has seen it"), "{body}");
    assert!(
        body.starts_with("The keel comes first.\n\n## Not a section"),
        "{body}"
    );
    assert!(
        body.contains("## Implementation Plan\n\n1. Measure twice"),
        "{body}"
    );
    assert!(!body.contains("<!--") && !body.contains("tar"), "{body}");
    assert_eq!(
        texts(&keel["comments"], "body"),
        ["Who brings the tar?", "I do."]
    );
    assert_eq!(keel["comments"][0]["author"], "jon");
    let seams = item(&repo, "Caulk the seams");
    has(
        &seams,
        json!({"status": "queued", "depends_on": [keel["id"], "task-77"]}),
    );
    assert_eq!(texts(&seams["acceptance"], "text"), ["No drop comes in"]);
    let port = item(&repo, "Port side");
    has(
        &port,
        json!({"status": "in_review", "priority": 3, "type": "bug"}),
    );
    assert_eq!(port["created_at"], "2025-09-01T00:00:00Z");
    assert_eq!(port["edges"][0]["target"], seams["id"]);
    let name = item(&repo, "Choose a name");
    has(
        &name,
        json!({"status": "queued", "labels": ["import-status:Frozen", "milestone:someday", "type:ceremony"]}),
    );
    has(
        &item(&repo, "Maybe a figurehead"),
        json!({"status": "deferred", "labels": ["draft"]}),
    );
    has(
        &item(&repo, "Fell the oaks"),
        json!({"status": "done", "closed_at": "2025-08-20T12:00:00Z"}),
    );
    has(
        &item(&repo, "Paint it pink"),
        json!({"status": "cancelled", "labels": ["archived"]}),
    );
    has(
        &item(&repo, "First voyage"),
        json!({"kind": "epic", "status": "open"}),
    );
    // What was not understood is kept with it.
    let id = keel["id"].as_str().unwrap();
    let path = repo
        .git(&["grep", "-l", "never run this", "refs/pm/main"])
        .ok()
        .text();
    assert!(path.contains("tasks/") && !id.is_empty(), "{path}");
}

#[test]
fn a_changed_backlog_merges_by_field() {
    let (_scene, repo) = with_fixture("backlog");
    import(&repo, "backlog", 0);
    let keel = item(&repo, "Lay the keel");
    let id = keel["id"].as_str().unwrap();
    repo.pm(&[
        "task",
        "edit",
        id,
        "--title",
        "Lay the long keel",
        "--add-label",
        "here",
    ])
    .ok();
    repo.pm(&["task", "accept", id, "2"]).ok();
    let file = "backlog/tasks/task-1 - Lay-the-keel.md";
    let text = repo
        .read(file)
        .replace(
            "updated_date: '2025-09-03 17:40'",
            "updated_date: '2025-09-04 08:00'",
        )
        .replace("priority: high", "priority: low")
        .replace("  - hull\n", "  - hull\n  - oak\n")
        .replace("#1 It is straight", "#1 It is really straight")
        .replace("The keel comes first.", "The keel comes before all else.")
        .replace("I do.\n", "I do, tomorrow.\n");
    repo.write(file, &text);
    let report = repo.data(&["import", "backlog"]);
    assert_eq!(
        (&report["created"], &report["updated"]),
        (&json!(0), &json!(1))
    );
    let now = repo.data(&["show", id]);
    has(
        &now,
        json!({
            "title": "Lay the long keel", "priority": 3, "conflicted": false,
            "labels": ["heavy  slow", "here", "hull", "oak"],
        }),
    );
    assert_eq!(
        texts(&now["acceptance"], "text"),
        ["It is really straight", "It floats"]
    );
    assert_eq!(
        now["acceptance"][1]["done"], true,
        "the tick made here is gone"
    );
    assert!(
        now["body"]
            .as_str()
            .unwrap()
            .starts_with("The keel comes before")
    );
    assert_eq!(now["comments"][1]["body"], "I do, tomorrow.");
    // A task that moves to another folder keeps its identity; one that goes stays here.
    std::fs::create_dir_all(repo.path.join("backlog/completed")).unwrap();
    std::fs::rename(
        repo.path.join(file),
        repo.path.join("backlog/completed/task-1 - Lay-the-keel.md"),
    )
    .unwrap();
    std::fs::remove_file(repo.path.join("backlog/tasks/task-3 - Choose-a-name.md")).unwrap();
    let report = repo.data(&["import", "backlog"]);
    assert_eq!(
        (&report["created"], &report["updated"]),
        (&json!(0), &json!(1))
    );
    assert_eq!(repo.data(&["show", id])["status"], "done");
    assert_eq!(item(&repo, "Choose a name")["status"], "queued");
}

#[test]
fn two_clones_import_the_same_project_and_agree() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let b = scene.clone_of(&hub, "b", "Ben");
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/import/backlog");
    for clone in [&a, &b] {
        copy(&root, &clone.path);
        clone.pm(&["import", "backlog"]).ok();
    }
    for clone in [&a, &b, &a] {
        clone.pm(&["sync"]).ok();
    }
    assert_eq!(a.state_tree(), b.state_tree(), "the clones differ");
    assert_eq!(
        a.data(&["list", "--all"])["items"]
            .as_array()
            .unwrap()
            .len(),
        8
    );
    a.pm(&["fsck"]).ok();
}

#[test]
fn task_master_comes_in_with_all_that_it_says() {
    let (_scene, repo) = with_fixture("taskmaster");
    let report = import(&repo, "taskmaster", 8);
    assert_eq!(report["created"], 8);
    assert_eq!(report["skipped"][0]["reason"], "is no task: it has no id");
    let said = messages(&report);
    for part in ["master/9, which is not there", "`someday` is not known"] {
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
    // What was changed there comes in, what was changed here stays.
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
fn files_of_task_master_from_before_there_were_tags_are_read_from_standard_input() {
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
fn ccpm_comes_in_with_streams_and_planned_files() {
    let (_scene, repo) = with_fixture("ccpm");
    let report = import(&repo, "ccpm", 0);
    assert_eq!(report["created"], 9);
    let said = messages(&report);
    assert!(said.contains("a planned file was left out"), "{said}");
    let all = repo.data(&["list", "kind:prd", "--all"]);
    has(
        &all["items"][0],
        json!({"id": "P-0001", "title": "login", "status": "open"}),
    );
    let epics = repo.data(&["epic", "list", "--all", "--sort=title"]);
    has(
        &epics["items"][0],
        json!({"title": "login", "status": "in_progress", "created_at": "2025-06-02T09:00:00Z"}),
    );
    assert_eq!(epics["items"][0]["edges"][0]["target"], "P-0001");
    has(
        &epics["items"][1],
        json!({"title": "setup", "status": "closed"}),
    );
    let table = item(&repo, "Make the session table");
    has(
        &table,
        json!({
            "status": "done", "estimate": "S", "epic": epics["items"][0]["id"],
            "external_refs": ["ccpm:login/001", "https://github.com/example/app/issues/41"],
        }),
    );
    assert_eq!(
        texts(&table["acceptance"], "text"),
        ["Tokens are unique", "Old rows go"]
    );
    let done = table["body"].as_str().unwrap();
    assert!(
        done.contains("Reviewed"),
        "what holds for every task: {done}"
    );
    let password = item(&repo, "Check the password");
    has(
        &password,
        json!({
            "status": "queued", "estimate": "L", "depends_on": [table["id"]],
            "external_refs": ["ccpm:login/002"], "paths": [],
        }),
    );
    let forget = item(&repo, "Forget the token");
    has(
        &forget,
        json!({
            "status": "in_progress", "type": "bug", "stream": "Logs",
            "depends_on": [table["id"], password["id"]], "paths": ["src/log.rs", "tests/log.rs"],
        }),
    );
    let edges = password["edges"].as_array().unwrap();
    assert!(
        edges
            .iter()
            .any(|e| e["type"] == "conflicts-with" && e["target"] == forget["id"])
    );
    let hashing = item(&repo, "Hashing");
    has(
        &hashing,
        json!({"stream": "Hashing", "paths": ["src/auth/cost/**", "src/auth/hash.rs"], "body": "slow hashes and their cost"}),
    );
    assert_eq!(hashing["edges"][0]["target"], password["id"]);
    let form = item(&repo, "Form");
    has(
        &form,
        json!({"stream": "Form", "paths": ["web/login/*.html"], "depends_on": [hashing["id"]]}),
    );
    has(&item(&repo, "Begin"), json!({"status": "done"}));
    // What is ready follows from all of it.
    let ready = repo.data(&["ready"]);
    assert_eq!(texts(&ready["items"], "title"), ["Hashing"]);
    // What changed there comes in.
    let file = ".claude/epics/login/002.md";
    let text = repo
        .read(file)
        .replace("status: open", "status: closed")
        .replace("updated: 2025-06-02", "updated: 2025-06-09");
    repo.write(file, &text);
    let report = repo.data(&["import", "ccpm"]);
    assert_eq!(
        (&report["created"], &report["updated"]),
        (&json!(0), &json!(3))
    );
    has(&item(&repo, "Form"), json!({"status": "done"}));
}

#[test]
fn a_project_that_is_none_is_refused_and_a_hostile_one_does_no_harm() {
    let (_scene, repo) = with_fixture("backlog");
    repo.pm(&["import", "ccpm"]).exits(4);
    repo.pm(&["import", "taskmaster"]).exits(4);
    repo.pm(&["import", "backlog", "nowhere"]).exits(4);
    let tasks = repo.path.join("backlog/tasks");
    std::fs::write(
        tasks.join("task-90 - Latin.md"),
        b"---\nid: task-90\n---\n\xff",
    )
    .unwrap();
    std::fs::write(tasks.join("task-91 - Large.md"), vec![b'x'; 3 << 20]).unwrap();
    std::fs::write(
        tasks.join("task-92 - Path.md"),
        "---\nid: ../../etc/passwd-9\ntitle: \"a\\u001b[2J\u{1b}[31mred\"\nmodified_files: [/etc/passwd, '$(id)']\n---\n",
    )
    .unwrap();
    std::fs::write(tasks.join("no id at all.md"), "text").unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("/etc/passwd", tasks.join("task-93 - Link.md")).unwrap();
    let ran = repo.pm(&["--json", "import", "backlog"]).exits(8);
    assert!(!ran.out.contains('\u{1b}'));
    let report = ran.data();
    assert_eq!(report["skipped"].as_array().unwrap().len(), 3, "{report}");
    assert_eq!(report["created"], 9, "{report}");
    let shown = repo.pm(&["list", "--all"]).ok().out;
    assert!(!shown.contains('\u{1b}'), "{shown}");
    repo.pm(&["fsck"]).ok();
}

/// The document of the state whose text has some words.
#[track_caller]
fn document(repo: &Repo, words: &str) -> (String, String) {
    let found = repo.git(&["grep", "-l", words, "refs/pm/main"]).ok().text();
    let path = found.strip_prefix("refs/pm/main:").unwrap_or(&found);
    let text = repo
        .git(&["show", &format!("refs/pm/main:{path}")])
        .ok()
        .out;
    (path.to_string(), text)
}

#[test]
fn learnings_come_in_and_merge_by_field() {
    let (_scene, repo) = with_fixture("learnings");
    let report = import(&repo, "learnings", 8);
    assert_eq!(report["created"], 2);
    assert_eq!(report["skipped"][0]["file"], "README.md");
    let (path, text) = document(&repo, "two links run at once");
    assert!(path.starts_with("learnings/"), "{path}");
    for line in [
        "kind: learning",
        "title: The linker runs out of memory",
        "type: gotcha",
        "category: build-errors",
        "severity: high",
        "tags: [ci, linker, memory]",
        "applies_when: [two links run at once]",
        "symptoms: [signal 9]",
        "created_at: \"2025-04-02T00:00:00Z\"",
        "reviewed_by: mira",
    ] {
        assert!(text.contains(line), "{line} is missing: {text}");
    }
    let (_, decision) = document(&repo, "Memory is short");
    assert!(decision.contains("type: decision"), "{decision}");
    let file = "docs/solutions/build-errors/linker-runs-out-of-memory.md";
    let text = repo
        .read(file)
        .replace("severity: high", "severity: low")
        .replace("tags: [linker, memory, ci]", "tags: [linker, memory]");
    repo.write(file, &text);
    std::fs::remove_file(
        repo.path
            .join("docs/solutions/decisions/one-job-at-a-time.md"),
    )
    .unwrap();
    let report = repo.pm(&["--json", "import", "learnings"]).exits(8).data();
    assert_eq!(
        (&report["created"], &report["updated"]),
        (&json!(0), &json!(1))
    );
    let (_, text) = document(&repo, "two links run at once");
    assert!(
        text.contains("severity: low") && text.contains("tags: [linker, memory]"),
        "{text}"
    );
    document(&repo, "Memory is short");
    // What looks like a secret does not come in.
    let secret = "---\ntitle: Keys\n---\naws_access_key_id = AKIAIOSFODNN7EXAMPLQ\n";
    let ran = repo.feed(
        crate::support::binary(),
        &["--json", "import", "learnings", "-"],
        secret,
    );
    let report = ran.exits(8).data();
    assert!(
        report["skipped"][0]["reason"]
            .as_str()
            .unwrap()
            .contains("looks like")
    );
    repo.git(&["grep", "AKIA", "refs/pm/main"]).exits(1);
}

#[test]
fn ag_52_definitions_of_agents_come_in_and_travel() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let b = scene.clone_of(&hub, "b", "Ben");
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/import/agents");
    for clone in [&a, &b] {
        copy(&root, &clone.path);
        let report = import(clone, "agents", 0);
        assert_eq!(report["created"], 2);
        let (path, text) = document(clone, "You run the tests");
        assert!(path.starts_with("agents/"), "{path}");
        for line in [
            "kind: agent",
            "name: test-runner",
            "description: Runs the tests and says what failed",
            "model: sonnet",
            "tools: [Bash, Grep, Read]",
            "color: blue",
        ] {
            assert!(text.contains(line), "{line} is missing: {text}");
        }
        assert!(
            text.ends_with("You run the tests. You change nothing."),
            "{text}"
        );
    }
    for clone in [&a, &b, &a] {
        clone.pm(&["sync"]).ok();
    }
    assert_eq!(a.state_tree(), b.state_tree(), "the clones differ");
    // A secret in one of them can be taken out like anywhere else.
    a.pm(&["redact", "You look for holes."]).ok();
    a.git(&["grep", "look for holes", "refs/pm/main"]).exits(1);
    a.pm(&["fsck"]).ok();
}
