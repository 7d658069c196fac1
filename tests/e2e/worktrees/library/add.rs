//! Adding a worktree, and undoing it.

use std::fs;

use git_pm::error::Kind;
use git_pm::internals::coordinate::worktree;
use git_pm::internals::coordinate::worktree::{AddOptions, name_template};

use super::{exists, options, place};
use crate::support::checkout::At as _;
use crate::support::checkout::{TestRepo, commit, read, status, write};

#[test]
fn branch_names_are_accepted_exactly_as_by_git() {
    let repo = TestRepo::empty("sha1");
    for name in [
        "a", "a/b", "@", "a@b", "{x}", "é", "a-", "HEADs", "-a", "HEAD", "", "/a", "a/", "a//b",
        ".a", "a/.b", "a.lock", "a.lock/b", "a..b", "a.", "a b", "a~", "a^", "a:", "a?", "a*",
        "a[", "a\\b", "a@{b", "a\u{7f}", "a\tb", "a/.lock", "a.LOCK", "x.", "a./b",
    ] {
        let args = ["check-ref-format", "--branch", name];
        let git_takes_it = repo.git.run(&args).unwrap().ok();
        // `--branch` expands `@{…}` and lets HEAD pass; `git branch` refuses that one.
        let wanted = git_takes_it && name != "HEAD";
        assert_eq!(
            name_template::check_branch(name).is_ok(),
            wanted,
            "{name:?}"
        );
    }
}

#[test]
fn adding_creates_branch_and_worktree_and_can_be_undone() {
    let repo = TestRepo::new();
    let main = repo.run(&["rev-parse", "main"]);
    let added = worktree::add::add(&repo.git, &options(&repo, "T-0001-fix")).unwrap();
    assert_eq!(added.base, main);
    assert_eq!(read(&added.path, "src/lib.rs"), "fn a() {}\n");
    let inside = repo.git.at(&added.path);
    assert_eq!(
        worktree::list::current_branch(&inside).unwrap().unwrap(),
        "task/T-0001-fix"
    );
    assert_eq!(worktree::list(&inside).unwrap()[1].key, "T-0001-fix");
    assert!(worktree::dirt(&inside).unwrap().is_clean());

    let undone = worktree::undo(&repo.git, &added).unwrap();
    assert_eq!(undone, worktree::add::Undone::default());
    assert!(!added.path.exists() && !added.path.parent().unwrap().exists());
    assert!(!exists(&repo, "refs/heads/task/T-0001-fix"));
    assert_eq!(worktree::list(&repo.git).unwrap().len(), 1);
}

#[test]
fn undoing_an_add_keeps_commits_and_saves_uncommitted_work() {
    let repo = TestRepo::new();
    let added = worktree::add::add(&repo.git, &options(&repo, "T-1")).unwrap();
    write(&added.path, "new.rs", "x");
    commit(&repo.git.at(&added.path), "work");
    write(&added.path, "more.rs", "y");
    // Also when run from inside the folder that is removed.
    let undone = worktree::undo(&repo.git.at(&added.path), &added).unwrap();
    assert!(undone.kept_branch && exists(&repo, "refs/heads/task/T-1"));
    let saved = undone.saved.unwrap();
    assert_eq!(repo.run(&["show", &format!("{saved}:more.rs")]), "y");
    assert!(!added.path.exists());
}

#[test]
fn a_failing_step_leaves_nothing_behind() {
    let repo = TestRepo::new();
    repo.write(".gitattributes", "*.bin filter=broken\n");
    repo.write("a.bin", "x");
    repo.commit("filtered");
    repo.run(&["config", "filter.broken.smudge", "false"]);
    repo.run(&["config", "filter.broken.required", "true"]);
    let before = repo.run(&["for-each-ref"]);
    let error = worktree::add::add(&repo.git, &options(&repo, "T-1")).unwrap_err();
    assert_eq!(error.kind(), Kind::State);
    assert!(!place(&repo, "T-1").exists() && !repo.base().join("my repo.worktrees").exists());
    assert_eq!(repo.run(&["for-each-ref"]), before);
    assert_eq!(worktree::list(&repo.git).unwrap().len(), 1);

    let sparse = AddOptions {
        sparse: vec![".".into()],
        ..options(&repo, "T-2")
    };
    assert_eq!(
        worktree::add::add(&repo.git, &sparse).unwrap_err().kind(),
        Kind::Usage
    );
    let base = AddOptions {
        base: "nowhere".into(),
        ..options(&repo, "T-2")
    };
    assert_eq!(
        worktree::add::add(&repo.git, &base).unwrap_err().kind(),
        Kind::NotFound
    );
    assert_eq!(repo.run(&["for-each-ref"]), before);
}

