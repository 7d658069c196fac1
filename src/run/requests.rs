//! Does what a sandboxed agent hands over, while it works: with which rights, and as whom.
//!
//! Each command is done by a git pm of its own, in the agent's name, with the worktree's own git
//! directory, and in a sandbox that opens to it the state in addition to what the agent can reach.
//!
//! The right to write the state is that git pm's own: each git that it starts, with hooks and
//! filters, is in the agent's sandbox again, and it has no network; the runner exchanges what was
//! changed. It does only commands that name no file to write, no program and no URL. A `finish`
//! with gates only checks the work: the runner runs the gates once the agent has ended, as a living
//! one could show them other files than those of its commit.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread::{Scope, ScopedJoinHandle};
use std::time::Duration;

use super::beneath;
use super::hand_over::{Answer, REQUESTS, Request, answers};
use super::task_git::TaskGit;
use crate::agent::sandbox::Rules;
use crate::coordinate::sync;
use crate::error::{Error, Result};
use crate::model::settings::SyncMode;
use crate::pm::{Pm, RunCommands};
use crate::process::{self, Control, ExitCause, Launch, Limits, Line, Sink, Stream};
use crate::store::fault;

/// The time between two looks for requests.
const POLL_INTERVAL: Duration = Duration::from_millis(15);

/// The maximum size of a request.
const REQUEST_MAX: u64 = 64 << 20;

/// The maximum size of an answer, and of a line in it.
const ANSWER_MAX: u64 = 16 << 20;

/// The maximum number of requests that wait at one time, and of those that are done at one time.
const WAITING: usize = 200;
const AT_ONCE: usize = 8;

/// The requests of one agent.
pub(super) struct Requests<'a> {
    pub private: &'a Path,
    pub worktree: &'a Path,
    /// The command, but for its arguments and folder.
    pub launch: Launch,
    pub deadline: Option<Duration>,
    pub rules: &'a Rules,
    pub task: Mutex<TaskGit>,
    /// Opens the repository as the agent.
    pub open: &'a (dyn Fn() -> Result<Pm> + Sync),
}

/// A command that is being done, until its request has been taken away.
struct Work<'scope> {
    control: Control,
    thread: ScopedJoinHandle<'scope, ()>,
}

