//! What becomes of a branch after its merge: it is deleted here and at the remote, and never if anything
//! would be lost.

use super::{approved, worked};
use crate::support::{Repo, Scene};

const BRANCH: &str = "task/T-0001-fix";

fn has(repo: &Repo, name: &str) -> bool {
    repo.git(&["show-ref", "--verify", "--quiet", name]).code == 0
}

fn has_branch(repo: &Repo) -> bool {
    has(repo, &format!("refs/heads/{BRANCH}"))
}

/// A hub that has the branch of approved work of `a`.
fn with_pushed_work(scene: &Scene) -> (Repo, Repo) {
    let (hub, a) = scene.with_hub();
    approved(&a, "Fix", "fix.txt", "1\n");
    assert!(
        has_branch(&a) && has_branch(&hub),
        "the branch is not at the remote"
    );
    (hub, a)
}

// WT-09: commits that are nowhere else are kept by a ref.
#[test]
fn wt_09_a_merged_branch_is_deleted_and_its_commits_are_kept() {
    let scene = Scene::new();
    let a = scene.set_up("a");
    let (id, place) = worked(&a, "Fix", "fix.txt", "1\n");
    let tip = place.tip("HEAD");
    let done = a.data(&["finish", &id, "--merge"]);
    assert_eq!(done["merged"]["branch_deleted"], true);
    assert!(done["merged"]["remote_branch_deleted"].is_null());
    assert!(!has_branch(&a));
    let backup = done["merged"]["backup"].as_str().unwrap();
    assert_eq!(a.tip(backup), tip);
    // The setting of git for the branch goes too.
    let left = a.git(&["config", "--get-regexp", "^branch.task/"]);
    assert_eq!(left.out, "");
    // The task can be taken up again.
    a.pm(&["task", "reopen", &id]).ok();
    a.pm(&["start", &id]).ok();
    assert!(has_branch(&a));
}

#[test]
fn a_branch_is_kept_by_the_flag_the_setting_and_every_later_command() {
    let scene = Scene::new();
    let (hub, a) = with_pushed_work(&scene);
    a.git(&["config", "pm.pushTarget", "always"]).ok();
    let merged = a.data(&["merge", "T-0001", "--keep-branch"]);
    assert_eq!(merged["merged"]["branch_deleted"], false);
    for command in [&["sync"][..], &["worktree", "gc"], &["gc"]] {
        a.pm(command).ok();
        assert!(has_branch(&a) && has_branch(&hub), "{command:?} deleted it");
    }
    a.git(&["config", "pm.keepBranch", "true"]).ok();
    let (id, _) = worked(&a, "Other", "other.txt", "1\n");
    a.pm(&["finish", &id, "--merge"]).ok();
    a.pm(&["sync"]).ok();
    assert!(has(&a, "refs/heads/task/T-0002-other"));
    a.pm(&["finish", &id, "--keep-branch"]).exits(2);
}

#[test]
fn a_branch_at_the_remote_goes_with_a_merge_that_pushes_the_target() {
    let scene = Scene::new();
    let (hub, a) = with_pushed_work(&scene);
    a.git(&["config", "pm.pushTarget", "always"]).ok();
    let ran = a.pm(&["merge", "T-0001"]).ok();
    assert!(
        ran.out.contains("deleted, here and at origin"),
        "{}",
        ran.out
    );
    assert!(!has_branch(&a) && !has_branch(&hub));
    assert!(!has(&a, &format!("refs/remotes/origin/{BRANCH}")));
}

