//! Strict mode, the recorded bypass, and `--no-verify`.

use super::{commit_without_hooks, passes, reserve, stopped, with_clones};
use crate::support::{Ran, Repo, Scene};

// ---- Strict mode ----

/// A repository in strict mode; `side` has another actor's change of Ana's file.
fn strict(scene: &Scene) -> (Repo, Repo) {
    let ana = scene.repo("a");
    ana.git(&["checkout", "-q", "-b", "side"]).ok();
    ana.write("src/auth.rs", "side\n");
    ana.commit_all("Side");
    ana.git(&["format-patch", "-q", "-1", "-o", ".git/patches"])
        .ok();
    ana.git(&["checkout", "-q", "main"]).ok();
    ana.write("src/auth.rs", "main\n");
    ana.commit_all("Main");
    ana.pm(&["init"]).ok();
    ana.pm(&["hook", "install", "--strict"]).ok();
    reserve(&ana, &["src/auth.rs"]);
    let bob = ana.by("Bob");
    (ana, bob)
}

/// Requires that strict mode did not let `main` move.
#[track_caller]
fn require_stopped(repo: &Repo, act: impl FnOnce() -> Ran) {
    let before = repo.tip("refs/heads/main");
    let ran = act();
    assert_ne!(ran.code, 0, "`{}` went through: {ran:?}", ran.what);
    assert_eq!(
        repo.tip("refs/heads/main"),
        before,
        "`{}` moved main",
        ran.what
    );
    assert!(
        ran.err.contains("Ana") && ran.err.contains("src/auth.rs"),
        "{ran:?}"
    );
}

#[test]
fn strict_mode_stops_no_verify() {
    let scene = Scene::new();
    let (ana, bob) = strict(&scene);
    bob.write("src/auth.rs", "Bob's\n");
    require_stopped(&bob, || {
        bob.git(&["commit", "-a", "--no-verify", "-m", "x"])
    });
    passes(&ana, || {
        ana.git(&["commit", "-q", "-a", "--no-verify", "-m", "x"])
    });
}

#[test]
fn strict_mode_stops_cherry_pick_and_revert() {
    let scene = Scene::new();
    let (_, bob) = strict(&scene);
    require_stopped(&bob, || bob.git(&["cherry-pick", "-Xtheirs", "side"]));
    bob.git(&["cherry-pick", "--abort"]);
    bob.git(&["reset", "-q", "--hard"]).ok();
    require_stopped(&bob, || bob.git(&["revert", "--no-edit", "HEAD"]));
}

#[test]
fn strict_mode_stops_rebase_and_am() {
    let scene = Scene::new();
    let (_, bob) = strict(&scene);
    bob.git(&["checkout", "-q", "-b", "topic", "side"]).ok();
    let before = bob.tip("refs/heads/topic");
    let ran = bob.git(&["rebase", "-Xtheirs", "main"]);
    assert!(ran.code != 0 && ran.err.contains("Ana"), "{ran:?}");
    assert_eq!(bob.tip("refs/heads/topic"), before);
    bob.git(&["rebase", "--abort"]);
    bob.git(&["checkout", "-q", "-f", "main"]).ok();
    let base = bob.tip("main~1");
    bob.git(&["checkout", "-q", "-b", "mailed", &base]).ok();
    let before = bob.tip("refs/heads/mailed");
    // At another time than the side branch, to get another commit id.
    let later = bob.with("GIT_COMMITTER_DATE", "2037-01-01T00:00:00Z");
    let ran = later.run("/bin/sh", &["-c", "git am .git/patches/*.patch"]);
    assert!(ran.code != 0 && ran.err.contains("Ana"), "{ran:?}");
    assert_eq!(bob.tip("refs/heads/mailed"), before);
}

#[test]
fn strict_mode_stops_plumbing() {
    let scene = Scene::new();
    let (_, bob) = strict(&scene);
    let tree = bob.git(&["rev-parse", "side^{tree}"]).text();
    let commit = bob
        .git(&["commit-tree", &tree, "-p", "main", "-m", "x"])
        .ok()
        .text();
    require_stopped(&bob, || {
        bob.git(&["update-ref", "refs/heads/main", &commit])
    });
    require_stopped(&bob, || bob.git(&["branch", "sneaky", &commit]));
    assert_eq!(bob.tip("refs/heads/sneaky"), "");
}

