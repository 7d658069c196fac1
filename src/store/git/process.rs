//! The one place that starts `git`. It scrubs inherited `GIT_*` variables that would point git at
//! another repository, never lets git prompt where there is no terminal, bounds the time a network
//! command may take, and trusts exit codes over messages.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::error::{Error, Result};
use crate::store::costs;
use crate::store::fault;

/// Variables that name a repository, an index or an object store: inherited from a hook or an
/// outer git, they would redirect a command meant for this repository
/// (`git rev-parse --local-env-vars`, git 2.47).
const LOCAL_VARIABLES: &[&str] = &[
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_CONFIG",
    "GIT_OBJECT_DIRECTORY",
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_GRAFT_FILE",
    "GIT_INDEX_FILE",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_REPLACE_REF_BASE",
    "GIT_PREFIX",
    "GIT_SHALLOW_FILE",
    "GIT_COMMON_DIR",
    "GIT_INTERNAL_SUPER_PREFIX",
    "GIT_QUARANTINE_PATH",
    "GIT_NAMESPACE",
    "GIT_EXTERNAL_DIFF",
    "GIT_REFLOG_ACTION",
    "GIT_LITERAL_PATHSPECS",
    "GIT_GLOB_PATHSPECS",
    "GIT_NOGLOB_PATHSPECS",
    "GIT_ICASE_PATHSPECS",
];

/// Variables that name other files of the user and the system, or leave them out.
const OUTER_VARIABLES: &[&str] = &[
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_SYSTEM",
    "GIT_CONFIG_NOSYSTEM",
];

/// Beginnings of those variables of git's that have no say in which remote is asked and whether it
/// can be reached. All others may send a question elsewhere, or keep it from being asked.
const IDLE_VARIABLES: &[&str] = &[
    "GIT_AUTHOR_",
    "GIT_CEILING_DIRECTORIES",
    "GIT_COMMITTER_",
    "GIT_DISCOVERY_ACROSS_FILESYSTEM",
    "GIT_EDITOR",
    "GIT_MERGE_AUTOEDIT",
    "GIT_OPTIONAL_LOCKS",
    "GIT_PAGER",
    "GIT_PM_",
    "GIT_SEQUENCE_EDITOR",
    "GIT_TERMINAL_PROMPT",
];

/// Whether a variable of the environment has a say in what becomes of a question to a remote.
fn sways(key: &str) -> bool {
    let idle = IDLE_VARIABLES.iter().any(|idle| key.starts_with(idle));
    key.starts_with("GIT_") && !idle && !LOCAL_VARIABLES.contains(&key)
}

/// The end of git's message about any remote that it cannot read.
const REMOTE_ADVICE: &[&str] = &[
    "fatal: Could not read from remote repository.",
    "Please make sure you have the correct access rights",
    "and the repository exists.",
];

/// What a finished git process left behind.
#[derive(Debug, Clone)]
pub struct Output {
    /// The exit code; `None` when a signal or the time-out ended it.
    pub code: Option<i32>,
    /// Standard output, as it came.
    pub stdout: Vec<u8>,
    /// Standard error, lossily decoded.
    pub stderr: String,
    /// Whether the time-out ended it.
    pub timed_out: bool,
}

impl Output {
    /// Whether git exited with 0.
    pub fn ok(&self) -> bool {
        self.code == Some(0)
    }