#[test]
fn a_branch_at_the_remote_waits_until_the_target_there_has_the_merge() {
    let scene = Scene::new();
    let (hub, a) = with_pushed_work(&scene);
    let merged = a.data(&["merge", "T-0001"]);
    assert_eq!(merged["merged"]["branch_deleted"], true);
    a.pm(&["sync"]).ok();
    assert!(has_branch(&hub), "the remote has the work nowhere else");
    a.git(&["push", "-q", "origin", "main"]).ok();
    // Offline nothing fails, and nothing goes.
    a.pm(&["--offline", "worktree", "gc"]).ok();
    assert!(has_branch(&hub));
    let dry = a.data(&["gc", "--dry-run"]);
    assert_eq!(dry["branches"][0], format!("{BRANCH} (at origin)"));
    assert!(has_branch(&hub));
    let ran = a.pm(&["sync"]).ok();
    assert!(
        ran.err.contains(&format!(
            "branches of merged work were deleted: {BRANCH} (at origin)"
        )),
        "{}",
        ran.err
    );
    assert!(!has_branch(&hub));
    assert!(!a.pm(&["sync"]).ok().err.contains(BRANCH), "said twice");
}

#[test]
fn a_branch_that_moved_on_stays() {
    let scene = Scene::new();
    let (hub, a) = with_pushed_work(&scene);
    let b = scene.clone_of(&hub, "b", "Ben");
    b.git(&["switch", "-q", BRANCH]).ok();
    b.write("more.txt", "more\n");
    b.commit_all("More");
    b.git(&["push", "-q", "origin", BRANCH]).ok();
    let more = b.tip("HEAD");
    a.git(&["config", "pm.pushTarget", "always"]).ok();
    // This clone does not know yet.
    let ran = a.pm(&["merge", "T-0001"]).ok();
    assert!(
        ran.err.contains("commits that were not submitted"),
        "{}",
        ran.err
    );
    assert_eq!(hub.tip(BRANCH), more, "work at the remote is lost");
    a.pm(&["sync"]).ok();
    assert_eq!(hub.tip(BRANCH), more);
    // In the other clone it is checked out, and has those commits.
    b.pm(&["sync"]).ok();
    b.pm(&["gc"]).ok();
    assert_eq!(b.tip(BRANCH), more);
    b.git(&["switch", "-q", "main"]).ok();
    b.pm(&["gc"]).ok();
    assert_eq!(
        b.tip(BRANCH),
        more,
        "commits that are in no target are lost"
    );
}

#[test]
fn a_branch_that_is_checked_out_stays_until_it_is_left() {
    let scene = Scene::new();
    let a = scene.set_up("a");
    let id = a.task("Fix", &[]);
    a.pm(&["start", &id, "--no-worktree"]).ok();
    a.write("fix.txt", "1\n");
    a.commit_all("Fix");
    // A folder other than that of the command is not switched.
    a.git(&["worktree", "add", "-q", "--detach", "../other"])
        .ok();
    let other = a.other(scene.dir.path().join("other"));
    other.pm(&["finish", &id, "--merge"]).ok();
    assert!(has_branch(&a));
    a.pm(&["worktree", "gc"]).ok();
    assert!(has_branch(&a));
    a.git(&["switch", "-q", "main"]).ok();
    a.pm(&["--json", "worktree", "gc", "--dry-run"]).ok();
    assert!(has_branch(&a));
    let ran = a.pm(&["worktree", "gc"]).ok();
    assert!(ran.err.contains(BRANCH), "{}", ran.err);
    assert!(!has_branch(&a));
}

#[test]
fn of_two_clones_that_know_of_a_merge_one_deletes_and_none_fails() {
    let scene = Scene::new();
    let (hub, a) = with_pushed_work(&scene);
    let b = scene.clone_of(&hub, "b", "Ben");
    b.pm(&["sync"]).ok();
    b.pm(&["merge", "T-0001"]).ok();
    b.git(&["push", "-q", "origin", "main"]).ok();
    let first = crate::support::wait_all(vec![b.spawn(&["sync"]), b.spawn(&["gc"])]);
    first.into_iter().for_each(|ran| drop(ran.ok()));
    b.pm(&["sync"]).ok();
    assert!(!has_branch(&hub));
    // The author's clone still has branch and worktree; both go when they are not needed.
    assert!(has_branch(&a));
    a.pm(&["sync"]).ok();
    assert!(has_branch(&a), "deleted below its worktree");
    a.pm(&["worktree", "gc"]).ok();
    assert!(!has_branch(&a));
    let kept = a.git(&["for-each-ref", "refs/pm-local/backup"]).text();
    assert!(
        kept.contains(BRANCH),
        "the squashed commits are lost: {kept}"
    );
}

