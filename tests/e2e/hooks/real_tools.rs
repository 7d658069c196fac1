//! Hooks beside the real tools, if they are installed: husky (`GIT_PM_HUSKY_DIR` names the folder
//! with its `node_modules`), pre-commit and git-lfs in `PATH`. Otherwise a test reports that it was
//! skipped, or fails if `GIT_PM_REQUIRE_TOOLS=1`.
#![cfg(unix)]

use std::fs;
use std::path::PathBuf;

use git_pm::hooks::HookState;

use crate::hooks::stand_in::{OF_A_COMMIT, Ran, Repo, ran};

/// Whether the tool is installed; prints a note or fails if it is not.
fn there(tool: &str, found: bool) -> bool {
    if !found {
        let required = std::env::var_os("GIT_PM_REQUIRE_TOOLS").is_some_and(|v| v == "1");
        assert!(
            !required,
            "{tool} is not installed, and GIT_PM_REQUIRE_TOOLS=1 asks for it"
        );
        println!("skipped: {tool} is not installed");
    }
    found
}

/// A program of `PATH`.
fn in_path(program: &str) -> bool {
    std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|dir| dir.join(program).is_file()))
}

fn run(repo: &Repo, program: &str, args: &[&str]) -> Ran {
    ran(repo
        .command(program, &repo.dir)
        .args(args)
        .output()
        .expect("it starts"))
}

fn husky_dir() -> Option<PathBuf> {
    let dir = PathBuf::from(std::env::var_os("GIT_PM_HUSKY_DIR")?);
    (dir.join("node_modules/husky/bin.js").is_file() && in_path("node")).then_some(dir)
}

/// The script that `npm install` runs with `"prepare": "husky"`.
fn husky(repo: &Repo, dir: &std::path::Path) {
    let program = dir.join("node_modules/husky/bin.js");
    let done = run(repo, "node", &[program.to_str().expect("UTF-8")]);
    assert_eq!(done.code, 0, "{}", done.err);
}

#[test]
fn the_guard_works_with_husky_installed_before_or_after() {
    let Some(dir) = husky_dir() else {
        there("husky (GIT_PM_HUSKY_DIR)", false);
        return;
    };
    for first in [true, false] {
        let repo = Repo::new();
        if first {
            husky(&repo, &dir);
        }
        let before = repo.git_dir_files();
        repo.install();
        husky(&repo, &dir);
        repo.write(".husky/pre-commit", "echo husky >>../ran\n");
        repo.write(".husky/commit-msg", "echo \"message $1\" >>../ran\n");
        assert_eq!(repo.status().active, first, "{:?}", repo.status());
        if !first {
            assert_eq!(repo.status().hooks[0].state, HookState::SwitchedOff);
            repo.install();
        }
        let commit = repo.commit("a");
        assert_eq!(commit.code, 0, "{}", commit.err);
        assert_eq!(repo.text("ran"), "husky\nmessage .git/COMMIT_EDITMSG\n");
        assert_eq!(repo.asked_for(), OF_A_COMMIT);
        // Installing packages again neither disables the guard nor fails because of it.
        husky(&repo, &dir);
        repo.stand_in(1);
        assert_eq!(repo.commit("b").code, 1);
        repo.stand_in(0);
        repo.write(".husky/pre-commit", "exit 3\n");
        assert_eq!(repo.commit("b").code, 1, "husky's refusal is ignored");
        assert!(repo.status().active);
        repo.uninstall();
        assert_eq!(repo.git(&["config", "core.hooksPath"]), ".husky/_\n");
        if first {
            assert_eq!(before, repo.git_dir_files());
        }
    }
}

fn pre_commit(repo: &Repo, args: &[&str]) -> Ran {
    let done = run(repo, "pre-commit", args);
    assert_eq!(done.code, 0, "{}{}", done.out, done.err);
    done
}

