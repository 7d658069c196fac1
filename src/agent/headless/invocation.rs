//! What an agent is started for.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use super::report::Usage;
use crate::error::{Error, Result};
use crate::model::text;

/// The parts of the common git directory that are written by commits and by git pm.
const WRITTEN: [&str; 5] = ["objects", "refs", "logs", "reftable", "pm"];

/// The task, the place and the limits of one start of an agent. All paths are absolute.
#[derive(Clone, Debug, Default)]
pub struct Invocation {
    /// The task's worktree, in which the agent starts.
    pub worktree: PathBuf,
    /// The git directory of the worktree: `.git/worktrees/NAME` of the repository.
    pub git_dir: PathBuf,
    /// The git directory of the repository, which the worktree shares with others.
    pub common_dir: PathBuf,
    /// The task's branch.
    pub branch: String,
    /// A directory for this agent's own files, which is not shared with another running agent
    /// (WT-07) and stays while a session may be resumed.
    pub private: PathBuf,
    /// What the agent shall do.
    pub prompt: String,
    /// The model, in the agent's own spelling; by default the one that it is configured for.
    pub model: Option<String>,
    /// The session to go on with.
    pub resume: Option<Session>,
    /// The environment of the caller.
    pub env: BTreeMap<String, OsString>,
    /// Further variables: `GIT_PM_TASK`, `GIT_PM_RUN`, `GIT_PM_ACTOR`.
    pub vars: Vec<(String, String)>,
    /// The names of variables in `env` that the agent gets though they look like keys: those of a
    /// provider that only the user's configuration knows, or that the project's tests need.
    pub keys: Vec<String>,
    /// True if the user is logged in to the agent ([`is_logged_in`](super::is_logged_in)), so that
    /// keys that would be charged instead of a subscription are withheld (MR-16).
    pub logged_in: bool,
    /// The committer, for agents whose shells do not read the user's git configuration.
    pub identity: Option<Identity>,
    /// True if the process runs in a sandbox of ours. The agent's own is then off, because Landlock
    /// does not let it mount what it needs.
    pub sandboxed: bool,
    /// True if commands of the agent may use the network, where its sandbox decides that.
    pub network: bool,
    /// The most that the agent may spend, in millionths of a US dollar, where it can limit itself.
    pub budget: Option<u64>,
}

/// A name and an e-mail address for commits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The name.
    pub name: String,
    /// The e-mail address.
    pub email: String,
}

/// A conversation that an agent can be resumed with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The agent's name for it.
    pub id: String,
    /// What it has used so far, in all its runs. Some agents report only this sum.
    pub used: Usage,
}

/// The longest name of a session, in bytes.
const SESSION_MAX: usize = 128;

/// True if a text can be the name of a session: it is an argument later, so it never looks like an
/// option.
pub(super) fn is_session(id: &str) -> bool {
    let plain = |c: u8| c.is_ascii_alphanumeric() || c == b'-' || c == b'_';
    id.len() <= SESSION_MAX
        && id.bytes().next().is_some_and(|c| c.is_ascii_alphanumeric())
        && id.bytes().all(plain)
}

impl Invocation {
    /// The folders of git that the work writes to, for agents with a sandbox of their own. Hooks and
    /// configuration of the repository are in none of them.
    pub(super) fn git_folders(&self) -> Vec<PathBuf> {
        let parts = WRITTEN.iter().map(|part| self.common_dir.join(part));
        parts.chain([self.git_dir.clone()]).collect()
    }

    /// The id of the session to resume, checked, because it was stored meanwhile.
    pub(super) fn session(&self) -> Result<Option<&str>> {
        let Some(session) = &self.resume else {
            return Ok(None);
        };
        match is_session(&session.id) {
            true => Ok(Some(&session.id)),
            false => Err(Error::state(format!(
                "the session `{}` has an invalid name",
                text::excerpt(&session.id, 80)
            ))
            .hint("start the agent without resuming a session")),
        }
    }

    /// The model, checked, because it becomes an argument.
    pub(super) fn model(&self) -> Result<Option<&str>> {
        let Some(model) = self.model.as_deref() else {
            return Ok(None);
        };
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@+[]".contains(c);
        match !model.starts_with('-')
            && (1..=200).contains(&model.len())
            && model.chars().all(plain)
        {
            true => Ok(Some(model)),
            false => Err(Error::usage(format!(
                "`{}` is not the name of a model",
                text::excerpt(model, 80)
            ))),
        }
    }

    /// A variable of the caller's environment that is set and not empty.
    pub(super) fn var(&self, name: &str) -> Option<&OsString> {
        self.env.get(name).filter(|value| !value.is_empty())
    }
}
