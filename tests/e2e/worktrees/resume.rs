//! `start --resume`, here and in other clones.

use super::{config, with_task, work};
use crate::support::Scene;

#[test]
fn a_repeated_start_names_the_worktree_and_only_the_claimant_can_resume() {
    let scene = Scene::new();
    let repo = with_task(&scene);
    repo.pm(&["start", "T-0001"]).ok();
    let again = repo.pm(&["start", "T-0001"]).ok();
    let path = repo.worktree("T-0001").path;
    let said = format!(
        "you already hold T-0001; its worktree is {}",
        path.display()
    );
    assert!(again.err.contains(&said), "{}", again.err);
    assert!(again.out.contains(path.to_str().unwrap()), "{}", again.out);
    let place = work(&repo, "T-0001", "src/x.rs");
    place.write("src/x.rs", "uncommitted\n");
    let resumed = repo.data(&["start", "T-0001", "--resume"]);
    assert_eq!(resumed["worktree"], place.path.to_str().unwrap());
    assert_eq!(place.read("src/x.rs"), "uncommitted\n");
    let other = repo.by("Ben").pm(&["start", "T-0001", "--resume"]).exits(3);
    assert!(other.err.contains("Ana"), "{}", other.err);
}

#[test]
fn resume_restores_a_branch_or_worktree_deleted_by_hand() {
    let scene = Scene::new();
    let repo = with_task(&scene);
    repo.pm(&["start", "T-0001"]).ok();
    let place = work(&repo, "T-0001", "src/x.rs");
    let tip = place.tip("HEAD");
    std::fs::remove_dir_all(&place.path).unwrap();
    repo.pm(&["start", "T-0001", "--resume"]).ok();
    assert_eq!(repo.worktree("T-0001").tip("HEAD"), tip);
    assert_eq!(place.read("src/x.rs"), "work on T-0001\n");
    // As after a crash between the claim and its branch.
    repo.git(&[
        "worktree",
        "remove",
        "--force",
        place.path.to_str().unwrap(),
    ])
    .ok();
    repo.git(&["branch", "-D", "task/T-0001-fix-the-login"])
        .ok();
    let resumed = repo.data(&["start", "T-0001", "--resume"]);
    assert_eq!(resumed["branch"], "task/T-0001-fix-the-login");
    assert_eq!(repo.worktree("T-0001").tip("HEAD"), repo.tip("main"));
    assert_eq!(repo.data(&["show", "T-0001"])["claim"]["actor"], "Ana");
}

// RS-03: a started task has its files reserved; `finish` released them, so resuming it reserves
// them again.
#[test]
fn resume_from_review_continues_and_reserves_again() {
    let scene = Scene::new();
    let repo = with_task(&scene);
    repo.pm(&["start", "T-0001"]).ok();
    work(&repo, "T-0001", "src/x.rs");
    repo.pm(&["finish", "T-0001"]).ok();
    let held = repo.data(&["reserve", "list"]);
    assert_eq!(held["items"], serde_json::json!([]));
    let resumed = repo.data(&["start", "T-0001", "--resume"]);
    assert_eq!(resumed["status"], "in_progress");
    let held = repo.data(&["reserve", "list"]);
    assert_eq!(
        held["items"][0]["task"], "T-0001",
        "the resumed work is not reserved: {held}"
    );
    work(&repo, "T-0001", "src/y.rs");
    repo.pm(&["finish", "T-0001"]).ok();
}

#[test]
fn resume_from_review_is_refused_if_others_reserved_the_files_meanwhile() {
    let scene = Scene::new();
    let repo = with_task(&scene);
    repo.pm(&["start", "T-0001"]).ok();
    work(&repo, "T-0001", "src/x.rs");
    repo.pm(&["finish", "T-0001"]).ok();
    repo.by("Ben").pm(&["reserve", "add", "src/x.rs"]).ok();
    let refused = repo.pm(&["--json", "start", "T-0001", "--resume"]).exits(1);
    assert_eq!(refused.error()["conflicts"][0]["holder"], "Ben");
    assert_eq!(repo.data(&["show", "T-0001"])["status"], "in_review");
}