#[test]
fn the_guard_works_with_pre_commit_installed_before_or_after() {
    if !there("pre-commit", in_path("pre-commit")) {
        return;
    }
    let config = "repos:\n- repo: local\n  hooks:\n  - id: seen\n    name: seen\n    language: system\n    \
                  entry: sh -c 'echo framework >>../ran'\n    pass_filenames: false\n    always_run: true\n    \
                  stages: [pre-commit, pre-push]\n";
    let types = ["install", "-t", "pre-commit", "-t", "pre-push"];
    for first in [true, false] {
        let repo = Repo::new();
        repo.git(&["init", "-q", "--bare", "../remote"]);
        repo.write(".pre-commit-config.yaml", config);
        repo.git(&["add", "."]);
        repo.script(&repo.hook("pre-commit"), "echo oldest >>../ran");
        if first {
            pre_commit(&repo, &types);
        }
        let before = repo.git_dir_files();
        repo.install();
        pre_commit(&repo, &types);
        pre_commit(&repo, &types);
        let status = repo.status();
        assert!(status.active && status.reasons.is_empty(), "{status:?}");
        let commit = repo.commit("a");
        assert_eq!(commit.code, 0, "{}{}", commit.out, commit.err);
        assert_eq!(repo.text("ran"), "oldest\nframework\n", "first: {first}");
        assert_eq!(repo.asked_for(), OF_A_COMMIT);
        repo.git(&["push", "-q", "../remote", "main"]);
        assert_eq!(repo.asked_for(), ["pre-push"]);
        assert_eq!(repo.text("asked.stdin").lines().count(), 1);
        assert_eq!(repo.text("ran").lines().count(), 3);
        repo.stand_in(1);
        assert_eq!(repo.commit("b").code, 1);
        repo.stand_in(0);

        pre_commit(&repo, &["uninstall", "-t", "pre-commit", "-t", "pre-push"]);
        assert!(repo.status().active, "{:?}", repo.status());
        repo.asked();
        fs::remove_file(repo.root.join("ran")).expect("removed");
        let commit = repo.commit("c");
        assert_eq!(commit.code, 0, "{}{}", commit.out, commit.err);
        assert_eq!(
            (repo.asked_for().len(), repo.text("ran").as_str()),
            (3, "oldest\n")
        );
        if first {
            pre_commit(&repo, &types);
        }
        repo.uninstall();
        let cache = |(name, ..): &(String, u32, Vec<u8>)| !name.starts_with("ORIG_HEAD");
        assert_eq!(
            before,
            repo.git_dir_files()
                .into_iter()
                .filter(cache)
                .collect::<Vec<_>>()
        );

        // With force, it drops the existing hooks: this is detected and repaired.
        repo.install();
        pre_commit(&repo, &["install", "-f"]);
        assert!(!repo.status().active);
        repo.install();
        assert!(repo.status().active);
    }
}

#[test]
fn the_guard_works_with_git_lfs_installed_before_or_after() {
    if !there("git-lfs", in_path("git-lfs")) {
        return;
    }
    for first in [true, false] {
        let repo = Repo::new();
        repo.git(&["init", "-q", "--bare", "../remote"]);
        repo.git(&["remote", "add", "origin", "../remote"]);
        if first {
            repo.git(&["lfs", "install", "--local"]);
        }
        repo.install();
        if !first {
            // It asks before overwriting; the part of the hook that it shows tells what to do.
            let asked = repo.try_git(&["lfs", "install", "--local"]);
            assert_eq!(asked.code, 2);
            let said = format!("{}{}", asked.out, asked.err);
            assert!(
                said.contains("Hook already exists: pre-push") && said.contains("git pm init"),
                "{said}"
            );
            assert!(repo.status().active);
            repo.git(&["lfs", "update", "--force"]);
            assert_eq!(repo.state_of("pre-push"), HookState::Foreign);
            repo.install();
        }
        assert!(repo.status().active, "{:?}", repo.status());
        repo.git(&["lfs", "track", "*.bin"]);
        repo.git(&["add", ".gitattributes"]);
        let commit = repo.commit("big.bin");
        assert_eq!(commit.code, 0, "{}", commit.err);
        assert!(
            repo.git(&["show", "HEAD:big.bin"])
                .starts_with("version https://git-lfs")
        );
        repo.asked();
        let push = repo.try_git(&["push", "origin", "main"]);
        assert_eq!(push.code, 0, "{}", push.err);
        assert_eq!(repo.asked_for(), ["pre-push"]);
        assert_eq!(repo.text("asked.stdin").lines().count(), 1);
        let stored = walk(&repo.root.join("remote/lfs/objects"));
        assert_eq!(
            stored, 1,
            "git-lfs's pre-push sent the object: {}",
            push.err
        );

        // A later `git lfs update` keeps both, whatever it prints.
        let _ = repo.try_git(&["lfs", "update"]);
        assert!(repo.status().active, "{:?}", repo.status());
        repo.stand_in(1);
        assert_eq!(repo.commit("c").code, 1);
        repo.stand_in(0);
        repo.uninstall();
        let hook = fs::read_to_string(repo.hook("pre-push")).expect("its hook");
        assert!(hook.contains("git lfs pre-push \"$@\""), "{hook}");
        assert!(!repo.hook("pre-commit").exists());
    }
}

/// The number of files below a folder.
fn walk(dir: &std::path::Path) -> usize {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    entries
        .map(|entry| {
            if entry.path().is_dir() {
                walk(&entry.path())
            } else {
                1
            }
        })
        .sum()
}

#[test]
fn git_lfs_works_with_a_global_hooks_folder() {
    if !there("git-lfs", in_path("git-lfs")) {
        return;
    }
    let repo = Repo::new();
    let folder = repo.root.join("global");
    repo.git(&[
        "config",
        "--global",
        "core.hooksPath",
        folder.to_str().expect("UTF-8"),
    ]);
    repo.git(&["lfs", "install"]);
    assert!(folder.join("pre-push").exists());
    repo.git(&["init", "-q", "--bare", "../remote"]);
    repo.git(&["remote", "add", "origin", "../remote"]);
    repo.install();
    repo.git(&["lfs", "track", "*.bin"]);
    assert_eq!(repo.commit("big.bin").code, 0);
    repo.asked();
    repo.git(&["push", "-q", "origin", "main"]);
    assert_eq!(repo.asked_for(), ["pre-push"]);
    assert_eq!(walk(&repo.root.join("remote/lfs/objects")), 1);
}
