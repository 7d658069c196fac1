//! Branches that were deleted at the remote: a sync pushes what never arrived there, and nothing else again.

use crate::support::{Repo, Scene};

/// Commits on the branch of an item, which begins, and the branch.
fn work(repo: &Repo, id: &str) -> String {
    repo.pm(&["start", id]).ok();
    let place = repo.worktree(id);
    place.write("src/auth.rs", "pub fn login() -> bool { true }\n");
    place.commit_all("Make login answer");
    place.git(&["branch", "--show-current"]).text()
}

/// Deletes a branch at the remote, which a clone sees, and returns what its next two syncs say of it.
fn delete_there(hub: &Repo, clone: &Repo, branch: &str) -> [String; 2] {
    hub.git(&["branch", "-q", "-D", branch]).ok();
    clone.git(&["fetch", "-q", "--prune"]).ok();
    [0, 1].map(|_| {
        let said = clone.pm(&["sync"]).ok().err;
        assert_eq!(hub.tip(branch), "", "{branch} is there again: {said}");
        let lines = said.lines().filter(|line| line.contains(branch));
        lines.collect::<Vec<_>>().join("\n")
    })
}

#[test]
fn submitted_work_that_was_deleted_at_the_remote_is_not_pushed_again() {
    let scene = Scene::new();
    let (hub, ana) = scene.with_hub();
    let id = ana.task("Fix login", &[]);
    let branch = work(&ana, &id);
    ana.pm(&["finish", &id]).ok();
    let tip = ana.tip(&branch);
    assert_eq!(hub.tip(&branch), tip);
    let push = ["push", "-q", "origin", &branch];
    for _ in 0..2 {
        let [first, then] = delete_there(&hub, &ana, &branch);
        assert!(
            first.contains(&format!("origin no longer has {branch}")),
            "{first}"
        );
        let command = format!("`git push origin {branch}` does that");
        assert!(first.contains(&command), "{first}");
        assert_eq!(then, "");
        ana.git(&push).ok();
        ana.pm(&["sync"]).ok();
    }
    // A newer commit has not arrived yet.
    delete_there(&hub, &ana, &branch);
    let place = ana.worktree(&id);
    place.write("more.txt", "more\n");
    place.commit_all("More");
    ana.pm(&["--offline", "finish", &id]).ok();
    ana.pm(&["sync"]).ok();
    assert_eq!(hub.tip(&branch), place.tip("HEAD"));
}

/// Who deletes it here, too, does not get it back.
#[test]
fn submitted_work_that_was_deleted_everywhere_is_not_made_again() {
    let scene = Scene::new();
    let (hub, ana) = scene.with_hub();
    let id = ana.task("Fix login", &[]);
    let branch = work(&ana, &id);
    ana.pm(&["finish", &id]).ok();
    let (tip, place) = (ana.tip(&branch), ana.worktree(&id).path);
    let place = place.to_str().unwrap();
    ana.git(&["worktree", "remove", "--force", place]).ok();
    ana.git(&["branch", "-q", "-D", &branch]).ok();
    let [first, then] = delete_there(&hub, &ana, &branch);
    let command = format!("git push origin {}:refs/heads/{branch}", &tip[..10]);
    assert!(first.contains(&command), "{first}");
    assert_eq!(then, "");
    assert_eq!(ana.tip(&branch), "");
    ana.git(&[
        "push",
        "-q",
        "origin",
        &format!("{tip}:refs/heads/{branch}"),
    ])
    .ok();
    ana.pm(&["task", "approve", &id]).ok();
    ana.pm(&["merge", &id]).ok();
    assert!(ana.read("src/auth.rs").contains("bool"));
}

#[test]
fn neither_left_work_nor_the_branch_of_an_epic_is_pushed_again() {
    let scene = Scene::new();
    let (hub, ana) = scene.with_hub();
    let id = ana.task("Fix login", &[]);
    ana.pm(&["epic", "create", "Big"]).ok();
    ana.pm(&["sync"]).ok();
    ana.pm(&["start", "E-0001"]).ok();
    let epic = ana.data(&["show", "E-0001"])["branch"].clone();
    let left = work(&ana, &id);
    ana.pm(&["task", "drop", &id]).ok();
    for branch in [epic.as_str().unwrap(), &left] {
        assert_ne!(hub.tip(branch), "", "{branch}");
        let [first, then] = delete_there(&hub, &ana, branch);
        assert!(first.contains("origin no longer has"), "{first}");
        assert_eq!(then, "", "{branch}");
    }
    // Only this clone has it, which is said where one looks for work, and who gives it to others shares it.
    let status = ana.pm(&["status"]).ok().err;
    let push = format!("git push origin {left}");
    assert!(status.contains(&push), "{status}");
    ana.pm(&["start", &id]).ok();
    ana.pm(&["task", "drop", &id]).ok();
    assert_eq!(hub.tip(&left), ana.tip(&left));
}

/// A clone of one branch has no remote-tracking branches of others: the remote is asked.
#[test]
fn a_clone_of_one_branch_takes_no_branch_for_deleted() {
    let scene = Scene::new();
    let (hub, ana) = scene.with_hub();
    ana.pm(&["sync"]).ok();
    let bob = scene.at("bob");
    let (from, to) = (hub.path.to_str().unwrap(), bob.path.to_str().unwrap());
    let clone = ["clone", "-q", "--single-branch", from, to];
    scene.at(".").git(&clone).ok();
    bob.git(&["config", "user.name", "Bob"]).ok();
    bob.pm(&["init"]).ok();
    let id = bob.task("Fix login", &[]);
    let branch = work(&bob, &id);
    bob.pm(&["finish", &id]).ok();
    for _ in 0..2 {
        let said = bob.pm(&["sync"]).ok().err;
        assert!(!said.contains(&branch), "{said}");
    }
    assert_eq!(hub.tip(&branch), bob.tip(&branch));
}
