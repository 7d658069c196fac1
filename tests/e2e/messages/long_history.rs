//! A thread and the names of actors in a long history of the state.

use std::fmt::Write;

use super::{list, sent};
use crate::support::{Repo, set_up};

/// Adds so many commits by others on top of the state, without a change.
fn add_commits(repo: &Repo, count: usize) {
    let mut stream = String::from("reset refs/pm/main\nfrom refs/pm/main^0\n\n");
    let seconds = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_secs();
    for n in 0..count {
        let text =
            format!("task edit: T-0002\n\nPM-Op: task edit\nPM-Item: T-0002\nPM-Clock: {n}\n");
        write!(
            stream,
            "commit refs/pm/main\ncommitter Other <o@example.org> {seconds} +0000\ndata {}\n{text}\n",
            text.len()
        )
        .unwrap();
    }
    repo.feed("git", &["fast-import", "--quiet"], &stream).ok();
}

#[test]
fn a_thread_shows_the_changes_of_its_item_however_many_commits_came_since() {
    let (_scene, repo) = set_up();
    repo.task("Old", &[]);
    repo.task("Busy", &[]);
    repo.by("Zoe")
        .pm(&["task", "edit", "T-2", "--title", "Busier"])
        .ok();
    repo.pm(&["start", "T-1", "--no-worktree"]).ok();
    repo.pm(&["task", "block", "T-1", "wait"]).ok();
    add_commits(&repo, 2_100);
    let events = list(&repo.data(&["msg", "thread", "T-1"])["events"]);
    let ops: Vec<&str> = events
        .iter()
        .map(|one| one["op"].as_str().unwrap())
        .collect();
    assert_eq!(ops, ["task start", "task block"]);
    // An actor who has only edited, long ago, is known, too.
    sent(&repo, &["msg", "send", "--to", "Zoe", "Which title?"]);
}
