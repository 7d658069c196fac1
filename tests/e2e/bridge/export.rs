//! The state exported as JSON, as CSV and as folders of Markdown files, and imported again.

use serde_json::{Value, json};

use crate::support::{Repo, set_up};

/// Some items with all data that a layout must contain.
fn plan(repo: &Repo) {
    repo.pm(&[
        "epic",
        "create",
        "Logging in: all ways",
        "--body",
        "One table.",
    ])
    .ok();
    repo.task(
        "Make the \"table\"",
        &[
            "--epic",
            "E-1",
            "--accept",
            "Tokens are unique",
            "--accept",
            "Old rows go",
            "-p",
            "0",
            "--label",
            "db",
            "--label",
            "on",
            "--path",
            "src/db/**",
            "--estimate",
            "M",
            "--type",
            "chore",
            "--risk",
            "high",
            "--stream",
            "storage",
            "--assignee",
            "mira",
            "--due",
            "2027-01-15",
            "--defer",
            "2026-12-24",
        ],
    );
    repo.pm(&["task", "accept", "T-1", "2"]).ok();
    repo.pm(&[
        "task",
        "comment",
        "T-1",
        "-m",
        "Which index?\n\nThe one on the token.",
    ])
    .ok();
    let body = "It waits.\n\n## Notes\n\n- a list\n";
    repo.task(
        "=Check, the password",
        &["--epic", "E-1", "--depends-on", "T-1", "--body", body],
    );
    repo.task("A part", &["--parent", "T-2"]);
    repo.task("Loose", &[]);
    repo.pm(&["task", "cancel", "T-4", "--reason", "no need"])
        .ok();
}

/// The data that a layout must contain, by title.
fn content_by_title(repo: &Repo) -> Vec<Value> {
    let all = repo.data(&["list", "--all", "--sort", "title"]);
    let items = all["items"].as_array().unwrap();
    let titles: std::collections::HashMap<&str, &Value> = items
        .iter()
        .map(|item| (item["id"].as_str().unwrap(), &item["title"]))
        .collect();
    items
        .iter()
        .map(|item| {
            let shown = repo.data(&["show", item["id"].as_str().unwrap()]);
            let named = |id: &Value| titles.get(id.as_str().unwrap_or_default()).copied();
            let edges = item["edges"].as_array().unwrap();
            let edges: Vec<_> = edges
                .iter()
                .map(|e| (e["type"].clone(), named(&e["target"])))
                .collect();
            let acceptance = item["acceptance"].as_array().unwrap();
            let acceptance: Vec<_> = acceptance
                .iter()
                .map(|c| (&c["text"], &c["done"]))
                .collect();
            let comments = shown["comments"].as_array().unwrap();
            let comments: Vec<_> = comments
                .iter()
                .map(|c| (&c["author"], &c["body"]))
                .collect();
            json!({
                "title": item["title"], "kind": item["kind"], "status": item["status"],
                "type": item["type"], "priority": item["priority"], "labels": item["labels"],
                "paths": item["paths"], "estimate": item["estimate"], "risk": item["risk"],
                "stream": item["stream"], "assignee": item["assignee"], "reason": item["reason"],
                "created_at": item["created_at"], "epic": named(&item["epic"]),
                "due_at": item["due_at"], "defer_until": item["defer_until"], "edges": edges, "acceptance": acceptance, "comments": comments,
                "body": shown["body"].as_str().unwrap().trim(),
            })
        })
        .collect()
}

#[test]
fn an_exported_folder_can_be_imported_into_another_store_and_into_the_same_one() {
    let (scene, a) = set_up();
    plan(&a);
    let report = a.data(&["export", "md", "../plan"]);
    assert_eq!(
        (&report["files"], &report["left_out"]),
        (&json!(5), &json!(0))
    );
    let b = scene.set_up("b");
    let report = b.data(&["import", "ccpm", "../plan"]);
    assert_eq!(
        (&report["created"], &report["comments"]),
        (&json!(5), &json!(1))
    );
    assert_eq!(content_by_title(&a), content_by_title(&b));
    // Into the same store: nothing changes.
    let tip = a.tip("refs/pm/main");
    let report = a.data(&["import", "ccpm", "../plan"]);
    assert_eq!(report["unchanged"], 5, "{report}");
    assert_eq!(a.tip("refs/pm/main"), tip, "the reimport changed the state");
    // A file changed by hand is imported into the same item.
    let file = "../plan/.claude/epics/logging-in-all-ways/001.md";
    let text = a
        .read(file)
        .replace("- [ ] Tokens are unique", "- [x] Tokens are unique")
        .replace("priority: 0", "priority: 3")
        .replace("The one on the token.", "The one on the user.");
    a.write(file, &text);
    let report = a.data(&["import", "ccpm", "../plan"]);
    assert_eq!(
        (&report["created"], &report["updated"]),
        (&json!(0), &json!(1)),
        "{report}"
    );
    let second = "../plan/.claude/epics/logging-in-all-ways/002.md";
    let original = a.read(second);
    a.write(second, &original.replace("It waits.", "It waits for that."));
    a.data(&["import", "ccpm", "../plan"]);
    let waits = a.data(&["show", "T-2"]);
    assert!(
        waits["body"]
            .as_str()
            .unwrap()
            .starts_with("It waits for that.")
    );
    assert_eq!(
        waits["conflicted"], false,
        "a change by hand is no conflict"
    );
    let now = a.data(&["show", "T-1"]);
    assert_eq!(now["priority"], 3);
    assert_eq!(now["acceptance"][0]["done"], true);
    assert_eq!(now["labels"], json!(["db", "on"]));
    assert!(
        now["comments"][0]["body"]
            .as_str()
            .unwrap()
            .contains("on the user")
    );
    assert_eq!(now["comments"].as_array().unwrap().len(), 1);
    let report = a.data(&["import", "ccpm", "../plan"]);
    assert_eq!(report["updated"], 0, "{report}");
    // Older values than those in the store are skipped.
    a.when("2031-01-01T00:00:00Z")
        .pm(&["task", "edit", "T-2", "-p", "1"])
        .ok();
    let file = "../plan/.claude/epics/logging-in-all-ways/002.md";
    a.write(file, &original.replace("It waits.", "It waits long."));
    let report = a
        .pm(&["--json", "import", "ccpm", "../plan"])
        .exits(8)
        .data();
    assert!(
        report["skipped"][0]["reason"]
            .as_str()
            .unwrap()
            .contains("export it again"),
        "{report}"
    );
    a.pm(&["fsck"]).ok();
    // A folder that is not empty is not written to.
    a.pm(&["export", "md", "../plan"]).exits(1);
}

