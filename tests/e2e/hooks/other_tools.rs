//! Hooks beside other tools: a machine-wide hooks folder, husky, pre-commit and git-lfs, each
//! simulated by scripts. `real_tools.rs` uses the real ones.
#![cfg(unix)]

use std::fs;
use std::path::Path;

use git_pm::hooks::HookState;

use crate::hooks::stand_in::{OF_A_COMMIT, Repo};

/// The files of `husky` 9, and the value that it sets whenever packages are installed.
fn husky(repo: &Repo) {
    let h = "n=$(basename \"$0\")\ns=$(dirname \"$(dirname \"$0\")\")/$n\n[ ! -f \"$s\" ] && exit 0\nsh -e \"$s\" \"$@\"";
    repo.write(".husky/_/h", &format!("#!/usr/bin/env sh\n{h}\n"));
    for name in ["pre-commit", "commit-msg", "pre-push", "prepare-commit-msg"] {
        repo.script(
            &repo.dir.join(".husky/_").join(name),
            ". \"$(dirname \"$0\")/h\"",
        );
    }
    repo.git(&["config", "core.hooksPath", ".husky/_"]);
}

fn global_folder(repo: &Repo) -> std::path::PathBuf {
    let folder = repo.root.join("the machine's hooks");
    for name in ["pre-commit", "commit-msg", "post-commit"] {
        repo.script(
            &folder.join(name),
            &format!("echo {name} $# >>'{}/ran'", repo.root.display()),
        );
    }
    repo.git(&[
        "config",
        "--global",
        "core.hooksPath",
        folder.to_str().expect("UTF-8"),
    ]);
    folder
}

#[test]
fn hooks_of_a_global_folder_are_run_and_not_changed() {
    let repo = Repo::new();
    let folder = global_folder(&repo);
    let config = repo.text("gitconfig");
    let before = repo.git_dir_files();
    let report = repo.install();
    assert_eq!(report.in_front_of.as_deref(), Some(folder.as_path()));
    assert_eq!(repo.commit("a").code, 0);
    assert_eq!(repo.asked_for(), OF_A_COMMIT);
    assert_eq!(
        repo.text("ran"),
        "pre-commit 0\ncommit-msg 1\npost-commit 0\n"
    );
    assert_eq!(fs::read_dir(&folder).expect("folder").count(), 3);
    assert_eq!(repo.text("gitconfig"), config);

    // A hook added later runs as it would without git pm.
    repo.script(
        &folder.join("post-rewrite"),
        &format!("/bin/cat >'{}/rewritten'", repo.root.display()),
    );
    repo.git(&["commit", "--amend", "-m", "y"]);
    assert!(!repo.text("rewritten").is_empty());

    let once = repo.git_dir_files();
    assert!(!repo.install().changed);
    assert_eq!(once, repo.git_dir_files());
    assert!(repo.status().active, "{:?}", repo.status());
    repo.stand_in(1);
    assert_eq!(repo.commit("b").code, 1);
    repo.uninstall();
    assert_eq!(before, repo.git_dir_files());
}

#[test]
fn other_repositories_are_not_guarded() {
    let repo = Repo::new();
    global_folder(&repo);
    repo.install();
    repo.git(&["init", "-q", "../other"]);
    repo.stand_in(1);
    let commit = repo.git_at(
        &repo.root.join("other"),
        &["commit", "--allow-empty", "-m", "x"],
    );
    assert_eq!(commit.code, 0, "{}", commit.err);
}

#[test]
fn hooks_whose_presence_changes_git_are_forwarded_only_if_they_exist() {
    let repo = Repo::new();
    let folder = global_folder(&repo);
    repo.install();
    assert!(!repo.dir.join(".git/pm/hooks/push-to-checkout").exists());
    repo.script(&folder.join("post-index-change"), "exit 0");
    let status = repo.status();
    assert!(
        status.active && status.reasons[0].contains("post-index-change"),
        "{status:?}"
    );
    repo.install();
    assert!(repo.status().reasons.is_empty());
    fs::remove_file(folder.join("post-index-change")).expect("removed");
    repo.install();
    assert!(!repo.dir.join(".git/pm/hooks/post-index-change").exists());
}

