//! How a server ends: with its client, however that goes.

use serde_json::json;

use super::{Client, data_of};
use crate::support::{binary, set_up};

#[test]
fn the_end_of_the_input_before_the_handshake_is_a_normal_exit() {
    let (_scene, repo) = set_up();
    repo.feed(binary(), &["mcp"], "").ok();
    repo.feed(binary(), &["mcp"], "garbage\n\n{\"half\":").ok();
}

#[test]
fn requests_in_progress_are_completed_when_the_input_ends() {
    let (_scene, repo) = set_up();
    let mut client = Client::start(&repo, &[]);
    for n in 0..10 {
        let arguments = json!({ "title": format!("task {n}") });
        client.ask(
            "tools/call",
            json!({ "name": "task_create", "arguments": arguments }),
        );
    }
    // The server has read them all once it answers one that came after them.
    let last = client.ask("tools/list", json!({}));
    while client.answer()["id"] != last {}
    assert_eq!(client.end(), 0);
    assert_eq!(repo.data(&["list"])["items"].as_array().unwrap().len(), 10);
    repo.pm(&["fsck"]).ok();
}

/// A call may wait for something that never comes.
#[test]
fn a_blocked_request_does_not_keep_the_server_alive_when_the_input_ends() {
    let (_scene, repo) = set_up();
    let blocked = repo.with("GIT_PM_FAULT", "object-write:1:sleep:120000");
    let mut client = Client::start(&blocked, &[]);
    client.ask(
        "tools/call",
        json!({ "name": "task_create", "arguments": { "title": "blocked" } }),
    );
    // The server goes on.
    let last = client.ask("tools/list", json!({}));
    assert_eq!(client.answer()["id"], last);
    let begin = std::time::Instant::now();
    assert_eq!(client.end(), 5);
    assert!(begin.elapsed().as_secs() < 60, "{:?}", begin.elapsed());
    repo.pm(&["fsck"]).ok();
}

/// A merge removes the worktree of its task, in which an agent's server runs.
#[test]
fn a_server_whose_worktree_was_removed_goes_on_in_the_main_one() {
    let (_scene, repo) = set_up();
    let id = repo.task("One", &[]);
    let started = repo.data(&["start", &id]);
    let there = repo.other(started["worktree"].as_str().unwrap());
    let mut client = Client::start(&there, &[]);
    assert_eq!(client.data("show", json!({ "id": id }))["id"], id.as_str());
    std::fs::remove_dir_all(&there.path).unwrap();
    let answer = client.call("show", json!({ "id": id }));
    assert_eq!(data_of(&answer)["id"], id.as_str(), "{answer}");
    assert!(answer.to_string().contains("was removed"), "{answer}");
    client.data("task_create", json!({ "title": "Two" }));
    assert_eq!(client.end(), 0);
}

#[test]
fn a_server_whose_output_is_closed_ends() {
    let (_scene, repo) = set_up();
    let client = Client::start(&repo, &[]);
    let call = json!({ "name": "task_create", "arguments": { "title": "A task" } });
    assert!(
        client.ends_without_output("tools/call", &call),
        "it still runs"
    );
    let made = repo.data(&["list"])["items"].as_array().unwrap().len();
    assert!(made < 10, "{made} tasks were created for nobody");
}

#[test]
fn a_client_that_vanishes_leaves_no_process_and_no_lock() {
    let (_scene, repo) = set_up();
    for n in 0..3 {
        let mut client = Client::start(&repo, &[]);
        let arguments = json!({ "title": format!("task {n}") });
        client.ask(
            "tools/call",
            json!({ "name": "task_create", "arguments": arguments }),
        );
        assert_eq!(client.vanish(), 0);
    }
    repo.pm(&["fsck"]).ok();
    repo.task("afterwards", &[]);
}

#[test]
fn many_requests_at_once_are_all_answered() {
    let (_scene, repo) = set_up();
    let mut client = Client::start(&repo, &[]);
    let mut open = std::collections::BTreeSet::new();
    for n in 0..40 {
        let (tool, arguments) = match n % 2 {
            0 => ("task_create", json!({ "title": format!("task {n}") })),
            _ => ("ready", json!({ "limit": 3 })),
        };
        open.insert(client.ask(
            "tools/call",
            json!({ "name": tool, "arguments": arguments }),
        ));
    }
    while !open.is_empty() {
        let answer = client.answer();
        assert_eq!(answer["result"]["isError"], false, "{answer}");
        assert!(open.remove(&answer["id"].as_u64().unwrap()), "{answer}");
    }
    assert_eq!(client.end(), 0);
    assert_eq!(repo.data(&["list"])["items"].as_array().unwrap().len(), 20);
}
