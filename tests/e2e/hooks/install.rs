//! Hooks in git's default folder, beside the user's own hooks.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt;

use git_pm::hooks::HookState;

use crate::hooks::stand_in::{Repo, ran};
use crate::support::checkout::At as _;

#[test]
fn a_commit_runs_the_guard_and_follows_its_result() {
    let repo = Repo::new();
    let report = repo.install();
    assert!(report.changed && report.notes.is_empty(), "{report:?}");
    assert_eq!(repo.commit("a").code, 0);
    assert_eq!(
        repo.asked(),
        [
            "[hook][run][pre-commit][--]",
            "[hook][run][prepare-commit-msg][--][.git/COMMIT_EDITMSG][message]",
            "[hook][run][commit-msg][--][.git/COMMIT_EDITMSG]"
        ]
    );
    repo.stand_in(1);
    assert_eq!(repo.commit("b").code, 1, "a reservation stops the commit");
    assert_eq!(
        repo.try_git(&["commit", "--no-verify", "-m", "x"]).code,
        1,
        "prepare-commit-msg"
    );
    let status = repo.status();
    assert!(status.active && status.fix.is_none(), "{status:?}");
    assert_eq!(status.hooks.len(), 5);
    serde_json::to_string(&status).expect("serializable");
}

#[test]
fn a_failure_of_the_guard_refuses_and_a_missing_program_warns() {
    let repo = Repo::new();
    repo.install();
    repo.stand_in(101);
    let commit = repo.commit("a");
    assert_eq!(commit.code, 1, "{}", commit.err);
    for said in ["exit code 101", "git pm doctor", "git commit --no-verify"] {
        assert!(commit.err.contains(said), "{}", commit.err);
    }

    fs::remove_file(repo.binary()).expect("removed");
    let commit = repo.commit("b");
    assert_eq!(commit.code, 0, "{}", commit.err);
    assert!(commit.err.contains("git pm doctor"), "{}", commit.err);
    let status = repo.status();
    assert!(!status.active, "{status:?}");
    assert_eq!(status.hooks[0].state, HookState::SwitchedOff);
    assert!(status.reasons[0].contains("no longer exists"), "{status:?}");
    assert_eq!(status.fix.as_deref(), Some("git pm init"));
}

#[test]
fn the_binary_in_path_is_used_if_the_installed_one_is_missing() {
    let mut repo = Repo::new();
    repo.install();
    fs::remove_file(repo.binary()).expect("removed");
    let other = repo.root.join("other");
    repo.script(&other.join("git-pm"), "echo from PATH >&2; exit 1");
    let path = format!(
        "{}:{}",
        other.display(),
        std::env::var("PATH").unwrap_or_default()
    );
    repo.env.insert("PATH".into(), path.into());
    let commit = repo.commit("a");
    assert_eq!(commit.code, 1);
    assert!(commit.err.contains("from PATH"), "{}", commit.err);
}

#[test]
fn hooks_work_without_path() {
    let repo = Repo::named("it's a \"repo\" $x", &[]);
    let hook = "echo \"earlier $0\" >>../ran; while IFS= read -r l; do echo \"$l\"; done >>../ran";
    repo.script(&repo.hook("pre-push"), hook);
    repo.install();
    repo.git(&["init", "-q", "--bare", "../remote"]);
    let which = ran(repo
        .command("/bin/sh", &repo.root)
        .args(["-c", "command -v git"])
        .output()
        .expect("sh"));
    for path in ["", "/nonexistent"] {
        let run = |args: &[&str]| {
            let mut git = repo.command(which.out.trim(), &repo.dir);
            ran(git.env("PATH", path).args(args).output().expect("git"))
        };
        repo.asked();
        repo.write("a", path);
        repo.git(&["add", "a"]);
        let commit = run(&["commit", "-m", "x"]);
        assert_eq!(
            (commit.code, repo.asked_for().len()),
            (0, 3),
            "{}",
            commit.err
        );
        // A program of that name in the repository must not be run.
        let push = run(&["push", "-q", "../remote", "main"]);
        assert_eq!(push.code, 0, "{}", push.err);
        assert_eq!(repo.asked_for(), ["pre-push"]);
        assert_eq!(
            repo.text("ran"),
            format!(
                "earlier .git/hooks-before-git-pm/pre-push\n{}",
                repo.text("asked.stdin")
            )
        );
        fs::remove_file(repo.root.join("ran")).expect("removed");
    }
}

