//! News that reach people: what is told, in which form, when, and by which clone. IN-22.

mod kinds;
mod sending;
mod server;

use serde_json::Value;

pub use self::server::Server;
use crate::support::Repo;

/// Adds a rule whose address is a path at the server.
#[track_caller]
pub fn rule(repo: &Repo, name: &str, to: &str, server: &Server, more: &[&str]) {
    let address = format!("{}/hook/{name}-key", server.url);
    let mut args = vec!["notify", "add", name, "--to", to, &address];
    args.extend(more);
    repo.pm(&args).ok();
}

/// What became of the news of each rule.
#[track_caller]
pub fn send(repo: &Repo) -> Vec<Value> {
    let all = repo.pm(&["--json", "notify", "send"]).data();
    all["items"].as_array().unwrap().clone()
}

#[track_caller]
fn block(repo: &Repo, id: &str) {
    repo.pm(&["task", "block", id, "waits for the key"]).ok();
}

/// The lines of the only message that arrived.
#[track_caller]
pub fn lines(server: &Server) -> Vec<String> {
    let mut all = server.take();
    assert_eq!(all.len(), 1, "{all:?}");
    let text = all.remove(0).json()["text"].as_str().unwrap().to_string();
    text.lines().map(str::to_string).collect()
}