#[test]
fn a_remote_that_refuses_the_deletion_does_not_fail_the_merge() {
    let scene = Scene::new();
    let (hub, a) = with_pushed_work(&scene);
    hub.git(&["config", "receive.denyDeletes", "true"]).ok();
    a.git(&["config", "pm.pushTarget", "always"]).ok();
    let ran = a.pm(&["merge", "T-0001"]).ok();
    assert!(ran.err.contains("was not deleted at origin"), "{}", ran.err);
    assert!(has_branch(&hub) && !has_branch(&a));
    assert_eq!(hub.tip("main"), a.tip("main"));
}

/// The age of a backup is that of the merge, whatever the age of the work.
#[test]
fn backups_expire_after_the_merge_and_not_after_the_work() {
    let scene = Scene::new();
    let a = scene.set_up("a");
    let old = a.with("GIT_AUTHOR_DATE", "2001-01-01T00:00:00Z");
    let id = a.task("Fix", &[]);
    a.pm(&["start", &id]).ok();
    let place = old.worktree(&id);
    place.write("fix.txt", "1\n");
    place.commit_all("Fix");
    let done = a.data(&["finish", &id, "--merge"]);
    let backup = done["merged"]["backup"].as_str().unwrap().to_string();
    assert_eq!(a.data(&["gc"])["refs"].as_array().unwrap().len(), 0);
    assert!(has(&a, &backup));
    a.git(&["config", "pm.gc.backups", "0"]).ok();
    let later = a.when("2099-01-01T00:00:00Z");
    assert_eq!(later.data(&["gc", "--dry-run"])["refs"][0], backup);
    assert_eq!(later.data(&["gc"])["refs"][0], backup);
    assert!(!has(&a, &backup));
}

// The folder in which the command runs is gone before the branch is deleted.
#[test]
fn a_merge_from_within_the_worktree_deletes_the_branch() {
    let scene = Scene::new();
    let (_hub, a) = scene.with_hub();
    let (id, place) = worked(&a, "Fix", "fix.txt", "1\n");
    let ran = place.pm(&["finish", &id, "--merge"]).ok();
    assert!(!ran.err.contains("was not deleted"), "{}", ran.err);
    assert!(!place.path.exists() && !has_branch(&a));
    let (id, place) = approved(&a, "Other", "other.txt", "1\n");
    let ran = place.pm(&["merge", &id]).ok();
    assert!(!ran.err.contains("was not deleted"), "{}", ran.err);
    assert!(!has(&a, "refs/heads/task/T-0002-other"));
}

#[test]
fn a_branch_that_a_failed_merge_left_goes_when_its_author_has_merged_it() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.git(&["config", "pm.pushTarget", "always"]).ok();
    let (id, place) = worked(&a, "Fix", "fix.txt", "1\n");
    a.pm(&["finish", &id]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    b.write("fix.txt", "2\n");
    b.commit_all("Meanwhile");
    b.git(&["push", "-q", "origin", "main"]).ok();
    b.pm(&["sync"]).ok();
    b.pm(&["task", "approve", &id]).ok();
    b.pm(&["merge", &id]).exits(3);
    assert!(has_branch(&b));
    a.git(&["pull", "-q"]).ok();
    a.pm(&["sync"]).ok();
    a.pm(&["start", &id]).ok();
    place.git(&["merge", "-q", "-X", "ours", "main"]).ok();
    place.pm(&["finish", &id]).ok();
    a.pm(&["task", "approve", &id]).ok();
    a.pm(&["merge", &id]).ok();
    b.git(&["pull", "-q"]).ok();
    b.pm(&["sync"]).ok();
    assert_eq!(b.data(&["show", &id])["status"], "done");
    assert!(!has_branch(&b), "the branch of the failed merge is left");
}

