//! Squash, merge and rebase, and conflicts.

use git_pm::error::Kind;
use git_pm::internals::work::task::integrate::{IntegrateOptions, Strategy};

use super::{diverged, integrate, log, options, refused};
use crate::support::checkout::At as _;
use crate::support::checkout::{TestRepo, commit, read, run, status, write};

#[test]
fn strategies_are_parsed_by_name() {
    for s in Strategy::ALL {
        assert_eq!(s.as_str().parse::<Strategy>().unwrap(), s);
        assert_eq!(serde_json::to_string(&s).unwrap(), format!("\"{s}\""));
    }
    let error = "octopus".parse::<Strategy>().unwrap_err();
    assert_eq!(error.kind(), Kind::Usage);
    assert_eq!(error.message(), "`octopus` is not a valid merge strategy");
}

#[test]
fn a_squash_is_one_commit_by_the_author_and_keeps_the_branch_commits() {
    let repo = diverged();
    let tip = repo.run(&["rev-parse", "task/a"]);
    let git = repo.git.with_env("GIT_AUTHOR_NAME", "Grace");
    let done = integrate(&git, &options("task/a", Strategy::Squash)).unwrap();
    assert_eq!(done.new, repo.run(&["rev-parse", "main"]));
    assert_eq!(
        log(&repo, "%an %cn %s"),
        ["Grace Ada task/a: done", "Ada Ada on main", "Ada Ada first"]
    );
    assert_eq!(done.touched, ["src/a.rs", "src/lib.rs"]);
    assert_eq!(read(&repo.root, "src/lib.rs"), "fn a() { a }\n");
    assert!(status(&repo.git).is_empty());
    assert_eq!(
        done.backup.as_deref(),
        Some("refs/pm-local/backup/task/a/1700000000")
    );
    assert_eq!(repo.run(&["rev-parse", &done.backup.unwrap()]), tip);
    assert!(
        repo.run(&["reflog", "-1", "main"])
            .contains("git pm: squash task/a into main")
    );
    refused(&repo.git, "task/a", Strategy::Squash, Kind::Refused);
    refused(&repo.git, "task/a", Strategy::Merge, Kind::Refused);
    refused(&repo.git, "task/a", Strategy::Rebase, Kind::Refused);
}

#[test]
fn a_second_squash_in_the_same_second_gets_a_separate_backup() {
    let repo = diverged();
    let first = integrate(&repo.git, &options("task/a", Strategy::Squash)).unwrap();
    repo.on_branch("task/a", "", &[("more.txt", "x")]);
    let second = integrate(&repo.git, &options("task/a", Strategy::Squash)).unwrap();
    assert_ne!(first.backup, second.backup);
}

#[test]
fn merge_makes_a_merge_commit_even_if_a_fast_forward_is_possible() {
    let repo = TestRepo::new();
    let tip = repo.on_branch("task/a", "main", &[("src/a.rs", "a\n")]);
    let done = integrate(&repo.git, &options("task/a", Strategy::Merge)).unwrap();
    assert_eq!(repo.run(&["rev-parse", "main^1"]), done.old);
    assert_eq!(repo.run(&["rev-parse", "main^2"]), tip);
    assert!(done.backup.is_none() && status(&repo.git).is_empty());
}

