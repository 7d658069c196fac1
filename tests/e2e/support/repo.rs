//! A clone in a scene, and a hermetic way to run git and git pm in it: separate HOME and git
//! config, fixed identity, nothing inherited except PATH.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{Ran, binary, schemas, script_file};

/// A clone (or any folder) of a scene, with an environment and an actor.
#[derive(Clone)]
pub struct Repo {
    pub path: PathBuf,
    pub(super) home: PathBuf,
    pub(super) env: Vec<(String, String)>,
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
        let path = std::env::var("PATH").unwrap_or_default();
        let bin = Path::new(binary()).parent().unwrap().display().to_string();
        let path = format!("{bin}:{path}");
        // A program given by name would be looked up in a copy of this large process.
        let file = |folder| Path::new(folder).join(program);
        let mut files = path.split(':').map(file).filter(|file| file.is_file());
        let mut command = Command::new(files.next().unwrap_or_else(|| program.into()));
        command
            .current_dir(&self.path)
            .env_clear()
            .env("PATH", &path)
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

    /// The library in this process, with the same environment as [`Repo::pm`].
    pub fn library(&self) -> git_pm::Result<git_pm::Pm> {
        let command = self.command("git");
        let vars = command
            .get_envs()
            .filter_map(|(key, value)| Some((key.to_str()?.to_string(), value?.to_os_string())));
        let mut env = git_pm::Env::new(&self.path, vars.collect());
        if let Some(now) = env.text("GIT_PM_NOW") {
            let now = git_pm::values::parse_rfc3339(&now).unwrap();
            env.clock = git_pm::env::WallClock::Fixed(now);
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

    /// Runs git pm. Its JSON has to be as its schema says.
    #[track_caller]
    pub fn pm(&self, args: &[&str]) -> Ran {
        let ran = self.run(binary(), args);
        if args.contains(&"--json") {
            schemas::check(args, &ran.out);
        }
        ran
    }

    /// git pm with `--json`; requires success and returns `data`.
    #[track_caller]
    pub fn data(&self, args: &[&str]) -> serde_json::Value {
        let mut all = vec!["--json"];
        all.extend(args);
        self.pm(&all).ok().data()
    }

    /// The `data` of the documents that git pm prints, one per line.
    #[track_caller]
    pub fn data_lines(&self, args: &[&str]) -> Vec<serde_json::Value> {
        let out = self.pm(args).ok().out;
        let lines = out.lines();
        lines
            .map(|line| {
                serde_json::from_str::<serde_json::Value>(line).expect(line)["data"].clone()
            })
            .collect()
    }

    /// Installs a hook in this (bare) repository, as a host's rules would run.
    pub fn hook(&self, name: &str, script: &str) {
        let path = self.path.join("hooks").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        script_file(&path, script);
    }

    /// Removes a hook of this bare repository.
    pub fn remove_hook(&self, name: &str) {
        std::fs::remove_file(self.path.join("hooks").join(name)).unwrap();
    }

    /// The same place with a wrapper of `git`, whose script finds the real one as `$REAL`. The
    /// scripts of one scene need different names.
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

    /// The value of a ref; empty if it does not exist.
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
