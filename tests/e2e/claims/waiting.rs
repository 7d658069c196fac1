//! `next --claim --wait`: waits until an item becomes ready, here or in another clone, claims it
//! exclusively, and ends on a signal or timeout.

use std::time::{Duration, Instant};

use git_pm::tasks::StartOptions;

use crate::support::*;

const WAIT: [&str; 6] = ["next", "--claim", "--no-worktree", "--wait", "60", "--json"];

/// The id of the item that a waiting process claimed.
#[track_caller]
fn claimed_id(ran: Ran) -> String {
    let started = ran.ok().data();
    started["id"].as_str().unwrap().to_string()
}

/// A hub and a clone in which T-0002 depends on T-0001, which Ana works on.
fn with_blocked_task(scene: &Scene) -> (Repo, Repo) {
    let (hub, a) = scene.with_hub();
    a.task("First", &[]);
    a.task("Then", &["--depends-on", "T-0001"]);
    a.pm(&["start", "T-0001"]).ok();
    a.pm(&["sync"]).ok();
    (hub, a)
}

/// Starts a waiting process, and gives it time for a first look.
fn spawn_waiting(place: &Repo, name: &str) -> std::process::Child {
    let child = place.by(name).spawn(&WAIT);
    std::thread::sleep(Duration::from_millis(300));
    child
}

#[test]
fn wait_starts_an_item_that_becomes_ready_in_the_same_clone() {
    let scene = Scene::new();
    let (_, a) = with_blocked_task(&scene);
    let waiting = spawn_waiting(&a, "agent-2");
    a.pm(&["task", "done", "T-0001", "--force"]).ok();
    assert_eq!(claimed_id(wait_all(vec![waiting]).remove(0)), "T-0002");
    assert_eq!(a.data(&["show", "T-0002"])["owner"], "agent-2");
}

#[test]
fn wait_starts_an_item_that_another_clone_makes_ready() {
    let scene = Scene::new();
    let (hub, a) = with_blocked_task(&scene);
    let b = scene.clone_of(&hub, "b", "Ben");
    let waiting = spawn_waiting(&b, "agent-3");
    a.pm(&["task", "done", "T-0001", "--force"]).ok();
    a.pm(&["sync"]).ok();
    assert_eq!(claimed_id(wait_all(vec![waiting]).remove(0)), "T-0002");
    a.pm(&["sync"]).ok();
    assert_eq!(a.data(&["show", "T-0002"])["owner"], "agent-3");
}

// A state fetched by the user's own `git fetch` is noticed as well.
#[test]
fn wait_notices_a_state_that_a_plain_fetch_brought() {
    let scene = Scene::new();
    let (hub, a) = with_blocked_task(&scene);
    let b = scene.clone_of(&hub, "b", "Ben");
    a.pm(&["task", "done", "T-0001", "--force"]).ok();
    a.pm(&["sync"]).ok();
    b.git(&["fetch", "-q", "origin"]).ok();
    assert_eq!(
        claimed_id(wait_all(vec![spawn_waiting(&b, "agent-3")]).remove(0)),
        "T-0002"
    );
}

#[test]
fn processes_waiting_in_several_clones_get_different_tasks() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.pm(&["sync"]).ok();
    let clones = [
        scene.clone_of(&hub, "b", "Ben"),
        scene.clone_of(&hub, "c", "Cem"),
    ];
    let waiting = (0..4).map(|n| clones[n % 2].by(&format!("agent-{n}")).spawn(&WAIT));
    let waiting: Vec<_> = waiting.collect();
    for n in 0..4 {
        a.task(&format!("Part {n}"), &[]);
        a.pm(&["sync"]).ok();
    }
    let mut ids: Vec<String> = wait_all(waiting).into_iter().map(claimed_id).collect();
    ids.sort();
    assert_eq!(ids, ["T-0001", "T-0002", "T-0003", "T-0004"]);
    a.pm(&["sync"]).ok();
    let owners: std::collections::BTreeSet<String> = ids
        .iter()
        .map(|id| a.data(&["show", id])["owner"].to_string())
        .collect();
    assert_eq!(owners.len(), 4, "{owners:?}");
}

#[test]
fn wait_ends_at_its_timeout_and_names_the_holders_of_the_items_it_waits_for() {
    let scene = Scene::new();
    let (_, a) = with_blocked_task(&scene);
    // A temporarily unreachable remote does not end the wait.
    a.git(&["config", "remote.origin.url", "/nowhere/hub.git"])
        .ok();
    let began = Instant::now();
    let over = a
        .by("agent-2")
        .pm(&["next", "--claim", "--wait", "4"])
        .exits(1);
    assert!(began.elapsed() >= Duration::from_secs(4), "it did not wait");
    assert!(
        over.err.contains("1 item waits for T-0001, held by Ana"),
        "{}",
        over.err
    );
    assert!(over.err.contains("still waiting"), "{}", over.err);
    a.pm(&["next", "--wait", "4"]).exits(2);
}

