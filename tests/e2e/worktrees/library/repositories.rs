//! The state of branches; bare, nested and SHA-256 repositories.

use git_pm::internals::coordinate::worktree;
use git_pm::internals::coordinate::worktree::AddOptions;
use git_pm::internals::store::git::process::Git;
use git_pm::internals::store::git::repo::Repo;

use super::{exists, options};
use crate::support::checkout::At as _;
use crate::support::checkout::{TestRepo, commit, run, status, write};

#[test]
fn the_state_of_a_branch_is_reported() {
    let repo = TestRepo::new();
    let added = worktree::add::add(&repo.git, &options(&repo, "T-1")).unwrap();
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
    assert_eq!(none, worktree::branch_status::BranchState::default());
    // A tag with the target's name does not replace it.
    repo.run(&["tag", "main", "task/T-1"]);
    assert_eq!(state().behind, 2);
    repo.run(&["checkout", "-q", "--orphan", "other"]);
    repo.commit("root");
    let apart = worktree::branch_state(&repo.git, "task/T-1", "other", None).unwrap();
    assert!(apart.unrelated && apart.conflicts.is_empty());
}

/// The default branch of the repository in which this git runs.
fn default_branch(git: &Git) -> Option<String> {
    let vars = git.env_names().filter_map(|name| {
        let value = git.env(name)?.to_os_string();
        Some((name.to_string(), value))
    });
    let env = git_pm::Env::new(git.dir().to_path_buf(), vars.collect());
    worktree::default_branch(&Repo::open(&env).unwrap()).unwrap()
}

#[test]
fn the_default_branch_is_found() {
    let of = |repo: &TestRepo| default_branch(&repo.git);
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
    // A branch that is a symbolic ref counts, and one that names nothing does not.
    repo.run(&["update-ref", "-d", "refs/remotes/origin/release/1"]);
    assert_eq!(of(&repo).as_deref(), Some("master"));
    repo.run(&["branch", "-D", "main/x"]);
    repo.run(&["symbolic-ref", "refs/heads/main", "refs/heads/none"]);
    assert_eq!(of(&repo).as_deref(), Some("master"));
    repo.run(&["symbolic-ref", "refs/heads/main", "refs/heads/trunk"]);
    assert_eq!(of(&repo).as_deref(), Some("main"));
}

#[test]
fn a_bare_repository_can_have_worktrees_also_one_named_main() {
    let repo = TestRepo::new();
    let bare = repo.base().join("app.git");
    repo.run(&["clone", "-q", "--bare", ".", bare.to_str().unwrap()]);
    let git = repo.git.at(&bare);
    assert_eq!(default_branch(&git).as_deref(), Some("main"));
    let at = repo.base().join("main");
    worktree::add::add(
        &git,
        &AddOptions {
            new_branch: false,
            ..AddOptions::new(&at, "main", "")
        },
    )
    .unwrap();
    let listed = worktree::list(&git).unwrap();
    assert!(listed[0].main && listed[0].bare && listed[0].path == bare);
    assert_eq!(listed[1].key, "worktrees/main");
    write(&at, "x", "x");
    let saved = worktree::remove(&git, &at, true, None).unwrap();
    assert_eq!(
        saved.as_deref(),
        Some("refs/pm-local/saved/worktrees/main/1700000000")
    );
}

#[test]
fn worktrees_can_be_added_from_a_linked_one_and_with_unusual_names() {
    let repo = TestRepo::new();
    let first = worktree::add::add(&repo.git, &options(&repo, "T-1")).unwrap();
    let inside = repo.git.at(first.path.join("src"));
    let odd = options(&repo, "new\nline and ü");
    let odd = AddOptions {
        branch: "task/T-2".into(),
        ..odd
    };
    let second = worktree::add::add(&inside, &odd).unwrap();
    let listed = worktree::list(&inside).unwrap();
    assert_eq!(listed[0].path, repo.root);
    let found = listed.iter().find(|w| w.path == second.path).unwrap();
    assert_eq!(found.branch.as_deref(), Some("task/T-2"));
    worktree::remove(&inside, &second.path, false, None).unwrap();
}

#[test]
fn a_submodule_counts_as_a_main_worktree() {
    let repo = TestRepo::new();
    let outer = TestRepo::new();
    outer.run(&["submodule", "add", "-q", repo.root.to_str().unwrap(), "sub"]);
    outer.commit("with a submodule");
    let sub = outer.git.at(outer.root.join("sub"));
    let at = outer.base().join("sub.worktrees/T-1");
    worktree::add::add(&sub, &AddOptions::new(&at, "task/T-1", "main")).unwrap();
    assert_eq!(worktree::list(&sub).unwrap()[1].key, "T-1");
    for git in [&sub, &outer.git.at(&at)] {
        let listed = worktree::list(git).unwrap();
        assert_eq!(
            (listed.len(), &listed[0].path),
            (2, &outer.root.join("sub"))
        );
    }
    worktree::remove(&sub, &at, false, None).unwrap();
    assert!(status(&outer.git).is_empty());

    // A worktree of the outer repository: removing it would lose the commits of a checked-out
    // submodule.
    let added = worktree::add::add(&outer.git, &options(&outer, "T-2")).unwrap();
    let inside = outer.git.at(&added.path);
    run(&inside, &["submodule", "update", "-q", "--init"]);
    let dirt = worktree::dirt(&inside).unwrap();
    assert!(dirt.is_clean() && !dirt.loses_nothing() && dirt.submodules == ["sub"]);
    write(&added.path, "sub/x", "x");
    commit(&inside.at(added.path.join("sub")), "only here");
    run(&inside, &["commit", "-qam", "bump"]);
    let error = worktree::remove(&outer.git, &added.path, false, None).unwrap_err();
    assert!(error.message().contains("sub"), "{error}");
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
    // What a remote of the submodule has is not lost.
    worktree::remove(&outer.git, &added.path, false, None).unwrap();
}

#[test]
fn worktrees_work_in_a_sha256_repository() {
    let repo = TestRepo::with_format("sha256");
    let added = worktree::add::add(&repo.git, &options(&repo, "T-1")).unwrap();
    write(&added.path, "x", "x");
    let saved = worktree::remove(&repo.git, &added.path, true, None).unwrap();
    assert!(exists(&repo, &saved.unwrap()));
}
