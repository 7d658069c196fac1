//! What its author must not lose without a word: texts that somebody else edits at once, a push that
//! a server did not take, a claim that was acknowledged.

use crate::support::{Repo, Scene};

/// Two clones that have the same items, with their hub.
fn two() -> (Scene, Repo, Repo, Repo) {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let a = a.by("ana");
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Bob").by("bob");
    (scene, hub, a, b)
}

fn issue(repo: &Repo, title: &str, more: &[&str]) -> String {
    let mut args = vec!["issue", "create", title];
    args.extend(more);
    repo.data(&args)["id"].as_str().unwrap().to_string()
}

#[test]
fn a_description_of_a_claimed_issue_is_kept_beside_the_one_that_its_author_never_saw() {
    let (_scene, _hub, a, b) = two();
    let id = issue(&a, "I", &["-d", "begun"]);
    a.pm(&["issue", "claim", &id]).ok();
    b.pm(&["sync"]).ok();
    a.pm(&["issue", "update", &id, "--description", "the long analysis"])
        .ok();
    a.pm(&["sync"]).ok();
    // Through the remote, for the other clone holds it: what comes in is joined, not replaced.
    b.pm(&["issue", "update", &id, "--description", "other words"])
        .ok();
    let texts = b.pm(&["conflicts"]).ok().out;
    assert!(texts.contains("the long analysis"), "{texts}");
    assert!(texts.contains("other words"), "{texts}");
    a.pm(&["sync"]).ok();
    assert_eq!(a.state_tree(), b.state_tree());
}

#[test]
fn a_field_of_a_claimed_issue_that_was_overridden_unseen_is_listed() {
    let (_scene, _hub, a, b) = two();
    let id = issue(&a, "I", &[]);
    a.pm(&["issue", "claim", &id]).ok();
    b.pm(&["sync"]).ok();
    a.pm(&["issue", "update", &id, "--title", "Of Ana"]).ok();
    a.pm(&["sync"]).ok();
    b.pm(&["issue", "update", &id, "--title", "Of Bob"]).ok();
    let listed = b.pm(&["log", "--conflicts"]).ok().out;
    assert!(listed.contains("Of Ana"), "{listed}");
    // Who names the version that the edit is meant for has seen it, and is told that it moved.
    let seen = b.data(&["show", &id])["version"]
        .as_str()
        .unwrap()
        .to_string();
    a.pm(&["sync"]).ok();
    a.pm(&["issue", "update", &id, "--title", "Again"]).ok();
    a.pm(&["sync"]).ok();
    b.pm(&[
        "--if-version",
        &seen,
        "issue",
        "update",
        &id,
        "--title",
        "x",
    ])
    .exits(3);
}

#[test]
fn an_edit_that_closes_too_ends_the_claim_of_the_other_clone() {
    let (_scene, _hub, a, b) = two();
    let id = issue(&a, "I", &["-d", "begun"]);
    a.pm(&["issue", "claim", &id]).ok();
    b.pm(&["sync"]).ok();
    a.pm(&["issue", "update", &id, "--description", "meanwhile"])
        .ok();
    a.pm(&["sync"]).ok();
    b.pm(&[
        "issue",
        "update",
        &id,
        "--status",
        "closed",
        "--description",
        "done it",
    ])
    .ok();
    assert!(b.pm(&["conflicts"]).ok().out.contains("meanwhile"));
    assert_eq!(b.data(&["show", &id])["status"], "closed");
    assert!(b.data(&["show", &id])["claim"].is_null());
}

#[test]
fn what_a_server_did_not_take_is_sent_as_soon_as_it_does() {
    let (_scene, hub, a, _b) = two();
    a.task("two", &[]);
    hub.hook("pre-receive", "echo 'maintenance, try again' >&2; exit 1");
    let refused = a.pm(&["sync"]).exits(6);
    let said = format!("{}{}", refused.out, refused.err);
    assert!(said.contains("maintenance, try again"), "{said}");
    assert!(said.contains("1 unsent"), "{said}");
    let report = a.pm(&["--json", "sync"]).exits(6).data();
    assert_eq!(report["remotes"][0]["unsent"], 1, "{report}");
    a.pm(&["start", "T-0001", "--no-worktree"]).exits(6);
    hub.unhook("pre-receive");
    // Nothing was remembered: neither a sync nor a start needs to be told that it may try again.
    a.pm(&["start", "T-0001", "--no-worktree"]).ok();
    assert_eq!(hub.tip("refs/pm/main"), a.tip("refs/pm/main"));
}

#[test]
fn a_task_that_was_cancelled_while_somebody_started_it_frees_its_paths_and_tells_them() {
    let (_scene, _hub, a, b) = two();
    let id = a.task("T", &["--path", "src/**"]);
    a.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    a.pm(&["start", &id, "--no-worktree"]).ok();
    b.pm(&["--offline", "task", "cancel", &id, "--reason", "x"])
        .ok();
    b.pm(&["sync"]).ok();
    let told = a.pm(&["sync"]).ok().out;
    assert!(told.contains("bob closed T-0001"), "{told}");
    assert_eq!(a.data(&["show", &id])["status"], "cancelled");
    assert!(!a.pm(&["reserve", "list"]).ok().out.contains("src/"));
    for clone in [&a, &b] {
        let found = clone.data(&["fsck"]);
        assert_eq!(
            found["findings"].as_array().map_or(0, Vec::len),
            0,
            "{found:#}"
        );
    }
}

#[test]
fn a_holder_who_loses_after_a_rewound_remote_is_told_to_whom() {
    let (_scene, hub, a, b) = two();
    let id = a.task("T", &[]);
    a.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    let before = hub.tip("refs/pm/main");
    a.pm(&["start", &id, "--no-worktree"]).ok();
    hub.git(&["update-ref", "refs/pm/main", &before]).ok();
    b.pm(&["start", &id, "--no-worktree"]).ok();
    a.pm(&["sync"]).ok();
    let told = b.pm(&["sync"]).ok();
    let told = format!("{}{}", told.out, told.err);
    assert!(told.contains("ana in clone"), "{told}");
    assert!(told.contains("claimed it before you"), "{told}");
    a.pm(&["sync"]).ok();
    assert_eq!(a.data(&["show", &id])["owner"], "ana");
    assert_eq!(a.state_tree(), b.state_tree());
    for clone in [&a, &b] {
        clone.pm(&["fsck"]).ok();
    }
}
