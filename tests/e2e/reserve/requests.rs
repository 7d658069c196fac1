//! Requests that are granted, refused, or granted with a warning.

use serde_json::Value;

use super::{NOON, add, ana_and_bob, live, patterns};
use crate::support::{Repo, Scene};

// RS-01, CM-14: `reserve add GLOB… --task T` keeps the task in the reservation and as its reason.
#[test]
fn a_reservation_for_a_task_names_the_task_as_its_reason() {
    let scene = Scene::new();
    let (ana, _) = ana_and_bob(&scene);
    let id = ana.task("Fix login", &[]);
    let made = add(
        &ana,
        &["src/auth.rs", "docs/**", "--task", &id, "--ttl", "4h"],
    )
    .ok();
    let made = made.data();
    assert_eq!(made["holder"], "Ana");
    assert_eq!(made["task"], id.as_str());
    assert_eq!(made["reason"], id.as_str());
    assert_eq!(made["mode"], "commit");
    assert_eq!(made["shared"], false);
    assert_eq!(
        made["confirmed"], true,
        "not confirmed although there is no remote"
    );
    assert_eq!(patterns(&ana), ["docs/** src/auth.rs"]);
    let log = ana
        .git(&["log", "-1", "--format=%B", "refs/pm/main"])
        .text();
    assert!(
        log.contains("PM-Op: reserve add") && log.contains("PM-Actor: Ana"),
        "{log}"
    );
    assert!(log.contains(&format!("PM-Item: {id}")), "{log}");
    // The state is readable without git pm.
    let files = ana
        .git(&["ls-tree", "-r", "--name-only", "refs/pm/main"])
        .text();
    let file = files
        .lines()
        .find(|f| f.contains("reservation"))
        .expect("its file");
    let text = ana.git(&["show", &format!("refs/pm/main:{file}")]).text();
    assert!(text.contains("docs/**") && text.contains("Ana"), "{text}");
}

// RS-02: the refusal is machine readable: path, holder, task, mode and expiry of each conflict.
#[test]
fn an_overlapping_request_is_refused_with_all_conflicts() {
    let scene = Scene::new();
    let (ana, bob) = ana_and_bob(&scene);
    let (ana, bob) = (ana.when(NOON), bob.when(NOON));
    let id = ana.task("Fix login", &[]);
    add(&ana, &["src/**", "--task", &id, "--ttl", "2h"]).ok();
    add(&ana, &["docs/guide.md", "--mode", "edit"]).ok();
    let before = ana.tip("refs/pm/main");
    let refused = add(&bob, &["src/*.rs", "README.md", "docs"]).exits(1);
    let error = refused.error();
    assert_eq!(error["code"], "refused");
    let mut found: Vec<Value> = error["conflicts"].as_array().expect("conflicts").clone();
    found.sort_by_key(|c| std::cmp::Reverse(c["path"].as_str().map(str::to_string)));
    assert_eq!(found.len(), 2, "{error}");
    assert_eq!(found[0]["path"], "src/*.rs");
    assert_eq!(found[0]["holder"], "Ana");
    assert_eq!(found[0]["task"], id.as_str());
    assert_eq!(found[0]["mode"], "commit");
    assert_eq!(found[0]["expires_at"], "2026-03-01T14:00:00Z");
    assert_eq!(found[1]["path"], "docs");
    assert_eq!(found[1]["task"], Value::Null);
    assert_eq!(found[1]["mode"], "edit");
    assert_eq!(found[1]["expires_at"], "2026-03-01T13:00:00Z");
    let hints = error["hints"].to_string();
    assert!(hints.contains("git pm reserve list"), "{hints}");
    // All or none: README.md was free, and is still.
    assert_eq!(
        ana.tip("refs/pm/main"),
        before,
        "a part of the request was granted"
    );
    assert_eq!(patterns(&ana), ["src/**", "docs/guide.md"]);
    // The text output names holder, reason and expiry.
    let said = bob.pm(&["reserve", "add", "src/main.rs"]).exits(1).err;
    for word in [
        "Ana",
        id.as_str(),
        "2026-03-01T14:00:00Z",
        "git pm reserve list",
    ] {
        assert!(said.contains(word), "{word} is missing: {said}");
    }
}

