//! Worktrees: made whole or not at all, listed by opaque keys, removed only when nothing is lost.

use std::fs;
use std::path::PathBuf;

use crate::checkout::{TestRepo, commit, read, run, status, write};
use git_pm::coordinate::worktree::{self, AddOptions, Reason, Safety, template};
use git_pm::error::Kind;

fn place(repo: &TestRepo, name: &str) -> PathBuf {
    repo.base().join("my repo.worktrees").join(name)
}

fn options(repo: &TestRepo, name: &str) -> AddOptions {
    AddOptions::new(place(repo, name), format!("task/{name}"), "main")
}

fn exists(repo: &TestRepo, reference: &str) -> bool {
    repo.git
        .run(&["rev-parse", "--verify", "--quiet", reference])
        .unwrap()
        .ok()
}

#[test]
fn names_that_we_take_are_those_that_git_takes() {
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
        assert_eq!(template::check_branch(name).is_ok(), wanted, "{name:?}");
    }
}

#[test]
fn a_task_gets_branch_and_worktree_and_both_can_be_taken_back() {
    let repo = TestRepo::new();
    let main = repo.run(&["rev-parse", "main"]);
    let added = worktree::add(&repo.git, &options(&repo, "T-0001-fix")).unwrap();
    assert_eq!(
        (added.base.as_str(), added.key.as_str()),
        (main.as_str(), "T-0001-fix")
    );
    assert_eq!(read(&added.path, "src/lib.rs"), "fn a() {}\n");
    let inside = repo.git.at(&added.path);
    assert_eq!(
        worktree::current_branch(&inside).unwrap().unwrap(),
        "task/T-0001-fix"
    );
    assert_eq!(
        worktree::current_key(&inside).unwrap().unwrap(),
        "T-0001-fix"
    );
    assert!(worktree::dirt(&inside).unwrap().is_clean());

    let undone = worktree::undo(&repo.git, &added).unwrap();
    assert_eq!(undone, worktree::Undone::default());
    assert!(!added.path.exists() && !added.path.parent().unwrap().exists());
    assert!(!exists(&repo, "refs/heads/task/T-0001-fix"));
    assert_eq!(worktree::list(&repo.git).unwrap().len(), 1);
}