#[test]
fn no_file_of_the_repository_is_run_with_an_empty_path() {
    let repo = Repo::new();
    repo.install();
    fs::remove_file(repo.binary()).expect("removed");
    repo.script(&repo.dir.join("git-pm"), "echo trap >&2; exit 1");
    let which = ran(repo
        .command("/bin/sh", &repo.root)
        .args(["-c", "command -v git"])
        .output()
        .expect("sh"));
    let mut git = repo.command(which.out.trim(), &repo.dir);
    let commit = ran(git
        .env("PATH", "")
        .args(["commit", "--allow-empty", "-m", "x"])
        .output()
        .expect("git"));
    assert_eq!(commit.code, 0, "{}", commit.err);
    assert!(!commit.err.contains("trap"), "{}", commit.err);
}

#[test]
fn an_existing_hook_runs_first_and_unchanged() {
    let repo = Repo::new();
    repo.write(".git/hooks/common.sh", "where=$(dirname \"$0\")/../..\n");
    repo.script(
        &repo.hook("pre-push"),
        ". \"$(dirname \"$0\")/common.sh\"\necho \"$(basename \"$0\") $* $FLAVOUR\" >\"$where/../ran\"\n/bin/cat >\"$where/../ran.stdin\"",
    );
    repo.git(&["init", "-q", "--bare", "../remote"]);
    assert_eq!(repo.commit("a").code, 0);
    let report = repo.install();
    assert_eq!(report.chained.len(), 1, "{report:?}");
    let mut push = repo.command("git", &repo.dir);
    let push = ran(push
        .env("FLAVOUR", "plum")
        .args(["push", "-q", "../remote", "main"])
        .output()
        .expect("git"));
    assert_eq!(push.code, 0, "{}", push.err);
    assert_eq!(repo.text("ran"), "pre-push ../remote ../remote plum\n");
    assert_eq!(
        repo.asked(),
        ["[hook][run][pre-push][--][../remote][../remote]"]
    );
    let line = repo.text("asked.stdin");
    assert!(
        line.starts_with("refs/heads/main ") && line.lines().count() == 1,
        "{line}"
    );
    assert_eq!(
        line,
        repo.text("ran.stdin"),
        "both read all of standard input"
    );
}

#[test]
fn a_refusal_of_an_existing_hook_is_kept() {
    let repo = Repo::new();
    repo.script(&repo.hook("pre-commit"), "exit 1");
    repo.install();
    assert_eq!(repo.commit("a").code, 1);
    assert!(
        repo.asked().is_empty(),
        "the guard was called without a decision to make"
    );
    repo.script(
        &repo.dir.join(".git/hooks-before-git-pm/pre-commit"),
        "exit 0",
    );
    repo.stand_in(1);
    assert_eq!(
        repo.commit("a").code,
        1,
        "the guard did not refuse after an accepting earlier hook"
    );
}

#[test]
fn an_existing_hook_that_is_not_executable_is_not_run() {
    let repo = Repo::new();
    let hook = repo.hook("pre-commit");
    repo.script(&hook, "exit 1");
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o644)).expect("mode");
    repo.install();
    assert_eq!(repo.commit("a").code, 0);
    assert!(repo.status().hooks[0].chained.is_empty());
}

#[test]
fn installing_twice_changes_nothing() {
    for strict in [false, true] {
        let repo = Repo::new();
        repo.script(&repo.hook("pre-commit"), "exit 0");
        repo.install_with(strict);
        let once = repo.git_dir_files();
        assert!(!repo.install_with(strict).changed);
        assert_eq!(once, repo.git_dir_files());
    }
}

#[test]
fn uninstalling_restores_every_byte() {
    let repo = Repo::new();
    fs::create_dir_all(repo.dir.join("tools")).expect("folder");
    repo.script(
        &repo.dir.join("tools/check"),
        "echo linked >>\"$(dirname \"$0\")/../../../ran\"",
    );
    repo.script(&repo.hook("pre-push"), "exit 0");
    fs::set_permissions(repo.hook("pre-push"), fs::Permissions::from_mode(0o751)).expect("mode");
    repo.write(".git/hooks/prepare-commit-msg", "not executable\r\n");
    repo.write(".git/hooks/helper", "x");
    std::os::unix::fs::symlink("../../tools/check", repo.hook("pre-commit")).expect("link");
    let before = repo.git_dir_files();
    repo.install();
    assert_eq!(repo.commit("a").code, 0);
    assert_eq!(
        repo.text("ran"),
        "linked\n",
        "a relative link still leads to its script"
    );
    repo.install_with(true);
    repo.install();
    assert!(repo.uninstall().is_empty());
    assert_eq!(before, repo.git_dir_files());
    assert!(!repo.status().installed);
    repo.uninstall();
    assert_eq!(
        before,
        repo.git_dir_files(),
        "the second installation changed something"
    );
}

#[test]
fn uninstalling_removes_a_hooks_folder_that_install_created() {
    let repo = Repo::named("repo", &["--template="]);
    let before = repo.git_dir_files();
    repo.install();
    repo.install();
    assert_eq!(repo.commit("a").code, 0);
    assert_eq!(repo.asked_for().len(), 3);
    repo.uninstall();
    let after: Vec<_> = repo.git_dir_files();
    assert_eq!(before, after);
}

