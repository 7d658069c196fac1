//! Renames, submodules, bare and sparse repositories, hooks and attributes.

use std::fs;

use git_pm::internals::work::task::integrate::{IntegrateOptions, Strategy};

use super::{README, diverged, integrate, options};
use crate::support::checkout::At as _;
use crate::support::checkout::{TestRepo, commit, read, run, status, write};

#[cfg(unix)]
#[test]
fn renames_modes_links_and_odd_names_are_integrated() {
    use std::os::unix::fs::PermissionsExt;
    for format in ["sha1", "sha256"] {
        let repo = TestRepo::with_format(format);
        let place = repo.base().join("scratch");
        repo.run(&[
            "worktree",
            "add",
            "-q",
            "-b",
            "task/a",
            place.to_str().unwrap(),
        ]);
        let git = repo.git.at(&place);
        run(&git, &["mv", "README.md", "READ ME\n2.md"]);
        write(&place, "run.sh", "#!/bin/sh\n");
        fs::set_permissions(place.join("run.sh"), fs::Permissions::from_mode(0o755)).unwrap();
        std::os::unix::fs::symlink("run.sh", place.join("link")).unwrap();
        fs::remove_file(place.join("docs/a.md")).unwrap();
        fs::remove_dir(place.join("docs")).unwrap();
        fs::write(place.join("docs"), "a file now").unwrap();
        commit(&git, "all sorts");
        // The other side edits the renamed file.
        repo.write("README.md", &README.replace("five", "FIVE"));
        repo.commit("edited");
        let done = integrate(&repo.git, &options("task/a", Strategy::Rebase)).unwrap();
        assert!(done.touched.contains(&"READ ME\n2.md".to_string()));
        assert!(status(&repo.git).is_empty());
        assert!(read(&repo.root, "READ ME\n2.md").contains("FIVE"));
        assert_eq!(read(&repo.root, "docs"), "a file now");
        let mode = fs::metadata(repo.root.join("run.sh"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o111, 0o111);
        assert!(repo.root.join("link").is_symlink());
    }
}

#[test]
fn submodule_entries_are_integrated_and_a_submodule_can_be_a_target_repository() {
    let inner = TestRepo::new();
    inner.on_branch("task/a", "main", &[("in", "x")]);
    let repo = TestRepo::new();
    let place = repo.base().join("scratch");
    repo.run(&[
        "worktree",
        "add",
        "-q",
        "-b",
        "task/sub",
        place.to_str().unwrap(),
    ]);
    let git = repo.git.at(&place);
    run(
        &git,
        &[
            "submodule",
            "add",
            "-q",
            inner.root.to_str().unwrap(),
            "sub",
        ],
    );
    commit(&git, "with a submodule");
    let done = integrate(&repo.git, &options("task/sub", Strategy::Squash)).unwrap();
    assert_eq!(done.touched, [".gitmodules", "sub"]);
    assert!(repo.run(&["ls-tree", "main", "sub"]).starts_with("160000 "));
    assert!(status(&repo.git).is_empty());

    repo.run(&["submodule", "update", "-q", "--init"]);
    let sub = repo.git.at(repo.root.join("sub"));
    run(&sub, &["checkout", "-q", "main"]);
    run(&sub, &["branch", "-q", "task/a", "origin/task/a"]);
    integrate(&sub, &options("task/a", Strategy::Squash)).unwrap();
    assert!(status(&sub).is_empty());
    assert_eq!(read(&repo.root, "sub/in"), "x");
}

#[test]
fn a_bare_repository_can_be_integrated() {
    let repo = diverged();
    let bare = repo.base().join("app.git");
    repo.run(&["clone", "-q", "--bare", ".", bare.to_str().unwrap()]);
    let git = repo.git.at(&bare);
    integrate(&git, &options("task/a", Strategy::Squash)).unwrap();
    assert_eq!(run(&git, &["show", "main:src/a.rs"]), "a");
}

#[test]
fn a_sparse_checkout_of_the_target_stays_sparse() {
    let repo = diverged();
    repo.run(&["sparse-checkout", "set", "--cone", "docs"]);
    integrate(&repo.git, &options("task/a", Strategy::Squash)).unwrap();
    assert!(!repo.root.join("src").exists() && status(&repo.git).is_empty());
}

#[cfg(unix)]
#[test]
fn no_hook_of_the_user_runs() {
    use std::os::unix::fs::PermissionsExt;
    let repo = diverged();
    let hooks = repo.root.join(".git/hooks");
    let seen = repo.base().join("seen");
    fs::create_dir_all(&hooks).unwrap();
    for name in [
        "reference-transaction",
        "post-index-change",
        "post-checkout",
        "pre-commit",
        "commit-msg",
    ] {
        let file = hooks.join(name);
        fs::write(
            &file,
            format!("#!/bin/sh\necho {name} >> '{}'\n", seen.display()),
        )
        .unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    }
    integrate(&repo.git, &options("task/a", Strategy::Squash)).unwrap();
    assert!(
        !seen.exists(),
        "ran: {}",
        fs::read_to_string(&seen).unwrap()
    );
}

#[test]
fn attributes_come_from_the_target_and_not_from_the_current_worktree() {
    let repo = TestRepo::new();
    repo.write(".gitattributes", "*.md merge=union\n");
    repo.commit("union");
    repo.on_branch("task/a", "main", &[("docs/a.md", "a\ntheirs\n")]);
    repo.write("docs/a.md", "a\nours\n");
    repo.commit("ours");
    let elsewhere = repo.base().join("elsewhere");
    repo.run(&[
        "worktree",
        "add",
        "-q",
        "-b",
        "old",
        elsewhere.to_str().unwrap(),
        "main~2",
    ]);
    let inside = repo.git.at(&elsewhere);
    integrate(&inside, &options("task/a", Strategy::Squash)).unwrap();
    assert_eq!(read(&repo.root, "docs/a.md"), "a\nours\ntheirs\n");
}

#[test]
fn integrating_into_a_symbolic_branch_moves_the_branch_it_points_to() {
    let repo = diverged();
    repo.run(&["symbolic-ref", "refs/heads/stable", "refs/heads/main"]);
    let onto = IntegrateOptions {
        target: "stable".into(),
        ..options("task/a", Strategy::Squash)
    };
    let done = integrate(&repo.git, &onto).unwrap();
    assert_eq!(repo.run(&["rev-parse", "main"]), done.new);
    assert_eq!(
        repo.run(&["symbolic-ref", "refs/heads/stable"]),
        "refs/heads/main"
    );
    assert_eq!(read(&repo.root, "src/lib.rs"), "fn a() { a }\n");
    assert!(status(&repo.git).is_empty());
}
