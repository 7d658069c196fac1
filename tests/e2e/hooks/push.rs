//! The guard of pushes, and `hook run check-range` on a server.

use super::{commit_without_hooks, reserve, script, with_clones};
use crate::support::{Scene, binary};

#[test]
fn a_push_stops_commits_made_with_no_verify() {
    let scene = Scene::new();
    let (hub, ana, bob) = with_clones(&scene);
    let before = hub.tip("main");
    commit_without_hooks(&bob, "src/auth.rs");
    commit_without_hooks(&bob, "README.md");
    for refspec in ["main", "HEAD:refs/heads/new", "HEAD:refs/heads/task/x"] {
        let ran = bob.git(&["push", "origin", refspec]);
        assert_ne!(
            ran.code, 0,
            "Ana's file was overwritten at the remote: {ran:?}"
        );
        assert!(
            ran.err.contains("src/auth.rs") && ran.err.contains("Ana"),
            "{ran:?}"
        );
    }
    assert_eq!(hub.tip("main"), before);
    assert_eq!(hub.git(&["branch", "--list"]).text().lines().count(), 1);
    // The holder pushes.
    ana.write("src/auth.rs", "Ana's\n");
    ana.commit_all("Mine");
    ana.git(&["push", "-q", "origin", "main"]).ok();
}

/// RS-02: also in a clone that has published nothing yet, and knows nothing of the remote's state.
#[test]
fn the_first_push_of_a_clone_heeds_what_others_published() {
    let scene = Scene::new();
    let (hub, ana) = scene.with_hub();
    let bob = scene.clone_of(&hub, "b", "Bob");
    assert_eq!(bob.tip("refs/pm-remotes/origin/main"), "");
    reserve(&ana, &["src/auth.rs"]);
    commit_without_hooks(&bob, "src/auth.rs");
    let published = hub.tip("refs/pm/main");
    let ran = bob.git(&["push", "origin", "main"]);
    assert_ne!(ran.code, 0, "Ana's file was overwritten: {ran:?}");
    assert!(
        ran.err.contains("src/auth.rs is reserved by Ana"),
        "{ran:?}"
    );
    assert_eq!(hub.tip("refs/pm/main"), published, "the hook published");
}

/// RS-02: an actor who committed while holding the path, and released it, can push that after
/// another actor has reserved it, but neither later commits nor those of paths it did not hold.
#[test]
fn a_push_of_what_was_released_is_let_through() {
    let scene = Scene::new();
    let (hub, ana) = scene.with_hub();
    let bob = scene.clone_of(&hub, "b", "Bob");
    bob.git(&["checkout", "-q", "-b", "side"]).ok();
    reserve(&bob, &["src/auth.rs"]);
    commit_without_hooks(&bob, "src/auth.rs");
    commit_without_hooks(&bob, "src/other.rs");
    bob.pm(&["reserve", "release"]).ok();
    bob.pm(&["sync"]).ok();
    ana.pm(&["sync"]).ok();
    reserve(&ana, &["src/auth.rs", "src/other.rs"]);
    bob.pm(&["sync"]).ok();
    let ran = bob.git(&["push", "origin", "side"]);
    assert_ne!(ran.code, 0, "{ran:?}");
    assert!(ran.err.contains("src/other.rs"), "{ran:?}");
    assert!(!ran.err.contains("src/auth.rs is reserved"), "{ran:?}");
    bob.git(&["push", "-q", "origin", "side~1:refs/heads/side"])
        .ok();
    bob.write("src/auth.rs", "later\n");
    bob.git(&["commit", "-q", "--no-verify", "-a", "-m", "later"])
        .ok();
    let ran = bob.git(&["push", "origin", "side"]);
    assert_ne!(ran.code, 0, "{ran:?}");
    assert!(ran.err.contains("src/auth.rs is reserved"), "{ran:?}");
}

#[test]
fn a_push_of_a_tag_or_a_merge_is_checked() {
    let scene = Scene::new();
    let (_, _, bob) = with_clones(&scene);
    bob.git(&["checkout", "-q", "-b", "side"]).ok();
    commit_without_hooks(&bob, "src/auth.rs");
    bob.git(&["tag", "-a", "-m", "x", "v1"]).ok();
    let ran = bob.git(&["push", "origin", "v1"]);
    assert!(ran.code != 0 && ran.err.contains("src/auth.rs"), "{ran:?}");
    bob.git(&["checkout", "-q", "main"]).ok();
    bob.git(&["merge", "-q", "--no-ff", "--no-verify", "-m", "x", "side"])
        .ok();
    let ran = bob.git(&["push", "origin", "main"]);
    assert!(ran.code != 0 && ran.err.contains("src/auth.rs"), "{ran:?}");
}

