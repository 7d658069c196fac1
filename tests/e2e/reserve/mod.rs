//! Reservations: who may commit to which files, until when, and what others are shown.

pub mod clones;
pub mod lifetime;
pub mod requests;
pub mod tasks;

use serde_json::Value;

use crate::support::{Ran, Repo, Scene};

/// The time at which tests of expiry start.
const NOON: &str = "2026-03-01T12:00:00Z";

/// A repository of Ana's with the hooks, and the same folder as Bob.
fn ana_and_bob(scene: &Scene) -> (Repo, Repo) {
    let ana = scene.set_up("a");
    let bob = ana.by("Bob");
    (ana, bob)
}

/// `reserve add` with `--json`.
fn add(who: &Repo, args: &[&str]) -> Ran {
    let mut all = vec!["--json", "reserve", "add"];
    all.extend(args);
    who.pm(&all)
}

/// The live reservations.
fn live(repo: &Repo) -> Vec<Value> {
    let list = repo.data(&["reserve", "list"]);
    list["items"].as_array().expect("a list").clone()
}

/// Their patterns, in order.
fn patterns(repo: &Repo) -> Vec<String> {
    live(repo)
        .iter()
        .map(|r| {
            let texts = r["patterns"].as_array().expect("patterns");
            let texts: Vec<&str> = texts.iter().filter_map(Value::as_str).collect();
            texts.join(" ")
        })
        .collect()
}