    /// Standard output as text without trailing line ends.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.stdout)
            .trim_end_matches(['\n', '\r'])
            .to_string()
    }

    /// The lines of standard output.
    pub fn lines(&self) -> Vec<String> {
        String::from_utf8_lossy(&self.stdout)
            .lines()
            .map(str::to_string)
            .collect()
    }

    /// The lock file that was in git's way, as its message names it.
    pub fn lock_file(&self) -> Option<String> {
        let between = |before: &str, after: &str| {
            let (_, rest) = self.stderr.split_once(before)?;
            let (name, _) = rest.split_once(after)?;
            Some(crate::model::text::one_line(name))
        };
        between("Unable to create '", "': File exists").or_else(|| {
            let config = between("could not lock config file ", ": File exists")?;
            Some(format!("{config}.lock"))
        })
    }

    /// What to do about the lock that was in git's way.
    pub fn lock_hint(&self) -> Option<String> {
        self.lock_file().map(|file| left_lock(&file))
    }

    /// The last line of standard error that says something: what to show a person.
    pub fn reason(&self) -> String {
        if self.timed_out {
            return "it did not answer in time".into();
        }
        let said = self.stderr.lines().map(str::trim).filter(|l| !l.is_empty());
        let mut best = String::new();
        for line in said {
            // What follows says what to do about the lock, and no more which one it is.
            if line.contains("Unable to create '") {
                best = line.trim_start_matches("fatal: ").to_string();
                break;
            }
            // What git adds to every remote that fails says less than the line before it.
            if !best.is_empty() && REMOTE_ADVICE.contains(&line) {
                continue;
            }
            let line = line
                .strip_prefix("fatal: ")
                .or_else(|| line.strip_prefix("error: "))
                .unwrap_or(line);
            if best.is_empty() || !line.starts_with("hint:") {
                best = line.to_string();
            }
        }
        crate::model::text::escape_controls(&best)
    }
}

/// What to do about a lock of git's that stands in the way.
fn left_lock(file: &str) -> String {
    format!("if no git is at work in this repository, a killed one left that lock: remove {file}")
}

/// Starts git in one directory with one environment.
#[derive(Debug, Clone)]
pub struct Git {
    program: PathBuf,
    dir: PathBuf,
    env: BTreeMap<String, OsString>,
    keep: Vec<&'static str>,
    interactive: bool,
    home: Option<Home>,
    outer: Outer,
}

/// Which configuration git reads besides the repository's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outer {
    /// The files of the user and the system, where the environment says that they are.
    Files,
    /// Those files, where they are by default.
    DefaultFiles,
    /// None.
    Nothing,
}

/// What is known of the repository whose top git runs in, so that git need not be asked.
#[derive(Debug, Clone)]
pub struct Home {
    /// The git directory that all worktrees share, absolute.
    pub common_dir: PathBuf,
    /// The git directory of the worktree, absolute.
    pub git_dir: PathBuf,
}

impl Git {
    /// A runner for the repository at `dir`. `env` is the caller's environment: it is passed on
    /// without the variables that would point git elsewhere. `interactive` tells whether somebody
    /// at a terminal could answer a prompt.
    pub fn new(
        dir: impl Into<PathBuf>,
        env: BTreeMap<String, OsString>,
        interactive: bool,
    ) -> Self {
        Git {
            program: PathBuf::from("git"),
            dir: dir.into(),
            env,
            keep: Vec::new(),
            interactive,
            home: None,
            outer: Outer::Files,
        }
    }

    /// The same runner, knowing the repository whose top it runs in.
    #[must_use]
    pub fn knowing(self, home: Home) -> Self {
        Git {
            home: Some(home),
            ..self
        }
    }

    /// What it knows of the repository whose top it runs in.
    pub fn home(&self) -> Option<&Home> {
        self.home.as_ref()
    }

    /// The same surroundings for a program that git itself would start, such as a signer.
    #[must_use]
    pub fn program(&self, program: impl Into<PathBuf>) -> Self {
        Git {
            program: program.into(),
            ..self.clone()
        }
    }

    /// The same runner in another directory.
    #[must_use]
    pub fn at(&self, dir: impl Into<PathBuf>) -> Self {
        Git {
            dir: dir.into(),
            home: None,
            ..self.clone()
        }
    }

    /// The same runner, passing on the variables of a server-side hook's quarantine, without which
    /// the pushed objects cannot be read.
    #[must_use]
    pub fn in_quarantine(&self) -> Self {
        let mut git = self.clone();
        git.keep = vec![
            "GIT_OBJECT_DIRECTORY",
            "GIT_ALTERNATE_OBJECT_DIRECTORIES",
            "GIT_QUARANTINE_PATH",
        ];
        git
    }

    /// The same runner with one more variable in git's environment.
    #[must_use]
    pub fn with_env(&self, key: &str, value: impl Into<OsString>) -> Self {
        let mut git = self.clone();
        git.env.insert(key.to_string(), value.into());
        // A variable set on purpose is kept even if an inherited one of that name would not be.
        if let Some(name) = LOCAL_VARIABLES.iter().find(|n| **n == key) {
            git.keep.push(name);
        }
        git
    }

