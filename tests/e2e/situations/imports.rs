//! Imports account for every file and every field of a project: each is imported, or listed with
//! the reason.

use serde_json::{Value, json};

use crate::support::{Repo, set_up};

fn task(name: &str, more: &str) -> String {
    format!(
        "---\nname: {name}\nstatus: open\ncreated: 2026-01-01T00:00:00Z\n{more}---\n\n# {name}\n"
    )
}

fn backlog(id: &str, title: &str, more: &str) -> String {
    format!("---\nid: {id}\ntitle: {title}\nstatus: To Do\n{more}---\n")
}

fn agent(name: &str, text: &str) -> String {
    format!("---\nname: {name}\ndescription: d\n---\n\n{text}\n")
}

fn import(repo: &Repo, tool: &str, code: i32) -> Value {
    repo.pm(&["--json", "import", tool]).exits(code).data()
}

/// The skipped files with their reasons, then the notes, one per line.
fn said(report: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_string();
    let skipped = report["skipped"].as_array().unwrap().iter();
    let skipped = skipped.map(|one| format!("{} {}", text(&one["file"]), text(&one["reason"])));
    let notes = report["warnings"].as_array().unwrap().iter();
    let notes = notes.map(|one| format!("{} {}", text(&one["id"]), text(&one["message"])));
    skipped.chain(notes).collect::<Vec<_>>().join("\n")
}

#[track_caller]
fn says(report: &Value, words: &[&str]) {
    let said = said(report);
    for word in words {
        assert!(said.contains(word), "`{word}` is missing:\n{said}");
    }
}

#[track_caller]
fn titled(repo: &Repo, title: &str) -> Value {
    let all = repo.data(&["list", "--all"]);
    let mut found = all["items"].as_array().unwrap().iter();
    let found = found.find(|item| item["title"] == title);
    let id = found.unwrap_or_else(|| panic!("`{title}` was not imported: {all}"))["id"].clone();
    repo.data(&["show", id.as_str().unwrap()])
}

// Files of SummerDyed/interface_monitoring: tasks named 001-x.md, and tasks in a folder tasks/.
#[test]
fn ccpm_tasks_are_those_that_begin_with_a_digit_also_in_the_folder_of_tasks() {
    let (_scene, repo) = set_up();
    let epic = ".claude/epics/login";
    repo.write(&format!("{epic}/epic.md"), &task("login", ""));
    repo.write(&format!("{epic}/001-form.md"), &task("Form", ""));
    repo.write(
        &format!("{epic}/003.md"),
        &task("Third", "depends_on: [001-form.md, 2]\n"),
    );
    repo.write(
        &format!("{epic}/tasks/002-page.md"),
        &task("Page", "depends_on: [1]\n"),
    );
    // Not the task 003 beside its folder.
    repo.write(&format!("{epic}/tasks/003.md"), &task("Other third", ""));
    repo.write(
        ".claude/epics/archived/old/tasks/1-done.md",
        &task("Begin", ""),
    );
    let report = import(&repo, "ccpm", 0);
    assert_eq!(report["created"], 6, "{report}");
    let (form, page) = (titled(&repo, "Form"), titled(&repo, "Page"));
    assert_eq!(form["epic"], titled(&repo, "login")["id"]);
    assert_eq!(page["epic"], form["epic"]);
    assert_eq!(page["depends_on"], json!([form["id"]]));
    let mut before = vec![form["id"].clone(), page["id"].clone()];
    before.sort_by_key(Value::to_string);
    assert_eq!(titled(&repo, "Third")["depends_on"], Value::from(before));
    assert_eq!(titled(&repo, "Begin")["status"], "done");
    assert_eq!(import(&repo, "ccpm", 0)["unchanged"], 6);
}

#[test]
fn files_of_ccpm_that_are_not_imported_are_listed() {
    let (_scene, repo) = set_up();
    let epic = ".claude/epics/login";
    repo.write(
        &format!("{epic}/epic.md"),
        &task("login", "progress: 10%\n"),
    );
    repo.write(&format!("{epic}/1.md"), &task("One", "parallel: true\n"));
    repo.write(&format!("{epic}/2.md"), &task("Two", "parallel: false\n"));
    repo.write(
        &format!("{epic}/2-analysis.md"),
        "---\nissue: 2\n---\n### Stream A: x\n",
    );
    repo.write(
        &format!("{epic}/execution-status.md"),
        "---\nbranch: b\n---\n",
    );
    repo.write(
        &format!("{epic}/updates/1/stream-A.md"),
        "---\nissue: 1\n---\nDone\n",
    );
    repo.write(&format!("{epic}/plan.pdf"), "x");
    // Notes and reports are no records: exit code 0.
    let report = import(&repo, "ccpm", 0);
    says(
        &report,
        &[
            "epics/login contains files that are not PRDs, epics and tasks, left out: ",
            "execution-status.md",
            "plan.pdf",
            "epics/login/updates/1 contains files that are not PRDs, epics and tasks, left out: stream-A.md",
            "fields that have no place here: `parallel` (2), `progress` (1)",
        ],
    );
    // A record at another place is one that was skipped.
    repo.write(&format!("{epic}/logout.md"), &task("Logout", ""));
    repo.write(".claude/prds/old/first.md", &task("first", ""));
    let report = import(&repo, "ccpm", 8);
    says(
        &report,
        &[
            "epics/login/logout.md is not where PRDs, epics and tasks are",
            "prds/old/first.md is not where PRDs, epics and tasks are",
        ],
    );
}

