//! The programs in `examples/`, run in a repository. `cargo test` builds them; a run of this test
//! alone needs `cargo build --examples` before.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Runs a program in a separate environment and returns its output.
fn run(program: impl AsRef<Path>, args: &[&str], home: &Path, folder: &Path) -> Output {
    let program = program.as_ref();
    let output = Command::new(program)
        .args(args)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", home)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_AUTHOR_NAME", "Ana")
        .env("GIT_AUTHOR_EMAIL", "ana@example.org")
        .env("GIT_COMMITTER_NAME", "Ana")
        .env("GIT_COMMITTER_EMAIL", "ana@example.org")
        .current_dir(folder)
        .output();
    output.unwrap_or_else(|error| panic!("{}: {error}", program.display()))
}

/// Runs a program that must succeed, and returns its standard output.
fn must(program: impl AsRef<Path>, args: &[&str], home: &Path, folder: &Path) -> String {
    let output = run(program, args, home, folder);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{args:?}: {error}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn example(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("the path of this test");
    let profile = test.ancestors().nth(2).expect("target/debug");
    profile.join("examples").join(name)
}

#[test]
fn a_bot_does_a_task_and_a_status_line_shows_it() {
    let home = tempfile::tempdir().expect("a folder");
    let folder = home.path().join("project");
    std::fs::create_dir(&folder).expect("a folder");
    let git_pm = |args: &[&str]| must(env!("CARGO_BIN_EXE_git-pm"), args, home.path(), &folder);
    let git = |args: &[&str]| must("git", args, home.path(), &folder);

    let outside = run(example("status_line"), &["."], home.path(), &folder);
    assert_ne!(outside.status.code(), Some(0));
    assert!(!outside.stderr.is_empty() && outside.stdout.is_empty());

    git(&["init", "-q", "-b", "main"]);
    git(&["commit", "-q", "--allow-empty", "-m", "Begin"]);
    git_pm(&["init"]);
    git_pm(&[
        "task",
        "create",
        "Write the notes",
        "--accept",
        "there are notes",
    ]);
    let line = must(example("status_line"), &["."], home.path(), &folder);
    assert_eq!(line, "no task | 1 ready, 0 mine, 0 to review\n");

    let work = "echo done > notes && git add notes && git commit -q -m 'Write the notes'";
    let bot = must(
        example("bot"),
        &[".", "sh", "-c", work],
        home.path(),
        &folder,
    );
    assert_eq!(bot, "T-0001 is in_review\n");
    let line = must(example("status_line"), &["."], home.path(), &folder);
    assert_eq!(line, "no task | 0 ready, 0 mine, 1 to review\n");
}

#[test]
fn a_verb_of_an_outsider_writes_one_commit_and_a_mirror_shows_it() {
    let home = tempfile::tempdir().expect("a folder");
    let folder = home.path().join("project");
    std::fs::create_dir(&folder).expect("a folder");
    let git_pm = |args: &[&str]| must(env!("CARGO_BIN_EXE_git-pm"), args, home.path(), &folder);
    let git = |args: &[&str]| must("git", args, home.path(), &folder);
    let snooze = |args: &[&str]| run(example("own_verb"), args, home.path(), &folder);

    git(&["init", "-q", "-b", "main"]);
    git(&["commit", "-q", "--allow-empty", "-m", "Begin"]);
    let early = snooze(&[".", "ui", "7"]);
    assert_eq!(early.status.code(), Some(5));
    let said = String::from_utf8_lossy(&early.stderr);
    assert!(said.starts_with("repository.not_set_up: "), "{said}");

    git_pm(&["init"]);
    for (title, priority) in [("Round the corners", "4"), ("Save at once", "1")] {
        git_pm(&[
            "issue",
            "create",
            title,
            "--priority",
            priority,
            "--label",
            "ui",
        ]);
    }
    let commits = || git(&["rev-list", "--count", "refs/pm/main"]);
    let before: u32 = commits().trim().parse().expect("a number");
    let done = must(example("own_verb"), &[".", "ui", "7"], home.path(), &folder);
    assert_eq!(done, "1 issues are deferred for 7 days\n");
    assert_eq!(commits().trim(), (before + 1).to_string());
    let log = git(&["log", "-1", "--format=%B", "refs/pm/main"]);
    assert!(log.starts_with("acme/snooze 1 issues until "), "{log}");
    assert!(log.contains("PM-Op: acme/snooze\n"), "{log}");
    assert!(git_pm(&["ready"]).contains("Save at once"));
    assert!(!git_pm(&["ready"]).contains("Round the corners"));
    let again = must(example("own_verb"), &[".", "ui", "7"], home.path(), &folder);
    assert_eq!(again, "0 issues are deferred for 7 days\n");
    assert_eq!(commits().trim(), (before + 1).to_string());

    git(&["clone", "-q", "--mirror", ".", "../mirror.git"]);
    let files = |folder: &Path| {
        must(
            "find",
            &[&folder.display().to_string()],
            home.path(),
            folder,
        )
    };
    let mirror = home.path().join("mirror.git");
    let there = files(&mirror);
    let shown = must(example("mirror"), &["."], home.path(), &mirror);
    assert!(
        shown.contains(" Round the corners (open, nobody)\n"),
        "{shown}"
    );
    assert_eq!(shown.lines().count(), 2);
    assert_eq!(files(&mirror), there);
    git_pm(&["undo"]);
    assert!(git_pm(&["ready"]).contains("Round the corners"));
}
