//! Values chosen by the caller of git (names, clocks, dates, settings of one command, spellings)
//! cannot bypass the guard.

use super::commit_without_hooks;
use crate::support::{Ran, Repo, Scene};

const OLD: &str = "2001-01-01T00:00:00Z";

fn reserve(who: &Repo, path: &str) {
    who.pm(&["reserve", "add", "--new", path, "--ttl", "12h"])
        .ok();
}

/// Ana holds `src/auth.rs`; Bob works in another clone that has synced this.
fn two_clones(scene: &Scene) -> (Repo, Repo) {
    let (hub, ana) = scene.with_hub();
    let bob = scene.clone_of(&hub, "b", "Bob");
    reserve(&ana, "src/auth.rs");
    bob.pm(&["sync"]).ok();
    (ana, bob)
}

#[track_caller]
fn refused(ran: &Ran, named: &[&str]) {
    assert_ne!(ran.code, 0, "git did not stop: {ran:?}");
    for name in named {
        assert!(ran.err.contains(name), "{name} is not named: {ran:?}");
    }
}

#[test]
fn an_invalid_actor_name_stops_commit_and_push() {
    let scene = Scene::new();
    let (_, bob) = two_clones(&scene);
    let long = "x".repeat(81);
    let before = bob.git(&["rev-parse", "HEAD"]).text();
    for (variable, value) in [
        ("GIT_PM_ACTOR", "<"),
        ("BD_ACTOR", "a\nb"),
        ("BEADS_ACTOR", "a\nb"),
        ("AGENT_NAME", long.as_str()),
        ("GIT_PM_NOW", "x"),
    ] {
        let odd = bob.with(variable, value);
        odd.write("src/auth.rs", &format!("{variable}\n"));
        odd.write(".github/workflow.yml", &format!("{variable}\n"));
        odd.git(&["add", "-A"]).ok();
        refused(&odd.git(&["commit", "-m", "x"]), &[variable]);
        assert_eq!(bob.git(&["rev-parse", "HEAD"]).text(), before);
    }
    bob.git(&["reset", "-q", "--hard"]).ok();
    commit_without_hooks(&bob, "src/auth.rs");
    let odd = bob.with("GIT_PM_ACTOR", "<");
    refused(&odd.git(&["push", "origin", "main"]), &["GIT_PM_ACTOR"]);
}

#[test]
fn settings_of_one_command_cannot_loosen_the_guard() {
    let scene = Scene::new();
    let (_, bob) = two_clones(&scene);
    let agent = bob.with("CLAUDECODE", "1");
    let set = |key: &str, value: &str| {
        agent
            .with("GIT_CONFIG_COUNT", "1")
            .with("GIT_CONFIG_KEY_0", key)
            .with("GIT_CONFIG_VALUE_0", value)
    };
    for caller in [
        set("pm.protectedPaths", "none"),
        set("extensions.refStorage", "reftable"),
        agent.with("GIT_NAMESPACE", "elsewhere"),
    ] {
        caller.write(".github/workflow.yml", "x\n");
        caller.git(&["add", "-A"]).ok();
        let ran = caller.git(&["commit", "-m", "x"]);
        refused(&ran, &["protected path"]);
        caller.git(&["reset", "-q", "--hard"]).ok();
    }
}

#[test]
fn a_bypass_that_cannot_be_recorded_is_refused() {
    let scene = Scene::new();
    let ana = scene.set_up("a");
    reserve(&ana, "src/auth.rs");
    let bob = ana.by("Bob").with("GIT_PM_BYPASS", "the site is down");
    bob.write("src/auth.rs", "Bob's\n");
    let lock = ana.path.join(".git/refs/pm/main.lock");
    std::fs::write(&lock, "").expect("locked");
    ana.git(&["config", "core.filesRefLockTimeout", "50"]).ok();
    let ran = bob.git(&["commit", "-a", "-m", "x"]);
    refused(&ran, &["cannot be recorded"]);
    std::fs::remove_file(&lock).expect("unlocked");
    bob.git(&["commit", "-q", "-a", "-m", "x"]).ok();
    assert!(ana.pm(&["log"]).ok().out.contains("the site is down"));
}

#[test]
fn a_backdated_commit_cannot_be_pushed() {
    let scene = Scene::new();
    let (_, bob) = two_clones(&scene);
    commit_without_hooks(&bob.with("GIT_COMMITTER_DATE", OLD), "src/auth.rs");
    refused(&bob.git(&["push", "origin", "main"]), &["Ana", "dates"]);
    // Like a patch from a mail, with the date of its author.
    let dated = bob
        .with("GIT_AUTHOR_DATE", OLD)
        .with("GIT_COMMITTER_DATE", OLD);
    dated
        .git(&[
            "commit",
            "-q",
            "--no-verify",
            "--amend",
            "--reset-author",
            "--no-edit",
        ])
        .ok();
    bob.git(&["format-patch", "-q", "-1", "-o", ".git/patches"])
        .ok();
    bob.git(&["reset", "-q", "--hard", "origin/main"]).ok();
    let patches = std::fs::read_dir(bob.path.join(".git/patches")).expect("a folder");
    let patch = patches.flatten().next().expect("a patch").path();
    let patch = patch.to_str().expect("UTF-8");
    bob.git(&["am", "-q", "--committer-date-is-author-date", patch])
        .ok();
    refused(
        &bob.git(&["push", "origin", "main"]),
        &["src/auth.rs", "Ana"],
    );
}