#[test]
fn the_command_finds_overlaps_that_the_shortcuts_decide() {
    let scene = Scene::new();
    let (ana, bob) = ana_and_bob(&scene);
    for (held, asked, meets) in [
        ("src/**", "**/*.rs", true),
        ("src/a*.rs", "src/*b.rs", true),
        ("src/**", "src/auth.rs", true),
        ("src/auth.rs", "src/**", true),
        ("src", "src/auth.rs", true),
        ("README.md", "docs/README.md", false),
        ("src/*.rs", "src/deep/x.rs", false),
        ("app/[id]/page.tsx", "app/[id]/page.tsx", true),
        ("./src/./auth.rs", "/src/auth.rs", true),
        ("src/{auth,main}.rs", "src/m*.rs", true),
        ("src/{auth,main}.rs", "src/z*.rs", false),
    ] {
        add(&ana, &[held, "--new"]).ok();
        let asked_for = add(&bob, &[asked, "--new"]);
        assert_eq!(
            asked_for.code == 1,
            meets,
            "{held} against {asked}: {asked_for:?}"
        );
        ana.pm(&["reserve", "release"]).ok();
        if !meets {
            bob.pm(&["reserve", "release"]).ok();
        }
    }
}

// A pattern alone cannot tell a file from a folder; the tree can.
#[test]
fn a_file_does_not_overlap_with_patterns_for_paths_below_it() {
    let scene = Scene::new();
    let (ana, bob) = ana_and_bob(&scene);
    add(&ana, &["README.md", "docs"]).ok();
    let refused = add(&bob, &["**/*.rs"]).exits(1).error();
    assert_eq!(
        refused["conflicts"][0]["pattern"], "docs",
        "a folder may hold such files: {refused}"
    );
    assert_eq!(refused["conflicts"].as_array().map(Vec::len), Some(1));
    ana.pm(&["reserve", "release", "docs"]).ok();
    add(&ana, &["README.md"]).ok();
    add(&bob, &["**/*.rs"]).ok();
    ana.pm(&["reserve", "check", "README.md"]).ok();
    let id = ana.task("Words", &["--path", "docs/guide.md"]);
    ana.pm(&["start", &id]).ok();
    assert_eq!(patterns(&ana), ["README.md", "**/*.rs", "docs/guide.md"]);
    // If it becomes a folder, the files in it are still protected.
    ana.git(&["rm", "-q", "README.md"]).ok();
    bob.write("README.md/x.rs", "x\n");
    bob.git(&["add", "-A"]).ok();
    let ran = bob.git(&["commit", "-m", "x"]).exits(1);
    assert!(ran.err.contains("Ana"), "{ran:?}");
}

#[test]
fn negated_and_escaping_patterns_are_refused() {
    let scene = Scene::new();
    let (ana, _) = ana_and_bob(&scene);
    for bad in ["!src/auth.rs", "../outside", "src/../../outside", ""] {
        let refused = add(&ana, &["--new", "--", bad]).exits(2);
        assert_eq!(refused.error()["code"], "usage", "{bad}");
    }
    assert!(live(&ana).is_empty());
}

// RS-04: shared reservations are compatible with each other, and not with an exclusive one.
#[test]
fn shared_reservations_are_compatible_and_exclusive_ones_are_not() {
    let scene = Scene::new();
    let (ana, bob) = ana_and_bob(&scene);
    let eve = ana.by("Eve");
    add(&ana, &["src/**", "--shared"]).ok();
    add(&bob, &["src/auth.rs", "--shared"]).ok();
    let refused = add(&eve, &["src/auth.rs"]).exits(1).error();
    assert_eq!(refused["conflicts"].as_array().map(Vec::len), Some(2));
    bob.pm(&["reserve", "release"]).ok();
    ana.pm(&["reserve", "release"]).ok();
    add(&eve, &["src/auth.rs"]).ok();
    add(&ana, &["src/**", "--shared"]).exits(1);
}

#[test]
fn an_advisory_reservation_is_granted_with_a_warning_and_blocks_no_one() {
    let scene = Scene::new();
    let (ana, bob) = ana_and_bob(&scene);
    add(&ana, &["src/auth.rs"]).ok();
    let granted = bob.pm(&["reserve", "add", "src/**", "--advisory"]).ok();
    assert!(
        granted.err.contains("Ana"),
        "Bob is not warned: {granted:?}"
    );
    add(&bob, &["docs/**", "--advisory"]).ok();
    let eve = ana.by("Eve");
    add(&eve, &["docs/guide.md"]).ok();
    // `check` shows advisory reservations apart from conflicts.
    let asked = ana
        .pm(&["--json", "reserve", "check", "src/main.rs"])
        .ok()
        .data();
    assert_eq!(asked["conflicts"].as_array().map(Vec::len), Some(0));
    assert_eq!(asked["warnings"][0]["holder"], "Bob");
}

