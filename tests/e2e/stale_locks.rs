//! Locks that a killed process left: none of ours needs a file removed by hand, and one that is not
//! ours is named with its file.

use crate::support::Scene;

#[test]
fn a_lock_left_at_the_remote_is_named_and_blamed_on_no_race() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.task("one", &[]);
    a.pm(&["sync"]).ok();
    a.task("two", &[]);
    let lock = hub.path.join("refs/pm/main.lock");
    std::fs::write(&lock, "").unwrap();
    let began = std::time::Instant::now();
    let locked = a.pm(&["sync"]).exits(6);
    let said = format!("{}{}", locked.out, locked.err);
    assert!(said.contains("main.lock"), "{said}");
    assert!(said.contains("1 unsent"), "{said}");
    assert!(!said.contains("others pushed"), "{said}");
    assert!(began.elapsed().as_secs() < 11, "it went on for too long");
    std::fs::remove_file(&lock).unwrap();
    a.pm(&["sync"]).ok();
}

#[test]
fn a_push_leaves_the_tracking_ref_to_us_who_know_a_lock_of_our_own() {
    let scene = Scene::new();
    let (_hub, a) = scene.with_hub();
    a.task("one", &[]);
    a.pm(&["sync"]).ok();
    let before = a.tip("refs/pm-remotes/origin/main");
    a.task("two", &[]);
    // Killed as soon as git is done: whatever git does itself, it has done by then.
    let killed = a.wrapping_git(
        "kill",
        "case \"$1\" in push) \"$REAL\" \"$@\"; kill -9 $PPID;; esac\nexec \"$REAL\" \"$@\"",
    );
    assert_ne!(killed.pm(&["sync"]).code, 0);
    assert_eq!(a.tip("refs/pm-remotes/origin/main"), before);
    a.pm(&["sync"]).ok();
    assert_ne!(a.tip("refs/pm-remotes/origin/main"), before);
}