#[test]
fn a_rebase_keeps_authors_and_messages_and_drops_commits_already_in_the_target() {
    let repo = TestRepo::new();
    let place = repo.base().join("scratch");
    repo.run(&[
        "worktree",
        "add",
        "-q",
        "-b",
        "task/a",
        place.to_str().unwrap(),
    ]);
    let grace = repo
        .git
        .at(&place)
        .with_env("GIT_AUTHOR_NAME", "Grace")
        .with_env("GIT_AUTHOR_DATE", "1600000000 +0530");
    write(&place, "a", "a\n");
    commit(&grace, "subject\n\nbody\n  indented ü");
    write(&place, "b", "b\n");
    commit(&grace, "already there");
    commit(&grace, "empty on purpose");
    write(&place, "c", "c\n");
    run(&grace, &["add", "-A"]);
    run(
        &grace,
        &[
            "-c",
            "i18n.commitEncoding=ISO-8859-1",
            "commit",
            "-q",
            "-m",
            "latin",
        ],
    );
    repo.write("b", "b\n");
    repo.commit("on main");
    integrate(&repo.git, &options("task/a", Strategy::Rebase)).unwrap();
    assert_eq!(
        log(&repo, "%an %cn %s"),
        [
            "Grace Ada latin",
            "Grace Ada empty on purpose",
            "Grace Ada subject",
            "Ada Ada on main",
            "Ada Ada first"
        ]
    );
    assert_eq!(
        repo.run(&["log", "-1", "--format=%at %ai|%B", "main~2"]),
        "1600000000 2020-09-13 17:56:40 +0530|subject\n\nbody\n  indented ü"
    );
    assert!(
        repo.run(&["cat-file", "commit", "main"])
            .contains("encoding ISO-8859-1")
    );
    assert!(status(&repo.git).is_empty());
    repo.run(&["fsck", "--strict", "--no-dangling"]);
}

#[test]
fn an_unneeded_rebase_fast_forwards_to_the_branch() {
    let repo = TestRepo::new();
    let tip = repo.on_branch("task/a", "main", &[("a", "a")]);
    let done = integrate(&repo.git, &options("task/a", Strategy::Rebase)).unwrap();
    assert_eq!(done.new, tip);
}

#[test]
fn a_rebase_refuses_merge_commits() {
    let repo = diverged();
    let place = repo.base().join("scratch");
    repo.run(&["worktree", "add", "-q", place.to_str().unwrap(), "task/a"]);
    run(&repo.git.at(&place), &["merge", "-q", "--no-edit", "main"]);
    let message = refused(&repo.git, "task/a", Strategy::Rebase, Kind::Refused);
    assert!(message.contains("merge commit"), "{message}");
    integrate(&repo.git, &options("task/a", Strategy::Squash)).unwrap();
}

#[test]
fn conflicts_name_the_files() {
    let repo = TestRepo::new();
    repo.on_branch(
        "task/a",
        "main",
        &[
            ("README.md", "theirs\n"),
            ("docs/a.md", "theirs\n"),
            ("ok", "x"),
        ],
    );
    repo.write("README.md", "ours\n");
    repo.write("docs/a.md", "ours\n");
    repo.commit("ours");
    for strategy in [Strategy::Squash, Strategy::Merge, Strategy::Rebase] {
        let message = refused(&repo.git, "task/a", strategy, Kind::Conflict);
        assert!(
            message.contains("README.md, docs/a.md") && !message.contains("ok"),
            "{message}"
        );
    }
    assert!(status(&repo.git).is_empty());
}

#[test]
fn invalid_branches_and_targets_are_refused() {
    let repo = diverged();
    refused(&repo.git, "task/none", Strategy::Squash, Kind::NotFound);
    refused(&repo.git, "main", Strategy::Squash, Kind::Usage);
    let silent = IntegrateOptions {
        message: " \n".into(),
        ..options("task/a", Strategy::Squash)
    };
    assert_eq!(
        integrate(&repo.git, &silent).unwrap_err().kind(),
        Kind::Usage
    );
    let nowhere = IntegrateOptions {
        target: "none".into(),
        ..options("task/a", Strategy::Squash)
    };
    assert_eq!(
        integrate(&repo.git, &nowhere).unwrap_err().kind(),
        Kind::NotFound
    );
    repo.run(&["branch", "task/behind", "main~1"]);
    refused(&repo.git, "task/behind", Strategy::Merge, Kind::Refused);
    repo.run(&["checkout", "-q", "--orphan", "other"]);
    repo.commit("root");
    let message = refused(&repo.git, "other", Strategy::Squash, Kind::Refused);
    assert!(message.contains("no history"), "{message}");
}
