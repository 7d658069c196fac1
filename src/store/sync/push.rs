//! Pushing the state, or a branch of the user's, to one remote.

use super::network::{network, timeout};
use super::push_outcome::{Pushed, push_outcome};
use crate::error::Result;
use crate::store::git::process::Git;
use crate::store::git::repo::Oid;
use crate::store::handle::Store;
use crate::store::remote_names::Remote;

/// The name of a remote for the time of a push.
const PUSHED: &str = "git-pm-push";

/// The settings of a remote that affect a push.
const PUSH_SETTINGS: [&str; 6] = [
    "url",
    "pushurl",
    "proxy",
    "proxyAuthMethod",
    "receivepack",
    "vcs",
];

/// The result of pushing a branch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Brought {
    /// The remote has it.
    Done,
    /// The remote's branch has commits that the local one lacks.
    Apart,
    /// It failed, for this reason.
    Failed(String),
}

impl Remote {
    /// Pushes `commit` on top of the tip that was fetched. With `lease` the remote's history is
    /// replaced, if it still is what was fetched: only a raised generation needs that.
    ///
    /// # Errors
    /// Only when git cannot be started.
    pub fn push(&self, store: &Store, commit: Oid, lease: Option<Oid>) -> Result<Pushed> {
        let mut args = vec![
            "push",
            "--porcelain",
            "--no-verify",
            "--no-follow-tags",
            "--recurse-submodules=no",
            "--no-signed",
        ];
        let lease = lease.map(|old| format!("--force-with-lease={}:{old}", self.state_ref));
        let (git, name) = self.without_tracking(store)?;
        let refspec = format!("{commit}:{}", self.state_ref);
        args.extend(lease.as_deref());
        args.extend(["--", &name, &refspec]);
        let output = git.run_with(&args, None, Some(timeout(store)))?;
        Ok(push_outcome(&output))
    }

    /// Pushes a branch of the user's as `git push` does: hooks run, nothing is forced.
    ///
    /// # Errors
    /// Only when git cannot be started.
    pub(crate) fn push_branch(&self, store: &Store, branch: &str) -> Result<Brought> {
        self.push_commit(store, &format!("refs/heads/{branch}"), branch)
    }

    /// As [`Remote::push_branch`], of a commit or a ref to a branch of any name.
    ///
    /// # Errors
    /// Only when git cannot be started.
    pub(crate) fn push_commit(&self, store: &Store, from: &str, branch: &str) -> Result<Brought> {
        let args = [
            "push",
            "--quiet",
            "--no-follow-tags",
            "--recurse-submodules=no",
            "--",
            &self.name,
            &format!("{from}:refs/heads/{branch}"),
        ];
        self.bring(store, &args)
    }

    /// Pushes one of our own refs under another name: no hook runs, nothing is forced.
    ///
    /// # Errors
    /// Only when git cannot be started.
    pub(crate) fn push_ref(&self, store: &Store, from: &str, to: &str) -> Result<Brought> {
        let args = [
            "push",
            "--quiet",
            "--no-verify",
            "--no-follow-tags",
            "--recurse-submodules=no",
            "--no-signed",
            "--",
            &self.name,
            &format!("{from}:{to}"),
        ];
        self.bring(store, &args)
    }

    fn bring(&self, store: &Store, args: &[&str]) -> Result<Brought> {
        let output = network(store).run_with(args, None, Some(timeout(store)))?;
        let apart = ["(non-fast-forward)", "(fetch first)"];
        let rejected = |line: &str| {
            let line = line.trim_start();
            line.starts_with("! [rejected]") && apart.iter().any(|why| line.ends_with(why))
        };
        Ok(if output.ok() {
            Brought::Done
        } else if output.stderr.lines().any(rejected) {
            Brought::Apart
        } else {
            Brought::Failed(output.reason())
        })
    }

    /// A runner that knows the remote by another name, which has no fetch refspecs. Otherwise git
    /// would update the tracking ref with a push, under a lock that a kill leaves behind and that
    /// we could not recognize; we move it ourselves once the push has arrived.
    fn without_tracking(&self, store: &Store) -> Result<(Git, String)> {
        let (repo, git) = (store.repo(), network(store));
        let remotes = repo.remotes();
        if !remotes.contains(&self.name) || remotes.iter().any(|name| name == PUSHED) {
            return Ok((git, self.name.clone()));
        }
        let mut git = git;
        for word in PUSH_SETTINGS {
            for value in repo.config_all(&format!("remote.{}.{word}", self.name)) {
                git = git.with_config(&format!("remote.{PUSHED}.{word}"), &value)?;
            }
        }
        Ok((git, PUSHED.to_string()))
    }
}
