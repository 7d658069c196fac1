//! Items on the command line: fields, states, and refusals.

pub mod actors;
pub mod conflicting_texts;
pub mod deferral;
pub mod deleted;
pub mod editor;
pub mod fields;
pub mod first_hour;
pub mod kinds;
pub mod names;
pub mod output;
pub mod repeated;
pub mod show_links;
pub mod states;
mod submittable;
mod taken_up_again;
pub mod unmerged;

use crate::support::Repo;

/// Creates a task and brings it into a state with verbs.
fn in_state(repo: &Repo, state: &str) -> String {
    let id = repo.task(&format!("In {state}"), &[]);
    let steps: &[&[&str]] = match state {
        "queued" => &[],
        "in_progress" => &[&["start"]],
        "in_review" => &[&["start"], &["finish"]],
        "ready_for_integration" => &[&["start"], &["finish"], &["approve"]],
        "blocked" => &[&["start"], &["block"]],
        "deferred" => &[&["defer"]],
        "done" => &[&["start"], &["done"]],
        "cancelled" => &[&["cancel"]],
        other => panic!("{other}"),
    };
    for step in steps {
        run_verb(repo, step[0], &id).ok();
    }
    assert_eq!(repo.data(&["show", &id])["status"], state);
    id
}

fn run_verb(repo: &Repo, verb: &str, id: &str) -> crate::support::Ran {
    let more: &[&str] = match verb {
        "start" => &["--no-worktree"],
        "finish" => &["--force"],
        "done" => &["--evidence", "seen"],
        "block" => &["a reason"],
        _ => &[],
    };
    let mut args = vec!["--json", "task", verb, id];
    args.extend(more);
    repo.pm(&args)
}
