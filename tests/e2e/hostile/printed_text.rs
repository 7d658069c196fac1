//! Texts with terminal escapes, and titles that make unusual branch names.

use std::os::unix::ffi::OsStrExt;

use super::{assert_no_terminal_escapes, assert_readable};
use crate::support::set_up;

// Texts with terminal escapes are kept as data and never printed raw.
#[test]
fn terminal_escapes_are_never_printed_raw() {
    let (_scene, repo) = set_up();
    let evil = "a\u{1b}[2J\u{1b}]0;owned\u{7}\u{9b}31m\u{8}\u{7f}\u{202e}\u{e0041}b";
    let made = repo.pm(&[
        "--json", "task", "create", evil, "--body", evil, "--accept", evil,
    ]);
    assert_no_terminal_escapes(&made);
    made.ok();
    repo.pm(&["task", "comment", "T-1", evil]).ok();
    assert_no_terminal_escapes(&repo.pm(&["task", "edit", "T-1", "--assignee", evil]));
    repo.task("waits", &["--depends-on", "T-1"]);
    assert_readable(&repo);
    assert_eq!(
        repo.data(&["show", "T-1"])["title"],
        evil,
        "the text itself is data"
    );
    for args in [
        &["show", evil][..],
        &["--as", evil, "task", "list"],
        &["task", "edit", "T-1", "--label", evil],
        &["task", "list", "--status", evil],
        &["task", "create", "x", "--estimate", evil],
        &["task", "create", "x", "--path", evil],
        &["dep", "add", "T-1", "T-2", "--type", evil],
        &["start", "T-1", "--base", evil],
        &["config", evil],
        &["reserve", "check", evil],
        &["reserve", "add", evil],
        &["log", evil],
        &["log", "--actor", evil],
        &["log", "--op", evil],
        &["log", "--since", evil],
        &["show", "T-1", "--at", evil],
        &["diff", evil],
        &["undo", evil],
        &["undo", "--dry-run"],
        &["--idempotency-key", evil, "task", "create", "keyed"],
        &["--idempotency-key", evil, "task", "cancel", "T-2"],
        &["-C", evil, "status"],
        &[evil],
        &["task", evil],
    ] {
        assert_no_terminal_escapes(&repo.pm(args));
        let mut all = args.to_vec();
        all.push("--json");
        assert_no_terminal_escapes(&repo.pm(&all));
    }
    // Commit messages are read with plain git.
    for line in repo
        .git(&["log", "--format=%s%n%b", "refs/pm/main"])
        .ok()
        .out
        .chars()
    {
        assert!(
            !line.is_control() || line == '\n',
            "{line:?} in a commit message"
        );
    }
    assert_no_terminal_escapes(&repo.pm(&["task", "block", "T-1", evil]));
    assert_no_terminal_escapes(&repo.pm(&["why", "T-2"]).ok());
    assert_no_terminal_escapes(&repo.pm(&["task", "unblock", "T-1"]).ok());
    let started = repo.pm(&["start", "T-1"]);
    assert_no_terminal_escapes(&started);
    started.ok();
    let branch = repo.data(&["show", "T-1"])["branch"]
        .as_str()
        .unwrap()
        .to_string();
    repo.git(&["check-ref-format", "--branch", &branch]).ok();
}

// Titles of every kind: the item, its branch and its worktree work.
#[test]
fn any_title_gives_a_valid_branch_and_worktree() {
    let (_scene, repo) = set_up();
    let long = "long title ".repeat(910).trim_end()[..10_000].to_string();
    assert_eq!(long.len(), 10_000);
    let one_word = "x".repeat(10_000);
    let chinese_long = "修复登录测试".repeat(100);
    for title in [
        "!!! ??? ...",
        "修复登录测试",
        "إصلاح اختبار الدخول",
        "Исправить тест",
        "🚀",
        "e\u{301}\u{301}\u{301}",
        "-rf --force",
        "../../etc/passwd",
        "HEAD.lock",
        "a..b~c^d:e?f*g[h\\i",
        "@{-1}",
        "CON",
        "'; rm -rf ~ #$(touch owned)`touch owned`",
        &long,
        &one_word,
        &chinese_long,
    ] {
        let id = repo.data(&["task", "create", "--", title])["id"]
            .as_str()
            .unwrap()
            .to_string();
        let item = repo.data(&["start", &id]);
        assert_eq!(item["title"], title);
        let branch = item["branch"].as_str().unwrap();
        repo.git(&["check-ref-format", "--branch", branch]).ok();
        assert!(branch.starts_with(&format!("task/{id}")), "{branch}");
        assert!(branch.len() < 240, "not a valid file name: {branch}");
        let place = std::path::PathBuf::from(item["worktree"].as_str().unwrap());
        assert!(place.join("README.md").is_file(), "{}", place.display());
        assert!(place.file_name().unwrap().as_bytes().len() < 240);
        assert_eq!(
            place.parent().unwrap().file_name().unwrap(),
            "a.worktrees",
            "a title changes the path: {}",
            place.display()
        );
        let work = repo.worktree(&id);
        work.write("x.txt", &id);
        work.commit_all("Work");
        repo.pm(&["task", "drop", &id, "--remove-worktree"]).ok();
        let subject = repo
            .git(&[
                "log",
                "--format=%s",
                "--grep",
                "task create",
                "-1",
                "refs/pm/main",
            ])
            .ok()
            .out;
        assert!(
            subject.chars().count() < 200,
            "a commit's first line of {}",
            subject.len()
        );
    }
    for args in [&["status"][..], &["task", "list"], &["log"]] {
        let ran = repo.with("COLUMNS", "80").pm(args).ok();
        for line in ran.out.lines() {
            assert!(
                line.chars().count() <= 80,
                "`{args:?}` overflows the terminal: {line}"
            );
        }
    }
    assert!(!repo.path.join("owned").exists());
}
