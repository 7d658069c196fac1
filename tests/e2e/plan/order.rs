//! Phases, edges and streams of a plan.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{LOGIN, PHASES, criteria, list, login, number, own, planned, task, text, texts};
use crate::support::{ids, set_up};

/// PL-38, ST-01: phases are children of the epic with their outcomes, and gates block the next
/// phase.
#[test]
fn pl_38_tasks_of_a_phase_are_ready_only_after_the_previous_phase_is_done() {
    let (_scene, repo) = set_up();
    let plan = planned(&repo, "phases.md", PHASES);
    let phases: Vec<&str> = list(&plan, "milestones")
        .iter()
        .map(|m| text(m, "title"))
        .collect();
    assert_eq!(
        phases,
        ["Phase 1: Collect", "Phase 2: Show", "Phase 3: Hand over"]
    );
    let made = repo.data(&["plan", "approve"]);
    let epic = text(&made, "epic");
    let tree = repo.data(&["task", "tree"]);
    let parts: Vec<&Value> = list(&tree, "items")
        .iter()
        .filter(|item| item["type"] == "milestone")
        .collect();
    let names: Vec<&str> = parts.iter().map(|m| text(m, "title")).collect();
    assert_eq!(names, phases);
    let first = repo.data(&["show", text(parts[0], "id")]);
    let parent = list(&first, "edges")
        .iter()
        .find(|e| e["type"] == "parent-child");
    assert_eq!(parent.unwrap()["target"], epic);
    assert_eq!(criteria(&first), ["Ten buses deliver positions for a day"]);
    assert!(
        text(&first, "body").contains("every bus has a position"),
        "{first}"
    );

    let item = |title: &str| text(task(&made, title), "item").to_string();
    let of = |titles: &[&str]| -> BTreeSet<String> { titles.iter().map(|t| item(t)).collect() };
    let ready = || -> BTreeSet<String> {
        let ready = repo.data(&["ready"]);
        ids(&ready["items"]).into_iter().map(String::from).collect()
    };
    let collect = [
        "Receive positions in src/receive.rs",
        "Store positions in src/store.rs",
    ];
    let show = [
        "Draw the map in src/map.rs",
        "Send a notice in src/notice.rs",
    ];
    assert_eq!(ready(), of(&collect), "the first phase, and nothing else");
    repo.pm(&["start", &item(show[0]), "--no-worktree"])
        .exits(1);
    repo.pm(&["task", "done", &item(collect[0]), "--force"])
        .ok();
    assert!(
        ready().is_disjoint(&of(&show)),
        "the gate opened before the phase was done"
    );
    // All tasks of the phase, with its tests.
    for planned in list(&made, "tasks") {
        if planned["milestone"] == made["milestones"][0]["key"] {
            let id = text(planned, "item");
            if repo.data(&["show", id])["status"] == "queued" {
                repo.pm(&["task", "done", id, "--force"]).ok();
            }
        }
    }
    assert_eq!(ready(), of(&show), "the second phase, and not the third");
    let fsck = repo.pm(&["fsck"]).ok().out;
    assert!(fsck.contains("Faults: 0"), "{fsck}");
}