#[test]
fn sections_of_a_text_with_the_names_of_fields_stay_in_the_text() {
    let (scene, a) = set_up();
    let text = "Why.\n\n## Acceptance Criteria\n\n- [ ] In the text\n- [x] This too\n\n## Comments\n\n\
                author: nobody\n---\nNone.\n---\n\n## Effort\n\n- Size: XL";
    a.pm(&["prd", "create", "Requirements", "--body", text])
        .ok();
    a.task("Without criteria", &["--body", text]);
    let with = a.task("With one", &["--body", text, "--accept", "A real one"]);
    a.pm(&["task", "comment", &with, "-m", "A real comment"])
        .ok();
    a.data(&["export", "md", "../plan"]);
    let b = scene.set_up("b");
    b.data(&["import", "ccpm", "../plan"]);
    assert_eq!(content_by_title(&a), content_by_title(&b));
    let report = a.data(&["import", "ccpm", "../plan"]);
    assert_eq!(report["unchanged"], 3, "{report}");
    let file = "../plan/.claude/epics/tasks/002.md";
    let edited = a.read(file).replace("- [ ] In the", "- [x] In the");
    a.write(file, &edited);
    a.data(&["import", "ccpm", "../plan"]);
    let now = a.data(&["show", &with]);
    let body = now["body"].as_str().unwrap();
    assert_eq!(body, text.replace("- [ ] In the", "- [x] In the"));
    assert_eq!(now["acceptance"].as_array().unwrap().len(), 1, "{now}");
}

#[test]
fn what_has_no_place_in_the_layout_is_counted_and_the_folder_is_named() {
    let (_scene, repo) = set_up();
    repo.task("Plain", &[]);
    repo.task(
        "Rich",
        &[
            "--auto-policy",
            "plan",
            "--due",
            "2027-01-15",
            "--points",
            "5",
        ],
    );
    repo.pm(&["issue", "create", "Bug"]).ok();
    let shown = repo.pm(&["export", "md", "out"]).ok();
    for part in [
        "2 files in .claude (hidden; `ls -A` shows it).",
        "fields that have no place in this layout: auto_policy (1)\n",
        "1 issue was not exported",
        "`git pm import ccpm FOLDER` reads it again",
    ] {
        assert!(
            (shown.out.clone() + &shown.err).contains(part),
            "{part}: {shown:?}"
        );
    }
    let beads = repo.data(&["export", "beads", "issues.jsonl"]);
    assert_eq!(beads["left_out_fields"], json!({"points": 1}));
    // Points have one in the folder, and come back.
    let other = set_up();
    other
        .1
        .pm(&[
            "import",
            "ccpm",
            repo.path.join("out/.claude").to_str().unwrap(),
        ])
        .ok();
    assert_eq!(other.1.data(&["show", "T-2"])["points"], 5);
    let shown = repo
        .pm(&["export", "md", "all", "--layout", "tasks"])
        .ok()
        .out;
    assert!(shown.contains("3 files in issues, tasks.\n"), "{shown}");
    assert!(repo.read("all/tasks/T-0002.md").contains("\npoints: 5\n"));
}

