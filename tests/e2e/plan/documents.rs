//! The plans of the documents in testdata, as reviewed.

use std::path::Path;

use serde_json::Value;

use super::{criteria, list, own, planned, text, texts, tip};
use crate::plan::document_fixtures::documents;
use crate::support::{Repo, Scene, set_up};

/// The files in a document's repository, from its expectations.
fn tree_of(document: &Path) -> Vec<String> {
    let expect = document.with_extension("expect.toml");
    let Ok(expect) = std::fs::read_to_string(expect) else {
        return Vec::new();
    };
    let line = expect.lines().find_map(|line| line.strip_prefix("tree = "));
    line.map_or_else(Vec::new, |list| serde_json::from_str(list).unwrap())
}

/// A repository with the document and the files that it may mention.
fn with_document(name: &str, path: &Path) -> (Scene, Repo, String) {
    let scene = Scene::new();
    let repo = scene.repo("a").when("2026-11-20T12:00:00Z");
    for file in tree_of(path) {
        repo.write(&file, "x\n");
    }
    let file = format!("{name}.md");
    std::fs::write(repo.path.join(&file), std::fs::read(path).unwrap()).unwrap();
    repo.commit_all("Add a document");
    repo.pm(&["init"]).ok();
    (scene, repo, file)
}

/// A plan in a few lines for each task, for review.
fn compact(plan: &Value) -> String {
    let tasks = list(plan, "tasks");
    let of = |key: &Value| tasks.iter().find(|t| t["key"] == *key);
    let number = |key: &Value| of(key).map_or("?".into(), |t| t["number"].to_string());
    let title = |key: &Value| -> String {
        let mut all = list(plan, "milestones").iter();
        let found = all.find(|m| m["key"] == *key);
        found.map_or("?".into(), |m| text(m, "title").to_string())
    };
    let scope = &plan["scope"];
    let mut out = format!(
        "{}\n{} by {}, {} at once, threshold {}, {}\n",
        text(plan, "title"),
        text(scope, "recommendation"),
        text(plan, "strategy"),
        plan["width"],
        plan["threshold"],
        text(scope, "confidence"),
    );
    for task in tasks {
        out.push_str(&format!(
            "\n{} {}\n   {} {} {} {} [{}]\n",
            task["number"],
            text(task, "title"),
            text(task, "type"),
            text(task, "estimate"),
            text(task, "risk"),
            text(task, "validation"),
            text(task, "stream"),
        ));
        if !task["requirement"].is_null() || !task["source"]["requirement"].is_null() {
            out.push_str(&format!("   of {}\n", text(&task["source"], "requirement")));
        }
        for edge in list(plan, "edges")
            .iter()
            .filter(|e| e["task"] == task["key"])
        {
            out.push_str(&format!(
                "   after {} ({}, {}, line {})\n",
                number(&edge["on"]),
                text(edge, "class"),
                text(edge, "rule"),
                edge["line"],
            ));
        }
        if !task["milestone"].is_null() {
            out.push_str(&format!("   in {}\n", title(&task["milestone"])));
        }
        let paths = texts(task, "paths");
        if !paths.is_empty() {
            out.push_str(&format!("   at {}\n", paths.join(", ")));
        }
        if task["tests"].is_null() {
            for criterion in criteria(task) {
                out.push_str(&format!("   - {criterion}\n"));
            }
        }
    }
    for (name, heading) in [
        ("questions", "asks"),
        ("deferred", "later"),
        ("external", "from others"),
        ("guards", "never"),
    ] {
        for note in list(plan, name) {
            out.push_str(&format!("\n{heading}: {}", text(note, "text")));
        }
    }
    for check in list(plan, "checks") {
        out.push_str(&format!(
            "\n{} {}: {}",
            text(check, "severity"),
            text(check, "rule"),
            text(check, "message")
        ));
    }
    out.push('\n');
    out
}

/// PL-17, PL-30 (the shapes), PL-31: the plan of every document of testdata, as a person sees it
/// and as a script does. `INSTA_UPDATE=always` updates them.
#[test]
fn the_plans_of_all_documents_are_as_reviewed() {
    for (name, path) in documents() {
        let (_scene, repo, file) = with_document(&name, &path);
        let plan = repo.data(&["plan", "new", &file]);
        let shown = repo.pm(&["plan", "show"]).ok().out;
        insta::assert_snapshot!(format!("{name}.screen"), shown);
        insta::assert_snapshot!(format!("{name}.plan"), compact(&plan));
    }
}