#[test]
fn the_first_push_of_old_history_is_let_through() {
    let scene = Scene::new();
    let (_, ana, bob) = with_clones(&scene);
    scene.bare("new.git");
    // Although its date is later than the reservation.
    let late = ana.with("GIT_COMMITTER_DATE", "2099-01-01T00:00:00Z");
    ana.pm(&["reserve", "release"]).ok();
    ana.write("src/auth.rs", "old\n");
    late.git(&["commit", "-q", "-a", "-m", "old"]).ok();
    ana.git(&["push", "-q", "origin", "main"]).ok();
    reserve(&ana, &["src/auth.rs"]);
    bob.git(&["pull", "-q", "--ff-only"]).ok();
    bob.pm(&["sync"]).ok();
    bob.git(&["push", "-q", "../new.git", "main"]).ok();
    commit_without_hooks(&bob, "src/auth.rs");
    let ran = bob.git(&["push", "../new.git", "main"]);
    assert!(ran.code != 0 && ran.err.contains("Ana"), "{ran:?}");
}

#[test]
fn commits_that_the_remote_has_are_not_checked_again() {
    let scene = Scene::new();
    let (_, ana, bob) = with_clones(&scene);
    ana.git(&["checkout", "-q", "-b", "anas"]).ok();
    ana.write("src/auth.rs", "Ana's\n");
    ana.commit_all("Mine");
    ana.git(&["push", "-q", "origin", "anas"]).ok();
    bob.git(&["fetch", "-q"]).ok();
    bob.git(&["merge", "-q", "--ff-only", "origin/anas"]).ok();
    bob.write("README.md", "# Bob's\n");
    bob.commit_all("On top");
    let ran = bob.git(&["push", "origin", "main"]);
    assert_eq!(
        ran.code, 0,
        "Bob is stopped for what Ana pushed herself: {ran:?}"
    );
}

#[test]
fn reservations_do_not_stop_a_push_of_the_state() {
    let scene = Scene::new();
    let (_, _, bob) = with_clones(&scene);
    bob.task("Another", &[]);
    let ran = bob.git(&["push", "origin", "refs/pm/main"]).ok();
    assert!(!ran.err.contains("git pm:"), "{ran:?}");
}

// ---- A server, CI ----

#[test]
fn check_range_in_a_bare_repositorys_pre_receive_rejects_the_push() {
    let scene = Scene::new();
    let (hub, ana, bob) = with_clones(&scene);
    script(
        &scene,
        "hub.git/hooks/pre-receive",
        &format!(
            "while read old new name; do\n  case $name in\n  refs/heads/*) '{}' reserve check --range \"$old..$new\" || exit 1 ;;\n  esac\ndone",
            binary()
        ),
    );
    let before = hub.tip("main");
    commit_without_hooks(&bob, "src/auth.rs");
    for refspec in ["main", "main:refs/heads/new"] {
        let ran = bob.git(&["push", "--no-verify", "origin", refspec]);
        assert_ne!(ran.code, 0, "the server accepted it: {ran:?}");
        assert!(
            ran.err.contains("src/auth.rs") && ran.err.contains("Ana"),
            "the server gives no reason: {ran:?}"
        );
    }
    assert_eq!(hub.tip("main"), before);
    bob.git(&["reset", "-q", "--hard", "origin/main"]).ok();
    commit_without_hooks(&bob, "README.md");
    bob.git(&["push", "-q", "--no-verify", "origin", "main"])
        .ok();
    ana.git(&["pull", "-q", "--ff-only", "origin", "main"]).ok();
    ana.write("src/auth.rs", "Ana's\n");
    ana.commit_all("Mine");
    ana.git(&["push", "-q", "origin", "main"]).ok();
    ana.pm(&["sync"]).ok();
}

#[test]
fn check_range_reports_violations_to_ci() {
    let scene = Scene::new();
    let (_, ana, bob) = with_clones(&scene);
    commit_without_hooks(&bob, "README.md");
    bob.pm(&["reserve", "check", "--range", "origin/main..HEAD"])
        .ok();
    commit_without_hooks(&bob, "src/auth.rs");
    let asked = bob.pm(&["--json", "reserve", "check", "--range", "origin/main..HEAD"]);
    let asked = asked.exits(1).data();
    assert_eq!(asked["conflicts"][0]["path"], "src/auth.rs");
    assert_eq!(asked["conflicts"][0]["holder"], "Ana");
    bob.pm(&["reserve", "check", "--range", "origin/main.."])
        .exits(1);
    for unknown in ["nowhere..HEAD", "../x", "HEAD..nowhere"] {
        let refused = bob.pm(&["reserve", "check", "--range", unknown]).exits(2);
        assert!(refused.err.contains("names no commit here"), "{refused:?}");
    }
    bob.pm(&["reserve", "check", "--range", "HEAD"]).exits(2);
    ana.pm(&["reserve", "release"]).ok();
    bob.pm(&["sync"]).ok();
    bob.pm(&["reserve", "check", "--range", "origin/main..HEAD"])
        .ok();
}