impl Requests<'_> {
    /// Prepares the folders. What an earlier process left undone is not done: nobody waits for it.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn prepare(private: &Path) -> Result<()> {
        let (requests, answers) = (private.join(REQUESTS), answers(private));
        beneath::remove(&requests)
            .and_then(|()| beneath::remove(&answers))
            .and_then(|()| fs::create_dir_all(&requests))
            .and_then(|()| fs::create_dir_all(&answers))
            .map_err(|error| {
                Error::unwritten(format!("cannot create {}", answers.display()), error)
            })
    }

    /// Does what is handed over until `done`.
    pub fn serve<'scope>(&'scope self, scope: &'scope Scope<'scope, '_>, done: &AtomicBool) {
        let mut known: BTreeMap<String, Work<'scope>> = BTreeMap::new();
        while !done.load(Ordering::SeqCst) {
            let names = beneath::names(self.private, REQUESTS, WAITING);
            let keys: Vec<&str> = names.iter().filter_map(|name| key(name)).collect();
            known.retain(|key, work| {
                let kept = !work.thread.is_finished() || keys.contains(&key.as_str());
                if !kept {
                    let _ = fs::remove_file(self.answer_file(key));
                }
                kept
            });
            for key in keys {
                let busy = known.values().filter(|work| !work.thread.is_finished());
                if known.contains_key(key) || busy.count() >= AT_ONCE {
                    continue;
                }
                let Ok(control) = Control::new() else {
                    continue;
                };
                let (name, its) = (key.to_string(), control.clone());
                let thread = scope.spawn(move || self.answer(&name, &its));
                known.insert(key.to_string(), Work { control, thread });
            }
            // Until the caller says that it is done.
            std::thread::park_timeout(POLL_INTERVAL);
        }
        // Nobody waits any more.
        known.values().for_each(|work| work.control.stop());
    }

    fn answer_file(&self, key: &str) -> PathBuf {
        answers(self.private).join(format!("{key}.json"))
    }

    fn answer(&self, key: &str, control: &Control) {
        let answer = self.done(key, control).unwrap_or_else(|error| Answer {
            code: error.kind().exit_code(),
            out: String::new(),
            err: format!("error: {}\n", error.message()),
        });
        // The change is made, and nobody was told.
        let _ = fault::step("request-done");
        let file = self.answer_file(key);
        if let Ok(bytes) = serde_json::to_vec(&answer)
            && fs::write(file.with_extension("new"), bytes).is_ok()
        {
            let _ = fs::rename(file.with_extension("new"), file);
        }
    }

    fn done(&self, key: &str, control: &Control) -> Result<Answer> {
        let name = format!("{REQUESTS}/{key}.json");
        let bytes = beneath::read(self.private, &name, REQUEST_MAX)?.unwrap_or_default();
        let request: Request = serde_json::from_slice(&bytes)
            .map_err(|error| Error::usage(format!("this is not a request: {error}")))?;
        let pm = self.take_over(control)?;
        let before = pm.store.tip()?;
        let mut launch = self.launch.clone();
        launch.args = request.args.iter().map(Into::into).collect();
        launch.input = request.input.into_bytes();
        let inside = request.cwd.starts_with(self.worktree) && request.cwd.is_dir();
        launch.dir = match inside {
            true => request.cwd,
            false => self.worktree.to_path_buf(),
        };
        let limits = Limits {
            deadline: self.deadline,
            output_max: ANSWER_MAX,
            line_max: usize::try_from(ANSWER_MAX).unwrap_or(usize::MAX),
            ..Limits::default()
        };
        let mut heard = Heard {
            answer: Answer::default(),
            lines: request.lines,
        };
        let outcome = process::supervise(&launch, &limits, control, &mut heard)?;
        let mut answer = heard.answer;
        answer.code = match outcome.ended {
            ExitCause::Exited(code) => u8::try_from(code).unwrap_or(1),
            _ => return Err(Error::state("the command was stopped before it was done")),
        };
        if pm.store.tip()? != before {
            exchange(&pm)?;
        }
        for notice in pm.take_notices() {
            answer.err.push_str(&format!("note: {notice}\n"));
        }
        Ok(answer)
    }

    /// A command sees what the agent has committed.
    fn take_over(&self, control: &Control) -> Result<Pm> {
        let mut task = self.task.lock().unwrap_or_else(PoisonError::into_inner);
        let pm = (self.open)()?.of_run(RunCommands {
            control: control.clone(),
            vars: Vec::new(),
            withheld: BTreeSet::new(),
            confined: None,
        });
        task.take_over(&pm, self.rules)?;
        Ok(pm)
    }
}

/// The operations whose changes are exchanged with `pm.sync=claim`, too.
const FOR_OTHERS: [&str; 7] = [
    "reserve", "msg", "handoff", "artifact", "comment", "finish", "drop",
];

/// Exchanges what a command has changed, as the settings say: it had no network itself.
fn exchange(pm: &Pm) -> Result<()> {
    let last = pm.store.repo().commit(pm.store.require_tip()?)?;
    let is_for_others = FOR_OTHERS.iter().any(|word| last.op().contains(word));
    if pm.sync_mode() == SyncMode::Always || pm.is_online() && is_for_others {
        sync::try_sync(pm);
    }
    Ok(())
}

/// The key of a request's file.
fn key(name: &str) -> Option<&str> {
    let key = name.strip_suffix(".json")?;
    let plain = key.len() == 32 && key.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f'));
    plain.then_some(key)
}

/// Collects what a command prints.
struct Heard {
    answer: Answer,
    /// The number of lines until its input may be closed.
    lines: usize,
}

impl Sink for Heard {
    fn line(&mut self, line: Line<'_>) {
        let to = match line.stream {
            Stream::Out => &mut self.answer.out,
            Stream::Err => &mut self.answer.err,
        };
        to.push_str(&String::from_utf8_lossy(line.bytes));
        to.push('\n');
        if line.stream == Stream::Out {
            self.lines = self.lines.saturating_sub(1);
        }
    }

    fn input(&mut self, _: &mut Vec<u8>) -> bool {
        self.lines > 0
    }
}