#[test]
fn undo_keeps_commits_and_saves_what_was_done_meanwhile() {
    let repo = TestRepo::new();
    let added = worktree::add(&repo.git, &options(&repo, "T-1")).unwrap();
    write(&added.path, "new.rs", "x");
    commit(&repo.git.at(&added.path), "work");
    write(&added.path, "more.rs", "y");
    // Also when run from inside of what goes.
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
    let error = worktree::add(&repo.git, &options(&repo, "T-1")).unwrap_err();
    assert_eq!(error.kind(), Kind::State);
    assert!(!place(&repo, "T-1").exists() && !repo.base().join("my repo.worktrees").exists());
    assert_eq!(repo.run(&["for-each-ref"]), before);
    assert_eq!(worktree::list(&repo.git).unwrap().len(), 1);

    let sparse = AddOptions {
        sparse: vec![".".into()],
        ..options(&repo, "T-2")
    };
    assert_eq!(
        worktree::add(&repo.git, &sparse).unwrap_err().kind(),
        Kind::Usage
    );
    let base = AddOptions {
        base: "nowhere".into(),
        ..options(&repo, "T-2")
    };
    assert_eq!(
        worktree::add(&repo.git, &base).unwrap_err().kind(),
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
    let added = worktree::add(&repo.git, &options(&repo, "T-1")).unwrap();
    assert!(added.warning.unwrap().contains("no thanks"));
    assert_eq!(read(&added.path, "docs/a.md"), "a\n");
}

#[test]
fn taken_folders_and_branches_are_refused_with_their_place() {
    let repo = TestRepo::new();
    let first = worktree::add(&repo.git, &options(&repo, "T-1")).unwrap();
    let kind = |o: &AddOptions| worktree::add(&repo.git, o).unwrap_err();
    assert!(
        kind(&options(&repo, "T-1"))
            .message()
            .contains("exists already")
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
    assert!(kind(&same_place).message().contains("a worktree already"));
    write(&place(&repo, "full"), "mine.txt", "x");
    assert_eq!(kind(&options(&repo, "full")).kind(), Kind::Refused);
    assert!(!exists(&repo, "refs/heads/task/full"));
    fs::create_dir_all(place(&repo, "empty")).unwrap();
    worktree::add(&repo.git, &options(&repo, "empty")).unwrap();
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
    let added = worktree::add(&repo.git, &options(&repo, "T-1")).unwrap();
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
    let error = worktree::add(&repo.git, &again).unwrap_err();
    assert!(error.message().contains("checked out in"), "{error}");
    assert_eq!(
        worktree::dirt(&inside).unwrap().operation.as_deref(),
        Some("rebase")
    );
}

#[test]
fn a_folder_deleted_by_hand_is_forgotten_and_that_one_only() {
    let repo = TestRepo::new();
    let one = worktree::add(&repo.git, &options(&repo, "T-1")).unwrap();
    let two = worktree::add(&repo.git, &options(&repo, "T-2")).unwrap();
    fs::remove_dir_all(&one.path).unwrap();
    fs::remove_dir_all(&two.path).unwrap();
    let listed = worktree::list(&repo.git).unwrap();
    assert!(listed[1].prunable.is_some() && listed[1].key == "T-1");
    let again = AddOptions {
        new_branch: false,
        ..options(&repo, "T-1")
    };
    worktree::add(&repo.git, &again).unwrap();
    // Elsewhere, for the second: its registration still holds the branch.
    let moved = AddOptions {
        path: place(&repo, "T-2b"),
        new_branch: false,
        ..options(&repo, "T-2")
    };
    worktree::add(&repo.git, &moved).unwrap();
    let keys: Vec<String> = worktree::list(&repo.git)
        .unwrap()
        .into_iter()
        .map(|w| w.key)
        .collect();
    assert_eq!(keys, ["main", "T-1", "T-2b"]);
    // An empty folder left in the place of one.
    fs::remove_dir_all(place(&repo, "T-1")).unwrap();
    fs::create_dir(place(&repo, "T-1")).unwrap();
    worktree::add(&repo.git, &again).unwrap();
    // A locked one may come back with its drive.
    repo.run(&["worktree", "lock", place(&repo, "T-1").to_str().unwrap()]);
    fs::remove_dir_all(place(&repo, "T-1")).unwrap();
    assert_eq!(
        worktree::add(&repo.git, &again).unwrap_err().kind(),
        Kind::Refused
    );
}

#[test]
fn a_sparse_worktree_has_the_asked_folders_and_leaves_the_main_one_whole() {
    let repo = TestRepo::new();
    let sparse = AddOptions {
        sparse: vec!["src".into()],
        ..options(&repo, "T-1")
    };
    let added = worktree::add(&repo.git, &sparse).unwrap();
    assert!(added.path.join("src/lib.rs").exists() && added.path.join("README.md").exists());
    assert!(!added.path.join("docs").exists());
    assert!(
        worktree::dirt(&repo.git.at(&added.path))
            .unwrap()
            .is_clean()
    );
    assert!(repo.root.join("docs/a.md").exists() && status(&repo.git).is_empty());
    // A file outside of the cone is work like any other.
    write(&added.path, "docs/b.md", "b");
    let removed = worktree::remove(&repo.git, &added.path, true, None).unwrap();
    assert_eq!(
        repo.run(&["show", &format!("{}:docs/b.md", removed.saved.unwrap())]),
        "b"
    );
}

#[cfg(unix)]
#[test]
fn build_caches_come_by_reflink_or_not_at_all_and_never_through_a_link() {
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
    let added = worktree::add(&repo.git, &with).unwrap();
    let skipped: Vec<&str> = added.skipped.iter().map(|s| s.name.as_str()).collect();
    for name in ["out.log", "src", "../x", "none"] {
        assert!(skipped.contains(&name), "{name}");
    }
    // Whether the file system can is not ours to say; half a copy is never left.
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

#[test]
fn a_dirty_worktree_is_refused_and_by_force_saved_first() {
    let repo = TestRepo::new();
    let added = worktree::add(&repo.git, &options(&repo, "T-1")).unwrap();
    let inside = repo.git.at(&added.path);
    write(&added.path, "docs/a.md", "staged\n");
    run(&inside, &["add", "docs/a.md"]);
    write(&added.path, "docs/a.md", "in the file\n");
    fs::remove_file(added.path.join("src/lib.rs")).unwrap();
    write(&added.path, "new file\n.txt", "untracked");
    write(&added.path, "skip.log", "ignored");
    run(
        &inside,
        &["update-index", "--assume-unchanged", "README.md"],
    );
    write(&added.path, "README.md", "hidden change\n");
    let dirt = worktree::dirt(&inside).unwrap();
    assert_eq!(dirt.staged, ["docs/a.md"]);
    assert_eq!(dirt.modified, ["docs/a.md", "src/lib.rs", "README.md"]);
    assert_eq!(dirt.untracked, ["new file\n.txt"]);

    let error = worktree::remove(&repo.git, &added.path, false, None).unwrap_err();
    assert_eq!(error.kind(), Kind::Refused);
    assert!(added.path.join("new file\n.txt").exists());

    let name = "refs/pm-local/saved/T-0001/7";
    let removed = worktree::remove(&repo.git, &added.path, true, Some(name)).unwrap();
    assert_eq!(removed.saved.as_deref(), Some(name));
    assert!(!added.path.exists() && exists(&repo, "refs/heads/task/T-1"));
    assert!(!exists(&repo, "refs/stash"));
    let show = |spec: &str| repo.run(&["show", &format!("{name}{spec}")]);
    assert_eq!(show(":docs/a.md"), "in the file");
    assert_eq!(show("^2:docs/a.md"), "staged");
    assert_eq!(show(":README.md"), "hidden change");
    assert_eq!(repo.run(&["rev-parse", &format!("{name}^1")]), added.base);

    // The way back: a worktree at the branch with the saved files in it.
    let again = AddOptions {
        new_branch: false,
        ..options(&repo, "T-1")
    };
    let back = worktree::add(&repo.git, &again).unwrap();
    run(
        &repo.git.at(&back.path),
        &["read-tree", "-m", "-u", "HEAD", name],
    );
    assert_eq!(read(&back.path, "new file\n.txt"), "untracked");
    assert!(!back.path.join("src/lib.rs").exists() && !back.path.join("skip.log").exists());
    // A ref that is taken is not overwritten.
    let taken = worktree::remove(&repo.git, &back.path, true, Some(name)).unwrap_err();
    assert_eq!(taken.kind(), Kind::Conflict);
    assert!(back.path.exists());
}

#[test]
fn a_conflicted_merge_and_a_commit_on_no_branch_are_saved_too() {
    let repo = TestRepo::new();
    let added = worktree::add(&repo.git, &options(&repo, "T-1")).unwrap();
    let inside = repo.git.at(&added.path);
    write(&added.path, "README.md", "theirs\n");
    commit(&inside, "theirs");
    repo.write("README.md", "ours\n");
    repo.commit("ours");
    assert!(!inside.run(&["merge", "main"]).unwrap().ok());
    assert_eq!(
        worktree::dirt(&inside).unwrap().operation.as_deref(),
        Some("merge")
    );
    let removed = worktree::remove(&repo.git, &added.path, true, None).unwrap();
    let saved = removed.saved.unwrap();
    assert_eq!(saved, "refs/pm-local/saved/T-1/1700000000");
    assert!(
        repo.run(&["show", &format!("{saved}:README.md")])
            .contains("<<<<<<<")
    );

    let added = worktree::add(&repo.git, &options(&repo, "T-2")).unwrap();
    let inside = repo.git.at(&added.path);
    run(&inside, &["checkout", "-q", "--detach"]);
    write(&added.path, "x", "x");
    let lost = commit(&inside, "on no branch");
    let error = worktree::remove(&repo.git, &added.path, false, None).unwrap_err();
    assert!(error.message().contains(&lost), "{error}");
    let saved = worktree::remove(&repo.git, &added.path, true, None)
        .unwrap()
        .saved
        .unwrap();
    assert_eq!(repo.run(&["rev-parse", &format!("{saved}^")]), lost);
}

#[test]
fn saving_works_without_an_identity() {
    let repo = TestRepo::new();
    let added = worktree::add(&repo.git, &options(&repo, "T-1")).unwrap();
    write(&added.path, "x", "x");
    let mut env = crate::checkout::environment(&repo.base());
    env.retain(|key, _| !key.starts_with("GIT_AUTHOR") && !key.starts_with("GIT_COMMITTER"));
    repo.run(&["config", "user.useConfigOnly", "true"]);
    let nameless = git_pm::store::git::process::Git::new(&repo.root, env, false);
    let removed = worktree::remove(&nameless, &added.path, true, None).unwrap();
    assert!(exists(&repo, &removed.saved.unwrap()));
}

#[test]
fn what_is_never_removed() {
    let repo = TestRepo::new();
    let refused = |path: &std::path::Path, force| {
        let error = worktree::remove(&repo.git, path, force, None).unwrap_err();
        assert!(path.exists());
        error
    };
    assert!(
        refused(&repo.root, true)
            .message()
            .contains("main work tree")
    );
    assert_eq!(refused(&repo.base(), true).kind(), Kind::NotFound);

    let outer = worktree::add(&repo.git, &options(&repo, "outer")).unwrap();
    let at = outer.path.join("target/inner");
    worktree::add(&repo.git, &AddOptions::new(&at, "task/inner", "main")).unwrap();
    assert!(refused(&outer.path, true).message().contains("inner"));
    worktree::remove(&repo.git, &at, false, None).unwrap();

    let inside = repo.git.at(&outer.path);
    run(&inside, &["init", "-q", "own"]);
    write(&outer.path, "own/x", "x");
    assert!(refused(&outer.path, false).message().contains("own/"));
    assert!(refused(&outer.path, true).message().contains("own/"));
    fs::remove_dir_all(outer.path.join("own")).unwrap();

    repo.run(&[
        "worktree",
        "lock",
        "--reason",
        "on a drive",
        outer.path.to_str().unwrap(),
    ]);
    assert!(refused(&outer.path, true).message().contains("on a drive"));
    repo.run(&["worktree", "unlock", outer.path.to_str().unwrap()]);

    let here = worktree::remove(&inside, &outer.path, false, None).unwrap_err();
    assert!(here.message().contains("the folder you are in"));
    let removed = worktree::remove(&inside, &outer.path, true, None).unwrap();
    assert!(removed.was_current && removed.saved.is_none() && !outer.path.exists());
}

#[test]
fn an_integrated_branch_is_recognised_however_it_got_there() {
    let repo = TestRepo::new();
    let safety = |name: &str| {
        let listed = worktree::list(&repo.git).unwrap();
        let wanted = format!("task/{name}");
        let found = listed
            .iter()
            .find(|w| w.branch.as_deref() == Some(&wanted))
            .unwrap();
        worktree::removable(&repo.git, found, "main").unwrap()
    };
    let start = |name: &str| {
        let added = worktree::add(&repo.git, &options(&repo, name)).unwrap();
        (repo.git.at(&added.path), added.path)
    };
    let (git, path) = start("T-1");
    assert_eq!(safety("T-1"), Safety::Integrated(Reason::SameCommit));
    write(&path, "README.md", "ONE\ntwo\nthree\nfour\nfive\n");
    commit(&git, "one");
    write(&path, "x.txt", "x\n");
    commit(&git, "two");
    assert_eq!(safety("T-1"), Safety::Unmerged(2));

    // Squashed by somebody, and the files changed again later.
    repo.run(&["merge", "-q", "--squash", "task/T-1"]);
    let squash = repo.commit("squashed");
    assert_eq!(safety("T-1"), Safety::Integrated(Reason::EqualTrees));
    repo.write("other.txt", "x\n");
    repo.commit("other");
    assert_eq!(safety("T-1"), Safety::Integrated(Reason::MergeAddsNothing));
    repo.write("README.md", "1\ntwo\nthree\nfour\nfive\n");
    repo.write("x.txt", "later\n");
    repo.commit("later");
    assert_eq!(
        safety("T-1"),
        Safety::Integrated(Reason::EqualPatch(squash))
    );
    assert!(safety("T-1").to_string().contains("squashed into"));

    let (git, path) = start("T-2");
    write(&path, "y.txt", "y\n");
    commit(&git, "y");
    run(&git, &["revert", "--no-edit", "HEAD"]);
    repo.write("z", "z");
    repo.commit("z");
    assert_eq!(safety("T-2"), Safety::Integrated(Reason::EmptyDiff));
    repo.run(&["merge", "-q", "--no-edit", "task/T-2"]);
    assert_eq!(safety("T-2"), Safety::Integrated(Reason::Ancestor));

    // The same change but for white space is not the same change.
    let (git, path) = start("T-3");
    write(&path, "p.py", "if a:\n    b()\n    c()\n");
    commit(&git, "p");
    repo.write("p.py", "if a:\n    b()\nc()\n");
    repo.commit("p, otherwise");
    assert_eq!(safety("T-3"), Safety::Unmerged(1));
    // Nor are two different binary files.
    let (git, path) = start("T-4");
    fs::write(path.join("b.bin"), [0, 1, 2]).unwrap();
    commit(&git, "b");
    fs::write(repo.root.join("b.bin"), [0, 1, 3]).unwrap();
    repo.commit("b, otherwise");
    assert_eq!(safety("T-4"), Safety::Unmerged(1));

    let main = &worktree::list(&repo.git).unwrap()[0];
    assert!(
        !worktree::removable(&repo.git, main, "main")
            .unwrap()
            .is_safe()
    );
}

#[cfg(unix)]
#[test]
fn sizes_do_not_follow_links() {
    let repo = TestRepo::empty("sha1");
    let folder = repo.base().join("sized");
    write(&folder, "a", "12345");
    write(&folder, "b/c", "123");
    std::os::unix::fs::symlink("/usr", folder.join("l")).unwrap();
    assert_eq!(
        worktree::size(&folder).unwrap(),
        5 + 3 + "/usr".len() as u64
    );
    assert!(worktree::size(&folder.join("none")).is_err());
}

#[test]
fn the_state_of_a_branch() {
    let repo = TestRepo::new();
    let added = worktree::add(&repo.git, &options(&repo, "T-1")).unwrap();
    let inside = repo.git.at(&added.path);
    let state =
        || worktree::branch_state(&repo.git, "task/T-1", "main", Some(&added.path)).unwrap();
    assert!(state().merged.is_some() && state().dirty == Some(false));
    write(&added.path, "README.md", "theirs\n");
    commit(&inside, "theirs");
    repo.write("README.md", "ours\n");
    repo.commit("ours");
    repo.commit("empty");
    write(&added.path, "x", "x");
    let now = state();
    assert_eq!((now.ahead, now.behind, now.dirty), (1, 2, Some(true)));
    assert_eq!(now.conflicts, ["README.md"]);
    assert!(now.exists && now.merged.is_none() && !now.unrelated);
    let none = worktree::branch_state(&repo.git, "task/none", "main", None).unwrap();
    assert_eq!(none, worktree::BranchState::default());
    // A tag of the target's name does not take its place.
    repo.run(&["tag", "main", "task/T-1"]);
    assert_eq!(state().behind, 2);
    repo.run(&["checkout", "-q", "--orphan", "other"]);
    repo.commit("root");
    let apart = worktree::branch_state(&repo.git, "task/T-1", "other", None).unwrap();
    assert!(apart.unrelated && apart.conflicts.is_empty());
}

#[test]
fn the_default_branch() {
    let of = |repo: &TestRepo| worktree::default_branch(&repo.git).unwrap();
    let repo = TestRepo::empty("sha1");
    assert_eq!(of(&repo), None);
    repo.run(&["checkout", "-q", "-b", "trunk"]);
    repo.commit("first");
    assert_eq!(of(&repo).as_deref(), Some("trunk"));
    repo.run(&["branch", "side"]);
    repo.run(&["checkout", "-q", "--detach"]);
    assert_eq!(of(&repo), None);
    repo.run(&["branch", "-D", "side"]);
    assert_eq!(of(&repo).as_deref(), Some("trunk"));
    repo.run(&["branch", "master"]);
    assert_eq!(of(&repo).as_deref(), Some("master"));
    repo.run(&["branch", "main/x"]);
    assert_eq!(of(&repo).as_deref(), Some("master"));
    repo.run(&["update-ref", "refs/remotes/origin/release/1", "HEAD"]);
    repo.run(&[
        "symbolic-ref",
        "refs/remotes/origin/HEAD",
        "refs/remotes/origin/release/1",
    ]);
    assert_eq!(of(&repo).as_deref(), Some("release/1"));
}

#[test]
fn a_bare_repository_has_worktrees_and_one_called_main_keeps_its_own_key() {
    let repo = TestRepo::new();
    let bare = repo.base().join("app.git");
    repo.run(&["clone", "-q", "--bare", ".", bare.to_str().unwrap()]);
    let git = repo.git.at(&bare);
    assert_eq!(worktree::current_key(&git).unwrap(), None);
    assert_eq!(
        worktree::default_branch(&git).unwrap().as_deref(),
        Some("main")
    );
    let at = repo.base().join("main");
    let added = worktree::add(
        &git,
        &AddOptions {
            new_branch: false,
            ..AddOptions::new(&at, "main", "")
        },
    )
    .unwrap();
    assert_eq!(added.key, "worktrees/main");
    let listed = worktree::list(&git).unwrap();
    assert!(listed[0].main && listed[0].bare && listed[0].path == bare);
    assert_eq!(listed[1].key, "worktrees/main");
    write(&at, "x", "x");
    let removed = worktree::remove(&git, &at, true, None).unwrap();
    assert_eq!(
        removed.saved.as_deref(),
        Some("refs/pm-local/saved/worktrees/main/1700000000")
    );
}

#[test]
fn from_inside_a_linked_worktree_and_with_odd_folder_names() {
    let repo = TestRepo::new();
    let first = worktree::add(&repo.git, &options(&repo, "T-1")).unwrap();
    let inside = repo.git.at(first.path.join("src"));
    let odd = options(&repo, "new\nline and ü");
    let odd = AddOptions {
        branch: "task/T-2".into(),
        ..odd
    };
    let second = worktree::add(&inside, &odd).unwrap();
    let listed = worktree::list(&inside).unwrap();
    assert_eq!(listed[0].path, repo.root);
    let found = listed.iter().find(|w| w.path == second.path).unwrap();
    assert_eq!(
        (found.key.as_str(), found.branch.as_deref()),
        (second.key.as_str(), Some("task/T-2"))
    );
    assert_eq!(
        worktree::current_key(&repo.git.at(&second.path))
            .unwrap()
            .unwrap(),
        second.key
    );
    worktree::remove(&inside, &second.path, false, None).unwrap();
}

#[test]
fn a_repository_that_is_a_submodule_is_a_main_work_tree() {
    let repo = TestRepo::new();
    let outer = TestRepo::new();
    outer.run(&["submodule", "add", "-q", repo.root.to_str().unwrap(), "sub"]);
    outer.commit("with a submodule");
    let sub = outer.git.at(outer.root.join("sub"));
    assert_eq!(
        worktree::current_key(&sub).unwrap().as_deref(),
        Some("main")
    );
    let at = outer.base().join("sub.worktrees/T-1");
    let added = worktree::add(&sub, &AddOptions::new(&at, "task/T-1", "main")).unwrap();
    assert_eq!(added.key, "T-1");
    for git in [&sub, &outer.git.at(&at)] {
        let listed = worktree::list(git).unwrap();
        assert_eq!(
            (listed.len(), &listed[0].path),
            (2, &outer.root.join("sub"))
        );
    }
    worktree::remove(&sub, &at, false, None).unwrap();
    assert!(status(&outer.git).is_empty());

    // A worktree of the outer one: a filled submodule's commits would go with it.
    let added = worktree::add(&outer.git, &options(&outer, "T-2")).unwrap();
    let inside = outer.git.at(&added.path);
    run(&inside, &["submodule", "update", "-q", "--init"]);
    let dirt = worktree::dirt(&inside).unwrap();
    assert!(dirt.is_clean() && !dirt.loses_nothing() && dirt.submodules == ["sub"]);
    let error = worktree::remove(&outer.git, &added.path, false, None).unwrap_err();
    assert!(error.message().contains("sub"), "{error}");
    write(&added.path, "sub/x", "x");
    commit(&inside.at(added.path.join("sub")), "only here");
    run(&inside, &["commit", "-qam", "bump"]);
    let error = worktree::remove(&outer.git, &added.path, true, None).unwrap_err();
    assert!(error.message().contains("submodule"), "{error}");
    run(
        &inside,
        &[
            "-C",
            "sub",
            "push",
            "-q",
            "origin",
            "HEAD:refs/heads/from-sub",
        ],
    );
    run(&inside, &["-C", "sub", "checkout", "-q", "--detach"]);
    worktree::remove(&outer.git, &added.path, true, None).unwrap();
}

#[test]
fn a_sha256_repository() {
    let repo = TestRepo::with_format("sha256");
    let added = worktree::add(&repo.git, &options(&repo, "T-1")).unwrap();
    write(&added.path, "x", "x");
    let removed = worktree::remove(&repo.git, &added.path, true, None).unwrap();
    assert!(exists(&repo, &removed.saved.unwrap()));
}