#[test]
fn husky_runs_under_its_hook_names_and_keeps_its_configuration() {
    let repo = Repo::new();
    husky(&repo);
    repo.write(".husky/pre-commit", "echo husky \"$0\" >>../ran\n");
    repo.write(".husky/pre-push", "/bin/cat >>../ran\n");
    let before = repo.git_dir_files();
    let report = repo.install();
    assert_eq!(report.in_front_of.as_deref(), Some(Path::new(".husky/_")));
    let commit = repo.commit("a");
    assert_eq!(commit.code, 0, "{}", commit.err);
    assert_eq!(repo.text("ran"), "husky .husky/pre-commit\n");
    assert_eq!(repo.asked_for(), OF_A_COMMIT);
    assert_eq!(
        repo.git(&["status", "--porcelain"]),
        "?? .husky/\n",
        "nothing of the user's changed"
    );

    // `npm install` sets its value again: the guard stays on.
    husky(&repo);
    assert!(repo.status().active, "{:?}", repo.status());
    repo.stand_in(1);
    assert_eq!(repo.commit("b").code, 1);
    repo.stand_in(0);
    repo.asked();

    // A linked worktree has its own `.husky`.
    repo.git(&["worktree", "add", "-q", "../linked"]);
    let linked = repo.root.join("linked");
    repo.asked();
    let commit = repo.git_at(&linked, &["commit", "--allow-empty", "-m", "x"]);
    assert_eq!(commit.code, 0, "{}", commit.err);
    assert_eq!(
        repo.asked_for().len(),
        3,
        "{:?}",
        repo.git_at(&linked, &["config", "core.hooksPath"]).out
    );
    repo.git(&["worktree", "remove", "../linked"]);
    repo.git(&["branch", "-q", "-D", "linked"]);

    repo.uninstall();
    let after = repo.git_dir_files();
    assert_eq!(
        before,
        after
            .into_iter()
            .filter(|(name, ..)| name != "worktrees")
            .collect::<Vec<_>>()
    );
}

#[test]
fn husky_installed_later_is_detected_and_chained() {
    let repo = Repo::new();
    repo.script(&repo.hook("pre-commit"), "exit 1");
    let bytes = fs::read(repo.hook("pre-commit")).expect("hook");
    repo.install();
    husky(&repo);
    repo.write(".husky/pre-commit", "echo husky >>../ran\n");
    let status = repo.status();
    assert!(
        !status.active && status.reasons[0].contains(".husky/_"),
        "{status:?}"
    );
    assert_eq!(status.hooks[0].state, HookState::SwitchedOff);
    repo.install();
    assert_eq!(
        repo.commit("a").code,
        0,
        "a hook that husky had disabled is enabled"
    );
    assert_eq!(
        (repo.asked_for().len(), repo.text("ran").as_str()),
        (3, "husky\n")
    );
    assert_eq!(fs::read(repo.hook("pre-commit")).expect("hook"), bytes);

    // And husky is removed again.
    repo.git(&["config", "--unset", "core.hooksPath"]);
    let status = repo.status();
    assert!(status.active && status.fix.is_some(), "{status:?}");
    repo.install();
    assert_eq!(
        repo.commit("b").code,
        1,
        "the refusal of the earlier hook is ignored"
    );
    assert_eq!(repo.status().folder, repo.dir.join(".git/hooks"));
}

