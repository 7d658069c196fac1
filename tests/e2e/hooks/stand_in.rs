//! A repository for the tests of hooks: real git without the machine's configuration, and a
//! stand-in for `git-pm` that records its calls and exits with a given code.
#![allow(dead_code, missing_docs)]

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use git_pm::hooks::{HookState, HookStatus};
use git_pm::internals::coordinate::hook::install::InstallReport;
use git_pm::internals::coordinate::hook::{InstallOptions, install, status, uninstall};
use git_pm::internals::store::git::process::Git;

/// The hooks that a commit runs, in git's order.
pub const OF_A_COMMIT: [&str; 3] = ["pre-commit", "prepare-commit-msg", "commit-msg"];

pub struct Repo {
    /// The folder of home, repository and stand-in.
    pub root: PathBuf,
    /// The work tree.
    pub dir: PathBuf,
    pub env: BTreeMap<String, OsString>,
    _temp: tempfile::TempDir,
}

/// The output of a command.
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Repo {
    pub fn new() -> Repo {
        Repo::named("repo", &[])
    }

    /// A repository in a folder of this name, made with these options of `git init`.
    pub fn named(name: &str, options: &[&str]) -> Repo {
        let temp = tempfile::tempdir().expect("a temporary folder");
        let root = fs::canonicalize(temp.path()).expect("its path");
        let dir = root.join(name);
        let mut env: BTreeMap<String, OsString> = BTreeMap::new();
        let mut set = |key: &str, value: &OsStr| env.insert(key.to_string(), value.to_owned());
        set("PATH", &std::env::var_os("PATH").unwrap_or_default());
        set("HOME", root.join("home").as_os_str());
        set("XDG_CONFIG_HOME", root.join("home/.config").as_os_str());
        set("GIT_CONFIG_GLOBAL", root.join("gitconfig").as_os_str());
        set("GIT_CONFIG_NOSYSTEM", OsStr::new("1"));
        for role in ["AUTHOR", "COMMITTER"] {
            set(&format!("GIT_{role}_NAME"), OsStr::new("Ann O'Nym"));
            set(&format!("GIT_{role}_EMAIL"), OsStr::new("ann@example.org"));
            set(&format!("GIT_{role}_DATE"), OsStr::new("1700000000 +0000"));
        }
        fs::create_dir_all(root.join("home")).expect("home");
        fs::write(root.join("gitconfig"), "[init]\n\tdefaultBranch = main\n").expect("config");
        let repo = Repo {
            root,
            dir,
            env,
            _temp: temp,
        };
        fs::create_dir_all(&repo.dir).expect("the folder");
        let mut init = vec!["init", "-q"];
        init.extend(options);
        repo.git(&init);
        repo.stand_in(0);
        repo
    }

    /// The library's runner in the work tree.
    pub fn runner(&self) -> Git {
        Git::new(&self.dir, self.env.clone(), false)
    }

    pub fn command(&self, program: impl AsRef<OsStr>, dir: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(dir).env_clear().envs(&self.env);
        command
    }

    /// Runs git in the work tree and expects success.
    pub fn git(&self, args: &[&str]) -> String {
        let ran = self.try_git(args);
        assert_eq!(ran.code, 0, "git {args:?}: {}{}", ran.out, ran.err);
        ran.out
    }

    pub fn try_git(&self, args: &[&str]) -> Ran {
        self.git_at(&self.dir, args)
    }

    pub fn git_at(&self, dir: &Path, args: &[&str]) -> Ran {
        ran(self
            .command("git", dir)
            .args(args)
            .output()
            .expect("git starts"))
    }

    pub fn write(&self, path: &str, content: &str) {
        let path = self.dir.join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("its folder");
        fs::write(path, content).expect("the file");
    }

    /// Writes and stages a file, then tries to commit.
    pub fn commit(&self, path: &str) -> Ran {
        self.write(path, &format!("{path} {:?}\n", std::time::Instant::now()));
        self.git(&["add", "--", path]);
        self.try_git(&["commit", "-m", "a change"])
    }

    pub fn script(&self, path: &Path, body: &str) {
        fs::create_dir_all(path.parent().expect("a parent")).expect("its folder");
        fs::write(path, format!("#!/bin/sh\n{body}\n")).expect("the script");
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("its mode");
    }

    /// The path of the stand-in for `git-pm`, which needs correct quoting.
    pub fn binary(&self) -> PathBuf {
        self.root.join("it's a \"bin\" $HOME/git-pm")
    }

    pub fn stand_in(&self, code: i32) {
        let log = self.root.join("asked");
        self.script(
            &self.binary(),
            &format!(
                "for a in \"$@\"; do printf '[%s]' \"$a\"; done >>'{0}'\necho >>'{0}'\n\
                 case $3 in pre-push) /bin/cat >'{0}.stdin' ;; reference-*) /bin/cat >>'{0}.stdin' ;; esac\nexit {code}",
                log.display()
            ),
        );
    }

    /// The calls of the stand-in since the last query.
    pub fn asked(&self) -> Vec<String> {
        let log = self.root.join("asked");
        let text = fs::read_to_string(&log).unwrap_or_default();
        let _ = fs::remove_file(log);
        text.lines().map(str::to_string).collect()
    }

    /// The names of the hooks that the stand-in was called for.
    pub fn asked_for(&self) -> Vec<String> {
        let name = |line: String| {
            line.split(['[', ']'])
                .nth(5)
                .unwrap_or_default()
                .to_string()
        };
        self.asked().into_iter().map(name).collect()
    }

    pub fn text(&self, name: &str) -> String {
        fs::read_to_string(self.root.join(name)).unwrap_or_default()
    }

    pub fn hook(&self, name: &str) -> PathBuf {
        self.dir.join(".git/hooks").join(name)
    }

    pub fn install(&self) -> InstallReport {
        self.install_with(false)
    }

    pub fn install_with(&self, strict: bool) -> InstallReport {
        let options = InstallOptions {
            binary: self.binary(),
            strict,
        };
        install(&self.runner(), &options).expect("installing")
    }

    pub fn uninstall(&self) -> Vec<String> {
        uninstall(&self.runner()).expect("uninstalling").notes
    }

    pub fn status(&self) -> HookStatus {
        status(&self.runner()).expect("the status")
    }

    /// The state of one of the guarded hooks.
    pub fn state_of(&self, hook: &str) -> HookState {
        let status = self.status();
        let found = status.hooks.iter().find(|entry| entry.name == hook);
        found.expect("a guarded hook").state
    }

    /// All files below the git directory that hooks could change: path, mode and bytes.
    pub fn git_dir_files(&self) -> Vec<(String, u32, Vec<u8>)> {
        let mut found = Vec::new();
        let git = self.dir.join(".git");
        git_dir_files(&git, &git, &mut found);
        found
    }
}

fn git_dir_files(base: &Path, dir: &Path, found: &mut Vec<(String, u32, Vec<u8>)>) {
    let mut entries: Vec<_> = fs::read_dir(dir).expect("a folder").flatten().collect();
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        let name = path
            .strip_prefix(base)
            .expect("below")
            .display()
            .to_string();
        let meta = fs::symlink_metadata(&path).expect("metadata");
        if ["objects", "logs", "refs", "index", "COMMIT_EDITMSG"].contains(&name.as_str()) {
            continue;
        }
        let content = if meta.is_symlink() {
            fs::read_link(&path)
                .expect("a link")
                .into_os_string()
                .into_encoded_bytes()
        } else if meta.is_dir() {
            Vec::new()
        } else {
            fs::read(&path).expect("a file")
        };
        found.push((name, meta.permissions().mode(), content));
        if meta.is_dir() {
            git_dir_files(base, &path, found);
        }
    }
}

pub fn ran(output: Output) -> Ran {
    Ran {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}