#[cfg(unix)]
#[test]
fn a_signal_ends_the_wait_and_leaves_no_files() {
    let scene = Scene::new();
    let (_, a) = with_blocked_task(&scene);
    let before = a.tip("refs/pm/main");
    let waiting = spawn_waiting(&a, "agent-2");
    let began = Instant::now();
    let pid = waiting.id().to_string();
    let killed = std::process::Command::new("kill")
        // Not INT: a shell that runs the tests in the background may have it ignored.
        .args(["-TERM", &pid])
        .status();
    assert!(killed.unwrap().success());
    let ran = wait_all(vec![waiting]).remove(0);
    assert_ne!(ran.code, 0, "{ran:?}");
    assert!(
        began.elapsed() < Duration::from_secs(20),
        "it continued to wait"
    );
    assert_eq!(a.tip("refs/pm/main"), before);
    a.pm(&["fsck"]).ok();
    a.pm(&["task", "done", "T-0001", "--force"]).ok();
    let next = a.by("agent-2").pm(&["next", "--claim", "--json"]);
    assert_eq!(claimed_id(next), "T-0002");
}

#[test]
fn the_library_waits_until_its_caller_stops_it() {
    let scene = Scene::new();
    let (_, a) = with_blocked_task(&scene);
    let pm = a.library().unwrap();
    let asked = std::cell::Cell::new(0);
    let stops = || {
        asked.set(asked.get() + 1);
        asked.get() > 2
    };
    let options = StartOptions::default();
    let ended = pm
        .tasks()
        .claim_next_within(&options, Duration::from_secs(600), &stops);
    let error = ended.expect_err("there was nothing to claim");
    assert_eq!(error.kind(), git_pm::error::Kind::Refused);
    assert_eq!(error.waiting().unwrap().named[0].id, "T-0001");
}

fn commits(repo: &Repo) -> usize {
    let count = repo.git(&["rev-list", "--count", "refs/pm/main"]).ok();
    count.text().parse().unwrap()
}

#[test]
fn wait_retries_an_item_whose_start_failed_only_after_a_delay() {
    let scene = Scene::new();
    let (_, a) = scene.with_hub();
    a.task("First", &[]);
    let mended = scene.dir.path().join("mended");
    let set_up = format!("test -e '{}'", mended.display());
    a.git(&["config", "pm.setup", &set_up]).ok();
    let before = commits(&a);
    let wait = ["next", "--claim", "--wait", "60", "--json"];
    let waiting = a.by("agent-2").spawn(&wait);
    // Writes of others do not make it try again at once.
    for n in 0..8 {
        std::thread::sleep(Duration::from_millis(300));
        a.pm(&["epic", "create", &format!("Epic {n}")]).ok();
    }
    let own = commits(&a) - before - 8;
    assert!(own <= 4, "{own} commits of claims that were undone");
    std::fs::write(&mended, "").unwrap();
    assert_eq!(claimed_id(wait_all(vec![waiting]).remove(0)), "T-0001");
    let log = a.pm(&["log", "T-0001"]).ok().out;
    assert!(log.matches("undone").count() <= 3, "{log}");
}

#[test]
fn next_reports_the_items_it_tried_instead_of_an_empty_queue() {
    let (_scene, repo) = set_up();
    for n in 0..11 {
        repo.task(&format!("Part {n}"), &[]);
    }
    repo.git(&["config", "pm.setup", "false"]).ok();
    let refused = repo.pm(&["next", "--claim"]).exits(1).err;
    assert!(
        refused.contains("none of the items tried could be started; more are ready"),
        "{refused}"
    );
}

/// A lease whose grace ends within the wait is waited for, not only found at the next look at the remote.
#[test]
fn wait_takes_over_a_claim_once_that_is_allowed() {
    let (_scene, repo) = set_up();
    repo.task("Work", &[]);
    let began = jiff::Timestamp::now() - jiff::SignedDuration::from_secs(62 * 60 - 4);
    let dead = repo.with("AGENT_NAME", "agent-1");
    let dead = dead.when(&began.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
    dead.pm(&["start", "T-0001", "--no-worktree"]).ok();
    let wait = ["next", "--claim", "--no-worktree", "--wait", "7", "--json"];
    let waiting = repo.with("AGENT_NAME", "agent-2").spawn(&wait);
    assert_eq!(claimed_id(wait_all(vec![waiting]).remove(0)), "T-0001");
}
