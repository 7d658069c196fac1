//! Tests of the fake itself: that it behaves as GitHub does, and that it notices wrong requests.

mod access;
mod client;
mod description;
mod faults;
mod issues;
mod lists;
mod other_clients;
mod pulls;
mod relations;
mod speed;
mod webhooks;

use client::Client;

use super::server::GitHub;

/// A server with a repository and somebody who can write to it.
fn widget() -> GitHub {
    let github = GitHub::start();
    github.repository("acme", "widget");
    github.token("ghp_alice", "alice", &["repo"]);
    github
}

/// A client of alice's.
fn alice(github: &GitHub) -> Client {
    Client::new(&github.url(), Some("ghp_alice"))
}
