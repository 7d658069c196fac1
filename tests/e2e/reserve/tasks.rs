//! Reservations that are made and ended by start, finish and merge.

use super::{NOON, add, ana_and_bob, live};
use crate::support::Scene;

// RS-03: start reserves the planned paths, all or nothing, with the task's claim.
#[test]
fn start_reserves_the_planned_paths_of_a_task() {
    let scene = Scene::new();
    let (ana, bob) = ana_and_bob(&scene);
    let id = ana.task("Fix login", &["--path", "src/auth.rs", "--path", "docs/**"]);
    assert!(live(&ana).is_empty(), "planning reserves nothing");
    ana.pm(&["start", &id]).ok();
    let held = live(&ana);
    assert_eq!(held.len(), 1);
    assert_eq!(held[0]["task"], id.as_str());
    assert_eq!(held[0]["holder"], "Ana");
    assert_eq!(held[0]["branch"], "task/T-0001-fix-login");
    let refused = add(&bob, &["src/auth.rs"]).exits(1).error();
    assert_eq!(refused["conflicts"][0]["task"], id.as_str());
}

#[test]
fn start_is_refused_if_another_holds_any_planned_path() {
    let scene = Scene::new();
    let (ana, bob) = ana_and_bob(&scene);
    add(&ana, &["src/auth.rs"]).ok();
    let id = bob.task("Fix login", &["--path", "src/**", "--path", "README.md"]);
    let before = (bob.tip("refs/pm/main"), bob.git(&["branch", "-a"]).text());
    let refused = bob.pm(&["--json", "start", &id]).exits(1).error();
    assert_eq!(refused["conflicts"][0]["path"], "src/**");
    assert_eq!(refused["conflicts"][0]["holder"], "Ana");
    let after = (bob.tip("refs/pm/main"), bob.git(&["branch", "-a"]).text());
    assert_eq!(before, after, "a failed start left something");
    assert_eq!(bob.data(&["show", &id])["status"], "queued");
    assert_eq!(bob.git(&["worktree", "list"]).text().lines().count(), 1);
    ana.pm(&["reserve", "release"]).ok();
    bob.pm(&["start", &id]).ok();
}

#[test]
fn two_tasks_with_the_same_files_cannot_be_started_together() {
    let scene = Scene::new();
    let (ana, _) = ana_and_bob(&scene);
    let first = ana.task("One", &["--path", "src/**"]);
    let second = ana.task("Two", &["--path", "src/auth.rs"]);
    ana.pm(&["start", &first]).ok();
    // Not by the same actor either: the holder is the actor in that task's worktree.
    let refused = ana.pm(&["--json", "start", &second]).exits(1).error();
    assert_eq!(refused["conflicts"][0]["task"], first.as_str());
}

// RS-01, RS-03: every command that ends the work ends its reservations.
#[test]
fn every_command_that_ends_the_work_releases_its_reservations() {
    let scene = Scene::new();
    let (ana, bob) = ana_and_bob(&scene);
    let verbs: [(&str, &[&str]); 6] = [
        ("drop", &["task", "drop"]),
        ("cancel", &["task", "cancel", "--reason", "not needed"]),
        ("defer", &["task", "defer"]),
        ("done", &["task", "done", "--evidence", "seen"]),
        ("reassign", &["task", "reassign", "--to", "Bob"]),
        ("block", &["task", "block", "waits for a key"]),
    ];
    for (title, verb) in verbs {
        let id = ana.task(title, &["--path", "src/auth.rs"]);
        ana.pm(&["start", &id]).ok();
        bob.pm(&["reserve", "check", "src/auth.rs"]).exits(1);
        let mut args = verb.to_vec();
        args.insert(2, &id);
        let ran = ana.pm(&args);
        match title {
            "block" => {
                ran.ok();
                // Blocked work keeps its claim and its reservations.
                bob.pm(&["reserve", "check", "src/auth.rs"]).exits(1);
                ana.pm(&["task", "unblock", &id]).ok();
                ana.pm(&["task", "cancel", &id]).ok();
            }
            _ => {
                ran.ok();
            }
        }
        assert!(
            live(&ana).is_empty(),
            "{title} left the files locked: {:?}",
            live(&ana)
        );
    }
}

#[test]
fn finish_records_its_commit_at_the_release_and_the_next_holder_is_warned() {
    let scene = Scene::new();
    let (ana, bob) = ana_and_bob(&scene);
    let id = ana.task("Fix login", &["--path", "src/auth.rs"]);
    ana.pm(&["start", &id]).ok();
    let work = ana.worktree(&id);
    work.write("src/auth.rs", "pub fn login() { /* fixed */ }\n");
    work.commit_all("Fix");
    let change = work.tip("HEAD");
    work.pm(&["finish"]).ok();
    assert!(live(&ana).is_empty(), "still reserved after finish");
    let granted = bob.pm(&["reserve", "add", "src/auth.rs"]).ok();
    assert!(granted.err.contains(&change[..12]), "{granted:?}");
}

