//! `next --claim`: in order of priority, and never the same item twice.

use super::two_clones;
use crate::support::{Scene, wait_all};

// TM-10: `next --claim` is deterministic: priority first, then id.
#[test]
fn tm_10_next_claims_by_priority_then_id() {
    let scene = Scene::new();
    let repo = scene.repo("a");
    repo.pm(&["init", "--no-hooks"]).ok();
    for (title, priority) in [("One", "2"), ("Two", "1"), ("Three", "1"), ("Four", "0")] {
        repo.task(title, &["--priority", priority]);
    }
    let mut claimed = Vec::new();
    for n in 0..4 {
        let who = repo.by(&format!("p{n}"));
        assert_eq!(
            who.data(&["next"])["id"],
            repo.by("else").data(&["next"])["id"]
        );
        let next = who.data(&["next", "--claim", "--no-worktree"]);
        claimed.push(next["id"].as_str().unwrap().to_string());
    }
    assert_eq!(claimed, ["T-0004", "T-0002", "T-0003", "T-0001"]);
    repo.pm(&["next", "--claim"]).exits(1);
}

// TM-10: an agent that loses the first item gets the second one in the same call.
#[test]
fn tm_10_agents_that_claim_next_at_once_get_different_tasks() {
    let scene = Scene::new();
    let repo = scene.repo("a");
    repo.pm(&["init", "--no-hooks"]).ok();
    for n in 0..4 {
        repo.task(&format!("Task {n}"), &[]);
    }
    let children = (0..4)
        .map(|n| {
            repo.by(&format!("p{n}"))
                .spawn(&["--json", "next", "--claim", "--no-worktree"])
        })
        .collect();
    let mut ids: Vec<String> = wait_all(children)
        .into_iter()
        .map(|ran| ran.ok().data()["id"].as_str().unwrap().to_string())
        .collect();
    ids.sort();
    assert_eq!(ids, ["T-0001", "T-0002", "T-0003", "T-0004"]);
}

// The same across clones: a clone that is behind skips items that others hold.
#[test]
fn tm_10_a_clone_that_is_behind_claims_the_next_free_task() {
    let scene = Scene::new();
    let (_, a, b) = two_clones(&scene);
    for n in 2..15 {
        a.task(&format!("Task {n}"), &[]);
    }
    a.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    for n in 1..14 {
        let id = format!("T-{n:04}");
        a.pm(&["start", &id, "--no-worktree"]).ok();
    }
    let next = b.data(&["next", "--claim", "--no-worktree"]);
    assert_eq!(next["id"], "T-0014");
}

/// What `next` says is under way are tasks and issues, as `status` counts them: not the epic of a task.
#[test]
fn tm_10_next_counts_the_work_under_way_as_status_does() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    repo.pm(&["epic", "create", "Shop"]).ok();
    repo.task("Cart", &["--epic", "E-1"]);
    repo.task("Pay", &["--epic", "E-1", "--depends-on", "T-1"]);
    let ben = repo.by("Ben");
    ben.pm(&["start", "E-1"]).ok();
    ben.pm(&["start", "T-1", "--no-worktree"]).ok();
    let said = repo.pm(&["next"]).exits(1).err;
    let counted = "nothing to start: 1 in progress, 1 waiting or blocked;";
    assert!(said.contains(counted), "{said}");
    let status = repo.pm(&["status"]).ok().out;
    assert!(status.contains("1 queued, 1 in progress"), "{status}");
}
