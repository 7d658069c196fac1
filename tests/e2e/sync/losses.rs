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
    b.pm(&[
        "issue",
        "update",
        &id,
        "--description",
        "other words",
        "--force",
    ])
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
    b.pm(&["issue", "update", &id, "--title", "Of Bob", "--force"])
        .ok();
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
        "--force",
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
        "--force",
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

#[test]
fn notes_that_two_clones_append_at_once_are_both_there() {
    let (_scene, _hub, a, b) = two();
    let id = issue(&a, "I", &["--notes", "begun"]);
    a.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    a.pm(&["issue", "update", &id, "--append-notes", "root cause X"])
        .ok();
    b.pm(&["issue", "update", &id, "--append-notes", "found Y"])
        .ok();
    a.pm(&["sync"]).ok();
    let told = b.pm(&["sync"]).ok().out;
    assert!(told.contains("concurrent versions"), "{told}");
    // More is added meanwhile, which decides nothing about the other text.
    b.pm(&["issue", "update", &id, "--append-notes", "and Z"])
        .ok();
    let listed = b.data(&["conflicts"])["items"].clone();
    assert_eq!(listed[0]["field"], "notes", "{listed:#}");
    let texts = listed[0]["versions"].to_string();
    for part in ["root cause X", "found Y", "and Z"] {
        assert!(texts.contains(part), "{part}: {texts}");
    }
    b.pm(&["conflicts", &id, "--merged"]).ok();
    let notes = b.data(&["show", &id])["notes"].clone();
    for part in ["begun", "root cause X", "found Y", "and Z"] {
        assert!(notes.as_str().unwrap().contains(part), "{part}: {notes}");
    }
    assert!(
        b.data(&["conflicts"])["items"]
            .as_array()
            .unwrap()
            .is_empty()
    );
    b.pm(&["sync"]).ok();
    a.pm(&["sync"]).ok();
    assert_eq!(a.state_tree(), b.state_tree());
    assert!(
        a.data(&["conflicts"])["items"]
            .as_array()
            .unwrap()
            .is_empty()
    );
    a.pm(&["fsck"]).ok();
}

