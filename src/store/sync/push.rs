//! Pushing the state, or a branch of the user's, to one remote.

use std::path::Path;

use super::network::{network, timeout};
use super::published;
use super::push_outcome::{Pushed, push_outcome};
use crate::error::Result;
use crate::git::process::{Git, Output};
use crate::git::repo::Oid;
use crate::handle::Store;
use crate::model::limits::{REFUSAL_FIRST_LINES, REFUSAL_LAST_LINES};
use crate::model::text::escape_controls;
use crate::remote_names::{Remote, shown};

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

/// What git says of `push.recurseSubmodules=check`.
const UNPUSHED: &str = "contain changes that can\nnot be found on any remote";

/// The result of pushing a branch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Brought {
    /// The remote has it.
    Done,
    /// The remote's branch has commits that the local one lacks.
    Apart,
    /// A hook or the server refused it, with these words.
    Refused(String),
    /// It failed for another reason, such as a remote that cannot be reached.
    Failed(String),
}

/// The exit code of `git push` where a ref was refused; with any other it ended before that.
const REFUSED: i32 = 1;

/// The words of a server that has a branch of the name of a folder of this one.
const BLOCKED: &str = "exists; cannot create";

/// The words of a server of which another push has the ref at the same time.
const RACED: [&str; 3] = [
    "cannot lock ref",
    "failed to update ref",
    "incorrect old value",
];

/// The words of the server or the hook that refused a push, else of git. Of many lines the first and
/// the last: the reason may be at either end.
fn said(output: &Output) -> String {
    let own = ["error: failed to push", "hint:", "To ", " ! ["];
    let lines = output
        .stderr
        .lines()
        .map(|line| line.strip_prefix("remote: ").unwrap_or(line).trim());
    let words = lines.filter(|line| !line.is_empty() && !own.iter().any(|o| line.starts_with(o)));
    let mut words: Vec<&str> = words.collect();
    if words.is_empty() || output.timed_out {
        return output.reason();
    }
    if words.len() > REFUSAL_FIRST_LINES + REFUSAL_LAST_LINES {
        words.splice(REFUSAL_FIRST_LINES..words.len() - REFUSAL_LAST_LINES, ["…"]);
    }
    let between = if words.len() > REFUSAL_FIRST_LINES {
        "\n"
    } else {
        " "
    };
    escape_controls(&words.join(between))
}

impl Remote {
    /// Pushes `commit` on top of the tip that was fetched. With `lease` the remote's history is
    /// replaced, if it still is what was fetched: only a raised generation needs that. Of several
    /// URLs only `to` is pushed to, else the one that decides: git says for all together whether it
    /// failed.
    ///
    /// # Errors
    /// Only when git cannot be started.
    pub fn push(
        &self,
        store: &Store,
        commit: Oid,
        lease: Option<Oid>,
        to: Option<&str>,
    ) -> Result<Pushed> {
        let urls = self.push_urls(store);
        let mut args = vec![
            "push",
            "--porcelain",
            "--no-verify",
            "--no-follow-tags",
            "--recurse-submodules=no",
            "--no-signed",
        ];
        let lease = lease.map(|old| format!("--force-with-lease={}:{old}", self.state_ref));
        let (git, name) = self.without_tracking(store, to.or(urls.first().map(String::as_str)))?;
        let refspec = format!("{commit}:{}", self.state_ref);
        args.extend(lease.as_deref());
        args.extend(["--", &name, &refspec]);
        let output = git.run_with(&args, None, Some(timeout(store)))?;
        Ok(push_outcome(&output))
    }