    /// The same runner with one more setting. Set in the environment, so that it holds for whatever
    /// git starts in turn; settings that the caller passed in the same way stay.
    ///
    /// # Errors
    /// When those cannot be counted.
    pub fn with_config(&self, key: &str, value: &str) -> Result<Self> {
        let count = match self.env("GIT_CONFIG_COUNT").and_then(|c| c.to_str()) {
            None | Some("") => 0,
            Some(count) => count
                .parse::<u32>()
                .map_err(|_| Error::usage("GIT_CONFIG_COUNT is not a number"))?,
        };
        Ok(self
            .with_env("GIT_CONFIG_COUNT", (count + 1).to_string())
            .with_env(&format!("GIT_CONFIG_KEY_{count}"), key)
            .with_env(&format!("GIT_CONFIG_VALUE_{count}"), value))
    }

    /// The same runner for what an approval is held against and what it lets into a branch: git's
    /// configuration is the repository's own alone, no attributes of the user or the system, no
    /// filters, and every commit as it is.
    #[must_use]
    pub fn plain(&self) -> Self {
        let settings = [
            ("core.attributesFile", ""),
            // It says what commits say, and is not checked against them.
            ("core.commitGraph", "false"),
            ("merge.renormalize", "false"),
            ("merge.directoryRenames", "conflict"),
        ];
        let mut git = self.set_alone(&settings);
        git.outer = Outer::Nothing;
        git.with_env("GIT_ATTR_NOSYSTEM", "1")
            .with_env("GIT_GRAFT_FILE", "")
            .with_env("GIT_NO_REPLACE_OBJECTS", "1")
    }

    /// The same runner for a judgement of signatures: every commit as it is, and the keys that the
    /// repository's own configuration trusts, or the files of the user and the system in their usual
    /// places. What the environment names in their stead does not count.
    #[must_use]
    pub fn judging(&self) -> Self {
        let mut git = self.set_alone(&[]);
        git.outer = Outer::DefaultFiles;
        git.with_env("GIT_NO_REPLACE_OBJECTS", "1")
    }

    /// The same runner for a question to a remote on which it depends what the caller may do: the
    /// remote that the repository's own configuration, or the files of the user and the system in their
    /// usual places, name, and by the way that they name.
    #[must_use]
    pub fn asking(&self) -> Self {
        let mut git = self.clone();
        git.env.retain(|key, _| !sways(key));
        let mut git = git.set_alone(&[]);
        git.outer = Outer::DefaultFiles;
        git
    }

    /// Whether the environment has a say in a question to a remote, other than [`Git::asking`].
    pub fn is_swayed(&self) -> bool {
        self.env.keys().any(|key| sways(key))
    }

    /// The same runner with the configuration of the user and the system again: who commits, and how
    /// files look in a work tree.
    #[must_use]
    pub fn with_outer_files(&self) -> Self {
        Git {
            outer: Outer::Files,
            ..self.clone()
        }
    }

    /// The same runner with these settings in the environment, instead of what the caller's says of
    /// git's configuration.
    fn set_alone(&self, settings: &[(&str, &str)]) -> Self {
        let mut git = self.clone();
        git.env.retain(|key, _| {
            !(key == "GIT_CONFIG_PARAMETERS"
                || key == "GIT_CONFIG_COUNT"
                || key.starts_with("GIT_CONFIG_KEY_")
                || key.starts_with("GIT_CONFIG_VALUE_"))
        });
        // The repository was opened, so it is one that git may run in; the file that says so may be
        // one of those that are left out.
        let safe = [("safe.directory", "*")];
        let count = safe.len() + settings.len();
        for (n, (key, value)) in safe.iter().chain(settings).enumerate() {
            git = git
                .with_env(&format!("GIT_CONFIG_KEY_{n}"), *key)
                .with_env(&format!("GIT_CONFIG_VALUE_{n}"), *value);
        }
        git.with_env("GIT_CONFIG_COUNT", count.to_string())
    }

    /// The directory git runs in.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// A variable of the environment that git gets.
    pub fn env(&self, key: &str) -> Option<&OsStr> {
        self.env.get(key).map(OsString::as_os_str)
    }

