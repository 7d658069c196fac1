//! How `git` is started: with which environment and time limit; no other module starts it.
//!
//! It removes inherited `GIT_*` variables that would point git at another repository, never lets git
//! prompt without a terminal, limits the time of a network command, and trusts exit codes over
//! messages.

mod drain;
pub mod environment;
mod output;
pub mod place;

pub use output::{Output, path_of_bytes, path_of_line};

use drain::Drain;
use environment::Outer;
use output::left_lock;
use std::collections::{BTreeMap, HashMap};
use std::ffi::{OsStr, OsString};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::env::HANDED;
use crate::error::{Error, Reason, Result};
use crate::fault;
use crate::io_counts;
use crate::model::limits::{GIT_ATTEMPTS, LOCKED_PAUSE, LOCKED_TRIES};
use crate::process::{Sandbox, is_program, start};

/// The time between the attempts of [`GIT_ATTEMPTS`].
const PAUSE: Duration = Duration::from_millis(25);

/// The number of answers that are kept.
const KNOWN_MAX: usize = 1_000;

/// Starts git in one directory with one environment.
#[derive(Debug, Clone)]
pub struct Git {
    program: PathBuf,
    /// Its file, if it is in a folder of `PATH`. A process that is started by name is forked, which
    /// copies the page tables of this one; by its file it is not.
    file: Option<PathBuf>,
    dir: PathBuf,
    env: BTreeMap<String, OsString>,
    keep: Vec<&'static str>,
    interactive: bool,
    /// See [`Env::detach`](crate::env::Env::detach).
    pub(super) detach: Option<PathBuf>,
    home: Option<Home>,
    /// Git gets the folders of `home` by name, see [`Git::in_worktree`].
    explicit: bool,
    /// The settings for work trees whose files may be another's, see [`Git::among_others`].
    guards: Arc<[String]>,
    among_others: bool,
    outer: Outer,
    /// See [`Git::for_committer`].
    committer: Arc<[(String, String)]>,
    /// See [`Git::of_hashes`].
    known: Arc<Mutex<HashMap<Vec<String>, String>>>,
}

/// The known facts of the repository at whose top git runs, so that git need not be queried.
#[derive(Debug, Clone)]
pub struct Home {
    /// The git directory that all worktrees share, absolute.
    pub common_dir: PathBuf,
    /// The git directory of the worktree, absolute.
    pub git_dir: PathBuf,
}

impl Git {
    /// A runner for the repository at `dir`. `env` is the caller's environment, passed on without
    /// the variables that would point git elsewhere. `interactive` is set if a user at a terminal
    /// can answer a prompt.
    pub fn new(
        dir: impl Into<PathBuf>,
        mut env: BTreeMap<String, OsString>,
        interactive: bool,
    ) -> Self {
        // A relative folder is in the work tree, where a program can be an agent's.
        if let Some(path) = env.remove("PATH") {
            let folders = std::env::split_paths(&path).filter(|folder| folder.is_absolute());
            let path = std::env::join_paths(folders).unwrap_or_default();
            env.extend((!path.is_empty()).then(|| ("PATH".to_string(), path)));
        }
        let program = PathBuf::from("git");
        Git {
            file: in_search_path(&program, &env),
            program,
            dir: dir.into(),
            env,
            keep: Vec::new(),
            interactive,
            detach: None,
            home: None,
            explicit: false,
            guards: Arc::default(),
            among_others: false,
            outer: Outer::Files,
            committer: Arc::default(),
            known: Arc::default(),
        }
    }

    /// The same runner, with settings of the caller's environment that say who commits and how. They
    /// hold where no other setting of the environment does.
    #[must_use]
    pub fn for_committer(self, settings: &[(String, String)]) -> Self {
        Git {
            committer: settings.into(),
            ..self
        }
    }

    /// The same runner, with facts of the repository at whose top it runs.
    #[must_use]
    pub fn knowing(self, home: Home) -> Self {
        Git {
            home: Some(home),
            ..self
        }
    }

    /// The facts of the repository at whose top it runs.
    pub fn home(&self) -> Option<&Home> {
        self.home.as_ref()
    }

    /// The same environment for a program that git itself would start, such as a signer.
    #[must_use]
    pub fn program(&self, program: impl Into<PathBuf>) -> Self {
        let program = program.into();
        Git {
            file: in_search_path(&program, &self.env),
            program,
            explicit: false,
            guards: Arc::default(),
            ..self.clone()
        }
    }

    /// The directory git runs in.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Runs git and returns its output, whatever its exit code.
    ///
    /// # Errors
    /// Only when git cannot be started at all.
    pub fn run<S: AsRef<OsStr>>(&self, args: &[S]) -> Result<Output> {
        self.run_with(args, None, None)
    }

    /// The first line that git answers to a question about full hashes alone, which is asked once:
    /// their content never changes. `None` if it exits with 1.
    ///
    /// # Errors
    /// As [`Git::require`].
    pub fn of_hashes(&self, args: &[&str]) -> Result<Option<String>> {
        let is_hash = |word: &&str| {
            let hex = word.split('^').next().unwrap_or(word);
            matches!(hex.len(), 40 | 64) && hex.bytes().all(|b| b.is_ascii_hexdigit())
        };
        let key: Vec<String> = args.iter().map(ToString::to_string).collect();
        let lock = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = lock().get(&key) {
            return Ok(Some(known.clone()));
        }
        let out = self.run(args)?;
        let answer = match out.code {
            Some(0) => out.lines().into_iter().next().unwrap_or_default(),
            Some(1) => return Ok(None),
            _ => return self.require(args).map(|out| Some(out.text())),
        };
        let mut names = args.iter().filter(|word| !word.starts_with('-')).skip(1);
        if names.all(is_hash) {
            let mut known = lock();
            if known.len() >= KNOWN_MAX {
                known.clear();
            }
            known.insert(key, answer.clone());
        }
        Ok(Some(answer))
    }