#[cfg(unix)]
#[test]
fn a_failing_post_checkout_hook_is_a_warning() {
    use std::os::unix::fs::PermissionsExt;
    let repo = TestRepo::new();
    let hook = repo.root.join(".git/hooks/post-checkout");
    fs::create_dir_all(hook.parent().unwrap()).unwrap();
    fs::write(&hook, "#!/bin/sh\necho no thanks >&2\nexit 1\n").unwrap();
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
    let added = worktree::add::add(&repo.git, &options(&repo, "T-1")).unwrap();
    assert!(added.warning.unwrap().contains("no thanks"));
    assert_eq!(read(&added.path, "docs/a.md"), "a\n");
}

#[test]
fn folders_and_branches_in_use_are_refused_with_their_path() {
    let repo = TestRepo::new();
    let first = worktree::add::add(&repo.git, &options(&repo, "T-1")).unwrap();
    let kind = |o: &AddOptions| worktree::add::add(&repo.git, o).unwrap_err();
    assert!(
        kind(&options(&repo, "T-1"))
            .message()
            .contains("already exists")
    );
    let again = AddOptions {
        new_branch: false,
        ..AddOptions::new(place(&repo, "x"), "task/T-1", "")
    };
    assert!(
        kind(&again)
            .message()
            .contains(first.path.to_str().unwrap())
    );
    let missing = AddOptions {
        branch: "task/none".into(),
        ..again.clone()
    };
    assert_eq!(kind(&missing).kind(), Kind::NotFound);
    let same_place = AddOptions {
        branch: "task/T-9".into(),
        ..options(&repo, "T-1")
    };
    assert!(
        kind(&same_place)
            .message()
            .contains("is already a worktree")
    );
    write(&place(&repo, "full"), "mine.txt", "x");
    assert_eq!(kind(&options(&repo, "full")).kind(), Kind::Refused);
    assert!(!exists(&repo, "refs/heads/task/full"));
    fs::create_dir_all(place(&repo, "empty")).unwrap();
    worktree::add::add(&repo.git, &options(&repo, "empty")).unwrap();
    // `task/T-1` is a branch, so `task/T-1/x` cannot be one.
    let below = AddOptions {
        branch: "task/T-1/x".into(),
        ..options(&repo, "y")
    };
    assert_eq!(kind(&below).kind(), Kind::Refused);
    let hidden = AddOptions {
        path: repo.root.join(".git/wt"),
        ..options(&repo, "z")
    };
    assert_eq!(kind(&hidden).kind(), Kind::Usage);
}

#[test]
fn a_branch_being_rebased_elsewhere_counts_as_checked_out() {
    let repo = TestRepo::new();
    let added = worktree::add::add(&repo.git, &options(&repo, "T-1")).unwrap();
    let inside = repo.git.at(&added.path);
    write(&added.path, "README.md", "theirs\n");
    commit(&inside, "theirs");
    repo.write("README.md", "ours\n");
    repo.commit("ours");
    assert!(!inside.run(&["rebase", "main"]).unwrap().ok());
    let again = AddOptions {
        new_branch: false,
        ..AddOptions::new(place(&repo, "x"), "task/T-1", "")
    };
    let error = worktree::add::add(&repo.git, &again).unwrap_err();
    assert!(error.message().contains("checked out in"), "{error}");
    assert_eq!(
        worktree::dirt(&inside).unwrap().operation.as_deref(),
        Some("rebase")
    );
}

