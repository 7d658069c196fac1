//! The guard in real commits, merges and pushes: what is stopped, what is let through, and which
//! messages are printed.

pub mod agents;
pub mod changes;
pub mod commit;
pub mod evasion;
pub mod guard_off;
pub mod holder;
pub mod install;
pub mod later_tools;
pub mod merge;
pub mod other_tools;
pub mod places;
pub mod push;
pub mod real_tools;
pub mod stand_in;
pub mod strict_and_bypass;
pub mod trailer;
pub mod trailer_position;

use crate::support::{Ran, Repo, Scene};

/// A repository of Ana's in which she holds `src/auth.rs`, and Bob in the same folder.
fn ana_holds(scene: &Scene, paths: &[&str]) -> (Repo, Repo) {
    let ana = scene.set_up("a");
    reserve(&ana, paths);
    let bob = ana.by("Bob");
    (ana, bob)
}

fn reserve(who: &Repo, paths: &[&str]) {
    let mut args = vec!["reserve", "add", "--new"];
    args.extend(paths);
    who.pm(&args).ok();
}

/// Requires that git was stopped by Ana's reservation of `path`, and that nothing was committed.
#[track_caller]
fn stopped(repo: &Repo, path: &str, act: impl FnOnce() -> Ran) {
    let before = repo.tip("HEAD");
    let ran = act();
    assert_ne!(
        ran.code, 0,
        "`{}` overwrote Ana's {path}: {ran:?}",
        ran.what
    );
    assert_eq!(repo.tip("HEAD"), before, "`{}` left a commit", ran.what);
    for word in ["git pm: commit rejected", "Ana", path] {
        assert!(ran.err.contains(word), "{word} is not named: {ran:?}");
    }
}

/// Requires that git committed, and that the guard ran without output.
#[track_caller]
fn passes(repo: &Repo, act: impl FnOnce() -> Ran) {
    let before = repo.tip("HEAD");
    let ran = act().ok();
    assert_ne!(repo.tip("HEAD"), before, "`{}` committed nothing", ran.what);
    assert!(!ran.err.contains("git pm:"), "{ran:?}");
}

/// A script of the scene.
fn script(scene: &Scene, name: &str, body: &str) -> String {
    use std::os::unix::fs::PermissionsExt;
    let path = scene.dir.path().join(name);
    std::fs::create_dir_all(path.parent().expect("a parent")).expect("its folder");
    std::fs::write(&path, format!("#!/bin/sh\n{body}\n")).expect("the script");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("its mode");
    path.display().to_string()
}

// ---- Pushes ----

/// Ana and Bob with a clone each; Ana holds `src/auth.rs`, and Bob's clone has synced this.
fn with_clones(scene: &Scene) -> (Repo, Repo, Repo) {
    let (hub, ana) = scene.with_hub();
    let bob = scene.clone_of(&hub, "b", "Bob");
    reserve(&ana, &["src/auth.rs"]);
    bob.pm(&["sync"]).ok();
    (hub, ana, bob)
}

/// A commit made without hooks.
fn commit_without_hooks(repo: &Repo, path: &str) {
    repo.write(path, &format!("unseen in {path}\n"));
    repo.git(&["add", "-A"]).ok();
    repo.git(&["commit", "-q", "--no-verify", "-m", "unseen"])
        .ok();
}