    /// The names of all variables of the environment that git gets.
    pub fn env_names(&self) -> impl Iterator<Item = &str> {
        self.env.keys().map(String::as_str)
    }

    fn command<S: AsRef<OsStr>>(&self, args: &[S]) -> Command {
        let mut command = Command::new(&self.program);
        command.current_dir(&self.dir).env_clear();
        for (key, value) in &self.env {
            if LOCAL_VARIABLES.contains(&key.as_str()) && !self.keep.contains(&key.as_str()) {
                continue;
            }
            command.env(key, value);
        }
        match self.outer {
            Outer::Files => {}
            Outer::DefaultFiles => {
                for name in OUTER_VARIABLES {
                    command.env_remove(name);
                }
            }
            Outer::Nothing => {
                // Git for Windows knows this name, too.
                command.env("GIT_CONFIG_GLOBAL", "/dev/null");
                command.env("GIT_CONFIG_NOSYSTEM", "1");
            }
        }
        if !self.interactive {
            command.env("GIT_TERMINAL_PROMPT", "0");
        }
        // Messages may be parsed for want of a code (the reason of a refused push): one language.
        command.env("LC_ALL", "C").env("LANGUAGE", "C");
        command.args(args);
        command
    }

    /// Runs git and returns what it left, whatever its exit code.
    ///
    /// # Errors
    /// Only when git cannot be started at all.
    pub fn run<S: AsRef<OsStr>>(&self, args: &[S]) -> Result<Output> {
        self.run_with(args, None, None)
    }

    /// Runs git and requires exit code 0.
    ///
    /// # Errors
    /// When git cannot be started or fails; the message carries git's own reason.
    pub fn require<S: AsRef<OsStr>>(&self, args: &[S]) -> Result<Output> {
        let output = self.run(args)?;
        if output.ok() {
            return Ok(output);
        }
        let shown: Vec<String> = args
            .iter()
            .take(2)
            .map(|a| a.as_ref().to_string_lossy().into_owned())
            .collect();
        let error = Error::state(format!(
            "`git {}` failed in {}: {}",
            shown.join(" "),
            self.dir.display(),
            output.reason()
        ));
        Err(match output.lock_hint() {
            Some(hint) => error.hint(hint),
            None => error,
        })
    }

    /// Refuses where another git changes the repository's configuration, or died in it.
    ///
    /// # Errors
    /// When its lock is there, which is named.
    pub fn require_unlocked_configuration(&self) -> Result<()> {
        let Some(home) = &self.home else {
            return Ok(());
        };
        let lock = home.common_dir.join("config.lock");
        if std::fs::symlink_metadata(&lock).is_err() {
            return Ok(());
        }
        let lock = lock.display().to_string();
        Err(Error::state(format!("{lock} keeps the configuration as it is")).hint(left_lock(&lock)))
    }

    /// Runs git with `stdin` (none: closed) and ends its process after `timeout`.
    ///
    /// # Errors
    /// Only when git cannot be started at all.
    pub fn run_with<S: AsRef<OsStr>>(
        &self,
        args: &[S],
        stdin: Option<&[u8]>,
        timeout: Option<Duration>,
    ) -> Result<Output> {
        let not_started = |e: std::io::Error| {
            let name = self.program.display();
            let error = Error::state(format!(
                "cannot start {name} in {}: {e}",
                self.dir.display()
            ));
            if self.program == Path::new("git") {
                error.hint("install git 2.40 or newer and make sure it is in PATH")
            } else {
                error.hint("install it, or name another one in git's configuration")
            }
        };
        fault::git(args, false).map_err(not_started)?;
        let mut command = self.command(args);
        command
            .stdin(if stdin.is_some() {
                Stdio::piped()
            } else {
                Stdio::null()
            })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        costs::program();
        let mut child = command.spawn().map_err(not_started)?;
        // Both pipes are drained and standard input is fed at once: a full pipe on either side would
        // otherwise stop git for ever.
        let out = child.stdout.take().map(Drain::begin);
        let err = child.stderr.take().map(Drain::begin);
        if let (Some(mut pipe), Some(bytes)) = (child.stdin.take(), stdin) {
            let bytes = bytes.to_vec();
            std::thread::spawn(move || {
                let _ = pipe.write_all(&bytes);
            });
        }
        let mut timed_out = false;
        if let (Some(limit), Some(out)) = (timeout, &out) {
            // Standard output closes when git ends; only then is it worth asking for the code.
            if !out.ends_within(limit) && child.try_wait().ok().flatten().is_none() {
                let _ = child.kill();
                timed_out = true;
            }
        }
        let status = child.wait().map_err(unanswered)?;
        let stderr = err.map(Drain::finish).unwrap_or_default();
        fault::git(args, true).map_err(unanswered)?;
        Ok(Output {
            code: if timed_out { None } else { status.code() },
            stdout: out.map(Drain::finish).unwrap_or_default(),
            stderr: String::from_utf8_lossy(&stderr).into_owned(),
            timed_out,
        })
    }
}

