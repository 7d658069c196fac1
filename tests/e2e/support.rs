//! A scene with remotes and clones in a temporary folder, and a hermetic way to run git and git pm
//! in it: own HOME and git config, fixed identity, nothing inherited but PATH.

#![allow(dead_code)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The folder of one test; gone when it is dropped.
pub struct Scene {
    pub dir: tempfile::TempDir,
}

/// What a command left.
#[derive(Debug)]
pub struct Ran {
    pub what: String,
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Ran {
    fn of(what: String, output: Output) -> Self {
        Ran {
            what,
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Requires exit code 0.
    #[track_caller]
    pub fn ok(self) -> Self {
        self.exits(0)
    }

    /// Requires an exit code.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(
            self.code, code,
            "`{}` exited with {}\nstdout: {}\nstderr: {}",
            self.what, self.code, self.out, self.err
        );
        self
    }

    /// The whole JSON document on standard output.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out)
            .unwrap_or_else(|e| panic!("`{}`: no JSON ({e}): {}{}", self.what, self.out, self.err))
    }

    /// `data` of the JSON document.
    #[track_caller]
    pub fn data(&self) -> serde_json::Value {
        let json = self.json();
        assert!(
            !json["data"].is_null(),
            "`{}` has no data: {json}",
            self.what
        );
        json["data"].clone()
    }

    /// `error` of the JSON document.
    #[track_caller]
    pub fn error(&self) -> serde_json::Value {
        let json = self.json();
        assert!(
            !json["error"].is_null(),
            "`{}` has no error: {json}",
            self.what
        );
        json["error"].clone()
    }

    /// Standard output without the line end.
    pub fn text(&self) -> String {
        self.out.trim_end().to_string()
    }
}

/// A clone (or any folder) of a scene, and who works in it.
#[derive(Clone)]
pub struct Repo {
    pub path: PathBuf,
    home: PathBuf,
    env: Vec<(String, String)>,
}

/// Writes an executable shell script.
pub fn script_file(path: &Path, text: &str) {
    std::fs::write(path, format!("#!/bin/sh\n{text}\n")).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
}

fn is_set(name: &str) -> bool {
    std::env::var(name).is_ok_and(|v| v == "1")
}

/// How often to repeat what is left to chance: a tenth, a third with `GIT_PM_TEST_FULL=1`, all with
/// `GIT_PM_TEST_HUGE=1`.
pub fn rounds(all: usize) -> usize {
    if is_set("GIT_PM_TEST_HUGE") {
        all
    } else if is_set("GIT_PM_TEST_FULL") {
        all.div_ceil(3)
    } else {
        all.div_ceil(10)
    }
}

/// How much to make of something: all that is promised takes minutes, and is made with
/// `GIT_PM_TEST_HUGE=1` only.
pub fn size(huge: usize, usual: usize) -> usize {
    if is_set("GIT_PM_TEST_HUGE") {
        huge
    } else {
        usual
    }
}

/// Waits for processes that were started together, in their order.
pub fn wait_all(children: Vec<std::process::Child>) -> Vec<Ran> {
    children
        .into_iter()
        .enumerate()
        .map(|(n, child)| Ran::of(format!("process {n}"), child.wait_with_output().unwrap()))
        .collect()
}

/// The binary under test.
pub fn binary() -> &'static str {
    env!("CARGO_BIN_EXE_git-pm")
}

impl Scene {
    pub fn new() -> Self {
        let dir = tempfile::Builder::new()
            .prefix("git-pm-test-")
            .tempdir()
            .unwrap();
        let home = dir.path().join("home");
        std::fs::create_dir_all(&home).unwrap();
        std::fs::write(
            home.join("gitconfig"),
            "[init]\n\tdefaultBranch = main\n[user]\n\tname = Ana\n\temail = ana@example.org\n\
             [protocol \"file\"]\n\tallow = always\n[gc]\n\tauto = 0\n[advice]\n\tdetachedHead = false\n",
        )
        .unwrap();
        Scene { dir }
    }

