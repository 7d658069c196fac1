//! Checkouts of the target, races, and failures after the swap.

use std::fs;

use git_pm::error::Kind;
use git_pm::internals::coordinate::worktree;
use git_pm::internals::coordinate::worktree::AddOptions;
use git_pm::internals::work::task::integrate::{Strategy, prepare};
use git_pm::tasks::MergeView;

use super::{README, diverged, integrate, log, options, refused};
use crate::support::checkout::At as _;
use crate::support::checkout::{TestRepo, commit, read, run, status, write};

#[test]
fn unrelated_local_changes_stay_as_they_are() {
    let repo = diverged();
    repo.write("README.md", "edited\n");
    repo.write("docs/a.md", "staged\n");
    repo.run(&["add", "docs/a.md"]);
    repo.write("docs/a.md", "staged, and edited\n");
    repo.write("note.txt", "untracked");
    let before = status(&repo.git);
    integrate(&repo.git, &options("task/a", Strategy::Squash)).unwrap();
    assert_eq!(status(&repo.git), before);
    assert_eq!(read(&repo.root, "README.md"), "edited\n");
    assert_eq!(repo.run(&["show", ":docs/a.md"]), "staged");
    assert_eq!(read(&repo.root, "docs/a.md"), "staged, and edited\n");
    assert_eq!(read(&repo.root, "src/a.rs"), "a\n");
}

#[test]
fn local_changes_in_touched_files_refuse_before_the_swap() {
    let repo = diverged();
    let no = |what: &str| {
        let before = status(&repo.git);
        let message = refused(&repo.git, "task/a", Strategy::Squash, Kind::Refused);
        assert!(message.contains(what), "{message}");
        assert_eq!(status(&repo.git), before);
    };
    repo.write("src/lib.rs", "mine\n");
    no("src/lib.rs");
    repo.run(&["add", "src/lib.rs"]);
    no("src/lib.rs");
    repo.run(&["reset", "-q", "--hard"]);
    fs::remove_file(repo.root.join("src/lib.rs")).unwrap();
    no("src/lib.rs");
    repo.run(&["reset", "-q", "--hard"]);
    repo.write("src/a.rs", "mine\n");
    no("src/a.rs");
    assert_eq!(read(&repo.root, "src/a.rs"), "mine\n");
    fs::remove_file(repo.root.join("src/a.rs")).unwrap();
    repo.write("src/a.rs/x", "mine\n");
    no("src/a.rs/x");
    fs::remove_dir_all(repo.root.join("src/a.rs")).unwrap();
    // Rewritten with the same content: does not refuse.
    repo.write("src/lib.rs", "fn a() {}\n");
    integrate(&repo.git, &options("task/a", Strategy::Squash)).unwrap();
}

#[test]
fn ignored_files_are_not_overwritten_either() {
    let repo = TestRepo::new();
    repo.on_branch(
        "task/a",
        "main",
        &[
            (".gitignore", "target/\n"),
            ("x.log", "theirs"),
            ("d.log/y", "y"),
        ],
    );
    repo.write("x.log", "mine");
    assert!(refused(&repo.git, "task/a", Strategy::Squash, Kind::Refused).contains("x.log"));
    assert_eq!(read(&repo.root, "x.log"), "mine");
    fs::remove_file(repo.root.join("x.log")).unwrap();
    repo.write("d.log", "mine");
    assert!(refused(&repo.git, "task/a", Strategy::Squash, Kind::Refused).contains("d.log"));
    fs::remove_file(repo.root.join("d.log")).unwrap();
    integrate(&repo.git, &options("task/a", Strategy::Squash)).unwrap();
}

#[test]
fn a_checkout_with_an_operation_in_progress_refuses() {
    let repo = diverged();
    repo.on_branch("side", "main", &[("README.md", "side\n")]);
    repo.on_branch("side2", "main", &[("README.md", "main\n")]);
    repo.run(&["merge", "-q", "--ff-only", "side2"]);
    assert!(!repo.git.run(&["merge", "side"]).unwrap().ok());
    assert!(refused(&repo.git, "task/a", Strategy::Squash, Kind::Refused).contains("a merge is"));
    repo.run(&["merge", "--abort"]);
    assert!(!repo.git.run(&["rebase", "side"]).unwrap().ok());
    assert!(refused(&repo.git, "task/a", Strategy::Squash, Kind::Refused).contains("a rebase is"));
    repo.run(&["rebase", "--abort"]);
    fs::write(repo.root.join(".git/index.lock"), "").unwrap();
    refused(&repo.git, "task/a", Strategy::Squash, Kind::Refused);
    fs::remove_file(repo.root.join(".git/index.lock")).unwrap();
    integrate(&repo.git, &options("task/a", Strategy::Squash)).unwrap();
}

#[test]
fn a_target_checked_out_nowhere_or_in_another_worktree_is_integrated() {
    let repo = diverged();
    repo.run(&["checkout", "-q", "-b", "mine"]);
    repo.write("src/lib.rs", "mine\n");
    let at = repo.base().join("of main");
    repo.run(&["worktree", "add", "-q", at.to_str().unwrap(), "main"]);
    // Run from the task's worktree, as `finish --merge` does.
    let task = repo.base().join("task");
    let add = AddOptions {
        new_branch: false,
        ..AddOptions::new(&task, "task/a", "")
    };
    worktree::add::add(&repo.git, &add).unwrap();
    let inside = repo.git.at(task.join("src"));
    integrate(&inside, &options("task/a", Strategy::Squash)).unwrap();
    assert_eq!(read(&at, "src/lib.rs"), "fn a() { a }\n");
    assert_eq!(read(&repo.root, "src/lib.rs"), "mine\n");

    fs::remove_dir_all(&at).unwrap();
    write(&task, "more", "x");
    commit(&inside, "more");
    integrate(&repo.git, &options("task/a", Strategy::Squash)).unwrap();
    assert!(!at.exists());
}

