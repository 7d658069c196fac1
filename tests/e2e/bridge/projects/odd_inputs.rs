//! Unusual files in projects of other tools, and the CSV export of items.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::support::{Repo, Scene, binary, ids, set_up};

fn write(scene: &Scene, path: &str, text: &str) -> PathBuf {
    let file = scene.dir.path().join(path);
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(&file, text).unwrap();
    file
}

fn import(scene: &Scene, repo: &Repo, tool: &str) -> Value {
    let place = scene.dir.path().join(tool);
    repo.data(&["import", tool, place.to_str().unwrap()])
}

fn titled(repo: &Repo, title: &str) -> Value {
    let all = repo.data(&["list", "--all"]);
    let found = all["items"].as_array().unwrap().iter();
    let mut found = found.filter(|item| item["title"] == title);
    found
        .next()
        .unwrap_or_else(|| panic!("{title}: {all}"))
        .clone()
}

fn backlog(id: &str, title: &str, created: &str, more: &str) -> String {
    format!("---\nid: {id}\ntitle: {title}\nstatus: To Do\ncreated_date: '{created}'\n{more}---\n")
}

#[test]
fn drafts_are_not_imported_and_generated_files_are_not_errors() {
    let (scene, repo) = set_up();
    write(&scene, "backlog/tasks/readme.md", "# Tasks\n");
    write(&scene, "backlog/drafts/readme.md", "# Drafts\n");
    write(&scene, "backlog/docs/doc-1 - x.md", "---\ntitle: x\n---\n");
    write(
        &scene,
        "backlog/drafts/draft-1 - later.md",
        &backlog("draft-1", "Later", "2026-01-01", ""),
    );
    write(
        &scene,
        "backlog/tasks/back-1 - now.md",
        &(backlog("back-1", "Now", "2026-01-01", "")
            + "\n## Definition of Done\n- [ ] #1 Reviewed\n\n## Acceptance Criteria\n- [ ] #1 Works\n"),
    );
    write(
        &scene,
        "backlog/tasks/back-2 - next.md",
        &backlog("back-2", "Next", "2026-01-01", "dependencies: [task-1]\n"),
    );
    // Exit code 0: nothing was skipped.
    let report = import(&scene, &repo, "backlog");
    assert_eq!(report["skipped"].as_array().unwrap().len(), 0, "{report}");
    let notes = report["warnings"].to_string();
    assert!(
        notes.contains("files in docs/ that are not tasks: 1"),
        "{notes}"
    );
    assert!(
        notes.contains("git pm import learnings backlog/docs"),
        "{notes}"
    );
    let now = titled(&repo, "Now");
    let offered = repo.data(&["ready"]);
    assert_eq!(ids(&offered["items"]), [now["id"].as_str().unwrap()]);
    let now = repo.data(&["show", now["id"].as_str().unwrap()]);
    let now = if now["item"].is_null() {
        &now
    } else {
        &now["item"]
    };
    let criteria = now["acceptance"].as_array().unwrap();
    assert_eq!(criteria.len(), 1, "{now}");
    assert_eq!(criteria[0]["text"], "Works");
    assert!(now["body"].as_str().unwrap().contains("Reviewed"), "{now}");
    // The tool changed the prefix of its ids; the number matches.
    let next = titled(&repo, "Next");
    assert_eq!(next["depends_on"][0], now["id"], "{next}");
}

#[test]
fn an_id_reused_after_archiving_is_another_task() {
    let (scene, repo) = set_up();
    let old = backlog("task-5", "Old", "2026-01-01", "");
    let file = write(&scene, "backlog/tasks/task-5 - old.md", &old);
    import(&scene, &repo, "backlog");
    let before = titled(&repo, "Old")["uid"].clone();
    std::fs::remove_file(file).unwrap();
    write(&scene, "backlog/archive/tasks/task-5 - old.md", &old);
    write(
        &scene,
        "backlog/tasks/task-5 - new.md",
        &backlog("task-5", "New", "2026-02-01", ""),
    );
    import(&scene, &repo, "backlog");
    assert_eq!(titled(&repo, "Old")["uid"], before);
    let new = titled(&repo, "New")["uid"].clone();
    assert_ne!(new, before);
    // The new one is archived too, and a third one is created.
    let new_file = scene.dir.path().join("backlog/tasks/task-5 - new.md");
    let text = std::fs::read_to_string(&new_file).unwrap();
    std::fs::remove_file(new_file).unwrap();
    write(&scene, "backlog/archive/tasks/task-5 - new.md", &text);
    write(
        &scene,
        "backlog/tasks/task-5 - third.md",
        &backlog("task-5", "Third", "2026-03-01", ""),
    );
    import(&scene, &repo, "backlog");
    assert_eq!(titled(&repo, "Old")["uid"], before);
    assert_eq!(titled(&repo, "New")["uid"], new);
    titled(&repo, "Third");
}

