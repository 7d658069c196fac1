//! Messages between actors: sending, inbox, threads, requests, handoffs, and their exchange.

mod bad_input;
mod convergence;
mod exchange;
mod foreign;
mod handoffs;
mod long_history;
mod newer;
mod notices;
mod requests;

use serde_json::Value;

use crate::support::{Repo, Scene};

/// Ana's clone with the task T-0001, and Ben's, over one hub.
pub fn two_clones(scene: &Scene) -> (Repo, Repo) {
    let (hub, a) = scene.with_hub();
    a.task("Fix the port", &[]);
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    (a, b)
}

/// The unread messages of a clone's actor.
#[track_caller]
pub fn inbox(repo: &Repo) -> Vec<Value> {
    list(&repo.data(&["msg", "inbox", "--limit", "0"])["items"])
}

/// The elements of a JSON list.
#[track_caller]
pub fn list(items: &Value) -> Vec<Value> {
    items.as_array().expect("a list").clone()
}

/// The id of a message that a command sent.
#[track_caller]
pub fn sent(repo: &Repo, args: &[&str]) -> String {
    repo.data(args)["id"].as_str().expect("an id").to_string()
}