    /// A folder of the scene as somewhere to run commands.
    pub fn at(&self, name: &str) -> Repo {
        Repo {
            path: self.dir.path().join(name),
            home: self.dir.path().join("home"),
            env: Vec::new(),
        }
    }

    /// A new repository with one commit of a few files.
    pub fn repo(&self, name: &str) -> Repo {
        let repo = self.at(name);
        std::fs::create_dir_all(&repo.path).unwrap();
        repo.git(&["init", "-q"]).ok();
        repo.write("README.md", "# A project\n");
        repo.write("src/main.rs", "fn main() {}\n");
        repo.write("src/auth.rs", "pub fn login() {}\n");
        repo.write("docs/guide.md", "Guide\n");
        repo.commit_all("Begin");
        repo
    }

    /// A bare repository.
    pub fn bare(&self, name: &str) -> Repo {
        let repo = self.at(name);
        std::fs::create_dir_all(&repo.path).unwrap();
        repo.git(&["init", "-q", "--bare"]).ok();
        repo
    }

    /// A bare `hub.git` and a repository `a` that pushed its first commit there and ran `init`.
    pub fn with_hub(&self) -> (Repo, Repo) {
        let hub = self.bare("hub.git");
        let a = self.repo("a");
        a.git(&["remote", "add", "origin", "../hub.git"]).ok();
        a.git(&["push", "-q", "-u", "origin", "main"]).ok();
        a.pm(&["init"]).ok();
        (hub, a)
    }

    /// A clone of `hub.git` by somebody, with `git pm init` run.
    pub fn clone_of(&self, hub: &Repo, name: &str, who: &str) -> Repo {
        let clone = self.at(name);
        self.at(".")
            .git(&[
                "clone",
                "-q",
                hub.path.to_str().unwrap(),
                clone.path.to_str().unwrap(),
            ])
            .ok();
        clone.git(&["config", "user.name", who]).ok();
        clone.pm(&["init"]).ok();
        clone
    }
}

impl Repo {
    /// The same place with one more environment variable.
    #[must_use]
    pub fn with(&self, key: &str, value: &str) -> Self {
        let mut repo = self.clone();
        repo.env.push((key.into(), value.into()));
        repo
    }

    /// The same place with another actor.
    #[must_use]
    pub fn by(&self, actor: &str) -> Self {
        self.with("GIT_PM_ACTOR", actor)
    }

    /// The same place at a fixed time (RFC 3339).
    #[must_use]
    pub fn when(&self, now: &str) -> Self {
        self.with("GIT_PM_NOW", now)
    }

    /// Another folder with the same environment.
    #[must_use]
    pub fn other(&self, path: impl AsRef<Path>) -> Self {
        let mut repo = self.clone();
        repo.path = self.path.join(path);
        repo
    }