#[test]
fn a_design_written_in_two_clones_at_once_is_kept_twice_and_one_after_the_other_once() {
    let (_scene, _hub, a, b) = two();
    let id = issue(&a, "I", &[]);
    a.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    for (clone, text) in [(&a, "of Ana"), (&b, "of Bob")] {
        clone.pm(&["issue", "update", &id, "--design", text]).ok();
        clone
            .pm(&["issue", "update", &id, "--acceptance", text])
            .ok();
    }
    a.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    let fields: Vec<String> = b.data(&["conflicts"])["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c["field"].as_str().unwrap().to_string())
        .collect();
    assert_eq!(fields, ["design", "acceptance_criteria"]);
    assert_eq!(b.data(&["show", &id])["design"], "of Bob");
    // One after the other, each seen by the next author.
    b.pm(&["conflicts", &id, "--keep", "2"]).ok();
    assert_eq!(b.data(&["show", &id])["design"], "of Ana");
    b.pm(&["issue", "update", &id, "--acceptance", "of both"])
        .ok();
    b.pm(&["sync"]).ok();
    a.pm(&["sync"]).ok();
    a.pm(&["issue", "update", &id, "--design", "later"]).ok();
    a.pm(&["undo"]).ok();
    assert_eq!(a.data(&["show", &id])["design"], "of Ana");
    assert!(
        a.data(&["conflicts"])["items"]
            .as_array()
            .unwrap()
            .is_empty()
    );
    let told = a.pm(&["diff", "refs/pm/main~2..refs/pm/main"]).ok().out;
    assert!(!told.contains("texts"), "{told}");
}

#[test]
fn who_takes_an_expired_claim_over_is_told_whose_work_it_was() {
    let (_scene, _hub, a, b) = two();
    let id = a.task("T", &[]);
    a.when("2026-01-01T08:00:00Z")
        .pm(&["--offline", "start", &id, "--no-worktree"])
        .ok();
    a.when("2026-01-01T08:01:00Z").pm(&["sync"]).ok();
    let b = b.when("2026-01-03T08:00:00Z");
    b.pm(&["sync"]).ok();
    let told = b.pm(&["start", &id, "--no-worktree"]).ok();
    assert!(told.out.contains("was taken over from ana"), "{told:?}");
}

#[test]
fn a_claim_by_a_clock_of_years_ago_is_said_to_hold_for_nobody() {
    let (_scene, _hub, a, b) = two();
    let id = a.task("T", &[]);
    a.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    let told = b
        .when("2019-01-01T08:00:00Z")
        .pm(&["start", &id, "--no-worktree"])
        .ok();
    assert!(told.out.contains("set the clock"), "{told:?}");
}

#[test]
fn a_mirror_clone_says_first_that_a_fetch_takes_its_writes_away() {
    let (scene, hub, _a, _b) = two();
    scene
        .at(".")
        .git(&[
            "clone",
            "-q",
            "--mirror",
            hub.path.to_str().unwrap(),
            "m.git",
        ])
        .ok();
    let mirror = scene.at("m.git");
    mirror.pm(&["init"]).ok();
    let told = mirror.pm(&["task", "create", "One"]).ok();
    assert!(told.err.contains("is a mirror"), "{told:?}");
    let told = mirror.pm(&["sync"]).ok();
    assert!(told.err.contains("is a mirror"), "{told:?}");
    assert_eq!(hub.tip("refs/pm/main"), mirror.tip("refs/pm/main"));
}

#[test]
fn what_is_asked_to_be_quiet_is() {
    let scene = Scene::new();
    let repo = scene.repo("a");
    let init = repo.pm(&["init", "-q"]).ok();
    assert_eq!((init.out.as_str(), init.err.as_str()), ("", ""));
    let id = repo.task("T", &[]);
    let start = repo.pm(&["start", &id, "-q"]).ok();
    assert_eq!(start.out.lines().count(), 1, "{}", start.out);
}

#[test]
fn an_exchange_never_hints_at_what_it_refuses() {
    let (_scene, _hub, a, _b) = two();
    a.git(&["remote", "set-url", "origin", "../nowhere.git"])
        .ok();
    let told = a.pm(&["sync"]).exits(6).err;
    assert!(!told.contains("--offline"), "{told}");
}

#[test]
fn an_edit_of_the_text_that_is_shown_leaves_the_one_beside_it() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let id = a.task("Both", &[]);
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    b.pm(&["sync"]).ok();
    a.pm(&["task", "edit", &id, "--body", "Ana's long analysis"])
        .ok();
    b.pm(&["task", "edit", &id, "--body", "Ben's"]).ok();
    a.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    // Ben sees one of the two, and edits it.
    assert_eq!(b.data(&["show", &id])["conflicted"], true);
    b.pm(&["task", "edit", &id, "--body", "Ben's, revised"])
        .ok();
    let kept = b.data(&["conflicts", &id]).to_string();
    assert!(kept.contains("Ana's long analysis"), "{kept}");
    assert_eq!(b.data(&["show", &id])["body"], "Ben's, revised");
    b.pm(&["conflicts", &id, "--text", "Both"]).ok();
    assert_eq!(b.data(&["show", &id])["conflicted"], false);
}

#[test]
fn no_merge_is_offered_that_brings_back_what_one_side_took_out_of_the_notes() {
    let (_scene, _hub, a, b) = two();
    let id = issue(&a, "I", &["--notes", "x\nold\ny"]);
    let write = |place: &Repo, option: &str, text: &str| {
        let args = ["--offline", "issue", "update", &id, option, text];
        place.pm(&args).ok();
    };
    let offered = |place: &Repo| place.data(&["conflicts"])["items"][0]["merged"].clone();
    for (cut, first) in [("x", true), ("x", false), ("x\nold", false)] {
        let (one, other) = if first { (&a, &b) } else { (&b, &a) };
        for place in [&a, &b, &a] {
            place.pm(&["sync"]).ok();
        }
        write(one, "--notes", cut);
        write(other, "--append-notes", "z");
        for place in [&a, &b, &a] {
            place.pm(&["sync"]).ok();
        }
        for place in [&a, &b] {
            assert!(offered(place).is_null(), "{cut}: {}", offered(place));
        }
        a.pm(&["conflicts", &id, "--text", "x\nold\ny"]).ok();
    }
}
