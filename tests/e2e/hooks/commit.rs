//! Commits that touch reserved files are stopped.

use std::path::PathBuf;
use std::process::Stdio;

use super::{ana_holds, passes, reserve, stopped};
use crate::support::{Repo, Scene};

/// The path of the real git, independent of later values of PATH.
fn git_program(repo: &Repo) -> PathBuf {
    let found = repo.run("/bin/sh", &["-c", "command -v git"]).ok().text();
    PathBuf::from(found)
}

// ---- What a commit can be ----

// RS-02: the refusal names holder, task, expiry and the next command, with exit code 1.
#[test]
fn a_plain_commit_is_stopped_and_names_the_holder() {
    let scene = Scene::new();
    let ana = scene.set_up("a");
    let id = ana.task("Fix login", &[]);
    ana.when("2099-01-01T10:00:00Z")
        .pm(&[
            "reserve",
            "add",
            "src/auth.rs",
            "--task",
            &id,
            "--ttl",
            "2h",
        ])
        .ok();
    let bob = ana.by("Bob").when("2099-01-01T11:00:00Z");
    bob.write("src/auth.rs", "Bob's\n");
    bob.git(&["add", "-A"]).ok();
    let before = bob.tip("HEAD");
    let ran = bob.git(&["commit", "-m", "x"]).exits(1);
    assert_eq!(bob.tip("HEAD"), before);
    for word in [
        "src/auth.rs",
        "Ana",
        &id,
        "2099-01-01T12:00:00Z",
        "git pm reserve release",
        "git pm reserve list",
        "GIT_PM_BYPASS",
    ] {
        assert!(ran.err.contains(word), "{word} is not named: {}", ran.err);
    }
    // Bob's staged changes are still there.
    assert_eq!(
        bob.git(&["diff", "--cached", "--name-only"]).text(),
        "src/auth.rs"
    );
}

#[test]
fn git_commit_a_is_stopped() {
    let scene = Scene::new();
    let (_, bob) = ana_holds(&scene, &["src/auth.rs"]);
    bob.write("src/auth.rs", "Bob's\n");
    stopped(&bob, "src/auth.rs", || {
        bob.git(&["commit", "-a", "-m", "x"])
    });
}

#[test]
fn a_commit_of_named_paths_is_checked_for_those_paths_only() {
    let scene = Scene::new();
    let (_, bob) = ana_holds(&scene, &["src/auth.rs"]);
    bob.write("src/auth.rs", "Bob's\n");
    bob.write("src/main.rs", "fn main() { bob() }\n");
    stopped(&bob, "src/auth.rs", || {
        bob.git(&["commit", "-m", "x", "--", "src/auth.rs"])
    });
    // Other staged files are not part of this commit.
    bob.git(&["add", "-A"]).ok();
    passes(&bob, || {
        bob.git(&["commit", "-q", "-m", "x", "--", "src/main.rs"])
    });
}

#[test]
fn a_rename_is_stopped_at_both_ends() {
    let scene = Scene::new();
    let (_, bob) = ana_holds(&scene, &["src/auth.rs"]);
    bob.git(&["mv", "src/auth.rs", "src/login.rs"]).ok();
    stopped(&bob, "src/auth.rs", || bob.git(&["commit", "-m", "away"]));
    bob.git(&["reset", "-q", "--hard"]).ok();
    bob.git(&["mv", "-f", "src/main.rs", "src/auth.rs"]).ok();
    stopped(&bob, "src/auth.rs", || bob.git(&["commit", "-m", "onto"]));
}

#[test]
fn a_deletion_is_stopped() {
    let scene = Scene::new();
    let (_, bob) = ana_holds(&scene, &["src/auth.rs"]);
    bob.git(&["rm", "-q", "src/auth.rs"]).ok();
    stopped(&bob, "src/auth.rs", || bob.git(&["commit", "-m", "x"]));
}