    /// A command with the scene's environment.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        let path = std::env::var("PATH").unwrap_or_default();
        let bin = Path::new(binary()).parent().unwrap().display().to_string();
        command
            .current_dir(&self.path)
            .env_clear()
            .env("PATH", format!("{bin}:{path}"))
            .env("HOME", &self.home)
            .env("GIT_CONFIG_GLOBAL", self.home.join("gitconfig"))
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("LC_ALL", "C")
            .env("TZ", "UTC")
            .env("NO_COLOR", "1")
            .stdin(Stdio::null());
        for (key, value) in &self.env {
            command.env(key, value);
        }
        command
    }

    /// The library in this process, in the same world as [`Repo::pm`].
    pub fn library(&self) -> git_pm::Result<git_pm::Pm> {
        let command = self.command("git");
        let vars = command
            .get_envs()
            .filter_map(|(key, value)| Some((key.to_str()?.to_string(), value?.to_os_string())));
        let mut env = git_pm::Env::new(&self.path, vars.collect());
        if let Some(now) = env.text("GIT_PM_NOW") {
            let now = git_pm::model::stamp::parse_rfc3339(&now).unwrap();
            env.clock = git_pm::store::env::WallClock::Fixed(now);
        }
        git_pm::Pm::open(env, git_pm::Options::default())
    }

    /// Runs a program.
    pub fn run(&self, program: &str, args: &[&str]) -> Ran {
        let output = self
            .command(program)
            .args(args)
            .output()
            .unwrap_or_else(|e| panic!("cannot run {program}: {e}"));
        Ran::of(format!("{program} {}", args.join(" ")), output)
    }

    /// Runs a program with standard input.
    pub fn feed(&self, program: &str, args: &[&str], stdin: &str) -> Ran {
        use std::io::Write;
        let mut child = self
            .command(program)
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A program that refuses the first line need not read the rest.
        match child.stdin.take().unwrap().write_all(stdin.as_bytes()) {
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => panic!("{error}"),
            _ => {}
        }
        Ran::of(
            format!("{program} {}", args.join(" ")),
            child.wait_with_output().unwrap(),
        )
    }

    pub fn git(&self, args: &[&str]) -> Ran {
        self.run("git", args)
    }

    pub fn pm(&self, args: &[&str]) -> Ran {
        self.run(binary(), args)
    }

    /// git pm with `--json`; requires success and returns `data`.
    #[track_caller]
    pub fn data(&self, args: &[&str]) -> serde_json::Value {
        let mut all = vec!["--json"];
        all.extend(args);
        self.pm(&all).ok().data()
    }

    /// Installs a hook in this (bare) repository, as a host's rules would run.
    pub fn hook(&self, name: &str, script: &str) {
        let path = self.path.join("hooks").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        script_file(&path, script);
    }

    /// Takes a hook of this bare repository away.
    pub fn unhook(&self, name: &str) {
        std::fs::remove_file(self.path.join("hooks").join(name)).unwrap();
    }

    /// The same place with a `git` of its own in front of the real one, which the script finds
    /// as `$REAL`. The scripts of one scene need different names.
    #[must_use]
    pub fn wrapping_git(&self, name: &str, script: &str) -> Self {
        let bin = self.home.join(name);
        std::fs::create_dir_all(&bin).unwrap();
        let path = std::env::var("PATH").unwrap_or_default();
        let real = std::env::split_paths(&path)
            .map(|folder| folder.join("git"))
            .find(|file| file.is_file())
            .expect("git is in PATH");
        script_file(
            &bin.join("git"),
            &format!("REAL='{}'\n{script}", real.display()),
        );
        self.with("PATH", &format!("{}:{path}", bin.display()))
    }

    /// Starts git pm without waiting for it.
    pub fn spawn(&self, args: &[&str]) -> std::process::Child {
        self.command(binary())
            .args(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.path.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.path.join(path)).unwrap()
    }

    pub fn commit_all(&self, message: &str) {
        self.git(&["add", "-A"]).ok();
        self.git(&["commit", "-q", "-m", message]).ok();
    }

    /// Creates a task and returns its id.
    #[track_caller]
    pub fn task(&self, title: &str, more: &[&str]) -> String {
        let mut args = vec!["task", "create", title];
        args.extend(more);
        self.data(&args)["id"].as_str().unwrap().to_string()
    }

    /// The value of a ref; empty when there is none.
    pub fn tip(&self, name: &str) -> String {
        self.git(&["rev-parse", "--verify", "-q", name]).text()
    }

    /// The tree of the state.
    pub fn state_tree(&self) -> String {
        self.tip("refs/pm/main^{tree}")
    }

    /// The worktree of an item as a place to work in.
    #[track_caller]
    pub fn worktree(&self, id: &str) -> Self {
        let path = self.pm(&["worktree", "path", id]).ok().text();
        self.other(path)
    }
}

/// A repository in which git pm is set up.
pub fn set_up() -> (Scene, Repo) {
    let scene = Scene::new();
    let repo = scene.repo("a");
    repo.pm(&["init"]).ok();
    (scene, repo)
}

/// The same place, in the hands of an agent.
pub fn agent(repo: &Repo) -> Repo {
    repo.with("CLAUDECODE", "1")
}

/// The ids in a JSON list of items.
pub fn ids(items: &serde_json::Value) -> Vec<&str> {
    let items = items
        .as_array()
        .unwrap_or_else(|| panic!("no list: {items}"));
    items.iter().map(|i| i["id"].as_str().unwrap()).collect()
}