/// PL-10, PL-13, PL-19, PL-31, DP-03: properties of the plans of all documents of testdata.
#[test]
fn pl_10_the_plan_of_every_document_is_complete_and_can_be_approved() {
    for (name, path) in documents() {
        let (_scene, repo, file) = with_document(&name, &path);
        let plan = repo.data(&["plan", "new", &file]);
        let before = tip(&repo);
        assert_eq!(
            repo.data(&["plan", "new", &file]),
            plan,
            "{name}: planned again"
        );
        assert_eq!(
            tip(&repo),
            before,
            "{name}: planning twice changed the state"
        );
        if own(&plan).is_empty() {
            // Headings alone are no tasks: a person or an agent writes them.
            assert_eq!(name, "05-link-checker");
            let said = repo.pm(&["plan", "approve"]).exits(1).err;
            assert!(said.contains("git pm plan outline"), "{said}");
            continue;
        }
        let height = std::fs::read_to_string(&path)
            .unwrap_or_default()
            .lines()
            .count();
        for task in list(&plan, "tasks") {
            let title = text(task, "title");
            let end = task["source"]["lines"]["end"].as_u64().unwrap();
            assert!(
                end as usize <= height,
                "{name}: {title} is from line {end} of {height}"
            );
            for path in texts(task, "paths") {
                let outside = path.starts_with('/') || path.split('/').any(|p| p == "..");
                assert!(!outside, "{name}: {title} touches {path}");
            }
        }
        for edge in list(&plan, "edges") {
            assert!(
                edge["line"].as_u64().unwrap() > 0,
                "{name}: {edge} has no line"
            );
        }
        for check in list(&plan, "checks") {
            assert_ne!(check["severity"], "error", "{name}: {check}");
        }
        let made = repo.data(&["plan", "approve", "--confirm-large", "--accept-uncovered"]);
        assert_eq!(
            list(&made, "created").len(),
            list(&plan, "tasks").len(),
            "{name}"
        );
        let ready = repo.data(&["ready"]);
        assert!(
            !list(&ready, "items").is_empty(),
            "{name}: nothing can be started"
        );
        repo.pm(&["fsck"]).ok();
    }
}

/// PL-31: the screen of every plan is at most 80 columns wide, before and after the approval.
#[test]
fn pl_31_the_screen_of_every_plan_fits_80_columns() {
    let mut wide = Vec::new();
    for (name, path) in documents() {
        let (_scene, repo, file) = with_document(&name, &path);
        let drawn = repo.pm(&["plan", "new", &file]).ok().out;
        repo.pm(&["plan", "approve", "--confirm-large", "--accept-uncovered"]);
        let approved = repo.pm(&["plan", "show"]).ok().out;
        wide.extend(too_wide(&drawn).into_iter().chain(too_wide(&approved)));
    }
    assert!(
        wide.is_empty(),
        "over 80 columns:
{}",
        wide.join(
            "
"
        )
    );
}

/// The lines of a screen that are wider than 80 columns.
fn too_wide(shown: &str) -> Vec<String> {
    let wide =
        |c: char| ('\u{1100}'..='\u{115f}').contains(&c) || ('\u{2e80}'..='\u{ff60}').contains(&c);
    let columns = |line: &str| -> usize { line.chars().map(|c| 1 + usize::from(wide(c))).sum() };
    let all = shown.lines().filter(|line| columns(line) > 80);
    all.map(String::from).collect()
}

// A task's own test is a part of it: `show -v` does not say that the task waits, below "First", which
// names the test that `start` asks for.
#[test]
fn a_test_that_is_written_first_is_no_prerequisite_of_what_it_tests() {
    let (_scene, repo) = set_up();
    let text = "# Sharing\n\n## Requirements\n\n- FR-1: Secrets must be masked in the export.\n\
                - FR-2: The page must show a toast.\n- FR-3: The toast must fade after FR-2.\n";
    let plan = planned(&repo, "sharing.md", text);
    let first = &plan["waves"][0];
    assert_eq!(first.as_array().unwrap().len(), 2, "{first}");
    let mut edges = list(&plan, "edges").iter();
    assert!(edges.any(|edge| edge["rule"] == "test-first"), "{plan}");
    let shown = repo.pm(&["plan", "show", "-v"]).ok().out;
    let (_, shown) = shown.split_once("First: no known prerequisite").unwrap();
    let (first, then) = shown.split_once("\nThen ").unwrap();
    assert!(
        first.contains("Secrets") && !first.contains("waits for"),
        "{first}"
    );
    assert!(then.contains("waits for"), "{then}");
    assert!(
        first.contains("but own tests") && first.contains("← 2"),
        "{first}"
    );
    repo.pm(&["plan", "approve"]).ok();
    assert!(repo.pm(&["start", "1"]).exits(1).err.contains("T-0002"));
    let shown = repo.pm(&["plan", "show"]).ok().out;
    assert!(shown.contains("but own tests"), "{shown}");
}