#[test]
fn two_checkouts_of_the_target_are_both_updated_or_neither() {
    let repo = diverged();
    let at = repo.base().join("second");
    repo.run(&[
        "worktree",
        "add",
        "-q",
        "--force",
        at.to_str().unwrap(),
        "main",
    ]);
    write(&at, "src/lib.rs", "mine\n");
    refused(&repo.git, "task/a", Strategy::Squash, Kind::Refused);
    assert!(status(&repo.git).is_empty());
    run(&repo.git.at(&at), &["checkout", "-q", "."]);
    integrate(&repo.git, &options("task/a", Strategy::Squash)).unwrap();
    assert_eq!(read(&at, "src/lib.rs"), "fn a() { a }\n");
    assert_eq!(read(&repo.root, "src/lib.rs"), "fn a() { a }\n");
    assert!(status(&repo.git).is_empty() && status(&repo.git.at(&at)).is_empty());
}

#[test]
fn one_of_two_racing_integrations_wins_and_the_other_retries() {
    let repo = diverged();
    repo.on_branch("task/b", "main", &[("src/b.rs", "b\n")]);
    let a = prepare(&repo.git, &options("task/a", Strategy::Squash), &[]).unwrap();
    let b = prepare(&repo.git, &options("task/b", Strategy::Squash), &[]).unwrap();
    let won = a.apply().unwrap();
    let lost = b.apply().unwrap_err();
    assert_eq!(lost.kind(), Kind::Conflict);
    assert!(
        lost.message().contains("was updated in the meantime")
            && lost.hints()[0].text.contains("again")
    );
    assert_eq!(repo.run(&["rev-parse", "main"]), won.new);
    assert!(status(&repo.git).is_empty());
    integrate(&repo.git, &options("task/b", Strategy::Squash)).unwrap();
    assert_eq!(log(&repo, "%s")[..2], ["task/b: done", "task/a: done"]);
}

#[test]
fn a_concurrent_commit_on_the_branch_is_not_dropped() {
    let repo = diverged();
    let a = prepare(&repo.git, &options("task/a", Strategy::Squash), &[]).unwrap();
    repo.on_branch("task/a", "", &[("late", "x")]);
    assert_eq!(a.apply().unwrap_err().kind(), Kind::Conflict);
}

#[test]
fn concurrent_integrations_all_succeed_and_keep_the_checkout_consistent() {
    let repo = TestRepo::new();
    let names: Vec<String> = (0..6).map(|n| format!("task/{n}")).collect();
    for name in &names {
        repo.on_branch(name, "main", &[(&format!("{name}.txt"), name)]);
    }
    std::thread::scope(|scope| {
        let run = |name: &String| {
            let (git, options) = (repo.git.clone(), options(name, Strategy::Squash));
            scope.spawn(move || {
                for _ in 0..50 {
                    match integrate(&git, &options) {
                        Ok(MergeView { .. }) => return,
                        Err(e) => assert_eq!(e.kind(), Kind::Conflict, "{e}"),
                    }
                }
                panic!("never landed")
            })
        };
        let threads: Vec<_> = names.iter().map(run).collect();
        threads.into_iter().for_each(|t| t.join().unwrap());
    });
    assert_eq!(log(&repo, "%s").len(), 7);
    assert!(status(&repo.git).is_empty());
    assert!(
        names
            .iter()
            .all(|n| read(&repo.root, &format!("{n}.txt")) == *n)
    );
}

#[cfg(unix)]
#[test]
fn a_checkout_that_fails_after_the_swap_reverts_the_target() {
    let repo = TestRepo::new();
    repo.write(".gitattributes", "*.bin filter=odd\n");
    repo.write("gone.txt", "gone");
    repo.commit("filtered");
    let place = repo.base().join("scratch");
    repo.run(&[
        "worktree",
        "add",
        "-q",
        "-b",
        "task/a",
        place.to_str().unwrap(),
    ]);
    write(&place, "a/new.txt", "new");
    write(&place, "README.md", "other\n");
    write(&place, "x.bin", "x");
    fs::remove_file(place.join("gone.txt")).unwrap();
    commit(&repo.git.at(&place), "work");
    // Like git-lfs without its server.
    repo.run(&["config", "filter.odd.clean", "cat"]);
    repo.run(&["config", "filter.odd.smudge", "false"]);
    repo.run(&["config", "filter.odd.required", "true"]);
    repo.write("docs/a.md", "local\n");
    let (main, before) = (repo.run(&["rev-parse", "main"]), status(&repo.git));
    let error = integrate(&repo.git, &options("task/a", Strategy::Squash)).unwrap_err();
    assert_eq!(error.kind(), Kind::Refused, "{error}");
    assert!(error.message().contains("was not updated"), "{error}");
    assert_eq!(repo.run(&["rev-parse", "main"]), main);
    assert_eq!(status(&repo.git), before);
    assert_eq!(read(&repo.root, "README.md"), README);
    assert!(repo.root.join("gone.txt").exists() && !repo.root.join("a").exists());

    repo.run(&["config", "filter.odd.smudge", "cat"]);
    integrate(&repo.git, &options("task/a", Strategy::Squash)).unwrap();
    assert_eq!(status(&repo.git), before);
}
