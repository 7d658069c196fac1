//! Many operations as one commit: `git pm batch`.

pub mod bad_lines;
pub mod crash;
pub mod large;
pub mod operations;

use serde_json::{Value, json};

use crate::support::{Ran, Repo, binary};

/// Runs a batch with `--json`.
fn batch(repo: &Repo, more: &[&str], lines: &str) -> Ran {
    let mut args = vec!["--json", "batch"];
    args.extend(more);
    repo.feed(binary(), &args, lines)
}

/// The lines of a batch.
fn lines(all: &[Value]) -> String {
    all.iter().map(|line| format!("{line}\n")).collect()
}

/// `n` tasks with bodies, labels and edges to earlier ones, every third one cancelled, as when
/// loading test data.
fn many(n: usize) -> String {
    let mut out = String::new();
    for i in 1..=n {
        let body = format!(
            "## Context\n\nNumber {i}: {}\n",
            "cache token parser ".repeat(20 + i % 20)
        );
        let mut line = json!({
            "op": "task.create", "title": format!("Task {i}"), "body": body,
            "priority": i % 5, "label": ["backend", "cli"],
        });
        if i > 3 {
            line["depends-on"] = json!([format!("T-{:04}", i - 1), format!("T-{:04}", i - 3)]);
        }
        out += &format!("{line}\n");
    }
    for i in (1..=n).step_by(3) {
        out += &format!(
            "{}\n",
            json!({"op": "task.cancel", "id": format!("T-{i:04}")})
        );
    }
    out
}

/// A line of `git count-objects -v`.
fn counted(repo: &Repo, what: &str) -> usize {
    let all = repo.git(&["count-objects", "-v"]).ok().out;
    let line = all.lines().find_map(|line| line.strip_prefix(what));
    line.unwrap().trim_start_matches(": ").parse().unwrap()
}

#[track_caller]
fn sound(repo: &Repo) {
    let fsck = repo.git(&["fsck", "--strict", "--full", "--no-dangling"]);
    assert!(
        fsck.code == 0 && !fsck.err.contains("error") && !fsck.err.contains("missing"),
        "git fsck found damage: {}{}",
        fsck.out,
        fsck.err
    );
    repo.pm(&["doctor"]).ok();
}