// Reservations released by finish are made again when the claimant resumes the work.
#[test]
fn resumed_work_is_reserved_again() {
    let scene = Scene::new();
    let (ana, bob) = ana_and_bob(&scene);
    let id = ana.task("Fix login", &["--path", "src/auth.rs"]);
    ana.pm(&["start", &id]).ok();
    let work = ana.worktree(&id);
    work.write("src/auth.rs", "pub fn login() { /* fixed */ }\n");
    work.commit_all("Fix");
    work.pm(&["finish"]).ok();
    ana.pm(&["start", &id, "--resume"]).ok();
    assert_eq!(ana.data(&["show", &id])["status"], "in_progress");
    add(&bob, &["src/auth.rs"]).exits(1);
    assert_eq!(live(&ana).len(), 1);
    ana.pm(&["start", &id, "--resume"]).ok();
    assert_eq!(live(&ana).len(), 1, "each resume takes one more");
}

#[test]
fn the_squashed_commit_of_a_finished_task_counts_as_its_change() {
    let scene = Scene::new();
    let (ana, bob) = ana_and_bob(&scene);
    let id = ana.task("Fix login", &["--path", "src/auth.rs"]);
    ana.pm(&["start", &id]).ok();
    let work = ana.worktree(&id);
    work.write("src/auth.rs", "pub fn login() { /* fixed */ }\n");
    work.commit_all("Fix");
    work.pm(&["finish", "--merge"]).ok();
    let granted = bob.pm(&["reserve", "add", "src/auth.rs"]).ok();
    assert!(
        !granted.err.contains("does not have"),
        "Bob has the change; the warning is a false alarm: {granted:?}"
    );
}

#[test]
fn a_merge_leaves_no_reservation() {
    let scene = Scene::new();
    let (ana, _) = ana_and_bob(&scene);
    let id = ana.task("Fix login", &["--path", "src/auth.rs"]);
    ana.pm(&["start", &id]).ok();
    let work = ana.worktree(&id);
    work.write("src/auth.rs", "pub fn login() { /* fixed */ }\n");
    work.commit_all("Fix");
    add(&work, &["docs/guide.md", "--task", &id]).ok();
    work.pm(&["finish", "--merge"]).ok();
    assert!(live(&ana).is_empty(), "{:?}", live(&ana));
}

// A task's reservation lasts as long as its claim: a day, not an hour.
#[test]
fn a_tasks_reservation_lasts_as_long_as_its_claim() {
    let scene = Scene::new();
    let (ana, bob) = ana_and_bob(&scene);
    let noon = ana.when(NOON);
    let id = noon.task("Fix login", &["--path", "src/auth.rs"]);
    noon.pm(&["start", &id]).ok();
    assert_eq!(live(&noon)[0]["expires_at"], "2026-03-02T12:00:00Z");
    let check = |at: &str| bob.when(at).pm(&["reserve", "check", "src/auth.rs"]).code;
    assert_eq!(check("2026-03-02T11:59:59Z"), 1);
    assert_eq!(check("2026-03-02T12:00:00Z"), 0);
    // Within two hours of the last renewal a writing command does not renew, a later one does.
    let work = ana.worktree(&id);
    work.when("2026-03-01T14:00:00Z")
        .pm(&["task", "comment", &id, "on it"])
        .ok();
    assert_eq!(live(&noon)[0]["expires_at"], "2026-03-02T12:00:00Z");
    work.when("2026-03-02T01:00:00Z").pm(&["status"]).ok();
    assert_eq!(
        live(&noon)[0]["expires_at"],
        "2026-03-02T12:00:00Z",
        "a reading command changed the state"
    );
    work.when("2026-03-02T01:00:00Z")
        .pm(&["task", "comment", &id, "still"])
        .ok();
    assert_eq!(live(&noon)[0]["expires_at"], "2026-03-03T01:00:00Z");
    assert_eq!(check("2026-03-03T00:59:59Z"), 1);
}

// The pre-commit hook renews too, as agents mostly commit.
#[test]
fn a_commit_in_the_worktree_renews_the_claim() {
    let scene = Scene::new();
    let (ana, _) = ana_and_bob(&scene);
    let noon = ana.when(NOON);
    let id = noon.task("Fix login", &["--path", "src/auth.rs"]);
    noon.pm(&["start", &id]).ok();
    let work = ana.worktree(&id);
    work.write("src/auth.rs", "1\n");
    work.when("2026-03-01T13:00:00Z").commit_all("Early");
    assert_eq!(live(&noon)[0]["expires_at"], "2026-03-02T12:00:00Z");
    work.write("src/auth.rs", "2\n");
    work.when("2026-03-02T02:00:00Z").commit_all("Late");
    assert_eq!(live(&noon)[0]["expires_at"], "2026-03-03T02:00:00Z");
}
