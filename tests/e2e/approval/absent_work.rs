//! Submitted work that neither the approver's clone nor the remote has.

use crate::support::{Repo, Scene};

/// Work that Ana submitted and whose branch was deleted at the remote before Lea fetched it: the clones, its id, its
/// branch and its commit.
fn deleted_in_review() -> (Scene, [Repo; 2], String, String, String) {
    let scene = Scene::new();
    let (hub, ana) = scene.with_hub();
    let id = ana.task("Fix login", &[]);
    let lea = scene.clone_of(&hub, "lea", "Lea");
    ana.pm(&["start", &id]).ok();
    let place = ana.worktree(&id);
    place.write("src/auth.rs", "pub fn login() -> bool { true }\n");
    place.commit_all("Make login answer");
    let branch = ana.data(&["finish", &id])["branch"].clone();
    let branch = branch.as_str().unwrap().to_string();
    let tip = ana.tip(&branch);
    ana.git(&["push", "-q", "origin", &format!(":{branch}")])
        .ok();
    lea.pm(&["sync"]).ok();
    (scene, [ana, lea], id, branch, tip)
}

#[test]
fn work_that_is_not_here_is_not_approved_until_its_author_pushes_it() {
    let (_scene, [ana, lea], id, branch, tip) = deleted_in_review();
    let who = "Ana (its clone) has to push it";
    let status = lea.pm(&["status"]).ok().out;
    assert!(status.contains(who), "{status}");
    assert!(!status.contains("not fetched yet"), "{status}");
    for args in [&["show", &id][..], &["--offline", "show", &id]] {
        let shown = lea.pm(args).ok().err;
        assert!(shown.contains("Ana"), "{shown}");
        assert!(shown.contains("has to push it"), "{shown}");
    }
    let refused = lea.pm(&["--json", "task", "approve", &id]).exits(1).error();
    let text = refused.to_string();
    assert!(text.contains("approval.not_here"), "{text}");
    assert!(text.contains(who), "{text}");
    let push = format!("`git push origin {}:refs/heads/{branch}`", &tip[..10]);
    assert!(text.contains(&push), "{text}");
    assert!(!text.contains("git fetch"), "{text}");
    assert_eq!(lea.data(&["show", &id])["status"], "in_review");
    ana.git(&["push", "-q", "origin", &branch]).ok();
    lea.pm(&["sync"]).ok();
    lea.pm(&["task", "approve", &id]).ok();
}

#[test]
fn a_commit_that_is_not_here_is_approved_by_its_name() {
    let (_scene, [_ana, lea], id, _branch, tip) = deleted_in_review();
    let approve = ["task", "approve", &id, "--commit", &tip[..10]];
    let said = lea.pm(&approve).ok().err;
    assert!(said.contains("is not in this clone"), "{said}");
    assert_eq!(lea.data(&["show", &id])["status"], "ready_for_integration");
}

#[test]
fn work_that_is_finished_again_at_the_approved_commit_stays_approved() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    let id = repo.task("Fix login", &[]);
    repo.pm(&["start", &id]).ok();
    let place = repo.worktree(&id);
    place.write("login.txt", "yes\n");
    place.commit_all("Make login answer");
    repo.pm(&["finish", &id]).ok();
    repo.pm(&["task", "approve", &id]).ok();
    let said = repo.pm(&["finish", &id]).ok().err;
    assert!(
        said.contains("at this commit already, and is approved"),
        "{said}"
    );
    assert_eq!(repo.data(&["show", &id])["status"], "ready_for_integration");
    place.write("login.txt", "no\n");
    place.commit_all("Change it");
    repo.pm(&["finish", &id]).ok();
    assert_eq!(repo.data(&["show", &id])["status"], "in_review");
}
