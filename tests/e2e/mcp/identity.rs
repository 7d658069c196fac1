//! Under which name a client acts.

use serde_json::json;

use super::Client;
use crate::support::set_up;

#[test]
fn the_name_is_the_options_then_the_environments_then_the_clients() {
    let (_scene, repo) = set_up();
    let created_by = |mut client: Client| {
        let made = client.data("task_create", json!({ "title": "x" }));
        client.end();
        let id = made["id"].as_str().unwrap().to_string();
        repo.data(&["show", &id])["created_by"].clone()
    };
    let named = repo.by("from-env");
    assert_eq!(
        created_by(Client::named(&named, &["--as", "given"], "probe")),
        "given"
    );
    assert_eq!(created_by(Client::named(&named, &[], "probe")), "from-env");
    assert_eq!(created_by(Client::named(&repo, &[], "probe")), "probe");
    assert_eq!(
        created_by(Client::named(&repo, &[], "a<b>\u{7}c")),
        "a b \\u{7}c"
    );
    assert_eq!(created_by(Client::named(&repo, &[], "")), "mcp-client");
    let refused = repo.pm(&["mcp", "--as", "a<b"]).exits(2);
    assert!(refused.err.contains("actor name"), "{}", refused.err);
}

/// In a task's worktree the client acts for its claimant, as an agent there does on the command line.
#[test]
fn in_the_worktree_of_a_task_the_client_acts_for_its_claimant() {
    let (_scene, repo) = set_up();
    repo.task("one", &[]);
    repo.by("claude-1").pm(&["start", "T-1"]).ok();
    let there = repo.worktree("T-1");
    there.write("work.txt", "done");
    there.by("claude-1").commit_all("feat: one");
    let mut client = Client::named(&there, &[], "claude-code");
    let finished = client.data("finish", json!({ "id": "T-1" }));
    assert_eq!(finished["status"], "in_review");
}

/// A client counts as an agent under any name: what only a human may do is refused.
#[test]
fn a_client_counts_as_an_agent() {
    let (_scene, repo) = set_up();
    repo.task("one", &[]);
    repo.pm(&["task", "block", "T-1", "wait for legal"]).ok();
    let human = repo.git(&["config", "user.name"]).text();
    let mut client = Client::start(&repo, &["--tools", "tasks", "--as", &human]);
    let error = client.error("task_unblock", json!({ "id": "T-1" }));
    assert_eq!(error["code"], "refused", "{error}");
    assert_eq!(repo.data(&["show", "T-1"])["status"], "blocked");
    client.data("task_comment", json!({ "id": "T-1", "text": "may I?" }));
    let comments = repo.data(&["show", "T-1"])["comments"].clone();
    assert!(comments[0]["agent"].is_string(), "{comments}");
}
