//! A repository in a temporary folder whose name has a space, with git isolated from the machine's
//! settings and with fixed dates.

// Each test binary uses only parts of this.
#![allow(dead_code)]

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use git_pm::internals::store::git::process::Git;

/// A temporary folder with a repository `my repo` in it.
pub struct TestRepo {
    pub git: Git,
    pub root: PathBuf,
    temp: tempfile::TempDir,
}

/// The whole environment of git in tests.
pub fn environment(home: &Path) -> BTreeMap<String, OsString> {
    let mut env = BTreeMap::new();
    let mut set = |key: &str, value: &str| env.insert(key.to_string(), OsString::from(value));
    set("GIT_CONFIG_NOSYSTEM", "1");
    set("GIT_AUTHOR_NAME", "Ada");
    set("GIT_AUTHOR_EMAIL", "ada@example.org");
    set("GIT_AUTHOR_DATE", "1700000000 +0000");
    set("GIT_COMMITTER_NAME", "Ada");
    set("GIT_COMMITTER_EMAIL", "ada@example.org");
    set("GIT_COMMITTER_DATE", "1700000000 +0000");
    set("TZ", "UTC");
    env.insert("HOME".into(), home.into());
    env.insert("GIT_CONFIG_GLOBAL".into(), home.join("gitconfig").into());
    if let Some(path) = std::env::var_os("PATH") {
        env.insert("PATH".into(), path);
    }
    env
}

impl TestRepo {
    /// A repository with one commit on `main`: `README.md`, `src/lib.rs`, `docs/a.md`.
    pub fn new() -> Self {
        Self::with_format("sha1")
    }

    pub fn with_format(format: &str) -> Self {
        let repo = Self::empty(format);
        repo.write("README.md", "one\ntwo\nthree\nfour\nfive\n");
        repo.write("src/lib.rs", "fn a() {}\n");
        repo.write("docs/a.md", "a\n");
        repo.write(".gitignore", "target/\n*.log\n");
        repo.commit("first");
        repo
    }

    pub fn empty(format: &str) -> Self {
        let temp = tempfile::tempdir().unwrap();
        let base = temp.path().canonicalize().unwrap();
        let root = base.join("my repo");
        fs::create_dir(&root).unwrap();
        fs::write(
            base.join("gitconfig"),
            "[init]\n\tdefaultBranch = main\n[protocol \"file\"]\n\tallow = always\n[gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n",
        )
        .unwrap();
        let git = Git::new(&root, environment(&base), false);
        run(
            &git,
            &["init", "-q", &format!("--object-format={format}"), "."],
        );
        TestRepo { git, root, temp }
    }

    /// The temporary folder that contains it.
    pub fn base(&self) -> PathBuf {
        self.temp.path().canonicalize().unwrap()
    }

    pub fn write(&self, name: &str, text: &str) {
        write(&self.root, name, text);
    }

    pub fn commit(&self, message: &str) -> String {
        commit(&self.git, message)
    }

    pub fn run(&self, args: &[&str]) -> String {
        run(&self.git, args)
    }

    /// Adds a commit with these files to a branch, created at `from` if it is new, without changing
    /// the checkout.
    pub fn on_branch(&self, branch: &str, from: &str, files: &[(&str, &str)]) -> String {
        let place = self.base().join("scratch");
        let at = place.to_str().unwrap();
        let exists = format!("refs/heads/{branch}");
        if self
            .git
            .run(&["show-ref", "-q", "--verify", &exists])
            .unwrap()
            .ok()
        {
            self.run(&["worktree", "add", "-q", at, branch]);
        } else {
            self.run(&["worktree", "add", "-q", "-b", branch, at, from]);
        }
        for (name, text) in files {
            write(&place, name, text);
        }
        let id = commit(&self.git.at(&place), &format!("work on {branch}"));
        self.run(&["worktree", "remove", "--force", at]);
        id
    }
}

/// A runner in another folder, as if a user called git there.
pub trait At {
    fn at(&self, dir: impl AsRef<Path>) -> Git;
}

impl At for Git {
    fn at(&self, dir: impl AsRef<Path>) -> Git {
        let value = |name: &str| Some((name.to_string(), self.env(name)?.to_owned()));
        let env = self.env_names().filter_map(value).collect();
        Git::new(dir.as_ref(), env, false)
    }
}

pub fn write(root: &Path, name: &str, text: &str) {
    let file = root.join(name);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, text).unwrap();
}

pub fn read(root: &Path, name: &str) -> String {
    fs::read_to_string(root.join(name)).unwrap()
}

pub fn commit(git: &Git, message: &str) -> String {
    run(git, &["add", "-A"]);
    run(git, &["commit", "-q", "--allow-empty", "-m", message]);
    run(git, &["rev-parse", "HEAD"])
}

/// Runs git, which must succeed.
#[track_caller]
pub fn run(git: &Git, args: &[&str]) -> String {
    let out = git.run(args).unwrap();
    assert!(out.ok(), "git {args:?}: {}", out.stderr);
    out.text()
}

/// The output of `git status`.
pub fn status(git: &Git) -> String {
    run(git, &["status", "--porcelain", "--untracked-files=all"])
}