#[test]
fn a_mode_change_is_stopped() {
    let scene = Scene::new();
    let (_, bob) = ana_holds(&scene, &["src/auth.rs"]);
    bob.git(&["update-index", "--chmod=+x", "src/auth.rs"]).ok();
    stopped(&bob, "src/auth.rs", || bob.git(&["commit", "-m", "x"]));
}

#[test]
fn replacing_a_reserved_file_by_a_link_or_submodule_is_stopped() {
    let scene = Scene::new();
    let (_, bob) = ana_holds(&scene, &["src/auth.rs", "vendor/lib"]);
    std::fs::remove_file(bob.path.join("src/auth.rs")).expect("removed");
    std::os::unix::fs::symlink("main.rs", bob.path.join("src/auth.rs")).expect("a link");
    stopped(&bob, "src/auth.rs", || {
        bob.git(&["commit", "-a", "-m", "x"])
    });
    bob.git(&["reset", "-q", "--hard"]).ok();
    let module = format!("160000,{},vendor/lib", bob.tip("HEAD"));
    bob.git(&["update-index", "--add", "--cacheinfo", &module])
        .ok();
    stopped(&bob, "vendor/lib", || bob.git(&["commit", "-m", "x"]));
}

#[test]
fn a_new_file_below_a_reserved_folder_is_stopped() {
    let scene = Scene::new();
    let (_, bob) = ana_holds(&scene, &["src"]);
    bob.write("src/deep/new.rs", "x\n");
    bob.git(&["add", "-A"]).ok();
    stopped(&bob, "src/deep/new.rs", || bob.git(&["commit", "-m", "x"]));
    bob.git(&["reset", "-q", "--hard"]).ok();
    bob.write("srcs/new.rs", "x\n");
    bob.git(&["add", "-A"]).ok();
    passes(&bob, || bob.git(&["commit", "-q", "-m", "x"]));
}

#[test]
fn an_amended_commit_is_checked_as_one_change() {
    let scene = Scene::new();
    let (_, bob) = ana_holds(&scene, &["src/auth.rs"]);
    bob.write("README.md", "# Bob's\n");
    bob.commit_all("Mine");
    bob.write("src/auth.rs", "Bob's\n");
    stopped(&bob, "src/auth.rs", || {
        bob.git(&["commit", "-a", "--amend", "--no-edit"])
    });
}

#[test]
fn a_commit_in_a_linked_worktree_is_stopped() {
    let scene = Scene::new();
    let (_, bob) = ana_holds(&scene, &["src/auth.rs"]);
    bob.git(&["worktree", "add", "-q", "-b", "bob", "../linked"])
        .ok();
    let linked = bob.other("../linked");
    linked.write("src/auth.rs", "Bob's\n");
    stopped(&linked, "src/auth.rs", || {
        linked.git(&["commit", "-a", "-m", "x"])
    });
    let below = linked.other("src");
    stopped(&linked, "src/auth.rs", || {
        below.git(&["commit", "-a", "-m", "x"])
    });
}

// Several agents with one git identity: the holder is the actor in the reserved worktree.
#[test]
fn the_same_actor_in_another_worktree_is_stopped() {
    let scene = Scene::new();
    let (ana, _) = ana_holds(&scene, &["src/auth.rs"]);
    ana.git(&["worktree", "add", "-q", "-b", "second", "../second"])
        .ok();
    let second = ana.other("../second");
    second.write("src/auth.rs", "from the other window\n");
    stopped(&second, "src/auth.rs", || {
        second.git(&["commit", "-a", "-m", "x"])
    });
    ana.write("src/auth.rs", "from the first\n");
    passes(&ana, || ana.git(&["commit", "-q", "-a", "-m", "x"]));
}

