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