fn unanswered(error: std::io::Error) -> Error {
    Error::io("cannot tell how git ended", error).hint("run the command again")
}

/// How long after git's end its pipes are waited for. A process that git started and left behind
/// (a connection kept open, an automatic clean-up) may hold them for hours.
const PIPE_PATIENCE: Duration = Duration::from_secs(1);

/// A pipe that is read to its end by a thread of its own.
struct Drain {
    bytes: Arc<Mutex<Vec<u8>>>,
    ended: Receiver<()>,
}

impl Drain {
    fn begin(mut pipe: impl Read + Send + 'static) -> Self {
        let bytes = Arc::new(Mutex::new(Vec::new()));
        let (tx, ended) = channel();
        let into = Arc::clone(&bytes);
        std::thread::spawn(move || {
            let mut buffer = [0u8; 16 * 1024];
            while let Ok(n @ 1..) = pipe.read(&mut buffer) {
                if let Ok(mut bytes) = into.lock() {
                    bytes.extend_from_slice(&buffer[..n]);
                }
            }
            let _ = tx.send(());
        });
        Drain { bytes, ended }
    }

    /// Whether the pipe closes within a time. Asked once; afterwards only [`Drain::finish`].
    fn ends_within(&self, limit: Duration) -> bool {
        self.ended.recv_timeout(limit).is_ok()
    }

    /// What came. After [`Drain::ends_within`] said yes the sender is gone, which ends the wait.
    fn finish(self) -> Vec<u8> {
        let _ = self.ended.recv_timeout(PIPE_PATIENCE);
        self.bytes
            .lock()
            .map(|mut b| std::mem::take(&mut *b))
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_process_that_keeps_the_pipes_open_is_not_waited_for() {
        let env = std::env::vars_os()
            .filter_map(|(k, v)| Some((k.into_string().ok()?, v)))
            .collect();
        let git = Git::new(std::env::temp_dir(), env, false);
        let alias = ["-c", "alias.linger=!echo said; sleep 60 & exit 3", "linger"];
        let began = std::time::Instant::now();
        let output = git.run(&alias).unwrap();
        assert_eq!((output.code, output.text().as_str()), (Some(3), "said"));
        assert!(began.elapsed() < Duration::from_secs(20));
        let slow = ["-c", "alias.slow=!sleep 60", "slow"];
        let output = git
            .run_with(&slow, None, Some(Duration::from_millis(200)))
            .unwrap();
        assert!(output.timed_out && output.code.is_none());
        assert!(began.elapsed() < Duration::from_secs(30));
    }

    #[test]
    fn the_reason_is_what_went_wrong_not_what_git_adds() {
        let reason = |stderr: &str| {
            Output {
                code: Some(128),
                stdout: Vec::new(),
                stderr: stderr.into(),
                timed_out: false,
            }
            .reason()
        };
        let advice = "fatal: Could not read from remote repository.\n\nPlease make sure you have \
                      the correct access rights\nand the repository exists.\n";
        assert_eq!(
            reason(&format!(
                "fatal: 'x' does not appear to be a git repository\n{advice}"
            )),
            "'x' does not appear to be a git repository"
        );
        assert_eq!(
            reason(&format!(
                "ssh: connect to host h port 22: Connection refused\n{advice}"
            )),
            "ssh: connect to host h port 22: Connection refused"
        );
        assert_eq!(reason(advice), "Could not read from remote repository.");
    }
}
