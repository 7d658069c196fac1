//! Each kind of news.

use serde_json::json;

use super::{Server, lines, rule, send};
use crate::support::{Scene, set_up};

#[test]
fn in_22_work_gates_and_plans_that_wait_for_a_human_are_told() {
    let (scene, repo) = set_up();
    let (server, only) = (Server::start(), Server::start());
    repo.pm(&["config", "pm.pageUrl", "http://127.0.0.1:7700"])
        .ok();
    rule(&repo, "all", "slack", &server, &["--on", "*"]);
    rule(
        &repo,
        "approve",
        "slack",
        &only,
        &["--on", "approval-wanted"],
    );
    let id = repo.task("Fix the port", &[]);
    let bot = repo.by("bot").with("CLAUDECODE", "1");
    bot.pm(&["start", &id]).ok();
    let place = repo.worktree(&id).by("bot").with("CLAUDECODE", "1");
    place.write("src/port.rs", "// 80\n");
    place.commit_all("Fix");
    place.pm(&["finish", &id]).ok();
    repo.pm(&["issue", "gate", "create", "human", "--blocks", &id])
        .ok();
    repo.write(
        "login.md",
        "# Log in\n\n## Goals\n\nUsers log in.\n\n## Requirements\n\n- FR-1: The system shall store a \
         hash of the password in `src/auth.rs`.\n\n## Acceptance criteria\n\n- A wrong password is \
         refused.\n",
    );
    repo.pm(&["plan", "new", "login.md"]).ok();
    send(&repo);
    let (told, few) = (lines(&server), lines(&only));
    assert_eq!(few, told, "each is one line, whatever kinds it is");
    let page = "http://127.0.0.1:7700";
    let submitted =
        format!("T-0001 Fix the port: submitted, waits for approval (bot) {page}/items/T-0001");
    assert_eq!(told[1], submitted, "{told:?}");
    assert!(
        told[2].contains("a gate waits for a human (Ana)"),
        "{told:?}"
    );
    let plan = format!("P-0001 Log in: its plan waits for approval (Ana) {page}/plans/P-0001");
    assert_eq!(told.get(3), Some(&plan), "{told:?}");
    assert_eq!(told.len(), 4, "{told:?}");
    drop(scene);
}

#[test]
fn in_22_messages_to_me_are_told() {
    let (_scene, repo) = set_up();
    let server = Server::start();
    rule(&repo, "me", "slack", &server, &["--on", "message"]);
    repo.pm(&["config", "pm.role", "ops"]).ok();
    let ben = repo.by("Ben");
    for (to, subject) in [
        ("Ana", "For Ana"),
        ("Cy", "For Cy"),
        ("role:ops", "For ops"),
    ] {
        ben.pm(&["msg", "send", "--new", "--to", to, subject, "Look"])
            .ok();
    }
    repo.pm(&["msg", "send", "--to", "all", "My own", "Look"])
        .ok();
    send(&repo);
    let told = lines(&server);
    let told: Vec<&str> = told
        .iter()
        .skip(1)
        .filter_map(|line| line.split_once(' '))
        .map(|one| one.1)
        .collect();
    assert_eq!(
        told,
        [
            "For Ana: message to you (Ben)",
            "For ops: message to you (Ben)"
        ]
    );
}

#[test]
fn in_22_a_conflict_is_told_once() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.task("Fix the port", &["--body", "first"]);
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    let server = Server::start();
    rule(&a, "team", "slack", &server, &["--on", "conflict"]);
    a.pm(&["task", "edit", "T-1", "--body", "As Ana says"]).ok();
    b.pm(&["task", "edit", "T-1", "--body", "As Ben says"]).ok();
    b.pm(&["sync"]).ok();
    a.pm(&["sync"]).ok();
    send(&a);
    assert_eq!(
        lines(&server)[1],
        "T-0001 Fix the port: two clones changed its text (body)"
    );
    assert_eq!(send(&a)[0]["status"], "nothing");
    // Decided, and again in conflict.
    a.pm(&["conflicts", "T-1", "--keep", "1"]).ok();
    a.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    assert_eq!(send(&a)[0]["status"], "nothing");
    a.pm(&["task", "edit", "T-1", "--body", "Again Ana"]).ok();
    b.pm(&["task", "edit", "T-1", "--body", "Again Ben"]).ok();
    b.pm(&["sync"]).ok();
    a.pm(&["sync"]).ok();
    send(&a);
    assert_eq!(lines(&server).len(), 2);
}

#[test]
fn in_22_a_history_that_is_gone_is_told() {
    let (_scene, repo) = set_up();
    let server = Server::start();
    rule(&repo, "team", "slack", &server, &["--on", "blocked"]);
    repo.task("One", &[]);
    let file = repo.path.join(".git/pm/notify-cursor");
    let text = std::fs::read_to_string(&file).unwrap();
    let mut marks: serde_json::Value = serde_json::from_str(&text).unwrap();
    marks["team"]["cursor"] = json!("1234567890123456789012345678901234567890");
    std::fs::write(&file, marks.to_string()).unwrap();
    send(&repo);
    assert_eq!(
        lines(&server)[1],
        "the history was replaced: what happened before is not told"
    );
    assert_eq!(send(&repo)[0]["status"], "nothing");
    std::fs::write(&file, "{").unwrap();
    let damaged = repo.pm(&["--json", "notify", "send"]).error();
    assert!(
        damaged["message"].as_str().unwrap().contains("damaged"),
        "{damaged}"
    );
}