/// Does the same as `pre-commit install`: the existing hook becomes `.legacy`, and is run first.
fn pre_commit_framework(repo: &Repo) {
    let (hook, legacy) = (repo.hook("pre-commit"), repo.hook("pre-commit.legacy"));
    let theirs =
        fs::read_to_string(&hook).is_ok_and(|t| t.contains("File generated by pre-commit"));
    if hook.exists() && !theirs {
        fs::rename(&hook, &legacy).expect("renamed");
    }
    repo.script(
        &hook,
        "# File generated by pre-commit: https://pre-commit.com\n\
         [ -z \"$PRE_COMMIT_RUNNING_LEGACY\" ] || exit 9\nHERE=\"$(cd \"$(dirname \"$0\")\" && pwd)\"\n\
         if [ -x \"$HERE/pre-commit.legacy\" ]; then PRE_COMMIT_RUNNING_LEGACY=1 \"$HERE/pre-commit.legacy\" || exit $?; fi\n\
         echo framework >>../ran",
    );
}

fn pre_commit_framework_leaves(repo: &Repo) {
    fs::remove_file(repo.hook("pre-commit")).expect("removed");
    if repo.hook("pre-commit.legacy").exists() {
        fs::rename(repo.hook("pre-commit.legacy"), repo.hook("pre-commit")).expect("renamed");
    }
}

#[test]
fn pre_commit_and_the_guard_both_run_in_either_order_of_installation() {
    for first in [true, false] {
        let repo = Repo::new();
        repo.script(&repo.hook("pre-commit"), "echo oldest >>../ran");
        if first {
            pre_commit_framework(&repo);
        }
        let before = repo.git_dir_files();
        repo.install();
        pre_commit_framework(&repo);
        pre_commit_framework(&repo);
        let commit = repo.commit("a");
        assert_eq!(commit.code, 0, "{}", commit.err);
        assert_eq!(repo.text("ran"), "oldest\nframework\n", "first: {first}");
        assert_eq!(repo.asked_for(), OF_A_COMMIT);
        let status = repo.status();
        assert!(status.active && status.reasons.is_empty(), "{status:?}");
        assert_eq!(status.hooks[0].chained.len(), 2);
        assert!(!repo.install().changed);
        repo.stand_in(1);
        assert_eq!(repo.commit("b").code, 1);
        if !first {
            pre_commit_framework_leaves(&repo);
            assert!(repo.status().active);
        }
        repo.uninstall();
        assert_eq!(before, repo.git_dir_files(), "first: {first}");
    }
}

#[test]
fn pre_commit_that_removes_the_guard_is_detected() {
    let repo = Repo::new();
    repo.install();
    pre_commit_framework(&repo);
    fs::remove_file(repo.hook("pre-commit.legacy")).expect("removed");
    assert!(!repo.status().active);
    repo.install();
    assert!(repo.status().active);
    assert_eq!(repo.commit("a").code, 0);
    assert_eq!(repo.asked_for().len(), 3);
    pre_commit_framework_leaves(&repo);
    assert!(repo.status().active);
}

#[test]
fn git_lfs_that_overwrites_the_guard_is_chained_again() {
    let repo = Repo::new();
    repo.git(&["init", "-q", "--bare", "../remote"]);
    repo.script(&repo.hook("pre-push"), "echo oldest >>../ran");
    repo.install();
    repo.script(
        &repo.hook("pre-push"),
        "echo \"lfs $*\" >>../ran; /bin/cat >>../ran",
    );
    assert_eq!(repo.state_of("pre-push"), HookState::Foreign);
    let report = repo.install();
    assert!(report.notes[0].contains("replaced-1"), "{report:?}");
    assert_eq!(repo.commit("a").code, 0);
    repo.asked();
    repo.git(&["push", "-q", "../remote", "main"]);
    let ran = repo.text("ran");
    assert!(
        ran.starts_with("lfs ../remote ../remote\nrefs/heads/main "),
        "{ran}"
    );
    assert_eq!(repo.asked_for(), ["pre-push"]);
    // Repeating it gives the same file: nothing accumulates.
    fs::copy(
        repo.dir.join(".git/hooks-before-git-pm/pre-push"),
        repo.hook("pre-push"),
    )
    .expect("copied");
    assert!(repo.install().notes.is_empty());
    assert!(
        !repo
            .dir
            .join(".git/hooks-before-git-pm/pre-push.replaced-2")
            .exists()
    );
}
