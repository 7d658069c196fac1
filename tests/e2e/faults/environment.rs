//! Faulty environments: clocks that disagree, folders that cannot be written, deleted refs, clones
//! that push with `--mirror`, and unusual repositories.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use crate::support::{Repo, Scene, as_nobody, chmod};

/// The titles of all items.
fn titles(repo: &Repo) -> BTreeSet<String> {
    let listed = repo.data(&["task", "list", "--all", "--limit", "1000"]);
    let items = listed["items"].as_array().unwrap();
    items
        .iter()
        .map(|item| item["title"].as_str().unwrap().to_string())
        .collect()
}

/// Syncs all clones until nothing changes, and requires that all have the same state.
#[track_caller]
fn settle(clones: &[&Repo]) {
    for repo in clones.iter().chain(clones) {
        repo.pm(&["sync"]).ok();
    }
    for repo in clones {
        assert_eq!(
            repo.state_tree(),
            clones[0].state_tree(),
            "the clones differ"
        );
    }
}

/// An edit made with knowledge of a text replaces it, whatever the clocks say.
#[test]
fn clocks_a_day_apart_do_not_override_later_edits() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let b = scene.clone_of(&hub, "b", "Ben");
    let fast = a.when("2026-06-02T12:00:00Z");
    let slow = b.when("2026-06-01T12:00:00Z");
    let id = fast.task("Begun tomorrow", &["--body", "first"]);
    fast.pm(&["sync"]).ok();
    for round in 0..3 {
        for (who, repo) in [("slow", &slow), ("fast", &fast)] {
            repo.pm(&["sync"]).ok();
            let text = format!("{who} {round}");
            repo.pm(&["task", "edit", &id, "--title", &text, "--body", &text])
                .ok();
            repo.pm(&["task", "comment", &id, &text]).ok();
            repo.pm(&["sync"]).ok();
            let item = repo.data(&["show", &id]);
            assert_eq!(item["title"], text.as_str(), "an edit was overridden");
            assert_eq!(item["body"], text.as_str(), "an edit was overridden");
        }
    }
    settle(&[&fast, &slow]);
    let item = slow.data(&["show", &id]);
    assert_eq!(item["comments"].as_array().unwrap().len(), 6);
    assert_eq!(item["conflicted"], false);
}

/// Both claims were made before either clone knew of the other.
#[test]
fn clocks_a_day_apart_do_not_leave_two_holders() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let b = scene.clone_of(&hub, "b", "Ben");
    let fast = a.when("2026-06-02T12:00:00Z");
    let slow = b.when("2026-06-01T12:00:00Z");
    let id = fast.task("Wanted", &[]);
    fast.pm(&["sync"]).ok();
    slow.pm(&["sync"]).ok();
    for repo in [&slow, &fast] {
        repo.pm(&["--offline", "start", &id, "--no-worktree"]).ok();
    }
    fast.pm(&["sync"]).ok();
    settle(&[&slow, &fast]);
    for repo in [&slow, &fast] {
        let item = repo.data(&["show", &id]);
        assert_eq!(item["owner"], "Ana", "the first to push does not hold it");
        assert_eq!(item["claim"]["confirmed"], true);
    }
}

#[test]
fn a_clock_set_back_between_start_and_merge_does_not_prevent_the_merge() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let b = scene.clone_of(&hub, "b", "Ben");
    let later = a.when("2025-06-02T12:00:00Z");
    let id = later.task("Across the jump", &["--path", "src/auth.rs"]);
    later.pm(&["start", &id]).ok();
    let now = a.when("2025-06-01T09:00:00Z");
    let work = now.worktree(&id);
    work.write("src/auth.rs", "pub fn login() -> bool { true }\n");
    work.commit_all("Let them in");
    now.pm(&["finish", &id]).ok();
    now.pm(&["task", "approve", &id]).ok();
    now.pm(&["merge", &id]).ok();
    settle(&[&now, &b]);
    assert_eq!(b.data(&["show", &id])["status"], "done");
}

