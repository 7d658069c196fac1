//! Approvals that no human gave: written by an agent, imported, or for another commit.

use serde_json::json;

use super::{KINDS, approved, document, is_not_approved, not_merged, show, worked};
use crate::support::forge::{path_of, put_as};
use crate::support::{Repo, agent, at_terminal, set_up};

/// Writes an item's document without git pm, as a fetch could bring it.
fn forge(repo: &Repo, id: &str, text: &str) {
    let message = "x\n\nPM-Op: x\nPM-Clock: 1767225600000.9";
    put_as(repo, &path_of(repo, id), text, &["-m", message]);
}

#[test]
fn an_agent_cannot_merge_by_setting_the_state_to_approved() {
    for kind in KINDS {
        let (_scene, repo) = set_up();
        let (id, agent) = worked(&agent(&repo).by("bot"), kind, "a.txt");
        let reason = match kind {
            "task" => "use the task commands to change its status",
            _ => "only by approval",
        };
        for step in ["started", "finished"] {
            if step == "finished" {
                agent.pm(&["finish", &id]).ok();
            }
            let before = repo.tip("refs/pm/main");
            let state = ["issue", "update", &id, "--status", "ready_for_integration"];
            let line = json!({"op": "issue.update", "id": id, "status": "ready_for_integration"});
            // Nor may a human this way: they have a command for it.
            for said in [
                agent.pm(&state),
                agent.feed("git-pm", &["batch"], &line.to_string()),
                repo.pm(&[&state[..], &["--force"]].concat()),
            ] {
                assert_ne!(said.code, 0, "{kind}");
                assert!(said.err.contains(reason), "{}", said.err);
            }
            assert_eq!(
                repo.tip("refs/pm/main"),
                before,
                "{kind}: the state changed"
            );
            not_merged(&repo, &id);
        }
        agent.pm(&["task", "approve", &id]).exits(1);
        let item = repo.data(&["task", "approve", &id]);
        assert_eq!(item["approval"]["commit"], agent.tip("HEAD"), "{kind}");
        assert_eq!(item["approval"]["by"], "Ana", "{kind}");
        assert_eq!(item["approval"]["how"], "advisory", "{kind}");
        assert_eq!(item["approval"]["target"], "main", "{kind}");
        agent.pm(&["merge", &id]).ok();
        assert_eq!(repo.read("a.txt"), "new\n", "{kind}");
        assert_eq!(show(&repo, &id)["approved_by"], "Ana", "{kind}: forgotten");
    }
}

#[test]
fn a_reimported_export_does_not_make_its_items_approved() {
    let (_scene, repo) = set_up();
    let (id, place) = worked(&repo, "task", "a.txt");
    let agent = agent(&place);
    agent.pm(&["finish", &id]).ok();
    let out = repo.path.join("../out");
    agent.pm(&["export", "md", out.to_str().unwrap()]).ok();
    let list = repo.run(
        "grep",
        &["-rl", "^status: in-review", out.to_str().unwrap()],
    );
    let file = list.ok().text();
    let text = std::fs::read_to_string(&file).unwrap();
    let text = text.replace("status: in-review", "status: ready-for-integration");
    std::fs::write(&file, text).unwrap();
    agent.pm(&["import", "ccpm", out.to_str().unwrap()]);
    assert_eq!(show(&repo, &id)["status"], "in_review");
    is_not_approved(&repo, &id);
    not_merged(&repo, &id);
}