#[test]
fn only_the_registration_of_a_folder_deleted_by_hand_is_removed() {
    let repo = TestRepo::new();
    let one = worktree::add::add(&repo.git, &options(&repo, "T-1")).unwrap();
    let two = worktree::add::add(&repo.git, &options(&repo, "T-2")).unwrap();
    fs::remove_dir_all(&one.path).unwrap();
    fs::remove_dir_all(&two.path).unwrap();
    let listed = worktree::list(&repo.git).unwrap();
    assert!(listed[1].prunable.is_some() && listed[1].key == "T-1");
    let again = AddOptions {
        new_branch: false,
        ..options(&repo, "T-1")
    };
    worktree::add::add(&repo.git, &again).unwrap();
    // For the second one at another path: its registration still holds the branch.
    let moved = AddOptions {
        path: place(&repo, "T-2b"),
        new_branch: false,
        ..options(&repo, "T-2")
    };
    worktree::add::add(&repo.git, &moved).unwrap();
    let keys: Vec<String> = worktree::list(&repo.git)
        .unwrap()
        .into_iter()
        .map(|w| w.key)
        .collect();
    assert_eq!(keys, ["main", "T-1", "T-2b"]);
    // An empty folder at the path of a worktree.
    fs::remove_dir_all(place(&repo, "T-1")).unwrap();
    fs::create_dir(place(&repo, "T-1")).unwrap();
    worktree::add::add(&repo.git, &again).unwrap();
    // A locked worktree may be on a removed drive.
    repo.run(&["worktree", "lock", place(&repo, "T-1").to_str().unwrap()]);
    fs::remove_dir_all(place(&repo, "T-1")).unwrap();
    assert_eq!(
        worktree::add::add(&repo.git, &again).unwrap_err().kind(),
        Kind::Refused
    );
}

#[test]
fn a_sparse_worktree_has_the_requested_folders_and_the_main_worktree_stays_complete() {
    let repo = TestRepo::new();
    let sparse = AddOptions {
        sparse: vec!["src".into()],
        ..options(&repo, "T-1")
    };
    let added = worktree::add::add(&repo.git, &sparse).unwrap();
    assert!(added.path.join("src/lib.rs").exists() && added.path.join("README.md").exists());
    assert!(!added.path.join("docs").exists());
    assert!(
        worktree::dirt(&repo.git.at(&added.path))
            .unwrap()
            .is_clean()
    );
    assert!(repo.root.join("docs/a.md").exists() && status(&repo.git).is_empty());
    // A file outside the cone counts as work, too.
    write(&added.path, "docs/b.md", "b");
    let saved = worktree::remove(&repo.git, &added.path, true, None).unwrap();
    assert_eq!(
        repo.run(&["show", &format!("{}:docs/b.md", saved.unwrap())]),
        "b"
    );
}

#[cfg(unix)]
#[test]
fn build_caches_are_copied_only_by_reflink_and_never_through_a_link() {
    let repo = TestRepo::new();
    repo.write("target/debug/app", "binary");
    std::os::unix::fs::symlink("/etc", repo.root.join("out.log")).unwrap();
    let wanted = ["target", "out.log", "src", "../x", "none"]
        .map(String::from)
        .to_vec();
    let with = AddOptions {
        copy_ignored: wanted,
        ..options(&repo, "T-1")
    };
    let added = worktree::add::add(&repo.git, &with).unwrap();
    let skipped: Vec<&str> = added.skipped.iter().map(|s| s.name.as_str()).collect();
    for name in ["out.log", "src", "../x", "none"] {
        assert!(skipped.contains(&name), "{name}");
    }
    // The file system may not support it; a partial copy is never left.
    assert_eq!(added.copied.len() + added.skipped.len(), 5);
    assert_eq!(
        added.path.join("target").exists(),
        added.copied == ["target"]
    );
    assert!(
        worktree::dirt(&repo.git.at(&added.path))
            .unwrap()
            .is_clean()
    );
}
