//! Git for the network: its configuration, its time-out, and no prompts without a terminal.

use std::time::{Duration, Instant};

use crate::git::process::{Git, Output};
use crate::handle::Store;
use crate::model::settings::TIMEOUT;

/// Runs an operation on remotes, which is given up after `limit`.
pub fn within<T>(store: &Store, limit: Duration, run: impl FnOnce() -> T) -> T {
    store.deadline.set(Some(Instant::now() + limit));
    let done = run();
    store.deadline.set(None);
    done
}

/// Runs an operation that contacts a remote as [`Git::asking`] does.
pub fn by_own_config<T>(store: &Store, run: impl FnOnce() -> T) -> T {
    store.own_config.set(true);
    let done = run();
    store.own_config.set(false);
    done
}

/// The time that one git command may talk to a remote.
pub(super) fn timeout(store: &Store) -> Duration {
    let repo = store.repo();
    let set = match store.own_config.get() {
        true => repo.config_own(TIMEOUT.key).pop(),
        false => repo.config(TIMEOUT.key),
    };
    let seconds = match TIMEOUT.number(set.as_deref()) {
        0 => TIMEOUT.number(None),
        seconds => seconds,
    };
    let limit = Duration::from_secs(seconds);
    match store.deadline.get() {
        Some(deadline) => limit.min(deadline.saturating_duration_since(Instant::now())),
        None => limit,
    }
}

/// Git for the network: never prompts without a terminal, not even through ssh. The index is
/// released, since the remote may be slow, and `pre-push` reads it.
pub(super) fn network(store: &Store) -> Git {
    store.release_index();
    // A relative URL is relative to the repository, not to a linked worktree.
    let mut git = store.repo().git_at_home();
    if store.own_config.get() {
        git = git.asking();
    }
    if store.env().may_prompt() {
        return git;
    }
    let ssh = match git.env("GIT_SSH_COMMAND").and_then(|ssh| ssh.to_str()) {
        Some(ssh) if !ssh.is_empty() => Some(ssh.to_string()),
        _ if store.own_config.get() => {
            let set = git.run(&["config", "--get", "core.sshCommand"]);
            set.ok().filter(Output::ok).map(|set| set.text())
        }
        _ => store.repo().config("core.sshCommand"),
    };
    let git = git
        .with_env("GIT_ASKPASS", "true")
        .with_env("SSH_ASKPASS", "true");
    match ssh {
        None if git.env("GIT_SSH").is_some() => git,
        ssh => {
            let ssh = ssh.unwrap_or_else(|| "ssh".into());
            git.with_env(
                "GIT_SSH_COMMAND",
                format!("{ssh} -oBatchMode=yes -oConnectTimeout=15"),
            )
        }
    }
}