#[test]
fn commits_of_a_gui_without_path_or_home_are_guarded() {
    let scene = Scene::new();
    let (ana, bob) = ana_holds(&scene, &["src/auth.rs"]);
    let git = git_program(&ana);
    ana.git(&["config", "user.name", "Bob"]).ok();
    ana.git(&["config", "user.email", "bob@example.org"]).ok();
    bob.write("src/auth.rs", "Bob's\n");
    bob.git(&["add", "-A"]).ok();
    for path in [Some(""), Some("/nonexistent"), None] {
        let mut command = std::process::Command::new(&git);
        command
            .env_clear()
            .current_dir(&bob.path)
            .stdin(Stdio::null());
        command.env("GIT_CONFIG_NOSYSTEM", "1");
        if let Some(path) = path {
            command.env("PATH", path);
        }
        let output = command
            .args(["commit", "-m", "x"])
            .output()
            .expect("git starts");
        let err = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "PATH={path:?}: {err}");
        assert!(
            err.contains("Ana") && err.contains("git pm: commit rejected"),
            "PATH={path:?}: {err}"
        );
    }
}

// ---- Names ----

#[test]
fn unusual_file_names_are_guarded() {
    let scene = Scene::new();
    let odd = [
        "docs/my file.md",
        "docs/\u{e4}\u{5b57}.md",
        "app/[id]/page.tsx",
        "docs/\"q\".md",
    ];
    let ana = scene.repo("a");
    ana.write("app/i/page.tsx", "x\n");
    ana.commit_all("x");
    ana.pm(&["init"]).ok();
    reserve(&ana, &odd);
    reserve(&ana, &["lines/**"]);
    let bob = ana.by("Bob");
    for path in odd {
        bob.write(path, "Bob's\n");
        bob.git(&["add", "-A"]).ok();
        stopped(&bob, path, || bob.git(&["commit", "-m", "x"]));
        bob.git(&["reset", "-q", "--hard"]).ok();
    }
    bob.write("lines/two\nlines", "Bob's\n");
    bob.git(&["add", "-A"]).ok();
    stopped(&bob, "lines/two", || bob.git(&["commit", "-m", "x"]));
    bob.git(&["reset", "-q", "--hard"]).ok();
}

#[test]
fn case_matters_unless_the_file_system_ignores_it() {
    let scene = Scene::new();
    let (ana, bob) = ana_holds(&scene, &["SRC/Auth.rs"]);
    bob.write("src/auth.rs", "Bob's\n");
    passes(&bob, || bob.git(&["commit", "-q", "-a", "-m", "x"]));
    ana.git(&["config", "core.ignorecase", "true"]).ok();
    bob.write("src/auth.rs", "Bob's again\n");
    stopped(&bob, "src/auth.rs", || {
        bob.git(&["commit", "-a", "-m", "x"])
    });
}

#[test]
fn state_files_of_other_tools_are_exempt() {
    let scene = Scene::new();
    let (_, bob) = ana_holds(&scene, &["**"]);
    bob.write(".beads/issues.jsonl", "{}\n");
    bob.git(&["add", "-A"]).ok();
    passes(&bob, || bob.git(&["commit", "-q", "-m", "x"]));
    bob.write(".beadsx", "x\n");
    bob.git(&["add", "-A"]).ok();
    stopped(&bob, ".beadsx", || bob.git(&["commit", "-m", "x"]));
}

#[test]
fn the_first_commit_of_a_repository_is_guarded() {
    let scene = Scene::new();
    let ana = scene.at("a");
    std::fs::create_dir_all(&ana.path).expect("folder");
    ana.git(&["init", "-q"]).ok();
    ana.pm(&["init"]).ok();
    reserve(&ana, &["src/**"]);
    let bob = ana.by("Bob");
    bob.write("src/x.rs", "x\n");
    bob.git(&["add", "-A"]).ok();
    stopped(&bob, "src/x.rs", || bob.git(&["commit", "-m", "x"]));
    passes(&ana, || ana.git(&["commit", "-q", "-m", "x"]));
}
