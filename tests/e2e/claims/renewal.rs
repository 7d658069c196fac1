//! What renews a lease, and when it can be taken over.

use super::{NOON, holder, two_clones};
use crate::support::{Repo, Scene, set_up};

// Expiry writes nothing; it permits a takeover, for others from two minutes after the expiry.
#[test]
fn a_lease_can_be_taken_over_two_minutes_after_its_expiry_and_not_before() {
    let scene = Scene::new();
    let (_, a, b) = two_clones(&scene);
    let started = a.when(NOON).data(&["start", "T-0001"]);
    assert_eq!(started["claim"]["lease_until"], "2026-03-03T12:00:00Z");
    let state = a.tip("refs/pm/main");
    for early in ["2026-03-03T11:59:00Z", "2026-03-03T12:01:59Z"] {
        let refused = b.when(early).pm(&["start", "T-0001"]).exits(3);
        assert!(refused.err.contains("Ana"), "{}", refused.err);
    }
    let after = "2026-03-03T12:02:01Z";
    a.when(after).pm(&["status"]).ok();
    assert_eq!(
        a.tip("refs/pm/main"),
        state,
        "expiry or a reading command changed the state"
    );
    // Offline, another clone's claim cannot be ended, expired or not.
    b.when(after).pm(&["--offline", "start", "T-0001"]).exits(3);
    let taken = b.when(after).data(&["start", "T-0001"]);
    assert_eq!(taken["claim"]["actor"], "Ben");
    assert_eq!(taken["claim"]["confirmed"], true);
    // The former holder is notified.
    let report = a.when(after).data(&["sync"]);
    assert_eq!(holder(&a.when(after), "T-0001"), ("Ben".into(), true));
    assert!(
        report["notices"]
            .as_array()
            .unwrap()
            .iter()
            .any(|n| n["subject"].as_str().unwrap().contains("Ben")),
        "Ana is not notified that Ben took T-0001 over: {report}"
    );
    a.when(after).pm(&["finish", "T-0001"]).exits(3);
}

// Writing commands in the worktree renew a human's lease every two hours; reading commands never
// write.
#[test]
fn a_writing_command_in_the_worktree_renews_the_lease_after_two_hours() {
    let scene = Scene::new();
    let (_, a, b) = two_clones(&scene);
    a.when(NOON).pm(&["start", "T-0001"]).ok();
    let work = a.worktree("T-0001");
    let lease = |repo: &Repo| repo.data(&["show", "T-0001"])["claim"]["lease_until"].clone();
    work.when("2026-03-02T14:00:00Z")
        .pm(&["task", "comment", "T-0001", "still at it"])
        .ok();
    assert_eq!(lease(&a), "2026-03-03T12:00:00Z", "too early to renew");
    let late = "2026-03-03T06:00:00Z";
    work.when(late).pm(&["show", "T-0001"]).ok();
    assert_eq!(lease(&a), "2026-03-03T12:00:00Z", "reading writes nothing");
    a.when(late)
        .pm(&["task", "comment", "T-0001", "from elsewhere"])
        .ok();
    assert_eq!(lease(&a), "2026-03-03T12:00:00Z", "not from its worktree");
    work.when(late)
        .pm(&["task", "comment", "T-0001", "still here"])
        .ok();
    assert_eq!(lease(&a), "2026-03-04T06:00:00Z");
    // Others see the renewal once it is pushed.
    a.when(late).pm(&["sync"]).ok();
    b.when("2026-03-03T13:00:00Z")
        .pm(&["start", "T-0001"])
        .exits(3);
}

#[test]
fn a_commit_in_the_worktree_renews_the_lease() {
    let scene = Scene::new();
    let (_, a, _) = two_clones(&scene);
    a.when(NOON).pm(&["start", "T-0001"]).ok();
    let work = a.worktree("T-0001").when("2026-03-03T06:00:00Z");
    work.write("src/new.rs", "// new\n");
    work.commit_all("Work on");
    assert_eq!(
        a.data(&["show", "T-0001"])["claim"]["lease_until"],
        "2026-03-04T06:00:00Z",
        "a lease expired although its holder kept committing"
    );
}

#[test]
fn resume_renews_the_lease() {
    let scene = Scene::new();
    let (_, a, b) = two_clones(&scene);
    a.when(NOON).pm(&["start", "T-0001"]).ok();
    // Expired for long, but not taken over: the claimant still holds it.
    let late = "2026-03-05T12:00:00Z";
    let resumed = a.when(late).data(&["start", "T-0001", "--resume"]);
    assert_eq!(resumed["claim"]["lease_until"], "2026-03-06T12:00:00Z");
    b.when(late).pm(&["start", "T-0001"]).exits(3);
}

/// The holder was active when the work was submitted, which is shown beside it.
#[test]
fn a_submission_is_a_sign_of_life() {
    let (_scene, repo) = set_up();
    repo.task("Work", &[]);
    repo.when("2031-03-02T12:00:00Z").pm(&["start", "T-1"]).ok();
    let work = repo.worktree("T-0001");
    work.write("half.txt", "done\n");
    work.commit_all("Work");
    let later = "2031-03-02T12:00:30Z";
    work.when(later).pm(&["finish"]).ok();
    let item = repo.when(later).data(&["show", "T-1"]);
    assert_eq!(item["finished_at"], later, "{item}");
    assert_eq!(item["claim"]["last_sign"], later, "{item}");
}