#[test]
fn a_ccpm_file_without_a_name_keeps_title_order_and_dependencies() {
    let (scene, repo) = set_up();
    write(&scene, "ccpm/epics/e/epic.md", "---\nname: E\n---\n");
    write(
        &scene,
        "ccpm/epics/e/10.md",
        "# Ten things\n\n```yaml\ndepends_on: [9]\neffort: M (8-12 hours)\n```\n",
    );
    write(
        &scene,
        "ccpm/epics/e/9.md",
        "---\ntitle: Nine\neffort: L\n---\n",
    );
    let report = import(&scene, &repo, "ccpm");
    assert!(
        report["warnings"].to_string().contains("no `name:`"),
        "{report}"
    );
    let (nine, ten) = (titled(&repo, "Nine"), titled(&repo, "Ten things"));
    assert_eq!(ten["depends_on"][0], nine["id"], "{ten}");
    assert_eq!(ten["estimate"], "M");
    assert_eq!(nine["estimate"], "L");
    let number = |item: &Value| item["id"].as_str().unwrap().to_string();
    assert!(number(&nine) < number(&ten), "10 comes after 9");
}

#[test]
fn an_export_in_the_other_layout_is_not_imported_as_a_project() {
    let (scene, repo) = set_up();
    repo.task("One", &[]);
    let folder = scene.dir.path().join("ccpm");
    repo.pm(&[
        "export",
        "md",
        folder.to_str().unwrap(),
        "--layout",
        "tasks",
    ])
    .ok();
    std::fs::create_dir_all(folder.join("prds")).unwrap();
    std::fs::copy(
        folder.join("tasks/T-0001.md"),
        folder.join("prds/T-0001.md"),
    )
    .unwrap();
    let ran = repo
        .pm(&["import", "ccpm", folder.to_str().unwrap()])
        .exits(2);
    assert!(ran.err.contains("--layout tasks"), "{}", ran.err);
}

#[test]
fn csv_contains_texts_on_request_and_never_formulas() {
    let (_scene, repo) = set_up();
    repo.task("One", &["--body", "=1+1, \"quoted\"\nsecond line"]);
    let all = repo
        .pm(&["export", "csv", "--columns", "id,body,title"])
        .ok()
        .out;
    assert_eq!(
        all,
        "id,title,body\r\nT-0001,One,\"'=1+1, \"\"quoted\"\"\nsecond line\"\r\n"
    );
    let usual = repo.pm(&["export", "csv", "--columns", "body"]).ok().out;
    assert!(usual.lines().next().unwrap().ends_with(",body"), "{usual}");
    assert!(usual.starts_with("id,kind"), "{usual}");
}

#[test]
fn verbs_of_beads_with_another_name_here_name_the_command() {
    let (_scene, repo) = set_up();
    for (verb, command) in [
        ("sync", "git pm sync"),
        ("doctor", "git pm doctor"),
        ("init", "git pm init"),
        ("stats", "git pm stats"),
        ("export", "git pm export beads"),
        ("help", "git pm issue --help"),
    ] {
        let ran = repo.pm(&["issue", verb]).exits(2);
        assert!(
            ran.err.contains(&format!("`{command}`")),
            "{verb}: {}",
            ran.err
        );
        assert!(
            !ran.err.contains("similar subcommand"),
            "{verb}: {}",
            ran.err
        );
    }
    let id = repo.pm(&["issue", "q", "x"]).ok().text();
    repo.pm(&["issue", "comments", "add", &id, "hello there"])
        .ok();
    let listed = repo.pm(&["issue", "comments", &id]).ok().out;
    assert!(listed.contains("hello there"), "{listed}");
}