#[test]
fn values_of_ccpm_that_are_not_understood_are_listed() {
    let (_scene, repo) = set_up();
    repo.write(
        ".claude/prds/app.md",
        "---\nname: app\nstatus: frozen\n---\nText\n",
    );
    let more = "closed: soon\npriority: P9\neffort: two days\nrisk: huge\ntype: odd\n\
                depends_on: [login]\npaths: [../out]\nname: Again\n\"odd key\": 1\n";
    repo.write(".claude/epics/e/1.md", &task("One", more));
    let report = import(&repo, "ccpm", 0);
    says(
        &report,
        &[
            "prd/app has an unknown `status`, `frozen`; left out",
            "e/1 has an unknown `closed`, `soon`; left out",
            "e/1 has an unknown `priority`, `P9`; left out",
            "e/1 has an unknown `effort`, `two days`; left out",
            "e/1 has an unknown `risk`, `huge`; left out",
            "e/1 has an unknown `type`, `odd`; left out",
            "e/1 refers to `login`, which is no task; left out",
            "e/1 a planned file was left out",
            "`\"odd key\": 1` (1), `name: Again` (1)",
        ],
    );
}

// Files of CRJFisher/ariadne: tasks in folders below tasks/.
#[test]
fn tasks_of_backlog_in_folders_below_are_imported() {
    let (_scene, repo) = set_up();
    let top = backlog(
        "task-1",
        "Top",
        "dependencies:\n  - task-2\nordinal: 1000\n",
    );
    repo.write("backlog/tasks/task-1 - Top.md", &top);
    repo.write(
        "backlog/tasks/epics/perf/task-2 - Nested.md",
        &(backlog("task-2", "Nested", "due_date: soon\n") + "## Comments\n\nJust a text.\n"),
    );
    repo.write(
        "backlog/completed/2025/task-3 - Old.md",
        &backlog("task-3", "Old", ""),
    );
    repo.write(
        "backlog/milestones/next/m-1 - sea.md",
        &backlog("m-1", "Sea", ""),
    );
    repo.write("backlog/config.yml", "project_name: x\n");
    repo.write("backlog/tasks/readme.md", "# Tasks\n");
    repo.write("backlog/plans/spring.md", "# Spring\n");
    repo.write("backlog/assets/a.png", "x");
    let report = import(&repo, "backlog", 0);
    assert_eq!(report["created"], 4, "{report}");
    let nested = titled(&repo, "Nested");
    assert_eq!(titled(&repo, "Top")["depends_on"], json!([nested["id"]]));
    assert!(
        nested["body"].as_str().unwrap().contains("Just a text."),
        "{nested}"
    );
    assert_eq!(titled(&repo, "Old")["status"], "done");
    titled(&repo, "Sea");
    says(
        &report,
        &[
            "plans contains files that are not tasks and milestones, left out: spring.md",
            "assets contains files that are not tasks and milestones, left out: a.png",
            "tasks contains files that are not tasks and milestones, left out: readme.md",
            "task-2 has an unknown `due_date`, `soon`; left out",
            "fields that have no place here: `ordinal` (1), `status` (1)",
        ],
    );
    assert!(!said(&report).contains("config.yml"), "{report}");
    repo.write(
        "backlog/archive/milestones/m-0 - shore.md",
        &backlog("m-0", "Shore", ""),
    );
    says(
        &import(&repo, "backlog", 8),
        &["archive/milestones/m-0 - shore.md is not where tasks and milestones are"],
    );
}

// Files of wtyler2505/multi-controller-app: archived copies of the same name in a folder below.
#[test]
fn the_definition_of_an_agent_that_is_in_use_is_imported() {
    let (_scene, repo) = set_up();
    repo.write(
        ".claude/agents/archive/checker.md",
        &agent("checker", "OLD TEXT"),
    );
    repo.write(
        ".claude/agents/archive/tester.md",
        &agent("tester", "ALONE"),
    );
    let list =
        agent("checker", "NEW TEXT").replace("description: d", "color: red\ndescription: [a, b]");
    repo.write(".claude/agents/checker.md", &list);
    repo.write(".claude/agents/notes.txt", "x");
    let report = import(&repo, "agents", 8);
    assert_eq!(report["created"], 2, "{report}");
    says(
        &report,
        &[
            "archive/checker.md has the same name as checker.md, which is imported",
            ". contains files that are not Markdown, left out: notes.txt",
            "fields that have no place here: `color` (1)",
        ],
    );
    for text in ["NEW TEXT", "ALONE", "description: a, b"] {
        repo.git(&["grep", text, "refs/pm/main"]).ok();
    }
    repo.git(&["grep", "OLD TEXT", "refs/pm/main"]).exits(1);
}

