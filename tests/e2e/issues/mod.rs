//! Issues as a user of beads knows them: `alias bd='git pm issue'`.

pub mod beads_user;
pub mod criteria;
pub mod edges_and_gates;
pub mod ephemeral;
pub mod newcomers;
pub mod states;
pub mod upkeep;
pub mod verbs;

use serde_json::Value;

use crate::support::{Ran, Repo};

fn bd(repo: &Repo, args: &[&str]) -> Ran {
    let mut all = vec!["issue"];
    all.extend(args);
    repo.pm(&all)
}

/// Creates an issue and returns its id.
#[track_caller]
fn q(repo: &Repo, args: &[&str]) -> String {
    let mut all = vec!["q"];
    all.extend(args);
    bd(repo, &all).ok().text()
}

/// The output with `--format beads`.
#[track_caller]
fn beads(repo: &Repo, args: &[&str]) -> Value {
    let mut all = vec!["--format", "beads"];
    all.extend(args);
    bd(repo, &all).ok().json()
}

#[track_caller]
fn ids(list: &Value) -> Vec<String> {
    let list = list.as_array().unwrap_or_else(|| panic!("no list: {list}"));
    list.iter()
        .map(|item| item["id"].as_str().unwrap().to_string())
        .collect()
}
