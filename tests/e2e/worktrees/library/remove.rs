//! Removing a worktree without losing anything.

use std::fs;

use git_pm::error::Kind;
use git_pm::internals::coordinate::worktree;
use git_pm::internals::coordinate::worktree::merged_branch::MergeEvidence;
use git_pm::internals::coordinate::worktree::{AddOptions, Safety};

use super::{exists, options};
use crate::support::checkout::At as _;
use crate::support::checkout::{TestRepo, commit, read, run, write};

#[test]
fn a_dirty_worktree_is_not_removed_or_with_force_saved_first() {
    let repo = TestRepo::new();
    let added = worktree::add::add(&repo.git, &options(&repo, "T-1")).unwrap();
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
    let saved = worktree::remove(&repo.git, &added.path, true, Some((name, "u"))).unwrap();
    assert_eq!(saved.as_deref(), Some(name));
    assert!(!added.path.exists() && exists(&repo, "refs/heads/task/T-1"));
    assert!(!exists(&repo, "refs/stash"));
    let show = |spec: &str| repo.run(&["show", &format!("{name}{spec}")]);
    assert_eq!(show(":docs/a.md"), "in the file");
    assert_eq!(show("^2:docs/a.md"), "staged");
    assert_eq!(show(":README.md"), "hidden change");
    assert_eq!(repo.run(&["rev-parse", &format!("{name}^1")]), added.base);
    // What brings work back stages nothing that is ignored.
    let files = repo.run(&["ls-tree", "-r", "--name-only", name]);
    assert!(!files.contains("skip.log"), "{files}");
    assert_eq!(show("-ignored:skip.log"), "ignored");

    // To restore: a worktree at the branch with the saved files in it.
    let again = AddOptions {
        new_branch: false,
        ..options(&repo, "T-1")
    };
    let back = worktree::add::add(&repo.git, &again).unwrap();
    run(
        &repo.git.at(&back.path),
        &["read-tree", "-m", "-u", "HEAD", name],
    );
    assert_eq!(read(&back.path, "new file\n.txt"), "untracked");
    assert!(!back.path.join("skip.log").exists());
    assert!(!back.path.join("src/lib.rs").exists());
    // An existing ref is not overwritten.
    let taken = worktree::remove(&repo.git, &back.path, true, Some((name, "u"))).unwrap_err();
    assert_eq!(taken.kind(), Kind::Conflict);
    assert!(back.path.exists());
}

#[test]
fn a_conflicted_merge_and_a_commit_on_no_branch_are_saved_too() {
    let repo = TestRepo::new();
    let added = worktree::add::add(&repo.git, &options(&repo, "T-1")).unwrap();
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
    let saved = worktree::remove(&repo.git, &added.path, true, None).unwrap();
    let saved = saved.unwrap();
    assert_eq!(saved, "refs/pm-local/saved/T-1/1700000000");
    assert!(
        repo.run(&["show", &format!("{saved}:README.md")])
            .contains("<<<<<<<")
    );

    let added = worktree::add::add(&repo.git, &options(&repo, "T-2")).unwrap();
    let inside = repo.git.at(&added.path);
    run(&inside, &["checkout", "-q", "--detach"]);
    write(&added.path, "x", "x");
    let lost = commit(&inside, "on no branch");
    let error = worktree::remove(&repo.git, &added.path, false, None).unwrap_err();
    assert!(error.message().contains(&lost), "{error}");
    let saved = worktree::remove(&repo.git, &added.path, true, None)
        .unwrap()
        .unwrap();
    assert_eq!(repo.run(&["rev-parse", &format!("{saved}^")]), lost);
}

#[test]
fn saving_works_without_an_identity() {
    let repo = TestRepo::new();
    let added = worktree::add::add(&repo.git, &options(&repo, "T-1")).unwrap();
    write(&added.path, "x", "x");
    let mut env = crate::support::checkout::environment(&repo.base());
    env.retain(|key, _| !key.starts_with("GIT_AUTHOR") && !key.starts_with("GIT_COMMITTER"));
    repo.run(&["config", "user.useConfigOnly", "true"]);
    let nameless = git_pm::internals::store::git::process::Git::new(&repo.root, env, false);
    let saved = worktree::remove(&nameless, &added.path, true, None).unwrap();
    assert!(exists(&repo, &saved.unwrap()));
}

#[test]
fn worktrees_that_are_never_removed() {
    let repo = TestRepo::new();
    let refused = |path: &std::path::Path, force| {
        let error = worktree::remove(&repo.git, path, force, None).unwrap_err();
        assert!(path.exists());
        error
    };
    assert!(
        refused(&repo.root, true)
            .message()
            .contains("main worktree")
    );
    assert_eq!(refused(&repo.base(), true).kind(), Kind::NotFound);

    let outer = worktree::add::add(&repo.git, &options(&repo, "outer")).unwrap();
    let at = outer.path.join("target/inner");
    worktree::add::add(&repo.git, &AddOptions::new(&at, "task/inner", "main")).unwrap();
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
    assert!(here.message().contains("is the current directory"));
    let saved = worktree::remove(&inside, &outer.path, true, None).unwrap();
    assert!(saved.is_none() && !outer.path.exists());
}

#[test]
fn an_integrated_branch_is_recognised_for_every_way_of_merging() {
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
        let added = worktree::add::add(&repo.git, &options(&repo, name)).unwrap();
        (repo.git.at(&added.path), added.path)
    };
    let (git, path) = start("T-1");
    assert_eq!(safety("T-1"), Safety::Integrated(MergeEvidence::SameCommit));
    write(&path, "README.md", "ONE\ntwo\nthree\nfour\nfive\n");
    commit(&git, "one");
    write(&path, "x.txt", "x\n");
    commit(&git, "two");
    assert_eq!(safety("T-1"), Safety::Unmerged(2));

    // Squashed by hand, and the files changed again later.
    repo.run(&["merge", "-q", "--squash", "task/T-1"]);
    let squash = repo.commit("squashed");
    assert_eq!(safety("T-1"), Safety::Integrated(MergeEvidence::EqualTrees));
    repo.write("other.txt", "x\n");
    repo.commit("other");
    assert_eq!(
        safety("T-1"),
        Safety::Integrated(MergeEvidence::MergeAddsNothing)
    );
    repo.write("README.md", "1\ntwo\nthree\nfour\nfive\n");
    repo.write("x.txt", "later\n");
    repo.commit("later");
    assert_eq!(
        safety("T-1"),
        Safety::Integrated(MergeEvidence::EqualPatch(squash))
    );
    assert!(safety("T-1").to_string().contains("squashed into"));

    let (git, path) = start("T-2");
    write(&path, "y.txt", "y\n");
    commit(&git, "y");
    run(&git, &["revert", "--no-edit", "HEAD"]);
    repo.write("z", "z");
    repo.commit("z");
    assert_eq!(safety("T-2"), Safety::Integrated(MergeEvidence::EmptyDiff));
    repo.run(&["merge", "-q", "--no-edit", "task/T-2"]);
    assert_eq!(safety("T-2"), Safety::Integrated(MergeEvidence::Ancestor));

    // A change that differs in white space is not the same change.
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
fn worktree_sizes_do_not_follow_links() {
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