#[test]
fn check_writes_nothing() {
    let scene = Scene::new();
    let (ana, bob) = ana_and_bob(&scene);
    add(&ana, &["src/auth.rs"]).ok();
    let before = ana.tip("refs/pm/main");
    let asked = bob.pm(&["--json", "reserve", "check", "src/auth.rs", "README.md"]);
    let asked = asked.exits(1).data();
    assert_eq!(asked["conflicts"].as_array().map(Vec::len), Some(1));
    assert_eq!(asked["conflicts"][0]["path"], "src/auth.rs");
    assert_eq!(asked["conflicts"][0]["holder"], "Ana");
    bob.pm(&["reserve", "check", "README.md"]).ok();
    ana.pm(&["reserve", "check", "src/auth.rs"]).ok();
    assert_eq!(ana.tip("refs/pm/main"), before, "check changed the state");
    let said = bob.pm(&["reserve", "check", "src/auth.rs"]).exits(1);
    assert!(said.out.contains("Ana"), "{said:?}");
}

#[test]
fn check_agrees_with_the_guard_for_shared_holders() {
    let scene = Scene::new();
    let (ana, bob) = ana_and_bob(&scene);
    add(&ana, &["src/**", "--shared"]).ok();
    bob.pm(&["reserve", "check", "src/auth.rs"]).exits(1);
    add(&bob, &["src/auth.rs", "--shared"]).ok();
    bob.pm(&["reserve", "check", "src/auth.rs"]).ok();
    bob.pm(&["reserve", "check", "src/main.rs"]).exits(1);
}

#[test]
fn words_that_do_not_look_like_paths_are_refused_unless_they_exist_or_are_new() {
    let scene = Scene::new();
    let (ana, _) = ana_and_bob(&scene);
    for word in ["13714/2m", "planning/execution"] {
        let refused = add(&ana, &["src/auth.rs", word]).exits(2).error();
        assert!(refused["message"].to_string().contains(word), "{refused}");
        assert!(refused["hints"].to_string().contains("--new"), "{refused}");
    }
    assert!(live(&ana).is_empty(), "a part of the request was granted");
    add(&ana, &["13714/2m", "--new"]).ok();
    ana.write("planning/execution/notes", "x");
    add(&ana, &["planning/execution"]).ok();
    assert_eq!(patterns(&ana), ["13714/2m", "planning/execution"]);
}

#[test]
fn paths_beginning_with_a_dot_are_relative_to_the_current_folder() {
    let scene = Scene::new();
    let (ana, _) = ana_and_bob(&scene);
    let src = ana.other("src");
    add(&src, &["./auth.rs"]).ok();
    add(&src, &["../README.md"]).ok();
    let absolute = ana.path.canonicalize().expect("path").join("docs/guide.md");
    add(&src, &[absolute.to_str().expect("UTF-8")]).ok();
    assert_eq!(
        patterns(&ana),
        ["src/auth.rs", "README.md", "docs/guide.md"]
    );
}

/// An agent with a name of its own is one in all worktrees of a clone; agents of one tool without names
/// are several.
#[test]
fn a_named_agent_is_not_stopped_by_its_own_reservation_in_another_worktree() {
    let scene = Scene::new();
    let ana = scene.set_up("a");
    ana.git(&["worktree", "add", "-q", "-b", "second", "../second"])
        .ok();
    let named = |repo: &Repo, name: &str| repo.with("CLAUDECODE", "1").with("AGENT_NAME", name);
    let second = ana.other("../second");
    let write = |who: &Repo, file: &str| {
        who.write(file, "pub fn f() {}\n");
        who.git(&["add", file]).ok();
        who.git(&["commit", "-qm", "Write it"])
    };
    add(&named(&ana, "green"), &["--new", "src/one.rs"]).ok();
    for who in [named(&second, "red"), second.clone()] {
        let ran = write(&who, "src/one.rs").exits(1);
        assert!(ran.err.contains("reserved by green"), "{}", ran.err);
    }
    write(&named(&second, "green"), "src/one.rs").ok();
    let nameless = |repo: &Repo| repo.with("CLAUDECODE", "1");
    add(&nameless(&ana), &["--new", "src/two.rs"]).ok();
    let ran = write(&nameless(&second), "src/two.rs").exits(1);
    assert!(ran.err.contains("reserved by"), "{}", ran.err);
}