// Killed during the set-up.
#[test]
fn a_killed_start_can_be_resumed_or_dropped() {
    let scene = Scene::new();
    let repo = with_task(&scene);
    config(&repo, "pm.setup", "kill -9 $(ps -o ppid= -p $PPID)");
    let killed = repo.pm(&["start", "T-0001"]);
    assert_eq!(killed.code, -1, "it survived: {}", killed.err);
    repo.git(&["config", "--unset-all", "pm.setup"]).ok();
    let task = repo.data(&["show", "T-0001"]);
    assert_eq!(task["claim"]["actor"], "Ana");
    repo.by("Ben").pm(&["start", "T-0001"]).exits(3);
    repo.pm(&["doctor"]).ok();
    let resumed = repo.data(&["start", "T-0001", "--resume"]);
    assert_eq!(resumed["status"], "in_progress");
    work(&repo, "T-0001", "src/x.rs");
    repo.pm(&["task", "drop", "T-0001", "--remove-worktree"])
        .ok();
    repo.by("Ben").pm(&["start", "T-0001"]).ok();
    assert_eq!(repo.worktree("T-0001").read("src/x.rs"), "work on T-0001\n");
}

// A takeover continues on the task's branch: earlier work is neither lost nor hidden.
#[test]
fn a_task_started_in_another_clone_continues_on_the_pushed_branch() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let b = scene.clone_of(&hub, "b", "Ben");
    a.task("Fix", &[]);
    a.pm(&["start", "T-0001"]).ok();
    let tip = work(&a, "T-0001", "half.txt").tip("HEAD");
    a.git(&["push", "-q", "origin", "task/T-0001-fix"]).ok();
    a.pm(&["task", "drop", "T-0001"]).ok();
    b.git(&["fetch", "-q"]).ok();
    b.pm(&["start", "T-0001"]).ok();
    assert_eq!(b.worktree("T-0001").tip("HEAD"), tip, "Ana's work is lost");
    let upstream = b.git(&["config", "branch.task/T-0001-fix.merge"]);
    assert_eq!(upstream.out, "", "a push target was set without a request");
}

// As users of beads work: claimed without a branch, and committed on one of their own.
#[test]
fn a_start_of_what_was_only_claimed_makes_the_worktree() {
    let (_scene, repo) = crate::support::set_up();
    let id = repo.pm(&["issue", "q", "Fix price"]).ok().text();
    repo.pm(&["issue", "update", &id, "--claim"]).ok();
    repo.git(&["checkout", "-q", "-b", "topic"]).ok();
    repo.write("price", "2\n");
    repo.commit_all("Fix the price");
    let refused = repo.pm(&["finish", &id]).exits(1);
    let base = format!("git pm start {id} --base topic");
    assert!(refused.err.contains(&base), "{refused:?}");
    repo.pm(&["start", &id, "--base", "topic"]).ok();
    let there = repo.worktree(&id);
    assert_eq!(there.read("price"), "2\n");
    assert_eq!(repo.data(&["start", &id])["again"], true);
    there.pm(&["finish"]).ok();
}

/// What was dropped in the middle of a rebase goes on there; nothing hints at the removal of its worktree.
#[test]
fn work_that_was_dropped_in_a_rebase_is_resumed_there() {
    let scene = Scene::new();
    let repo = with_task(&scene);
    repo.pm(&["start", "T-0001"]).ok();
    let place = work(&repo, "T-0001", "src/auth.rs");
    repo.write("src/auth.rs", "another\n");
    let bypass = repo.with("GIT_PM_BYPASS", "the test");
    bypass.commit_all("Another");
    place.git(&["rebase", "-q", "main"]).exits(1);
    let refused = place.pm(&["finish"]).exits(1).err;
    let status = place.pm(&["status"]).ok().out;
    for said in [refused, status] {
        assert!(said.contains("rebase --continue"), "{said}");
        assert!(!said.contains("git commit"), "{said}");
    }
    let dropped = place.pm(&["task", "drop", "T-0001"]).ok().err;
    let start = "git pm start T-0001";
    assert!(
        dropped.contains(&format!("`{start}` resumes it")),
        "{dropped}"
    );
    assert!(repo.pm(&["status"]).ok().out.contains(start));
    let started = repo.pm(&["start", "T-0001"]).ok();
    let said = format!("{}{}", started.out, started.err);
    assert!(
        said.contains("rebase --continue") && !said.contains("worktree remove"),
        "{said}"
    );
    assert_eq!(repo.worktree("T-0001").path, place.path);
    place.write("src/auth.rs", "both\n");
    place.git(&["add", "-A"]).ok();
    let editor = place.with("GIT_EDITOR", "true");
    editor.git(&["rebase", "--continue"]).ok();
    place.pm(&["finish"]).ok();
}

