//! Learnings: patterns, gotchas and decisions.

use crate::support::Repo;

mod clones;
mod hostile;
mod offered;
mod relevance;
mod search;
mod transfer;
mod verbs;

/// Adds a learning and returns its id.
#[track_caller]
fn add(repo: &Repo, title: &str, more: &[&str]) -> String {
    let mut args = vec!["learn", "add", title];
    args.extend(more);
    let added = repo.data(&args);
    added["id"].as_str().expect("an id").to_string()
}

/// The ids of learnings in a JSON list.
#[track_caller]
fn ids(repo: &Repo, args: &[&str]) -> Vec<String> {
    let data = repo.data(args);
    let items = data["items"].as_array().expect("a list");
    let ids = items.iter().map(|item| item["id"].as_str().expect("an id"));
    ids.map(str::to_string).collect()
}
