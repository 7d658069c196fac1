//! Ephemeral issues: stored on a ref of this clone and never synced.

use std::io::{BufRead, BufReader};

use serde_json::Value;

use crate::support::{Repo, Scene};

const REF: &str = "refs/pm-local/ephemeral";

#[track_caller]
fn ids(repo: &Repo, args: &[&str]) -> Vec<String> {
    let mut all = vec!["issue", "--format", "beads"];
    all.extend(args);
    let list: Value = repo.pm(&all).ok().json();
    let items = list.as_array().unwrap().iter();
    items
        .map(|i| i["id"].as_str().unwrap().to_string())
        .collect()
}

#[test]
fn a_watched_list_of_ephemeral_issues_is_updated_when_they_change() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    let args = ["issue", "list", "--ephemeral", "--watch", "--json"];
    let mut child = repo.spawn(&args);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut count = || {
        let line = lines.next().expect("the watch ended").unwrap();
        let json: Value = serde_json::from_str(&line).unwrap();
        json["data"]["items"].as_array().unwrap().len()
    };
    assert_eq!(count(), 0);
    let made = repo.pm(&["issue", "create", "Patrol", "--ephemeral"]).ok();
    assert!(made.out.contains("claim pm-wisp-"), "{}", made.out);
    assert!(made.out.contains(" --ephemeral"), "{}", made.out);
    assert_eq!(count(), 1, "the new issue was not shown");
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn ephemeral_issues_can_be_worked_on_and_never_leave_the_clone() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let kept = a.pm(&["issue", "q", "Kept"]).ok().text();
    let state = a.tip("refs/pm/main");
    assert_eq!(
        a.tip(REF),
        "",
        "the ref exists before the first ephemeral issue"
    );
    let wisp = a
        .pm(&["issue", "create", "Patrol", "--ephemeral", "--silent"])
        .ok()
        .text();
    assert!(wisp.starts_with("pm-wisp-"), "{wisp}");
    let part = a
        .pm(&["issue", "q", "Step", "--parent", &wisp, "--ephemeral"])
        .ok()
        .text();
    assert_eq!(part, format!("{wisp}.1"));
    assert_eq!(a.tip("refs/pm/main"), state, "the shared state was changed");
    assert_eq!(ids(&a, &["list"]), [kept.as_str()]);
    let mut here = ids(&a, &["list", "--ephemeral"]);
    here.sort();
    assert_eq!(here, [wisp.as_str(), part.as_str()]);
    assert!(
        ids(&a, &["ready", "--ephemeral"]).is_empty(),
        "it is not offered as work"
    );
    let missing = a.pm(&["issue", "show", &wisp]).exits(4);
    assert!(missing.err.contains("--ephemeral"), "{}", missing.err);
    let shown = a
        .pm(&["issue", "show", &wisp, "--ephemeral", "--format", "beads"])
        .ok()
        .json();
    assert_eq!(shown[0]["ephemeral"], true);
    // Changed, commented on, found and closed like any other, without contacting a remote.
    let off = a.with("GIT_PM_ACTOR", "bea");
    off.pm(&["issue", "comment", &wisp, "went well", "--ephemeral"])
        .ok();
    assert_eq!(ids(&a, &["search", "well", "--ephemeral"]), [wisp.as_str()]);
    off.pm(&["issue", "close", &part, &wisp, "--ephemeral"])
        .ok();
    assert!(ids(&a, &["list", "--ephemeral"]).is_empty());
    a.pm(&["sync"]).ok();
    a.pm(&["fsck"]).ok();
    let refs = hub.git(&["for-each-ref", "--format=%(refname)"]).ok().out;
    assert!(!refs.contains("ephemeral"), "it was pushed: {refs}");
    let objects = hub.git(&["cat-file", "-e", &a.tip(REF)]);
    assert_ne!(objects.code, 0, "its commits were pushed");
    let b = scene.clone_of(&hub, "b", "Ben");
    assert!(ids(&b, &["list", "--all", "--ephemeral"]).is_empty());
}

#[test]
fn gc_removes_ephemeral_issues_unchanged_for_long() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    let old = repo.when("2026-11-01T10:00:00Z");
    let gone = old.pm(&["issue", "q", "Old", "--ephemeral"]).ok().text();
    old.pm(&["issue", "comment", &gone, "a secret", "--ephemeral"])
        .ok();
    let now = repo.when("2026-11-20T10:00:00Z");
    let fresh = now.pm(&["issue", "q", "Fresh", "--ephemeral"]).ok().text();
    let would = now.data(&["gc", "--dry-run"]);
    assert_eq!(would["ephemeral"], serde_json::json!([gone]));
    assert_eq!(
        ids(&now, &["list", "--ephemeral"]).len(),
        2,
        "a dry run changed something"
    );
    let did = now.data(&["gc"]);
    assert_eq!(did["ephemeral"], serde_json::json!([gone]));
    assert_eq!(ids(&now, &["list", "--ephemeral"]), [fresh.as_str()]);
    assert_eq!(
        repo.git(&["rev-list", "--count", REF]).text(),
        "1",
        "its history is not kept"
    );
    let files = repo.git(&["ls-tree", "-r", "--name-only", REF]).ok().out;
    assert_eq!(
        files.lines().count(),
        2,
        "a comment was left behind: {files}"
    );
    let log = repo.git(&["reflog", "show", REF]).ok().out;
    assert_eq!(log.lines().count(), 1, "the reflog still holds it: {log}");
    assert_eq!(now.data(&["gc"])["ephemeral"], serde_json::json!([]));
    now.pm(&["config", "pm.gc.ephemeral", "never"]).ok();
    let later = repo.when("2027-11-20T10:00:00Z");
    assert_eq!(later.data(&["gc"])["ephemeral"], serde_json::json!([]));
}
