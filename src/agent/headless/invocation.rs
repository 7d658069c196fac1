//! What an agent is started with: worktree, branch, prompt, model, keys, session.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use super::limits;
use super::mcp_server::{self, McpServer};
use super::private_files::Private;
use super::report::Usage;
use crate::error::{Error, Result};
use crate::model::text;

/// The parts of the common git directory that are written by commits and by git pm.
const WRITTEN: [&str; 4] = ["objects", "refs", "logs", "pm"];

/// The task, the location and the limits of one start of an agent. All paths are absolute.
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
    /// (WT-07) and is kept while a session may be resumed.
    pub private: PathBuf,
    /// The prompt.
    pub prompt: String,
    /// The model, in the agent's own spelling; by default the one that it is configured for.
    pub model: Option<String>,
    /// The session to resume.
    pub resume: Option<Session>,
    /// The environment of the caller.
    pub env: BTreeMap<String, OsString>,
    /// Additional variables: `GIT_PM_TASK`, `GIT_PM_RUN`, `GIT_PM_ACTOR`.
    pub vars: Vec<(String, String)>,
    /// The role in which it is started, such as `developer`; also the variable `GIT_PM_ROLE`.
    pub role: Option<String>,
    /// The number of the attempt or round, from 1; also the variable `GIT_PM_ROUND`.
    pub round: Option<u32>,
    /// The names of variables in `env` that are passed to the agent although they look like keys:
    /// for a provider known only to the user's configuration, or for the project's tests.
    pub keys: Vec<String>,
    /// True if the user is logged in to the agent ([`is_logged_in`](super::is_logged_in)), so that
    /// keys that would be charged instead of a subscription are withheld (MR-16).
    pub logged_in: bool,
    /// The committer, for agents whose shells do not read the user's git configuration.
    pub identity: Option<Identity>,
    /// True if the process runs in git pm's sandbox. The agent's own is then off, because Landlock
    /// does not let it mount what it needs.
    pub sandboxed: bool,
    /// True if the agent's commands may use the network, if its sandbox controls that.
    pub network: bool,
    /// The maximum that the agent may spend, in millionths of a US dollar, if it supports a limit.
    pub budget: Option<u64>,
    /// The MCP servers that it gets besides its own.
    pub mcp: Vec<McpServer>,
    /// The program that keeps the agent's processes ([`Env::keeper`](crate::Env::keeper)).
    pub keeper: Option<PathBuf>,
}

/// A name and an e-mail address for commits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The name.
    pub name: String,
    /// The e-mail address.
    pub email: String,
}

/// A conversation that an agent can resume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The agent's name for it.
    pub id: String,
    /// Its usage so far, in all its runs. Some agents report only this sum.
    pub used: Usage,
}

/// True if a text is a valid session name: it becomes an argument, so it must not look like an
/// option.
pub(super) fn is_session(id: &str) -> bool {
    let plain = |c: u8| c.is_ascii_alphanumeric() || c == b'-' || c == b'_';
    id.len() <= limits::SESSION_NAME_MAX
        && id.bytes().next().is_some_and(|c| c.is_ascii_alphanumeric())
        && id.bytes().all(plain)
}

impl Invocation {
    /// A private file that names its MCP servers in the form that most clients share, if it has any.
    pub(super) fn mcp_file(&self) -> Result<Option<PathBuf>> {
        if self.mcp.is_empty() {
            return Ok(None);
        }
        let servers = mcp_server::file(&self.mcp, McpServer::shared);
        let file = Private(&self.private).file("", "mcp.json", &servers)?;
        Ok(Some(file))
    }

    /// The git folders that the work writes to, for agents with their own sandbox. None of them
    /// contains hooks or configuration of the repository.
    pub(super) fn git_folders(&self) -> Vec<PathBuf> {
        let parts = WRITTEN.iter().map(|part| self.common_dir.join(part));
        // A sandbox may refuse to start with a folder that is not there, such as that of reflogs.
        let is_absent = |part: &PathBuf| self.common_dir.exists() && !part.exists();
        parts
            .filter(|part| !is_absent(part))
            .chain([self.git_dir.clone()])
            .collect()
    }

    /// The id of the session to resume, validated because it was stored.
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

    /// The model, validated because it becomes an argument.
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
                "`{}` is not a valid model name",
                text::excerpt(model, 80)
            ))),
        }
    }

    /// A variable of the caller's environment, if set and not empty.
    pub(super) fn var(&self, name: &str) -> Option<&OsString> {
        self.env.get(name).filter(|value| !value.is_empty())
    }
}