#[test]
fn a_placeholder_for_no_assignee_is_imported_as_none() {
    for word in ["unassigned", "None", "null", "\"\"", "~"] {
        let (scene, repo) = set_up();
        write(
            &scene,
            "ccpm/epics/e/1.md",
            &format!("---\nname: Work\nstatus: open\nassignee: {word}\n---\ntext\n"),
        );
        import(&scene, &repo, "ccpm");
        assert_eq!(titled(&repo, "Work")["assignee"], Value::Null, "{word}");
        let next = repo.pm(&["next"]).ok().out;
        assert!(next.contains("Work"), "{word}: {next}");
        write(
            &scene,
            "backlog/tasks/back-1 - x.md",
            &backlog(
                "back-1",
                "Other",
                "2026-01-01",
                &format!("assignee: [{word}, '@ana']\n"),
            ),
        );
        import(&scene, &repo, "backlog");
        assert_eq!(titled(&repo, "Other")["assignee"], "ana", "{word}");
    }
}

#[test]
fn init_suggests_importing_an_existing_project() {
    for (path, command) in [
        (".beads/issues.jsonl", "git pm import beads"),
        ("backlog/tasks/task-1 - x.md", "git pm import backlog"),
        (".taskmaster/tasks/tasks.json", "git pm import taskmaster"),
        (".claude/epics/e/1.md", "git pm import ccpm"),
    ] {
        let scene = Scene::new();
        let repo = scene.repo("a");
        repo.write(path, "{}\n");
        let said = repo.pm(&["init"]).ok().out;
        assert!(
            said.contains(command) && !said.contains("task create"),
            "{said}"
        );
        repo.task("own", &[]);
        let said = repo.pm(&["init"]).ok().out;
        assert!(!said.contains("import"), "{said}");
    }
}

// More than a write holds in memory.
#[test]
fn a_large_project_is_imported_completely() {
    let (scene, repo) = set_up();
    let n = 300;
    let text = "All of it. ".repeat(6_000);
    let tasks: Vec<Value> = (1..=n)
        .map(|id| {
            let before: Vec<u64> = (id > 1).then(|| id - 1).into_iter().collect();
            serde_json::json!({
                "id": id, "title": format!("Number {id}"), "status": "pending", "priority": "high",
                "details": format!("{id} {text}"), "dependencies": before,
                "subtasks": [{"id": 1, "title": format!("Part of {id}"), "status": "pending"}],
            })
        })
        .collect();
    let file = serde_json::json!({"master": {"tasks": tasks}}).to_string();
    write(&scene, "taskmaster/.taskmaster/tasks/tasks.json", &file);
    let report = import(&scene, &repo, "taskmaster");
    assert_eq!(report["created"], 2 * n, "{}", report["warnings"]);
    let last = titled(&repo, &format!("Number {n}"));
    let last = repo.data(&["show", last["id"].as_str().unwrap()]);
    assert!(
        last["body"]
            .as_str()
            .unwrap()
            .contains(&format!("{n} All of it."))
    );
    let first = titled(&repo, &format!("Number {}", n - 1));
    assert_eq!(last["depends_on"][0], first["id"]);
    let all = repo.data(&["list", "--all", "--limit", "0"]);
    let mut names = ids(&all["items"]);
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len() as u64, 2 * n, "numbers were assigned twice");
    assert_eq!(import(&scene, &repo, "taskmaster")["unchanged"], 2 * n);
    repo.pm(&["fsck"]).ok();
}