#[test]
fn tasks_of_task_master_are_imported_at_every_depth_and_odd_values_are_listed() {
    let (_scene, repo) = set_up();
    let file = json!({"master": {
        "metadata": {"description": "d", "updated": "2026-01-01T00:00:00Z"},
        "tasks": [
            {"id": 1, "title": "One", "status": "pending", "complexity": 5, "dependencies": 2, "subtasks": [
                {"id": 1, "title": "Part", "subtasks": [{"id": "1.1.7", "title": "Part of a part"}]}]},
            {"id": 2, "title": "Two", "description": {"a": 1}, "dependencies": [[1]],
                "updatedAt": "soon", "subtasks": {"id": 1}},
        ],
    }});
    repo.write(".taskmaster/tasks/tasks.json", &file.to_string());
    let report = import(&repo, "taskmaster", 8);
    assert_eq!(report["created"], 4, "{report}");
    let one = titled(&repo, "One");
    assert_eq!(one["depends_on"], json!([titled(&repo, "Two")["id"]]));
    let deep = titled(&repo, "Part of a part");
    assert_eq!(deep["edges"][0]["target"], titled(&repo, "Part")["id"]);
    says(
        &report,
        &[
            "master/2 has `subtasks` that are not a list",
            "master/2 has `description` in an unknown form; left out",
            "master/2 has `dependencies` in an unknown form; left out",
            "master/2 has `updatedAt` in an unknown form; left out",
            "fields that have no place here: `complexity` (1), `master.description` (1)",
        ],
    );
}

#[test]
fn every_other_file_of_a_dump_of_beads_is_listed() {
    let (_scene, repo) = set_up();
    repo.write(
        ".beads/backup/issues.jsonl",
        "{\"created_at\":\"2026-01-17 04:18:04\",\"id\":\"bd-1\",\"timeout_ns\":0,\"title\":\"x\"}\n",
    );
    repo.write(".beads/backup/config.jsonl", "{}\n");
    let report = repo.data(&["import", "beads", ".beads/backup"]);
    says(&report, &["config.jsonl is not imported"]);
    assert_eq!(report["warnings"].as_array().unwrap().len(), 1, "{report}");
}

// A project is untrusted: what a link leads to would be written into the state and pushed.
#[cfg(unix)]
#[test]
fn links_in_a_project_are_not_followed_and_files_that_cannot_be_read_are_listed() {
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::symlink;

    let (scene, repo) = set_up();
    let outside = scene.dir.path().join("outside");
    for (file, text) in [
        ("epics/e/1.md", task("SECRET", "")),
        ("tasks/task-1 - x.md", backlog("task-1", "SECRET", "")),
        ("x.md", agent("x", "SECRET")),
        (
            "tasks.json",
            json!({"tasks": [{"id": 1, "title": "SECRET"}]}).to_string(),
        ),
        (
            "issues.jsonl",
            "{\"id\":\"bd-1\",\"title\":\"SECRET\"}\n".into(),
        ),
    ] {
        let path = outside.join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    // The place itself leads out of the project.
    for (tool, place, target) in [
        ("ccpm", ".claude/epics", "epics"),
        ("backlog", "backlog", ""),
        ("agents", ".claude/agents", ""),
        ("learnings", "docs/solutions", ""),
        ("taskmaster", ".taskmaster/tasks", ""),
        ("beads", ".beads", ""),
    ] {
        let place = repo.path.join(place);
        std::fs::create_dir_all(place.parent().unwrap()).unwrap();
        symlink(outside.join(target), &place).unwrap();
        let ran = repo.pm(&["import", tool]).exits(1);
        assert!(
            ran.err.contains("is a link that leads out of the project"),
            "{tool}: {}",
            ran.err
        );
        std::fs::remove_file(place).unwrap();
    }
    // Links below it.
    let folder = repo.path.join(".claude/agents");
    std::fs::create_dir_all(&folder).unwrap();
    symlink(outside.join("x.md"), folder.join("x.md")).unwrap();
    symlink(&outside, folder.join("more")).unwrap();
    std::fs::write(folder.join(std::ffi::OsStr::from_bytes(b"bad\xff.md")), "x").unwrap();
    let deep: std::path::PathBuf = (0..17).map(|n| n.to_string()).collect();
    std::fs::create_dir_all(folder.join(deep)).unwrap();
    let report = import(&repo, "agents", 8);
    says(
        &report,
        &[
            "x.md is a link or a special file, which is not read",
            "more is a link or a special file, which is not read",
            "bad\u{fffd}.md has a name that is not valid UTF-8",
            "15/16 is too many folders down",
        ],
    );
    assert_eq!(report["created"], 0);
    repo.git(&["grep", "SECRET", "refs/pm/main"]).exits(1);
}