    /// Pushes a commit that the remote has to the other URLs of its pushes, as `git push` would, and
    /// returns a sentence for each that failed. What each has is noted, so that the next exchange
    /// tries again.
    ///
    /// # Errors
    /// When git cannot be started or the note cannot be written.
    pub(super) fn push_to_others(&self, store: &Store, commit: Oid) -> Result<Vec<String>> {
        let (repo, mut failed) = (store.repo(), Vec::new());
        for url in self.push_urls(store).into_iter().skip(1) {
            let mut other = self.clone();
            other.name.clone_from(&url);
            let noted = other.tracking(repo);
            let known = repo.ref_target(&noted)?;
            if known == Some(commit) {
                continue;
            }
            let lease = store.lease(known, commit)?;
            let is_newer = |tip: Option<Oid>| {
                tip.is_some_and(|tip| repo.is_ancestor(commit, tip).unwrap_or(false))
            };
            let why = match self.push(store, commit, lease, Some(&url))? {
                Pushed::Done => {
                    published::note(store, &noted, commit)?;
                    continue;
                }
                // The push of another clone that has seen ours was first.
                Pushed::Lost if other.fetch(store).is_ok_and(is_newer) => continue,
                Pushed::Lost => "it has other commits".to_string(),
                Pushed::Locked(why, _)
                | Pushed::Denied(why)
                | Pushed::Refused(why)
                | Pushed::Unsent(why)
                | Pushed::Unknown(why) => why,
            };
            failed.push(format!(
                "the state is at {}, but was not pushed to its other URL {}: {why}",
                self.shown(),
                other.shown()
            ));
        }
        Ok(failed)
    }

    /// The URLs that `git push` pushes to, first the one that decides whether a push arrived: where
    /// the state is fetched from, if it is among them.
    fn push_urls(&self, store: &Store) -> Vec<String> {
        let set = |word: &str| {
            let key = format!("remote.{}.{word}", self.name);
            let values = store.repo().config_all(&key);
            // An empty value takes back those before it.
            let parts = values.rsplit(String::is_empty).next();
            parts.unwrap_or_default().to_vec()
        };
        let (fetched, own) = (set("url"), set("pushurl"));
        let mut urls = if own.is_empty() { fetched.clone() } else { own };
        let decides = urls.iter().position(|url| fetched.first() == Some(url));
        urls.rotate_left(decides.unwrap_or(0));
        urls
    }

    /// The address that pushes go to, if it is not that of fetches.
    pub(super) fn pushes_elsewhere(&self, store: &Store) -> Option<String> {
        let fetched = store
            .repo()
            .config_all(&format!("remote.{}.url", self.name));
        let to = self.push_urls(store).into_iter().next()?;
        (fetched.first() != Some(&to)).then(|| shown(&to))
    }

    /// Pushes a branch of the user's as `git push` does in `place`, the work tree in which the user
    /// has it: hooks run, nothing is forced.
    ///
    /// # Errors
    /// Only when git cannot be started.
    pub fn push_branch(
        &self,
        store: &Store,
        branch: &str,
        place: Option<&Path>,
        actor: &str,
    ) -> Result<Brought> {
        // Our own hook asks who pushes.
        let git = network(store).with_env("GIT_PM_ACTOR", actor);
        let from = format!("refs/heads/{branch}");
        let Some(place) = place.filter(|_| !self.is_relative(store)) else {
            return self.push_by(&git, store, &from, branch, "no");
        };
        let set = store.repo().config("push.recurseSubmodules");
        // Git would run in submodules to push them, so it only looks.
        let recurses = set.is_some_and(|set| ["check", "on-demand"].contains(&&*set));
        let submodules = if recurses { "check" } else { "no" };
        self.push_by(&git.as_typed_in(place)?, store, &from, branch, submodules)
    }

    /// True if a URL is a path that depends on the folder git runs in.
    pub fn is_relative(&self, store: &Store) -> bool {
        let is_path = |url: &String| !url.contains(':') && !url.starts_with(['/', '~']);
        self.push_urls(store).iter().any(is_path)
    }

    /// As [`Remote::push_branch`], of a commit or a ref to a branch of any name.
    ///
    /// # Errors
    /// Only when git cannot be started.
    pub fn push_commit(&self, store: &Store, from: &str, branch: &str) -> Result<Brought> {
        self.push_by(&network(store), store, from, branch, "no")
    }

