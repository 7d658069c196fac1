//! Merges are checked for the changes that the merging user made.

use super::{ana_holds, commit_without_hooks, passes, reserve, stopped};
use crate::support::{Repo, Scene, agent};

// ---- Merges ----

/// `main` and `side` diverge by these files, both before the reservation.
fn diverged(scene: &Scene, ours: &[(&str, &str)], theirs: &[(&str, &str)]) -> Repo {
    let repo = scene.repo("a");
    repo.write("src/auth.rs", "one\n2\n3\n4\n5\n6\n7\n8\nnine\n");
    repo.commit_all("Base");
    repo.git(&["checkout", "-q", "-b", "side"]).ok();
    for (path, text) in theirs {
        repo.write(path, text);
    }
    repo.commit_all("Theirs");
    repo.git(&["checkout", "-q", "main"]).ok();
    for (path, text) in ours {
        repo.write(path, text);
    }
    repo.commit_all("Ours");
    repo.pm(&["init"]).ok();
    reserve(&repo, &["src/auth.rs"]);
    repo
}

const TOP: &str = "ONE\n2\n3\n4\n5\n6\n7\n8\nnine\n";

const END: &str = "one\n2\n3\n4\n5\n6\n7\n8\nNINE\n";

#[test]
fn a_conflicted_merge_is_checked_for_the_changes_of_the_merging_user() {
    let scene = Scene::new();
    let ana = diverged(
        &scene,
        &[("README.md", "ours\n")],
        &[("README.md", "theirs\n"), ("src/auth.rs", TOP)],
    );
    let bob = ana.by("Bob");
    bob.git(&["merge", "side"]).exits(1);
    bob.write("README.md", "both\n");
    bob.git(&["add", "README.md"]).ok();
    // Bob also changes the file that merged cleanly.
    bob.write("src/auth.rs", "Bob's\n");
    bob.git(&["add", "src/auth.rs"]).ok();
    stopped(&bob, "src/auth.rs", || bob.git(&["commit", "-m", "merge"]));
    bob.write("src/auth.rs", TOP);
    bob.git(&["add", "src/auth.rs"]).ok();
    passes(&bob, || bob.git(&["commit", "-q", "-m", "merge"]));
}

#[test]
fn resolving_a_conflict_in_a_reserved_file_is_stopped() {
    let scene = Scene::new();
    let ana = diverged(
        &scene,
        &[("src/auth.rs", "ours\n")],
        &[("src/auth.rs", "theirs\n")],
    );
    let bob = ana.by("Bob");
    bob.git(&["merge", "side"]).exits(1);
    bob.write("src/auth.rs", "both\n");
    bob.git(&["add", "-A"]).ok();
    stopped(&bob, "src/auth.rs", || bob.git(&["commit", "-m", "merge"]));
    let with_merge = bob.git(&["merge", "--continue"]);
    assert_ne!(with_merge.code, 0, "{with_merge:?}");
}

// pre-commit does not run for these.
#[test]
fn a_clean_merge_commit_that_changes_a_reserved_file_is_stopped() {
    let scene = Scene::new();
    let ana = diverged(&scene, &[("src/auth.rs", TOP)], &[("src/auth.rs", END)]);
    let bob = ana.by("Bob");
    stopped(&bob, "src/auth.rs", || {
        bob.git(&["merge", "-m", "x", "side"])
    });
    bob.git(&["merge", "--abort"]).ok();
    passes(&ana, || ana.git(&["merge", "-q", "-m", "x", "side"]));
}

#[test]
fn a_clean_merge_without_own_changes_is_let_through() {
    let scene = Scene::new();
    let ana = diverged(&scene, &[("README.md", "ours\n")], &[("src/auth.rs", TOP)]);
    let bob = ana.by("Bob");
    passes(&bob, || bob.git(&["merge", "-q", "-m", "x", "side"]));
}

/// A branch with a change of Ana's file that Bob committed without hooks; `main` has another one.
fn evaded(scene: &Scene) -> (Repo, Repo) {
    let (ana, bob) = ana_holds(scene, &["src/auth.rs"]);
    let bob = bob.with("GIT_AUTHOR_NAME", "Bob");
    bob.git(&["checkout", "-q", "-b", "side"]).ok();
    commit_without_hooks(&bob, "src/auth.rs");
    bob.git(&["checkout", "-q", "main"]).ok();
    bob.write("README.md", "ours\n");
    bob.commit_all("Ours");
    (ana, bob)
}

#[test]
fn a_merge_of_commits_of_others_that_change_a_reserved_file_is_stopped() {
    let scene = Scene::new();
    let (ana, bob) = evaded(&scene);
    stopped(&bob, "src/auth.rs", || {
        bob.git(&["merge", "-m", "x", "side"])
    });
    // Completing it is stopped, too.
    stopped(&bob, "src/auth.rs", || bob.git(&["commit", "-m", "x"]));
    bob.git(&["merge", "--abort"]).ok();
    passes(&ana, || ana.git(&["merge", "-q", "-m", "x", "side"]));
}

#[test]
fn a_merge_of_commits_that_were_checked_elsewhere_is_let_through() {
    let scene = Scene::new();
    let (_, bob) = evaded(&scene);
    bob.git(&["update-ref", "refs/remotes/origin/side", "side"])
        .ok();
    passes(&bob, || bob.git(&["merge", "-q", "-m", "x", "side"]));
    // The target's commits, into a branch that is behind.
    let scene = Scene::new();
    let (_, bob) = evaded(&scene);
    bob.git(&["checkout", "-q", "-b", "work", "main~1"]).ok();
    bob.write("src/main.rs", "work\n");
    bob.commit_all("Work");
    bob.git(&["branch", "-q", "-f", "main", "side"]).ok();
    passes(&bob, || bob.git(&["merge", "-q", "-m", "x", "main"]));
}

#[test]
fn the_work_of_a_holder_is_merged_by_others() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    let id = repo.task("Fix", &["--path", "src/auth.rs"]);
    // The commits have the name of git's user, not of the agent.
    let robot = agent(&repo).by("robot");
    robot.pm(&["start", &id]).ok();
    let place = repo.worktree(&id);
    place.write("src/auth.rs", "fixed\n");
    place.commit_all("Fix");
    repo.write("README.md", "ours\n");
    repo.commit_all("Ours");
    let branch = place.git(&["branch", "--show-current"]).ok().text();
    let bob = repo.by("Bob");
    passes(&bob, || bob.git(&["merge", "-q", "-m", "x", &branch]));
}

#[test]
fn a_squash_merge_is_checked_like_an_own_commit() {
    let scene = Scene::new();
    let ana = diverged(&scene, &[("README.md", "ours\n")], &[("src/auth.rs", TOP)]);
    let bob = ana.by("Bob");
    bob.git(&["merge", "-q", "--squash", "side"]).ok();
    stopped(&bob, "src/auth.rs", || {
        bob.git(&["commit", "-m", "squashed"])
    });
}