/// PL-31: a plan of 14 tasks fits a screen of 60 lines of 80 columns, and names the first tasks.
#[test]
fn pl_31_a_plan_of_fourteen_tasks_fits_60_lines_of_80_columns_and_names_the_first_tasks() {
    let (_scene, repo) = set_up();
    let mut document =
        String::from("# Rent bicycles to the guests of twelve hotels\n\n## Requirements\n");
    let names = [
        "Store bicycles with frame number and hotel",
        "Show free bicycles of a hotel on one page",
        "Reserve a bicycle for a guest and a day",
        "Hand a bicycle over with a photograph of its state",
        "Take a bicycle back and settle the price",
        "Report a damaged bicycle to the workshop",
        "Move bicycles between hotels over night",
        "Print the key tag of a bicycle",
        "Send a receipt to the guest by mail",
        "Count trips of a bicycle until its service",
        "Lock a bicycle that is overdue by a day",
        "Import the list of bicycles of the old system",
        "Export trips for the accountant every month",
        "Write the guide for the reception desk in `docs/desk.md`",
    ];
    for (n, name) in names.iter().enumerate() {
        document.push_str(&format!("\n### FR-{}: {name}\n\n", n + 1));
        if n % 3 == 2 {
            document.push_str(&format!("Depends on FR-{}.\n\n", n));
        }
        document.push_str(&format!(
            "- The reception sees it within {} seconds after somebody asked for it on the page\n\
             - The page should be fast and easy to use for everybody who works there\n\
             - It is written down in the log with the name of the person\n",
            n + 1
        ));
    }
    document
        .push_str("\n## Open questions\n\n- Who pays for a lost key tag?\n- Which hotels begin?\n");
    let plan = planned(&repo, "bicycles.md", &document);
    assert_eq!(own(&plan).len(), 14);
    let shown = repo.pm(&["plan", "show"]).ok().out;
    assert!(
        shown.lines().count() <= 60,
        "{} lines: {shown}",
        shown.lines().count()
    );
    // Every title is shown whole, and the first ones are those that wait for nothing.
    let words = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    for task in own(&plan) {
        let title = text(task, "title").split(' ').next_back().unwrap();
        assert!(words.contains(title), "{title} is not shown: {shown}");
    }
    let mut lines = shown
        .lines()
        .skip_while(|line| !line.starts_with("First: "));
    // Vague criteria are tested first.
    let first = "First: no known prerequisite but own tests (← test first, → unlocks)";
    assert_eq!(lines.next(), Some(first));
    let first: Vec<&str> = lines.take_while(|line| !line.is_empty()).collect();
    let wave = plan["waves"][0].as_array().unwrap();
    for task in wave {
        let number = format!("{:>4} ", task["number"].as_u64().unwrap());
        assert!(
            first.iter().any(|line| line.starts_with(&number)),
            "{shown}"
        );
    }
    for task in own(&plan) {
        let waits = list(task, "depends_on").iter().any(|on| {
            let own = own(&plan);
            own.iter().any(|other| other["key"] == *on)
        });
        let number = &task["number"];
        let is_first = wave.iter().any(|first| first["number"] == *number);
        assert_eq!(is_first, !waits, "{task}");
    }
    // The graph names every task once.
    let graph = repo.pm(&["plan", "show", "--graph"]).ok().out;
    assert_eq!(graph.lines().count(), 14, "{graph}");
    // The same after the approval, with the ids of the tasks.
    let drawn = shown;
    repo.pm(&["plan", "approve"]).ok();
    let shown = repo.pm(&["plan", "show"]).ok().out;
    assert!(shown.lines().count() <= 60, "{shown}");
    assert!(shown.contains("T-0001"), "{shown}");
    let wide: Vec<String> = too_wide(&drawn)
        .into_iter()
        .chain(too_wide(&shown))
        .collect();
    assert!(wide.is_empty(), "over 80 columns:\n{}", wide.join("\n"));
}
