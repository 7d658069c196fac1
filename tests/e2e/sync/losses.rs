//! Losses that must be reported to the author: a text edited concurrently by others, a push that
//! the server refused, a claim that had been confirmed.

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
fn concurrent_descriptions_of_a_claimed_issue_are_both_kept() {
    let (_scene, _hub, a, b) = two();
    let id = issue(&a, "I", &["-d", "begun"]);
    a.pm(&["issue", "claim", &id]).ok();
    b.pm(&["sync"]).ok();
    a.pm(&["issue", "update", &id, "--description", "the long analysis"])
        .ok();
    a.pm(&["sync"]).ok();
    // The other clone holds it, so the edit goes through the remote: what is fetched is joined, not
    // replaced.
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
fn a_concurrently_overridden_field_of_a_claimed_issue_is_listed() {
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
    // An edit that names a version was made for that version, and is refused because it changed.
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
fn an_edit_that_also_closes_an_item_ends_the_claim_of_the_other_clone() {
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
fn a_push_that_the_server_refused_is_sent_once_the_server_accepts_it() {
    let (_scene, hub, a, _b) = two();
    a.task("two", &[]);
    hub.hook("pre-receive", "echo 'maintenance, try again' >&2; exit 1");
    let refused = a.pm(&["sync"]).exits(6);
    let said = format!("{}{}", refused.out, refused.err);
    assert!(said.contains("maintenance, try again"), "{said}");
    assert!(said.contains("1 not pushed"), "{said}");
    let report = a.pm(&["--json", "sync"]).exits(6).data();
    assert_eq!(report["remotes"][0]["unsent"], 1, "{report}");
    a.pm(&["start", "T-0001", "--no-worktree"]).exits(6);
    hub.remove_hook("pre-receive");
    // The refusal was not remembered: sync and start try again by themselves.
    a.pm(&["start", "T-0001", "--no-worktree"]).ok();
    assert_eq!(hub.tip("refs/pm/main"), a.tip("refs/pm/main"));
}

#[test]
fn a_task_cancelled_during_its_start_releases_its_paths_and_notifies_the_claimant() {
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
fn a_holder_who_loses_a_claim_after_a_rewind_of_the_remote_is_told_the_winner() {
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
fn notes_appended_in_two_clones_concurrently_are_both_kept() {
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
    assert!(told.contains("conflicting versions"), "{told}");
    // An append does not resolve the conflict with the other text.
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
fn concurrent_designs_are_both_kept_and_sequential_ones_replace_each_other() {
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
    // Sequential edits, each seen by the next author.
    let unnamed = b.pm(&["conflicts", &id, "--text", "mine"]).exits(2).err;
    assert!(unnamed.contains("design, acceptance_criteria"), "{unnamed}");
    b.pm(&["conflicts", &id, "--field", "design", "--keep", "2"])
        .ok();
    assert_eq!(b.data(&["show", &id])["design"], "of Ana");
    b.pm(&["issue", "update", &id, "--acceptance", "of both"])
        .ok();
    b.pm(&["conflicts", &id, "--keep", "1"]).ok();
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
fn a_takeover_of_an_expired_claim_names_the_former_holder() {
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
fn a_claim_by_a_clock_years_behind_is_reported_as_already_expired() {
    let (_scene, _hub, a, b) = two();
    let id = a.task("T", &[]);
    a.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    let told = b
        .when("2019-01-01T08:00:00Z")
        .pm(&["start", &id, "--no-worktree"])
        .ok();
    assert!(told.out.contains("correct the clock"), "{told:?}");
}

#[test]
fn a_mirror_clone_warns_that_a_fetch_discards_its_writes() {
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
fn the_quiet_option_suppresses_output() {
    let scene = Scene::new();
    let repo = scene.repo("a");
    let init = repo.pm(&["init", "-q"]).ok();
    assert_eq!((init.out.as_str(), init.err.as_str()), ("", ""));
    let id = repo.task("T", &[]);
    let start = repo.pm(&["start", &id, "-q"]).ok();
    assert_eq!(start.out.lines().count(), 1, "{}", start.out);
}

#[test]
fn a_failed_sync_does_not_suggest_the_offline_option() {
    let (_scene, _hub, a, _b) = two();
    a.git(&["remote", "set-url", "origin", "../nowhere.git"])
        .ok();
    let told = a.pm(&["sync"]).exits(6).err;
    assert!(!told.contains("--offline"), "{told}");
}

#[test]
fn an_edit_of_the_shown_text_keeps_the_conflicting_one() {
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
    // Ben is shown one of the two texts, and edits it.
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
fn no_suggested_merge_restores_notes_that_one_side_removed() {
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

#[test]
fn two_clones_that_close_a_circle_are_told() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.task("One", &[]);
    a.task("Two", &[]);
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    a.pm(&["--offline", "dep", "add", "T-1", "T-2"]).ok();
    b.pm(&["--offline", "dep", "add", "T-2", "T-1"]).ok();
    a.pm(&["sync"]).ok();
    let told = b.pm(&["sync"]).ok();
    let words = "T-0001, T-0002 wait for each other; `git pm dep rm T-0001 T-0002`";
    assert!(told.err.contains(words), "{told:?}");
    b.pm(&["dep", "rm", "T-1", "T-2"]).ok();
    b.pm(&["sync"]).ok();
    let quiet = a.pm(&["sync"]).ok();
    assert!(!quiet.err.contains("each other"), "{quiet:?}");
}

#[test]
fn work_begun_under_a_lost_claim_is_named_and_continued() {
    let (_scene, _hub, a, b) = two();
    let id = issue(&a, "Shared work", &[]);
    a.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    a.pm(&["--offline", "issue", "close", &id]).ok();
    let started = b.pm(&["--offline", "start", &id, "--json"]).ok().data();
    let branch = started["branch"].as_str().unwrap();
    let place = b.other(started["worktree"].as_str().unwrap());
    place.write("work.txt", "work\n");
    place.commit_all("work");
    a.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    let reopen = format!("git pm issue reopen {id}");
    let (status, doctor) = (b.pm(&["status"]).ok(), b.pm(&["doctor"]).ok());
    let listed = b.pm(&["worktree", "list"]).ok();
    let finished = place.pm(&["finish"]).exits(2);
    for ran in [&status, &doctor, &listed, &finished] {
        assert!(
            format!("{}{}", ran.out, ran.err).contains(&reopen),
            "{ran:?}"
        );
    }
    b.pm(&["issue", "reopen", &id]).ok();
    let again = b.data(&["start", &id]);
    assert_eq!(again["branch"], branch, "{again}");
    place.pm(&["finish"]).ok();
}
