//! The adapters against invocations and transcripts of the agents.

mod acp_policy;
mod classes;
mod environment;
mod hostile;
mod launches;
mod transcripts;
mod written;

use std::path::{Path, PathBuf};

use super::{Invocation, Reader, Session, With};

/// The agents that are started as processes with a prompt.
const AGENTS: [&str; 8] = [
    "script:/a",
    "claude",
    "codex",
    "gemini",
    "opencode",
    "aider",
    "command:a",
    "command:a --file {prompt_file}",
];

/// A private directory and an invocation that uses it. No other path of the invocation exists.
fn invocation() -> (tempfile::TempDir, Invocation) {
    let temporary = tempfile::tempdir().unwrap();
    let to = Invocation {
        worktree: PathBuf::from("/repo.worktrees/T-0001"),
        git_dir: PathBuf::from("/repo/.git/worktrees/T-0001"),
        common_dir: PathBuf::from("/repo/.git"),
        private: temporary.path().join("private"),
        prompt: "Write hello.txt and commit it.\n".into(),
        vars: [
            ("GIT_PM_TASK", "T-0001"),
            ("GIT_PM_RUN", "r1"),
            ("GIT_PM_ACTOR", "agent-1"),
        ]
        .map(|(name, value)| (name.to_string(), value.to_string()))
        .into(),
        ..Invocation::default()
    };
    (temporary, to)
}

/// A reader for an agent that resumes this session.
fn reader(with: &With, resumed: Option<&Session>) -> Reader {
    let to = Invocation {
        resume: resumed.cloned(),
        ..Invocation::default()
    };
    Reader::new(with, &to)
}

fn session(id: &str) -> Session {
    Session {
        id: id.into(),
        used: Default::default(),
    }
}

fn testdata(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("testdata/agents")
        .join(path)
}