/// Each folder that a write needs is made read-only; the error names it, and nothing is changed.
#[test]
fn a_read_only_folder_is_reported_and_nothing_is_lost() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    repo.task("Kept", &[]);
    let before = repo.tip("refs/pm/main");
    for folder in [
        ".git/objects",
        ".git/refs/pm",
        ".git/logs/refs/pm",
        ".git/pm",
    ] {
        chmod(&repo, "a+rwX");
        repo.run("chmod", &["-R", "a-w", folder]).ok();
        let ran = as_nobody(&repo, &["--json", "task", "create", "Refused"]).exits(5);
        let error = ran.error();
        let message = error["message"].as_str().unwrap();
        assert!(message.contains("ermission denied"), "{folder}: {message}");
        assert!(
            !error["hints"].as_array().unwrap().is_empty(),
            "{folder}: {error}"
        );
        let listed = as_nobody(&repo, &["--json", "task", "list"]).ok().data();
        assert_eq!(listed["items"][0]["title"], "Kept", "{folder}: {listed}");
        assert_eq!(repo.tip("refs/pm/main"), before, "{folder}");
    }
    chmod(&repo, "a+rwX");
    as_nobody(&repo, &["task", "create", "Written"]).ok();
    assert_eq!(titles(&repo), ["Kept", "Written"].map(String::from).into());
    repo.git(&["fsck", "--strict"]).ok();
    repo.pm(&["doctor"]).ok();
}

/// Only a debug build can be stopped during a write.
#[cfg(debug_assertions)]
#[test]
fn a_ref_deleted_during_a_write_is_reported_and_not_recreated() {
    let scene = Scene::new();
    let (_hub, a) = scene.with_hub();
    a.task("Synced", &[]);
    a.pm(&["sync"]).ok();
    let log = scene.dir.path().join("points");
    let mut child = a
        .with("GIT_PM_FAULT", "write-flushed:1:sleep:1500")
        .with("GIT_PM_FAULT_LOG", log.to_str().unwrap())
        .spawn(&["--json", "task", "create", "In between"]);
    let end = Instant::now() + Duration::from_secs(20);
    let reached = || std::fs::read_to_string(&log).is_ok_and(|text| text.contains("write-flushed"));
    while !reached() && Instant::now() < end {
        std::thread::sleep(Duration::from_millis(5));
    }
    a.git(&["update-ref", "-d", "refs/pm/main"]).ok();
    assert_eq!(child.wait().unwrap().code(), Some(5));
    assert_eq!(
        a.tip("refs/pm/main"),
        "",
        "an incomplete history was created"
    );
    a.pm(&["init", "--offline"]).ok();
    assert_eq!(titles(&a), ["Synced"].map(String::from).into());
    a.task("In between", &[]);
    a.pm(&["sync"]).ok();
    a.pm(&["doctor"]).ok();
}

/// It deletes all refs at the remote that the pushing clone does not have.
#[test]
fn a_push_mirror_from_a_clone_without_the_state_loses_nothing() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let b = scene.clone_of(&hub, "b", "Ben");
    let id = a.task("Claimed", &[]);
    a.pm(&["start", &id, "--no-worktree"]).ok();
    b.pm(&["sync"]).ok();
    b.task("Not synced yet", &[]);
    let url = hub.path.to_str().unwrap();
    scene.at(".").git(&["clone", "-q", url, "careless"]).ok();
    scene
        .at("careless")
        .git(&["push", "-q", "--mirror", "origin"])
        .ok();
    assert_eq!(hub.tip("refs/pm/main"), "", "the mirror deleted nothing");
    let told = b.pm(&["sync"]).ok();
    assert!(
        told.err.contains("lost the state"),
        "{}{}",
        told.out,
        told.err
    );
    settle(&[&a, &b]);
    let all = ["Claimed", "Not synced yet"].map(String::from).into();
    assert_eq!(titles(&a), all);
    let item = b.data(&["show", &id]);
    assert_eq!(item["owner"], "Ana");
    assert_eq!(item["claim"]["confirmed"], true);
}