#[test]
fn strict_mode_does_not_stop_ordinary_commands() {
    let scene = Scene::new();
    let (ana, bob) = strict(&scene);
    bob.git(&["branch", "copy", "side"]).ok();
    bob.git(&["checkout", "-q", "copy"]).ok();
    bob.git(&["branch", "-q", "-D", "side"]).ok();
    bob.git(&["checkout", "-q", "main"]).ok();
    bob.write("README.md", "# Bob's\n");
    passes(&bob, || bob.git(&["commit", "-q", "-a", "-m", "x"]));
    bob.git(&["reset", "-q", "--hard", "HEAD~1"]).ok();
    bob.git(&["tag", "v1"]).ok();
    bob.git(&["stash", "-q"]).ok();
    scene.at(".").git(&["clone", "-q", "a", "b"]).ok();
    let id = ana.task("Elsewhere", &["--path", "docs/**"]);
    ana.pm(&["start", &id]).ok();
    let work = ana.worktree(&id);
    work.write("docs/guide.md", "Better\n");
    work.commit_all("Better");
    work.pm(&["finish", "--merge"]).ok();
    assert_eq!(ana.read("docs/guide.md"), "Better\n");
}

#[test]
fn strict_mode_lets_a_pull_of_the_holders_work_through() {
    let scene = Scene::new();
    let (_, ana, bob) = with_clones(&scene);
    bob.pm(&["hook", "install", "--strict"]).ok();
    ana.write("src/auth.rs", "Ana's\n");
    ana.commit_all("Mine");
    ana.git(&["push", "-q", "origin", "main"]).ok();
    bob.git(&["pull", "-q", "--ff-only"]).ok();
    assert_eq!(bob.read("src/auth.rs"), "Ana's\n");
}

// ---- Escape ----

// RS-06: recorded, and reported to the holder.
#[test]
fn a_bypass_permits_the_commit_and_is_recorded_and_reported() {
    let scene = Scene::new();
    let ana = scene.set_up("a");
    let id = ana.task("Fix login", &[]);
    ana.pm(&["reserve", "add", "src/auth.rs", "--task", &id])
        .ok();
    let bob = ana.by("Bob");
    bob.write("src/auth.rs", "Bob's\n");
    for empty in ["", " "] {
        let not = bob.with("GIT_PM_BYPASS", empty);
        stopped(&bob, "src/auth.rs", || {
            not.git(&["commit", "-a", "-m", "x"])
        });
    }
    let state = ana.tip("refs/pm/main");
    let bypass = bob.with("GIT_PM_BYPASS", "production is down");
    let before = bob.tip("HEAD");
    let ran = bypass.git(&["commit", "-a", "-m", "x"]).ok();
    assert_ne!(bob.tip("HEAD"), before);
    assert!(ran.err.contains("recorded"), "{ran:?}");
    let range = format!("{state}..refs/pm/main");
    let message = ana.git(&["log", "--format=%B", &range]).text();
    assert!(
        message.contains("PM-Actor: Bob") && message.contains("production is down"),
        "{message}"
    );
    let log = ana.pm(&["log"]).ok().out;
    assert!(
        log.contains("bypass") && log.contains("production is down"),
        "{log}"
    );
    let told = ana.data(&["status"])["notices"].to_string();
    for word in ["Bob", "src/auth.rs", "production is down", &id] {
        assert!(told.contains(word), "Ana is not told {word}: {told}");
    }
    // A bypass for files without a reservation leaves no record.
    let state = ana.tip("refs/pm/main");
    bob.write("README.md", "# x\n");
    bypass.git(&["commit", "-q", "-a", "-m", "x"]).ok();
    assert_eq!(ana.tip("refs/pm/main"), state);
}

#[test]
fn no_verify_bypasses_the_commit_check_but_not_the_push_check() {
    let scene = Scene::new();
    let (_, ana, bob) = with_clones(&scene);
    commit_without_hooks(&bob, "src/auth.rs");
    let bypass = bob.with("GIT_PM_BYPASS", "agreed by phone");
    bypass.git(&["push", "-q", "origin", "main"]).ok();
    bob.pm(&["sync"]).ok();
    ana.pm(&["sync"]).ok();
    let told = ana.data(&["status"])["notices"].to_string();
    assert!(
        told.contains("agreed by phone") && told.contains("push"),
        "{told}"
    );
}

/// The hints of the hook are cut from what git says, so `finish` has them, too.
#[test]
fn a_finish_that_a_reservation_stops_names_the_holder_and_the_bypass() {
    let scene = Scene::new();
    let (_hub, a) = scene.with_hub();
    let id = a.task("Fix", &[]);
    a.pm(&["start", &id]).ok();
    let place = a.worktree(&id);
    place.write("src/auth.rs", "pub fn login() { todo!() }\n");
    place.commit_all("Fix");
    a.by("Bob").pm(&["reserve", "add", "src/auth.rs"]).ok();
    let refused = place.pm(&["finish"]).exits(1).err;
    for hint in ["msg send --to Bob", "GIT_PM_BYPASS=REASON git pm finish"] {
        assert!(refused.contains(hint), "{hint}: {refused}");
    }
    assert!(!refused.contains("pm.push never"), "{refused}");
    place.with("GIT_PM_BYPASS", "urgent").pm(&["finish"]).ok();
}