/// What a refused merge made of the remote's branch is no work of this clone.
#[test]
fn a_branch_that_a_refused_merge_left_does_not_stand_for_the_work() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.write("f.txt", "one\n");
    a.commit_all("First");
    a.git(&["push", "-q", "origin", "main"]).ok();
    let (id, place) = approved(&a, "Fix", "f.txt", "mine\n");
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    b.write("f.txt", "theirs\n");
    b.commit_all("Others");
    b.git(&["push", "-q", "origin", "main"]).ok();
    b.pm(&["merge", &id]).exits(3);
    let branch = a.data(&["show", &id])["branch"].clone();
    let left = b.tip(branch.as_str().unwrap());
    // The author rebases it, and submits it again.
    a.pm(&["sync"]).ok();
    a.pm(&["start", &id]).ok();
    a.git(&["fetch", "-q", "origin"]).ok();
    place
        .git(&["rebase", "-q", "-X", "theirs", "origin/main"])
        .ok();
    a.git(&["push", "-qf", "origin", branch.as_str().unwrap()])
        .ok();
    place.pm(&["finish"]).ok();
    a.pm(&["task", "approve", &id]).ok();
    a.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    b.git(&["fetch", "-q"]).ok();
    for args in [&["show", &id][..], &["status"]] {
        let told = b.pm(args).ok().out;
        assert!(!told.contains("which is not"), "{told}");
    }
    b.pm(&["merge", &id]).ok();
    assert_eq!(b.read("f.txt"), "mine\n");
    let kept = b.git(&["for-each-ref", "refs/pm-local/backup"]).ok().out;
    assert!(kept.contains(&left), "{kept}");
}

// What was committed after the approval is on the branch alone: its worktree stays, and it is said.
#[test]
fn a_merge_of_merged_work_keeps_newer_commits() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let id = a.task("Fix", &[]);
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    b.pm(&["start", &id]).ok();
    let place = b.worktree(&id);
    place.write("fix.txt", "1\n");
    place.commit_all("Fix");
    place.pm(&["finish"]).ok();
    a.pm(&["approve", &id]).ok();
    place.write("more.txt", "2\n");
    place.commit_all("More");
    a.pm(&["merge", &id]).ok();
    a.git(&["push", "-q", "origin", "main"]).ok();
    b.pm(&["sync"]).ok();
    let merged = b.pm(&["merge", &id]).ok();
    assert!(merged.err.contains("not merged: "), "{merged:?}");
    assert!(place.path.join("more.txt").exists(), "{merged:?}");
}

/// Work that was approved is merged from its commit where its branch was deleted, here and at the remote: the status,
/// the plan of the queue and the merge agree on that.
#[test]
fn approved_work_without_a_branch_is_offered_and_planned_as_it_is_merged() {
    let scene = Scene::new();
    let (hub, ana) = scene.with_hub();
    let (id, place) = approved(&ana, "Fix", "a.txt", "a\n");
    let branch = ana.data(&["show", &id])["branch"].clone();
    let branch = branch.as_str().unwrap();
    let at = place.path.display().to_string();
    ana.git(&["worktree", "remove", "--force", &at]).ok();
    ana.git(&["branch", "-q", "-D", branch]).ok();
    hub.git(&["update-ref", "-d", &format!("refs/heads/{branch}")]);
    ana.git(&["update-ref", "-d", &format!("refs/remotes/origin/{branch}")]);
    let status = ana.pm(&["status"]).ok().out;
    assert!(status.contains("ready to merge"), "{status}");
    assert!(status.contains(&format!("git pm merge {id}")), "{status}");
    let plan = ana.data(&["merge", "--queue", "--plan"]);
    assert_eq!(plan["order"][0]["id"], id.as_str(), "{plan}");
    let report = ana.data(&["merge", "--queue"]);
    assert_eq!(report["merged"][0]["id"], id.as_str(), "{report}");
    assert_eq!(ana.read("a.txt"), "a\n");
}
