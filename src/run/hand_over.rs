//! A command that a sandboxed agent hands over to its run.
//!
//! It waits in the task's private folder until the run has done it, and prints the answer. The
//! answers are where the agent cannot write.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::error::{Error, Result};
use crate::pm::Pm;
use crate::store::env::{Env, HANDED};
use crate::store::git::task_dir::elsewhere;
use crate::store::random;

/// The time between two looks for an answer.
const POLL_INTERVAL: Duration = Duration::from_millis(10);

/// A command of an agent.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// The arguments, without the program's name.
    pub args: Vec<String>,
    /// Where it was given.
    pub cwd: PathBuf,
    /// What it read from standard input.
    pub input: String,
    /// The number of lines to wait for before its standard input is closed.
    pub lines: usize,
}

impl Request {
    /// Refuses what a run does not do for its agent, in a process that it has started for that.
    ///
    /// # Errors
    /// Reason `state.elsewhere`, if it is not a request.
    pub fn require(env: &Env, is_request: bool) -> Result<()> {
        match env.var(HANDED) {
            Some(_) if !is_request => Err(elsewhere()),
            _ => Ok(()),
        }
    }
}

/// What a command printed, and its exit code.
#[derive(Clone, Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct Answer {
    /// The exit code.
    pub code: u8,
    /// What it printed to standard output.
    pub out: String,
    /// What it printed to standard error.
    pub err: String,
}

/// The folder of the requests in a task's private folder.
pub(super) const REQUESTS: &str = "requests";

/// The folder of the answers beside it.
pub(super) fn answers(private: &Path) -> PathBuf {
    private.with_extension("answers")
}

/// Hands a command over to the run whose agent gave it, and waits until it is done: once, or
/// not at all. The agent ends with its run, and nobody waits any more.
///
/// # Errors
/// When the command cannot be handed over.
#[doc(hidden)]
pub fn hand_over(pm: &Pm, request: &Request) -> Result<Answer> {
    // `PRIVATE/git/NAME`
    let git_dir = pm.store.repo().git_dir();
    let private = git_dir.ancestors().nth(2).unwrap_or(git_dir);
    let key = random::bytes::<16>()?
        .map(|byte| format!("{byte:02x}"))
        .concat();
    let file = private.join(REQUESTS).join(format!("{key}.json"));
    let fail = |error| Error::unwritten(format!("cannot write {}", file.display()), error);
    let bytes = serde_json::to_vec(request).map_err(|error| fail(error.into()))?;
    fs::write(file.with_extension("new"), bytes).map_err(fail)?;
    fs::rename(file.with_extension("new"), &file).map_err(fail)?;
    let answer = answers(private).join(format!("{key}.json"));
    let answered = loop {
        if let Ok(bytes) = fs::read(&answer) {
            break serde_json::from_slice(&bytes)
                .map_err(|error| Error::state(format!("cannot read the answer: {error}")));
        }
        std::thread::sleep(POLL_INTERVAL);
    };
    let _ = fs::remove_file(&file);
    answered
}