#[test]
fn tm_01_the_tasks_layout_has_a_file_for_each_item() {
    let (_scene, repo) = set_up();
    plan(&repo);
    repo.pm(&["export", "md", "out", "--layout", "tasks"]).ok();
    let text = repo.read("out/tasks/T-0001.md");
    for line in [
        "id: T-0001",
        "title: \"Make the \\\"table\\\"\"",
        "type: chore",
        "priority: 0",
        "status: queued",
        "owner: mira",
        "estimate: M",
        "acceptance: [\"[ ] Tokens are unique\", \"[x] Old rows go\"]",
        "auto_policy: none",
        "labels: [db, \"on\"]",
    ] {
        assert!(text.lines().any(|l| l == line), "{line} is missing: {text}");
    }
    assert!(text.contains("> **Ana**"), "{text}");
    let second = repo.read("out/tasks/T-0002.md");
    assert!(second.contains("depends_on: [T-0001]"), "{second}");
    assert!(repo.read("out/epics/E-0001.md").contains("One table."));
}

#[test]
fn ln_07_learnings_are_notes_with_tags_and_links() {
    let (_scene, repo) = set_up();
    repo.write(
        "docs/solutions/build/linker.md",
        "---\ntitle: The linker dies\ndate: 2025-04-02\ntags: [ci, memory]\n---\nSee [[one-job]].\n",
    );
    repo.write(
        "docs/solutions/choices/one-job.md",
        "---\ntitle: One job\ndate: 2025-04-03\ntags: [ci]\n---\n## Decision\n\nOne.\n\n## Consequences\n\nSlow.\n",
    );
    repo.write(
        ".claude/agents/tester.md",
        "---\nname: tester\ndescription: Tests\nmodel: sonnet\ntools: Bash, Read\n---\nYou test.\n",
    );
    repo.pm(&["import", "learnings"]).ok();
    repo.pm(&["import", "agents"]).ok();
    repo.pm(&["export", "md", "out"]).ok();
    let note = repo.read("out/learnings/gotchas/the-linker-dies.md");
    for line in [
        "date: \"2025-04-02\"",
        "type: gotcha",
        "tags: [ci, memory]",
        "links: [\"[[one-job]]\"]",
        "See [[one-job]].",
    ] {
        assert!(note.lines().any(|l| l == line), "{line} is missing: {note}");
    }
    assert!(
        repo.read("out/learnings/decisions/one-job.md")
            .contains("[[the-linker-dies]]")
    );
    let agent = repo.read("out/.claude/agents/tester.md");
    assert!(
        agent.contains("tools: \"Bash, Read\"") && agent.ends_with("You test.\n"),
        "{agent}"
    );
    // Both are imported into the same documents, and changes by hand are merged.
    let tip = repo.tip("refs/pm/main");
    for source in ["learnings", "agents"] {
        let report = repo.data(&["import", source, "out"]);
        assert_eq!(
            (&report["created"], &report["updated"]),
            (&json!(0), &json!(0)),
            "{report}"
        );
    }
    assert_eq!(
        repo.tip("refs/pm/main"),
        tip,
        "the reimport changed the state"
    );
    let file = "out/learnings/gotchas/the-linker-dies.md";
    repo.write(
        file,
        &repo.read(file).replace("tags: [ci, memory]", "tags: [ci]"),
    );
    let report = repo.data(&["import", "learnings", "out"]);
    assert_eq!(report["updated"], 1, "{report}");
}

#[test]
fn json_and_csv_hold_every_item() {
    let (_scene, repo) = set_up();
    plan(&repo);
    let out = repo.pm(&["export", "json"]).ok();
    let all = out.json();
    assert_eq!(all["schema_version"], 1);
    let items = all["data"]["items"].as_array().unwrap();
    assert_eq!(items.len(), 5);
    let mut shown = repo.data(&["show", "E-1"]);
    // Links to an item are exported with the item that has the link.
    for links in ["children", "dependents", "artifacts"] {
        assert!(shown.as_object_mut().unwrap().remove(links).is_some());
    }
    assert_eq!(items[0], shown);
    assert_eq!(items[1]["comments"].as_array().unwrap().len(), 1);
    assert_eq!(all["data"]["learnings"], json!([]));
    assert_eq!(all["data"]["agents"], json!([]));
    assert_eq!(all["data"]["artifacts"], json!([]));
    let report = repo.data(&["export", "json", "plan.json"]);
    assert_eq!(report["records"], 5);
    assert_eq!(repo.read("plan.json"), out.out);
    let csv = repo
        .pm(&["export", "csv", "--columns", "id,title,labels,depends_on"])
        .ok()
        .out;
    assert_eq!(
        csv,
        "id,title,labels,depends_on\r\nE-0001,Logging in: all ways,,\r\n\
         T-0001,\"Make the \"\"table\"\"\",\"db; on\",\r\nT-0002,\"'=Check, the password\",,T-0001\r\n\
         T-0003,A part,,\r\nT-0004,Loose,,\r\n"
    );
    repo.pm(&["export", "csv", "plan.csv"]).ok();
    let csv = repo.read("plan.csv");
    assert!(csv.starts_with("id,kind,type,status,priority,title,"));
    assert!(csv.contains(",2027-01-15,2026-12-24,\r\n"), "{csv}");
    repo.pm(&["export", "csv", "--columns", "nonsense"])
        .exits(2);
    repo.pm(&["export", "json", "."]).exits(2);
}
