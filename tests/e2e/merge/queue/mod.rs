//! `git pm merge --queue`: all approved work, in the order of the graph.

pub mod batches;
pub mod interrupted;
pub mod left_out;
pub mod order;
pub mod plan;

use std::path::PathBuf;

use serde_json::Value;

use super::{alone, approved};
use crate::support::{Repo, Scene};

/// A repository whose gate notes each of its runs and fails if `bad.txt` exists, and the notes.
fn with_gate(scene: &Scene) -> (Repo, PathBuf) {
    let repo = alone(scene);
    let notes = scene.at("gate-runs").path;
    let gate = format!(
        "tests=echo run >> '{}'; if test -e bad.txt; then echo bad.txt is here; exit 1; fi",
        notes.display()
    );
    repo.git(&["config", "pm.gate", &gate]).ok();
    (repo, notes)
}

/// The number of runs of the gate since the notes were last read.
fn runs(notes: &PathBuf) -> usize {
    let text = std::fs::read_to_string(notes).unwrap_or_default();
    let _ = std::fs::remove_file(notes);
    text.lines().count()
}

/// The report of a queue that has to end with an exit code.
#[track_caller]
fn queue(repo: &Repo, more: &[&str], code: i32) -> Value {
    let args = [&["--json", "merge", "--queue"], more].concat();
    repo.pm(&args).exits(code).data()
}

/// The ids in a list of a report.
#[track_caller]
fn ids(report: &Value, list: &str) -> Vec<String> {
    let all = report[list].as_array().unwrap();
    let id = |one: &Value| one["id"].as_str().unwrap().to_string();
    all.iter().map(id).collect()
}

/// The left-out items with their reasons.
#[track_caller]
fn left_out(report: &Value) -> Vec<(String, String)> {
    let all = report["left_out"].as_array().unwrap();
    let text = |one: &Value, name: &str| one[name].as_str().unwrap().to_string();
    let pair = |one| (text(one, "id"), text(one, "reason"));
    all.iter().map(pair).collect()
}

fn pair(id: &str, reason: &str) -> (String, String) {
    (id.into(), reason.into())
}

/// The subjects of the commits that the target got since.
fn subjects(repo: &Repo, since: &str) -> Vec<String> {
    let range = format!("{since}..main");
    let log = repo.git(&["log", "--reverse", "--format=%s", &range]).ok();
    log.out.lines().map(str::to_string).collect()
}

/// The number of records that say that an item was merged.
fn records(repo: &Repo, id: &str) -> usize {
    let log = repo.git(&["log", "--format=%s", "refs/pm/main"]).ok().out;
    let wanted = format!("{id}: mark task done");
    log.lines().filter(|line| *line == wanted).count()
}