#[test]
fn work_that_was_dropped_on_a_detached_head_is_resumed_there() {
    let scene = Scene::new();
    let repo = with_task(&scene);
    repo.pm(&["start", "T-0001"]).ok();
    let place = work(&repo, "T-0001", "src/x.rs");
    place.git(&["checkout", "-q", "--detach"]).ok();
    place.write("src/x.rs", "uncommitted\n");
    let dropped = place.pm(&["task", "drop", "T-0001"]).ok().err;
    assert!(!dropped.contains("has moved"), "{dropped}");
    repo.pm(&["start", "T-0001"]).ok();
    assert_eq!(repo.worktree("T-0001").path, place.path);
    assert_eq!(place.read("src/x.rs"), "uncommitted\n");
    place.commit_all("More");
    place.pm(&["finish"]).ok();
    // Commits that the branch lacks are brought back first, so no start is offered before.
    repo.pm(&["start", "T-0001", "--resume"]).ok();
    place.git(&["checkout", "-q", "--detach"]).ok();
    place.write("src/x.rs", "detached\n");
    place.commit_all("Detached");
    let dropped = place.pm(&["task", "drop", "T-0001"]).ok().err;
    assert!(!dropped.contains("; `git pm start"), "{dropped}");
    let offered = repo.pm(&["status"]).ok().out;
    assert!(!offered.contains("git pm start T-0001"), "{offered}");
    repo.pm(&["start", "T-0001"]).exits(1);
}

// A file where the worktree was is no place to work in.
#[test]
fn a_start_does_not_name_a_file_as_the_worktree() {
    let scene = Scene::new();
    let repo = with_task(&scene);
    repo.pm(&["start", "T-0001"]).ok();
    let path = repo.worktree("T-0001").path;
    std::fs::remove_dir_all(&path).unwrap();
    std::fs::write(&path, "precious\n").unwrap();
    assert!(repo.data(&["show", "T-0001"])["worktree"].is_null());
    let again = repo.pm(&["start", "T-0001"]);
    assert!(!again.out.contains("Already started"), "{again:?}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "precious\n");
}

/// As a new branch would, one without commits begins at its target, unless something on it would be lost.
#[test]
fn an_empty_branch_of_an_earlier_start_follows_its_target() {
    for drop in [
        &["drop", "T-0001"][..],
        &["drop", "T-0001", "--remove-worktree"],
    ] {
        let scene = Scene::new();
        let repo = with_task(&scene);
        repo.pm(&["start", "T-0001"]).ok();
        repo.pm(drop).ok();
        let advance = |file: &str| {
            repo.write(file, "1\n");
            repo.commit_all(file);
        };
        advance("one.txt");
        let started = repo.pm(&["start", "T-0001"]).ok();
        let said = "had no commits of its own: it was moved forward to main";
        assert!(started.err.contains(said), "{drop:?}: {started:?}");
        let place = repo.worktree("T-0001");
        assert_eq!(place.tip("HEAD"), repo.tip("main"), "{drop:?}");
        assert_eq!(place.read("one.txt"), "1\n");
        assert_eq!(place.git(&["status", "--porcelain"]).ok().out, "");

        // Neither uncommitted work nor commits are moved.
        let began = place.tip("HEAD");
        repo.pm(&["drop", "T-0001"]).ok();
        advance("two.txt");
        place.write("mine.txt", "mine\n");
        let started = repo.pm(&["start", "T-0001"]).ok();
        assert!(started.err.contains("is behind main"), "{started:?}");
        assert_eq!(
            (place.tip("HEAD"), place.read("mine.txt")),
            (began, "mine\n".into())
        );
        place.commit_all("Mine");
        let mine = place.tip("HEAD");
        repo.pm(&["drop", "T-0001"]).ok();
        let started = repo.pm(&["start", "T-0001"]).ok();
        assert!(!started.err.contains("moved forward"), "{started:?}");
        assert!(!started.err.contains("is behind main"), "{started:?}");
        assert_eq!(place.tip("HEAD"), mine);
    }
}