#[test]
fn a_reservation_by_a_clock_that_is_ahead_counts_at_once() {
    let scene = Scene::new();
    let (hub, ana) = scene.with_hub();
    let bob = scene.clone_of(&hub, "b", "Bob");
    let late = ana.when("2037-01-01T00:00:00Z");
    late.pm(&["reserve", "add", "src/auth.rs", "--ttl", "12h"])
        .ok();
    bob.pm(&["sync"]).ok();
    commit_without_hooks(&bob, "src/auth.rs");
    refused(
        &bob.git(&["push", "origin", "main"]),
        &["src/auth.rs", "Ana"],
    );
}

#[test]
fn a_reservation_made_on_an_unknown_commit_still_guards() {
    let scene = Scene::new();
    let (hub, ana) = scene.with_hub();
    let bob = scene.clone_of(&hub, "b", "Bob");
    ana.write("notes.md", "not pushed\n");
    ana.commit_all("Mine alone");
    reserve(&ana, "src/auth.rs");
    bob.pm(&["sync"]).ok();
    commit_without_hooks(&bob, "README.md");
    bob.git(&["push", "-q", "origin", "main"]).ok();
    commit_without_hooks(&bob, "src/auth.rs");
    refused(
        &bob.git(&["push", "origin", "main"]),
        &["src/auth.rs", "Ana"],
    );
}

#[test]
fn commits_that_the_shared_remote_has_can_be_pushed_to_a_mirror() {
    let scene = Scene::new();
    let (ana, bob) = two_clones(&scene);
    ana.write("src/auth.rs", "Ana's\n");
    ana.commit_all("Mine");
    ana.git(&["push", "-q", "origin", "main"]).ok();
    bob.git(&["pull", "-q", "--ff-only"]).ok();
    scene.bare("mirror.git");
    bob.git(&["push", "-q", "../mirror.git", "main"]).ok();
    // Merged, rebased and cherry-picked: Ana's own work, which is at the remote, is not refused.
    commit_without_hooks(&bob, "README.md");
    bob.git(&["push", "-q", "origin", "main"]).ok();
    commit_without_hooks(&bob, "src/auth.rs");
    refused(&bob.git(&["push", "../mirror.git", "main"]), &["Ana"]);
}

#[test]
fn a_refused_commit_from_before_the_reservation_names_the_ways_to_continue() {
    let scene = Scene::new();
    let (hub, ana) = scene.with_hub();
    let bob = scene.clone_of(&hub, "b", "Bob");
    commit_without_hooks(&bob, "src/auth.rs");
    reserve(&ana, "src/auth.rs");
    bob.pm(&["sync"]).ok();
    let push = |bob: &Repo| bob.git(&["push", "origin", "main:refs/heads/bobs"]);
    refused(
        &push(&bob),
        &[
            "made before the reservation",
            "reserve release",
            "GIT_PM_BYPASS",
        ],
    );
    push(&bob.with("GIT_PM_BYPASS", "made yesterday")).ok();
    bob.pm(&["sync"]).ok();
    ana.pm(&["sync"]).ok();
    assert!(ana.pm(&["log"]).ok().out.contains("made yesterday"));
    // After the release, the next commit needs no reason.
    bob.write("src/auth.rs", "and more\n");
    bob.git(&["commit", "-q", "-a", "--no-verify", "-m", "unseen"])
        .ok();
    ana.pm(&["reserve", "release"]).ok();
    bob.pm(&["sync"]).ok();
    push(&bob).ok();
}

#[test]
fn other_spellings_of_protected_and_reserved_paths_are_guarded() {
    let scene = Scene::new();
    let ana = scene.set_up("a");
    let agent = ana.with("CLAUDECODE", "1").by("bot");
    agent.write(".GitHub/workflow.yml", "x\n");
    agent.git(&["add", "-A"]).ok();
    // Another clone's files may have no case.
    for ignore_case in ["true", "false"] {
        ana.git(&["config", "core.ignorecase", ignore_case]).ok();
        refused(&agent.git(&["commit", "-m", "x"]), &["protected path"]);
    }
    agent.git(&["reset", "-q", "--hard"]).ok();

    let (composed, apart) = ("docs/caf\u{e9}.md", "docs/cafe\u{301}.md");
    let bob = ana.by("Bob");
    for (reserved, written) in [(composed, apart), (apart, composed)] {
        reserve(&ana, reserved);
        bob.write(written, "Bob's\n");
        bob.git(&["add", "-A"]).ok();
        refused(&bob.git(&["commit", "-m", "x"]), &["is reserved by Ana"]);
        bob.git(&["reset", "-q", "--hard"]).ok();
        ana.pm(&["reserve", "release"]).ok();
    }
}