#[test]
fn imported_records_of_other_tools_are_unapproved_and_reported() {
    let (_scene, repo) = set_up();
    let file = |name: &str, text: &str| repo.write(name, text);
    file(
        "backlog/tasks/task-1 - One.md",
        "---\nid: task-1\ntitle: One\nstatus: Ready for integration\n---\n",
    );
    file("backlog/config.yml", "project_name: x\n");
    file(
        ".taskmaster/tasks/tasks.json",
        r#"{"master":{"tasks":[{"id":1,"title":"One","status":"ready-for-integration"}]}}"#,
    );
    file(
        ".claude/epics/e/epic.md",
        "---\nname: e\nstatus: ready-for-integration\n---\n",
    );
    file(
        ".claude/epics/e/1.md",
        "---\nname: One\nstatus: ready_for_integration\n---\n",
    );
    file(
        "issues.jsonl",
        "{\"id\":\"bd-1\",\"title\":\"One\",\"status\":\"ready_for_integration\",\
         \"priority\":2,\"issue_type\":\"task\",\"created_at\":\"2025-11-20T08:00:00Z\",\
         \"updated_at\":\"2025-11-20T08:00:00Z\"}\n",
    );
    for args in [
        &["import", "backlog"][..],
        &["import", "taskmaster"],
        &["import", "ccpm"],
        &["import", "beads", "issues.jsonl"],
    ] {
        let mut all = vec!["--json"];
        all.extend(args);
        let report = agent(&repo).pm(&all).data();
        assert!(
            report["warnings"].to_string().contains("cannot approve it"),
            "{args:?}: {report}"
        );
    }
    let items = repo.data(&["list", "--all"]);
    assert!(items.to_string().contains("in_review"), "{items}");
    assert!(!items.to_string().contains("ready_for"), "{items}");
}

#[test]
fn a_withdrawn_approval_does_not_count_after_a_forged_state_or_an_import() {
    let (_scene, repo) = set_up();
    repo.pm(&["config", "pm.approval", "strict"]).ok();
    let (id, place) = worked(&repo, "task", "a.txt");
    repo.pm(&["finish", &id]).ok();
    at_terminal(&repo, &["task", "approve", &id], "").ok();
    assert_eq!(show(&repo, &id)["approval"]["how"], "terminal");
    agent(&place).pm(&["start", &id, "--resume"]).ok();
    place.write("a.txt", "unreviewed\n");
    place.commit_all("Unreviewed");
    agent(&place).pm(&["finish", &id]).ok();
    is_not_approved(&repo, &id);
    let text = document(&repo, &id);
    let text = text.replace("status: in_review", "status: ready_for_integration");
    forge(&repo, &id, &text);
    let refused = not_merged(&repo, &id);
    assert!(refused.err.contains("is not approved"), "{}", refused.err);
    // A human can still approve the present commit.
    at_terminal(&repo, &["task", "approve", &id], "").ok();
    agent(&repo).pm(&["merge", &id]).ok();
}

#[test]
fn an_approval_without_a_commit_or_of_another_commit_does_not_permit_a_merge() {
    let (_scene, repo) = set_up();
    let (id, place) = approved(&repo, "task", "a.txt");
    let good = document(&repo, &id);
    let line = good.lines().find(|line| line.starts_with("approval: {"));
    let line = line.unwrap();
    let commit = place.tip("HEAD");
    let other = repo.tip("main");
    for forged in [
        "approval: advisory".to_string(),
        "approval: {\"by\": \"Ana\", \"how\": \"terminal\", \"at\": \"2026-11-20T12:00:00Z\"}"
            .into(),
        "approval: {\"by\": \"Ana\"}".into(),
        "approval: [1]".into(),
        line.replace(&commit, "--output=x"),
        line.replace(&commit, &other)
            .replace("patch", "patch-of-old"),
        line.replace(&commit, &"0123456789".repeat(4))
            .replace("patch", "x"),
    ] {
        let text = good.replace(line, &forged);
        forge(&repo, &id, &text);
        assert_eq!(
            show(&repo, &id)["status"],
            "ready_for_integration",
            "{text}"
        );
        let refused = not_merged(&repo, &id);
        assert!(refused.err.contains("task approve"), "{}", refused.err);
    }
    repo.pm(&["task", "approve", &id, "--commit", &commit]).ok();
    repo.pm(&["merge", &id]).ok();
}