    fn push_by(
        &self,
        git: &Git,
        store: &Store,
        from: &str,
        branch: &str,
        submodules: &str,
    ) -> Result<Brought> {
        let args = [
            "push",
            "--quiet",
            "--no-follow-tags",
            &format!("--recurse-submodules={submodules}"),
            "--",
            &self.name,
            &format!("{from}:refs/heads/{branch}"),
        ];
        self.brought(git, store, &args)
    }

    /// Pushes one of our own refs under another name: no hook runs, nothing is forced.
    ///
    /// # Errors
    /// Only when git cannot be started.
    pub fn push_ref(&self, store: &Store, from: &str, to: &str) -> Result<Brought> {
        let refs = format!("{from}:{to}");
        self.bring(store, &["--", &self.name, &refs])
    }

    /// Deletes a ref, if it is still at `tip`; no hook runs.
    ///
    /// # Errors
    /// Only when git cannot be started.
    pub fn delete_ref(&self, store: &Store, name: &str, tip: Oid) -> Result<Brought> {
        // A condition on the deletion, and no push that would replace other commits.
        let lease = format!("--force-with-lease={name}:{tip}");
        self.bring(store, &[&lease, "--", &self.name, &format!(":{name}")])
    }

    /// A push without hooks, of nothing but what is named.
    fn bring(&self, store: &Store, args: &[&str]) -> Result<Brought> {
        let push = ["push", "--quiet", "--no-verify", "--no-follow-tags"];
        let plain = ["--recurse-submodules=no", "--no-signed"];
        let args = [&push[..], &plain, args].concat();
        self.brought(&network(store), store, &args)
    }

    fn brought(&self, git: &Git, store: &Store, args: &[&str]) -> Result<Brought> {
        let output = git.run_with(args, None, Some(timeout(store)))?;
        let apart = ["(non-fast-forward)", "(fetch first)", "(stale info)"];
        let rejected = |line: &str| {
            let line = line.trim_start();
            let is_apart = || apart.iter().any(|why| line.ends_with(why));
            // Another push moved the ref, or is about to.
            let is_blocked = || output.stderr.contains(BLOCKED);
            let is_raced = || RACED.iter().any(|why| line.contains(why)) && !is_blocked();
            line.starts_with("! [rejected]") && is_apart()
                || line.starts_with("! [remote rejected]") && is_raced()
        };
        Ok(if output.ok() {
            Brought::Done
        } else if output.stderr.lines().any(rejected) {
            Brought::Apart
        } else if output.code == Some(REFUSED) || output.stderr.contains(UNPUSHED) {
            Brought::Refused(said(&output))
        } else {
            Brought::Failed(said(&output))
        })
    }

    /// A runner that knows the remote by another name, which has no fetch refspecs. Otherwise git
    /// would update the tracking ref with a push, under a lock that a kill leaves behind and that
    /// we could not recognize; we move it ourselves once the push has arrived. Of the URLs that git
    /// pushes to, it knows only `to`.
    fn without_tracking(&self, store: &Store, to: Option<&str>) -> Result<(Git, String)> {
        let (repo, git) = (store.repo(), network(store));
        let remotes = repo.remotes();
        if !remotes.contains(&self.name) || remotes.iter().any(|name| name == PUSHED) {
            return Ok((git, self.name.clone()));
        }
        let mut git = git;
        let values = |word: &str| repo.config_all(&format!("remote.{}.{word}", self.name));
        let is_own = |to: &str| values("pushurl").iter().any(|one| one == to);
        // `url.….pushInsteadOf` applies to `url` only.
        let pushed_to = if to.is_some_and(is_own) {
            "pushurl"
        } else {
            "url"
        };
        for word in PUSH_SETTINGS {
            for value in values(word) {
                if word == pushed_to && to.is_some_and(|to| to != value) {
                    continue;
                }
                git = git.with_config(&format!("remote.{PUSHED}.{word}"), &value)?;
            }
        }
        Ok((git, PUSHED.to_string()))
    }
}