    /// As [`Git::run`], with an input.
    pub fn feed<S: AsRef<OsStr>>(&self, args: &[S], input: impl AsRef<[u8]>) -> Result<Output> {
        self.run_with(args, Some(input.as_ref()), None)
    }

    /// Runs a git that writes the index: again for a second where another git holds its lock, since then
    /// nothing was changed yet.
    ///
    /// # Errors
    /// When git cannot be started.
    pub fn run_unlocked<S: AsRef<OsStr>>(&self, args: &[S]) -> Result<Output> {
        let mut output = self.run(args)?;
        for _ in 0..LOCKED_TRIES {
            if output.ok() || !output.reason().contains("index.lock") {
                break;
            }
            std::thread::sleep(LOCKED_PAUSE);
            output = self.run(args)?;
        }
        Ok(output)
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
        ))
        .because(Reason::GitFailed);
        Err(match output.lock_hint() {
            Some(hint) => error.hint(hint),
            None => error,
        })
    }

    /// Refuses if another git is changing the repository's configuration, or died while doing so.
    pub fn require_unlocked_configuration(&self) -> Result<()> {
        let Some(home) = &self.home else {
            return Ok(());
        };
        let lock = home.common_dir.join("config.lock");
        if std::fs::symlink_metadata(&lock).is_err() {
            return Ok(());
        }
        let lock = lock.display().to_string();
        Err(Error::state(format!("git's configuration is locked by {lock}")).hint(left_lock(&lock)))
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
        let mut output = self.run_once(args, stdin, timeout)?;
        for _ in 0..GIT_ATTEMPTS {
            if !output.met_new_worktree() {
                break;
            }
            std::thread::sleep(PAUSE);
            output = self.run_once(args, stdin, timeout)?;
        }
        Ok(output)
    }

    fn run_once<S: AsRef<OsStr>>(
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
            if !self.dir.is_dir() {
                error.hint("the folder is not there: it was moved or deleted")
            } else if self.program == Path::new("git") {
                error
                    .because(Reason::GitMissing)
                    .hint("install git 2.40 or newer and make sure it is in PATH")
            } else {
                error.hint("install it, or configure another program in git's configuration")
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
        io_counts::program();
        let sandbox = self.handed()?;
        let mut child = start(&mut command, sandbox.as_ref())?.map_err(not_started)?;
        // Both pipes are drained while standard input is written: a full pipe on either side would
        // stop git forever.
        let out = child.stdout.take().map(Drain::begin);
        let err = child.stderr.take().map(Drain::begin);
        if let (Some(mut pipe), Some(bytes)) = (child.stdin.take(), stdin) {
            let bytes = bytes.to_vec();
            std::thread::spawn(move || {
                let _ = pipe.write_all(&bytes);
            });
        }
        let timed_out = self.watch(&mut child, out.as_ref(), timeout)?;
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

impl Git {
    /// The sandbox of every program that is started by a process that does what an agent has handed
    /// over: only that process itself may write the state, and none of its hooks and filters.
    fn handed(&self) -> Result<Option<Sandbox>> {
        let Some(file) = self.env.get(HANDED) else {
            return Ok(None);
        };
        let read = std::fs::read(file).and_then(|bytes| Ok(serde_json::from_slice(&bytes)?));
        read.map_err(|error| Error::io(format!("cannot read {}", file.display()), error))
    }
}

/// A git that takes longer is looked at for the first time after about this time.
const LONG: Duration = Duration::from_secs(1);

impl Git {
    /// Waits for the end of git, or ends it after a time limit, and returns whether it did. One that
    /// has not ended after a while may wait for ever for a file that is none, which is looked for
    /// then: it is ended, and the file is named.
    fn watch(
        &self,
        child: &mut Child,
        out: Option<&Drain>,
        limit: Option<Duration>,
    ) -> Result<bool> {
        let (mut pause, mut next, began) = (PAUSE, LONG, Instant::now());
        let left = || limit.map_or(LONG, |limit| limit.saturating_sub(began.elapsed()));
        // Standard output closes when git ends; only then is there an exit code.
        while let Some(out) = out
            && !out.ends_within(pause.min(left()))
            && child.try_wait().ok().flatten().is_none()
        {
            if left().is_zero() {
                let _ = child.kill();
                return Ok(true);
            }
            pause = (pause * 2).min(LONG);
            if began.elapsed() < next {
                continue;
            }
            next *= 4;
            if let Err(error) = self.waits_for() {
                let _ = child.kill();
                let _ = child.wait();
                return Err(error);
            }
        }
        Ok(false)
    }
}

/// The file of a program given by its name, in the first folder of `PATH` that has it.
fn in_search_path(program: &Path, env: &BTreeMap<String, OsString>) -> Option<PathBuf> {
    if program.components().count() != 1 {
        return None;
    }
    let mut files = std::env::split_paths(env.get("PATH")?).map(|folder| folder.join(program));
    files.find(|file| is_program(file))
}

fn unanswered(error: std::io::Error) -> Error {
    Error::io("cannot determine the exit status of git", error).hint("run the command again")
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
