//! Hooks in special repositories: moved, copied, bare, a submodule, with a linked hooks folder or
//! unusual configuration.
#![cfg(unix)]

use std::fs;

use crate::hooks::stand_in::Repo;
use crate::support::checkout::At as _;

#[test]
fn a_moved_or_copied_repository_runs_its_own_hooks_only() {
    let repo = Repo::new();
    repo.script(
        &repo.dir.join(".husky/_/pre-commit"),
        "sh .husky/pre-commit",
    );
    repo.git(&["config", "core.hooksPath", ".husky/_"]);
    repo.write(".husky/pre-commit", "echo husky >>../ran\n");
    repo.install();
    let copy = repo.root.join("copy [of] it");
    assert!(
        std::process::Command::new("cp")
            .arg("-r")
            .arg(&repo.dir)
            .arg(&copy)
            .status()
            .expect("cp")
            .success()
    );
    repo.stand_in(1);
    let commit = repo.git_at(&copy, &["commit", "--allow-empty", "-m", "x"]);
    assert_eq!(
        (commit.code, repo.text("ran").as_str()),
        (0, "husky\n"),
        "{}",
        commit.err
    );
    let git = repo.runner().at(&copy);
    let status = git_pm::internals::coordinate::hook::status(&git).expect("status");
    assert!(!status.active && status.fix.is_some(), "{status:?}");
    let options = git_pm::internals::coordinate::hook::InstallOptions {
        binary: repo.binary(),
        strict: false,
    };
    git_pm::internals::coordinate::hook::install(&git, &options).expect("installing");
    assert_eq!(
        repo.git_at(&copy, &["commit", "--allow-empty", "-m", "x"])
            .code,
        1
    );
    let config = fs::read_to_string(copy.join(".git/config")).expect("config");
    assert_eq!(config.matches("[includeIf").count(), 2, "{config}");
}

#[test]
fn a_hooks_folder_linked_to_tracked_files_is_not_changed() {
    let repo = Repo::new();
    fs::remove_dir_all(repo.dir.join(".git/hooks")).expect("removed");
    repo.script(
        &repo.dir.join("ci/hooks/pre-commit"),
        "echo tracked >>../ran",
    );
    std::os::unix::fs::symlink("../ci/hooks", repo.dir.join(".git/hooks")).expect("link");
    repo.git(&["add", "ci"]);
    repo.git(&["commit", "-qm", "hooks"]);
    let before = repo.git_dir_files();
    repo.install();
    assert_eq!(repo.commit("a").code, 0);
    assert_eq!(repo.text("ran"), "tracked\ntracked\n");
    assert_eq!(repo.asked_for().len(), 3);
    assert_eq!(repo.git(&["status", "--porcelain"]), "");
    repo.uninstall();
    assert_eq!(before, repo.git_dir_files());
}

#[test]
fn hooks_work_in_a_submodule_and_a_bare_repository() {
    let repo = Repo::new();
    assert_eq!(repo.commit("a").code, 0);
    let own = repo.dir.to_str().expect("UTF-8").to_string();
    repo.git(&[
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "add",
        "-q",
        &own,
        "sub dir",
    ]);
    repo.git(&["init", "-q", "--bare", "../bare.git"]);
    let options = git_pm::internals::coordinate::hook::InstallOptions {
        binary: repo.binary(),
        strict: false,
    };
    let module = repo.dir.join("sub dir");
    for (dir, hooks) in [
        (module.clone(), repo.dir.join(".git/modules/sub dir/hooks")),
        (repo.root.join("bare.git"), repo.root.join("bare.git/hooks")),
    ] {
        let git = repo.runner().at(&dir);
        assert_eq!(
            git_pm::internals::coordinate::hook::install(&git, &options)
                .expect("installing")
                .folder,
            hooks
        );
        assert!(
            git_pm::internals::coordinate::hook::status(&git)
                .expect("status")
                .active
        );
    }
    repo.stand_in(1);
    assert_eq!(
        repo.git_at(&module, &["commit", "--allow-empty", "-m", "x"])
            .code,
        1
    );
    assert!(
        !repo.status().installed,
        "the outer repository is another one"
    );
}

#[test]
fn configuration_that_cannot_be_overridden_is_reported() {
    let repo = Repo::new();
    repo.git(&["config", "extensions.worktreeConfig", "true"]);
    repo.git(&["config", "--worktree", "core.hooksPath", "elsewhere"]);
    let report = repo.install();
    assert!(report.notes[0].contains("config.worktree"), "{report:?}");
    let status = repo.status();
    assert!(
        !status.active && status.reasons[0].contains("config.worktree"),
        "{status:?}"
    );
}