/// DP-02, DP-03: every edge has a class, a rule, a line and a reason; soft ones do not block.
#[test]
fn dp_03_every_edge_has_class_rule_line_and_reason() {
    let (_scene, repo, plan) = login();
    let key = |plan: &Value, title: &str| task(plan, title)["key"].clone();
    let edge = |plan: &Value, from: &str, on: &str| -> Value {
        let (from, on) = (key(plan, from), key(plan, on));
        let mut all = list(plan, "edges").iter();
        let found = all.find(|edge| edge["task"] == from && edge["on"] == on);
        found
            .cloned()
            .unwrap_or_else(|| panic!("no such edge in {}", plan["edges"]))
    };
    for edge in list(&plan, "edges") {
        assert!(["hard", "soft"].contains(&text(edge, "class")), "{edge}");
        for field in ["rule", "reason"] {
            assert!(!text(edge, field).is_empty(), "{edge} has no {field}");
        }
        assert!(edge["line"].as_u64().unwrap() > 0, "{edge} has no line");
    }
    let said = edge(&plan, "Log in with a key", "Store public keys");
    assert_eq!(said["class"], "hard");
    let line = 1 + LOGIN.lines().position(|l| l == "Depends on FR-1.").unwrap();
    assert_eq!(said["line"], line);
    // A soft edge set by a user.
    let (n, on) = (
        number(&plan, "Revoke a key"),
        number(&plan, "Draw the page"),
    );
    let plan = repo.data(&["plan", "dep", &n, &on, "--soft"]);
    let soft = edge(&plan, "Revoke a key", "Draw the page");
    assert_eq!(soft["class"], "soft");
    assert!(text(&soft, "reason").contains("Ana"), "{soft}");
    let shown = repo.pm(&["plan", "show", "-v"]).ok().out;
    assert!(shown.contains(&format!("line {line}")), "{shown}");

    let made = repo.data(&["plan", "approve"]);
    let item = |title: &str| text(task(&made, title), "item").to_string();
    let ready = repo.data(&["ready"]);
    let ready = ids(&ready["items"]);
    assert!(
        ready.contains(&item("Revoke a key").as_str()),
        "a soft edge blocks"
    );
    assert!(
        !ready.contains(&item("Log in with a key").as_str()),
        "a hard edge does not"
    );
    repo.pm(&["start", &item("Log in with a key"), "--no-worktree"])
        .exits(1);
    let ran = repo
        .pm(&["start", &item("Revoke a key"), "--no-worktree"])
        .ok();
    let page = item("Draw the page");
    assert!(
        ran.err.contains(&page) || ran.out.contains(&page),
        "there is no warning about the soft dependency: {ran:?}"
    );
}

/// DP-07: the number of tasks that can be worked on in parallel.
#[test]
fn dp_07_plan_show_reports_how_many_tasks_can_run_in_parallel() {
    let (_scene, repo, plan) = login();
    let widest = list(&plan, "levels")
        .iter()
        .map(|l| l.as_array().unwrap().len())
        .max();
    let width = usize::try_from(plan["width"].as_u64().unwrap()).unwrap();
    assert_eq!(Some(width), widest);
    let shown = repo.pm(&["plan", "show"]).ok().out;
    assert!(shown.contains(&format!("up to {width} at once")), "{shown}");
    // A chain has one after the other.
    let mut chain = repo.data(&["plan", "show"]);
    for task in own(&plan) {
        let args = [
            "plan",
            "set",
            &task["number"].to_string(),
            "validation=none",
        ];
        repo.pm(&args).ok();
    }
    for pair in own(&plan).windows(2) {
        let (on, n) = (pair[0]["number"].to_string(), pair[1]["number"].to_string());
        chain = repo.data(&["plan", "dep", &n, &on]);
    }
    assert_eq!(chain["width"], 1);
    assert_eq!(list(&chain, "levels").len(), 5);
}

/// ST-01, ST-03: streams share no planned file; the branch pattern is one of three, and stored.
#[test]
fn st_03_streams_share_no_file_and_the_branch_pattern_is_chosen_per_plan() {
    let (_scene, repo, plan) = login();
    let mut taken: Vec<(String, String)> = Vec::new();
    let mut members = BTreeSet::new();
    for stream in list(&plan, "streams") {
        assert!(!text(stream, "name").is_empty());
        for key in texts(stream, "tasks") {
            assert!(members.insert(key.to_string()), "{key} is in two streams");
        }
    }
    assert_eq!(
        members.len(),
        list(&plan, "tasks").len(),
        "a task is in no stream"
    );
    for task in own(&plan) {
        for path in texts(task, "paths") {
            let stream = text(task, "stream");
            let other = taken.iter().find(|(p, s)| p == path && s != stream);
            assert!(other.is_none(), "{path} is in {other:?} and {stream}");
            taken.push((path.into(), stream.into()));
        }
    }
    for pattern in ["single-branch", "feature-branches", "stacked-branches"] {
        let plan = repo.data(&["plan", "set", &format!("branches={pattern}")]);
        assert_eq!(plan["branches"], pattern);
    }
    repo.pm(&["plan", "set", "branches=heap"]).exits(2);
    repo.pm(&["plan", "regenerate"]).ok();
    let made = repo.data(&["plan", "approve"]);
    assert_eq!(made["branches"], "stacked-branches");
}