#[test]
fn a_linked_worktree_is_guarded_too() {
    let repo = Repo::new();
    repo.commit("a");
    repo.git(&["worktree", "add", "-q", "-b", "linked", "../linked tree"]);
    let linked = repo.root.join("linked tree");
    // Installed from a linked worktree: the hooks folder is the shared one all the same.
    let options = git_pm::internals::coordinate::hook::InstallOptions {
        binary: repo.binary(),
        strict: false,
    };
    let report = git_pm::internals::coordinate::hook::install(&repo.runner().at(&linked), &options)
        .expect("installing");
    assert_eq!(report.folder, repo.dir.join(".git/hooks"));
    repo.stand_in(1);
    let refused = repo.git_at(&linked, &["commit", "--allow-empty", "-m", "x"]);
    assert_eq!(refused.code, 1, "{}", refused.err);
    assert!(
        git_pm::internals::coordinate::hook::status(&repo.runner().at(&linked))
            .expect("status")
            .active
    );
}

#[test]
fn strict_mode_stops_commands_that_skip_the_other_hooks() {
    let repo = Repo::new();
    repo.commit("a");
    repo.script(
        &repo.hook("reference-transaction"),
        "[ $1 != prepared ] || /bin/cat >>../ran.stdin",
    );
    repo.install_with(true);
    assert_eq!(repo.commit("b").code, 0);
    assert!(repo.text("asked.stdin").contains(" refs/heads/main"));
    assert_eq!(repo.text("asked.stdin"), repo.text("ran.stdin"));
    repo.stand_in(1);
    let tree = repo.git(&["commit-tree", "HEAD^{tree}", "-m", "x"]);
    assert_ne!(
        repo.try_git(&["update-ref", "refs/heads/x", tree.trim()])
            .code,
        0
    );
    repo.stand_in(0);
    let report = repo.install_with(false);
    assert!(
        repo.hook("reference-transaction").exists(),
        "the earlier one is back"
    );
    assert!(!repo.status().strict);
    assert!(report.notes[0].starts_with("strict mode is off;"));
    assert!(repo.install_with(false).notes.is_empty(), "reported again");
}

#[test]
fn a_merge_runs_the_guard_too() {
    let repo = Repo::new();
    repo.commit("a");
    repo.git(&["checkout", "-q", "-b", "side"]);
    repo.commit("b");
    repo.git(&["checkout", "-q", "main"]);
    repo.commit("c");
    repo.install();
    repo.stand_in(1);
    assert_ne!(repo.try_git(&["merge", "-m", "x", "side"]).code, 0);
    assert_eq!(repo.asked_for(), ["pre-merge-commit"]);
}

#[test]
fn hook_status_reports_changes_of_the_hooks() {
    let repo = Repo::new();
    let status = repo.status();
    assert!(
        !status.installed && !status.active && status.fix.is_some(),
        "{status:?}"
    );
    repo.install();

    repo.git(&["config", "core.hooksPath", "/dev/null"]);
    let status = repo.status();
    assert!(
        !status.active && status.reasons[0].contains("/dev/null"),
        "{status:?}"
    );
    assert_eq!(status.hooks[0].state, HookState::SwitchedOff);
    repo.git(&["config", "--unset", "core.hooksPath"]);

    fs::set_permissions(repo.hook("pre-push"), fs::Permissions::from_mode(0o644)).expect("mode");
    assert!(repo.status().reasons[0].contains("not executable"));
    fs::remove_file(repo.hook("pre-commit")).expect("removed");
    assert_eq!(repo.status().hooks[0].state, HookState::Missing);
    repo.script(&repo.hook("pre-commit"), "exit 0");
    assert_eq!(repo.status().hooks[0].state, HookState::Foreign);

    repo.install();
    let status = repo.status();
    assert!(status.active && status.reasons.is_empty(), "{status:?}");
    assert_eq!(
        status.hooks[0].chained.len(),
        1,
        "the new hook is not chained"
    );
}

#[test]
fn hooks_can_be_disabled_for_one_command() {
    let mut repo = Repo::new();
    repo.install();
    repo.env.insert("GIT_CONFIG_COUNT".into(), "1".into());
    repo.env
        .insert("GIT_CONFIG_KEY_0".into(), "core.hooksPath".into());
    repo.env
        .insert("GIT_CONFIG_VALUE_0".into(), "/dev/null".into());
    let status = repo.status();
    assert!(
        !status.active && status.reasons[0].contains("environment"),
        "{status:?}"
    );
    assert!(
        repo.install().in_front_of.is_none(),
        "a temporary path was installed"
    );
}