/// It force-pushes an older state and this clone's private refs to the remote.
#[test]
fn a_push_mirror_from_a_clone_that_is_behind_loses_nothing() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let b = scene.clone_of(&hub, "b", "Ben");
    a.task("Known to both", &[]);
    a.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    a.task("Newer", &[]);
    a.pm(&["sync"]).ok();
    b.task("Of the careless one", &[]);
    b.git(&["push", "-q", "--mirror", "origin"]).ok();
    settle(&[&a, &b]);
    let all = ["Known to both", "Newer", "Of the careless one"];
    assert_eq!(titles(&a), all.map(String::from).into());
    let c = scene.clone_of(&hub, "c", "Cleo");
    assert_eq!(titles(&c), all.map(String::from).into());
    c.pm(&["doctor"]).ok();
}

#[test]
fn a_sha256_repository_on_a_path_with_spaces_and_a_line_end_works() {
    let scene = Scene::new();
    let hub = scene.at("the hub.git");
    std::fs::create_dir_all(&hub.path).unwrap();
    hub.git(&["init", "-q", "--bare", "--object-format=sha256"])
        .ok();
    let clone = |name: &str, who: &str| {
        let repo = scene.at(name);
        std::fs::create_dir_all(&repo.path).unwrap();
        repo.git(&["init", "-q", "--object-format=sha256"]).ok();
        repo.git(&["config", "user.name", who]).ok();
        repo.git(&["remote", "add", "origin", hub.path.to_str().unwrap()])
            .ok();
        repo
    };
    let a = clone("odd place\nof Ana", "Ana");
    a.write("src/auth.rs", "pub fn login() {}\n");
    a.commit_all("Begin");
    a.git(&["push", "-q", "-u", "origin", "main"]).ok();
    a.pm(&["init"]).ok();
    let id = a.task("Odd", &["--path", "src/auth.rs"]);
    a.pm(&["start", &id, "--no-worktree"]).ok();
    let b = clone("odd place\nof Ben", "Ben");
    b.git(&["fetch", "-q"]).ok();
    b.git(&["checkout", "-q", "main"]).ok();
    b.pm(&["init"]).ok();
    assert_eq!(b.data(&["show", &id])["owner"], "Ana");
    // The guard works there, too.
    b.write("src/auth.rs", "pub fn login() -> bool { false }\n");
    b.git(&["add", "-A"]).ok();
    let stopped = b.git(&["commit", "-q", "-m", "Into reserved work"]);
    assert_ne!(stopped.code, 0, "a reserved file was committed");
    assert!(stopped.err.contains("Ana"), "{}", stopped.err);
    b.task("Odd too", &[]);
    settle(&[&a, &b]);
    for repo in [&a, &b] {
        assert_eq!(titles(repo), ["Odd", "Odd too"].map(String::from).into());
        repo.git(&["fsck", "--strict"]).ok();
        repo.pm(&["doctor"]).ok();
    }
}

/// Files left by a fetch that was killed a day ago must neither be waited for nor stop git.
#[test]
fn files_left_by_a_killed_fetch_stop_neither_sync_nor_gc() {
    let scene = Scene::new();
    let (_hub, a) = scene.with_hub();
    a.task("Synced", &[]);
    a.pm(&["sync"]).ok();
    let left = "refs/pm-local/fetch/1000-abc/main";
    let tip = a.tip("refs/pm/main");
    a.git(&["update-ref", left, &tip]).ok();
    a.write(&format!(".git/{left}.lock"), "");
    let began = Instant::now();
    a.pm(&["sync"]).ok();
    let waited = began.elapsed();
    assert!(
        waited < Duration::from_secs(4),
        "the sync waited {waited:?}"
    );
    assert_eq!(a.tip(left), "", "it is never removed");
    a.git(&["pack-refs", "--all", "--prune"]).ok();
    a.git(&["gc", "-q"]).ok();
}