/// A second import reads what was imported before as well, and tells of the file alone.
#[test]
fn an_import_reports_no_values_of_the_import_before() {
    let csv = |status: &str, due: &str, day: u8| {
        format!("Title,Status,ID,Due date,Updated\na,{status},X-1,{due},2025-11-0{day}\n")
    };
    let master = |status: &str| {
        format!(r#"{{"tasks":[{{"id":1,"title":"a","status":"{status}","priority":"high"}}]}}"#)
    };
    for (tool, before, after) in [
        (
            "csv",
            csv("QA Waiting", "3/4/2026", 1),
            csv("In Progress", "2026-12-24", 2),
        ),
        ("taskmaster", master("QA Waiting"), master("in-progress")),
    ] {
        let (_scene, repo) = set_up();
        let feed = |text: &str| {
            let args = ["--json", "import", tool, "-"];
            repo.feed(binary(), &args, text).ok().data()
        };
        let first = feed(&before)["warnings"].to_string();
        assert!(first.contains("QA Waiting"), "{first}");
        let second = feed(&after);
        assert_eq!(second["updated"], 1, "{second}");
        assert_eq!(second["warnings"], json!([]), "{second}");
    }
}

/// What `gh` prints of issues is read without the network, as the lines of a CSV file are.
#[test]
fn in_14_the_json_of_gh_issue_list_is_imported() {
    let (_scene, repo) = set_up();
    let issues = |title: &str| {
        let url = "https://github.com/acme/widget/issues";
        let mia = json!({"login": "mia", "name": "Mia M"});
        json!([
            {
                "number": 12, "title": title, "body": "It **fails**, always", "state": "OPEN",
                "url": format!("{url}/12"), "assignees": [mia], "author": mia, "closed": false,
                "labels": [{"id": "L1", "name": "bug"}, {"id": "L2", "name": "good, first"}],
                "milestone": {"number": 1, "title": "1.0"}, "createdAt": "2025-11-01T10:00:00Z",
                "comments": [{
                    "author": {"login": "eva"}, "body": "Me, too; often",
                    "createdAt": "2025-11-02T10:00:00Z",
                }],
            },
            {
                "number": 13, "title": "Old", "state": "CLOSED", "stateReason": "NOT_PLANNED",
                "url": format!("{url}/13"), "closedAt": "2025-11-03T10:00:00Z", "milestone": null,
            },
        ])
        .to_string()
    };
    repo.write("issues.json", &issues("Crash"));
    let report = repo.data(&["import", "github", "issues.json"]);
    let counted = ["source", "created", "comments", "warnings"].map(|key| report[key].clone());
    assert_eq!(json!(counted), json!(["github", 2, 1, []]), "{report}");
    let crash = titled(&repo, "Crash");
    let said = ["status", "assignee", "created_by", "created_at", "type"];
    let said = said.map(|key| crash[key].clone());
    let expected = json!(["queued", "mia", "mia", "2025-11-01T10:00:00Z", "bug"]);
    assert_eq!(json!(said), expected, "{crash}");
    let labels = crash["labels"].to_string();
    assert!(labels.contains("\"bug\"") && labels.contains("\"milestone:1.0\""));
    assert!(!labels.contains("\"first\""), "{labels}");
    let shown = repo.pm(&["show", crash["id"].as_str().unwrap()]).ok().out;
    assert!(
        shown.contains("fails") && shown.contains("Me, too; often"),
        "{shown}"
    );
    assert_eq!(titled(&repo, "Old")["status"], "cancelled");
    for name in ["gh-12", "gh:12", "acme/widget#12"] {
        assert_eq!(repo.data(&["show", name])["id"], crash["id"], "{name}");
    }
    repo.pm(&["show", "gh-1"]).exits(4);
    let url = "https://github.com/acme/other/issues/12";
    let other = json!([{"number": 12, "title": "Other", "url": url}]).to_string();
    repo.feed(binary(), &["import", "github", "-"], &other).ok();
    let said = repo.pm(&["show", "gh-12"]).exits(4).err;
    assert!(said.contains("github:acme/other#12"), "{said}");

    let again = ["--json", "import", "github", "-"];
    let again = repo
        .feed(binary(), &again, &issues("Crash at start"))
        .ok()
        .data();
    let counted = ["created", "updated", "unchanged"].map(|key| again[key].clone());
    assert_eq!(json!(counted), json!([0, 1, 1]), "{again}");
    assert_eq!(titled(&repo, "Crash at start")["id"], crash["id"]);
}

/// The fields that people ask `gh` for have no address: the clone says of which repository the issues are.
#[test]
fn in_14_issues_of_gh_without_an_address_are_of_the_repository_of_the_clone() {
    let (_scene, repo) = set_up();
    let file = json!([{
        "number": 12, "title": "Crash", "state": "OPEN", "labels": [{"id": "L", "name": "bug"}],
    }]);
    let import = ["--json", "import", "github", "-"];
    let refused = repo.feed(binary(), &import, &file.to_string()).exits(2);
    assert!(format!("{refused:?}").contains("lacks `url`"));
    let here = repo.with("GH_REPO", "acme/widget");
    let report = here.feed(binary(), &import, &file.to_string()).ok().data();
    assert_eq!(report["created"], 1, "{report}");
    let id = titled(&here, "Crash")["id"].clone();
    let refs = here.data(&["show", id.as_str().unwrap()])["external_refs"].to_string();
    let url = "https://github.com/acme/widget/issues/12";
    assert!(
        refs.contains("github:acme/widget#12") && refs.contains(url),
        "{refs}"
    );
}

/// A file that has something, but nothing that is imported, was taken for something else.
#[test]
fn in_14_an_import_without_a_record_is_no_success() {
    let (_scene, repo) = set_up();
    for (tool, text) in [
        ("csv", "Title,Status\n"),
        ("github", "[]"),
        ("taskmaster", r#"{"tasks":[]}"#),
    ] {
        let ran = repo.feed(binary(), &["--json", "import", tool, "-"], text);
        let reason = ran.exits(8).data()["skipped"][0]["reason"].to_string();
        assert!(reason.contains("has no record"), "{tool}: {reason}");
    }
    // On one line, JSON looks like the headings of a sheet.
    let other = r#"[{"id": 1, "name": "x", "title": "y"}]"#;
    let ran = repo.feed(binary(), &["--json", "import", "csv", "-"], other);
    assert!(format!("{:?}", ran.exits(2)).contains("lacks `number`"));
    repo.write("none.jsonl", "");
    repo.pm(&["import", "beads", "none.jsonl"]).ok();
}

/// Labels that name a priority set it, work that was not planned was not done, and what has no place is told.
#[test]
fn in_14_labels_of_gh_are_priorities_where_they_can_mean_nothing_else() {
    let (_scene, repo) = set_up();
    let issue = |number: u32, labels: &[&str], reason: &str| {
        let labels: Vec<Value> = labels.iter().map(|name| json!({"name": name})).collect();
        let url = format!("https://github.com/acme/widget/issues/{number}");
        let milestone = json!({"title": "1.0", "description": "", "dueOn": "2027-01-15T08:00:00Z"});
        json!({
            "number": number, "title": format!("No. {number}"), "url": url, "labels": labels,
            "state": "CLOSED", "stateReason": reason, "milestone": milestone,
        })
    };
    let issues = json!([
        issue(1, &["P0", "bug"], "COMPLETED"),
        issue(2, &["priority: high"], "not_planned"),
        issue(3, &["P1", "priority/low"], "DUPLICATE"),
    ]);
    let import = ["--json", "import", "github", "-"];
    let report = repo
        .feed(binary(), &import, &issues.to_string())
        .ok()
        .data();
    let said = report["warnings"].to_string();
    assert!(said.contains("labels name the priority of 2"), "{said}");
    assert!(said.contains("`milestone.dueOn` (3)"), "{said}");
    let warnings = report["warnings"].as_array().unwrap();
    let unclear = warnings.iter().find(|one| one["id"] == "acme/widget#3");
    let unclear = unclear.unwrap_or_else(|| panic!("{said}"))["message"].to_string();
    assert!(unclear.contains("has labels for P1 and P3"), "{unclear}");
    for (number, priority, status, label) in [
        (1, 0, "done", "P0"),
        (2, 1, "cancelled", "priority: high"),
        (3, 2, "cancelled", "priority/low"),
    ] {
        let item = titled(&repo, &format!("No. {number}"));
        assert_eq!(
            (&item["priority"], &item["status"]),
            (&json!(priority), &json!(status))
        );
        assert!(item["labels"].to_string().contains(label), "{item}");
    }
}
