//! `doctor --restore-remote`: restores the state of a remote that lost it.
//!
//! A `git push --mirror` or a forced push deleted or rewound it there. All states that this clone
//! knows are joined with the remote's current one and pushed like any other, never by force.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Serialize;

use crate::coordinate::sync;
use crate::coordinate::write;
use crate::error::{Error, Hint, Reason, Result};
use crate::maintain::doctor::remotes;
use crate::pm::Pm;
use crate::pm::handles::StateHandle;
use crate::pm::who_acts::{require_human, require_name};
use crate::store::git::repo::Oid;
use crate::store::layout::{MAIN, PUBLISHED};
use crate::store::remote_names::Remote;
use crate::store::repository;
use crate::store::sync::published;
use crate::store::sync::push_outcome::Pushed;

/// The result of `doctor --restore-remote`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct RestoreReport {
    /// The remote.
    pub remote: String,
    /// The condition of its state: `deleted`, `rewound`, `intact` or `empty`; `replaced` if it
    /// could not be used.
    pub found: String,
    /// The commit that it had before, if any.
    pub before: Option<String>,
    /// The commit that it has now.
    pub commit: String,
    /// Refs and reflogs of this clone with commits that its state's ref lacked.
    pub sources: Vec<String>,
    /// Number of items in the state.
    pub items: usize,
    /// A push was necessary.
    pub pushed: bool,
}

/// The number of earlier tips that are read from the reflog.
const REFLOG_TIPS: usize = 100;

/// The timeout for reading the remote's tip, in seconds.
const REMOTE_SECONDS: u64 = 60;

impl StateHandle<'_> {
    /// Restores the state of the remote that confirms claims: joins this clone's state, its reflog
    /// and all published and fetched states with the remote's current state. With `replace`, a
    /// remote state that this version cannot use is replaced instead; only a human may do that,
    /// and only while the remote still has the state that was examined.
    ///
    /// # Errors
    /// When there is no remote or nothing to restore from, or the remote cannot be reached or
    /// refuses the push.
    pub fn restore_remote(&self, replace: bool) -> Result<RestoreReport> {
        require_name(&self.pm.actor)?;
        if self.pm.options.offline {
            return Err(Error::usage("a remote cannot be restored with `--offline`")
                .hint("run it without `--offline`"));
        }
        let remote = self.pm.main_remote().ok_or_else(|| {
            Error::usage("no remote is configured for the state")
                .because(Reason::RemoteMissing)
                .hint(Hint::git(["remote", "add", "origin", "URL"], "adds one"))
                .hint(Hint::run(
                    ["config", "pm.remote", "NAME-OR-URL"],
                    "selects a remote by name or URL",
                ))
        })?;
        let repo = self.pm.store.repo();
        let known = repo.ref_target(&remote.tracking(repo))?;
        let was = known.or(repo.ref_target(PUBLISHED)?);
        let now = remote.tip_there(&self.pm.store, REMOTE_SECONDS)?;
        // What the remote had before and after it was fetched is what was examined.
        if replace
            && let Some((bad, Some(_))) = self.pm.store.look_at_state(&remote)?
            && now == Some(bad)
        {
            return replace_state(self.pm, &remote, bad);
        }
        let sources = gather_state(self.pm)?;
        let published = write::publish(self.pm, &remote)?;
        write::notify_settlement(self.pm, &published.report);
        sync::set_read_only(self.pm, &remote, false);
        let found = match (was, published.before) {
            (None, None) => "empty",
            (Some(_), None) => "deleted",
            (Some(was), Some(before)) if remotes::is_rewound(self.pm, was, before) => "rewound",
            _ => "intact",
        };
        Ok(RestoreReport {
            remote: remote.shown(),
            found: found.into(),
            before: now.map(|tip| tip.to_string()),
            commit: published.commit.to_string(),
            sources,
            items: self.pm.store.state()?.items().len(),
            pushed: published.pushed,
        })
    }
}

/// Replaces an unusable state of the remote with the state of this clone.
fn replace_state(pm: &Pm, remote: &Remote, bad: Oid) -> Result<RestoreReport> {
    require_human(
        &pm.actor,
        "replacing the state of a remote",
        "ask a human to run this command",
    )?;
    let sources = gather_state(pm)?;
    let commit = pm.store.require_tip()?;
    // A replacement must be usable itself.
    pm.store.require_state("the state of this clone", commit)?;
    match remote.push(&pm.store, commit, Some(bad), None)? {
        Pushed::Done => {}
        Pushed::Lost | Pushed::Locked(..) => {
            return Err(Error::conflict(format!(
                "the state of {} was changed by another push, or is locked there",
                remote.shown()
            ))
            .because(Reason::RemoteChanged)
            .hint("run the command again"));
        }
        Pushed::Refused(why) | Pushed::Denied(why) | Pushed::Unsent(why) | Pushed::Unknown(why) => {
            return Err(Error::remote(format!(
                "the state of {} could not be replaced: {why}",
                remote.shown()
            ))
            .because(Reason::RemoteRefused)
            .hint(format!(
                "on the remote's host, run `git update-ref -d {}`; then run `git pm sync` here",
                remote.state_ref
            )));
        }
    }
    published::note(&pm.store, &remote.tracking(pm.store.repo()), commit)?;
    Ok(RestoreReport {
        remote: remote.shown(),
        found: "replaced".into(),
        before: Some(bad.to_string()),
        commit: commit.to_string(),
        sources,
        items: pm.store.state()?.items().len(),
        pushed: true,
    })
}

/// Joins all states that this clone knows into its own: its ref may have been deleted or
/// rewound together with the remote's.
fn gather_state(pm: &Pm) -> Result<Vec<String>> {
    let repo = pm.store.repo();
    let mut places: Vec<(String, Oid)> = Vec::new();
    let mut seen = BTreeSet::new();
    let past = pm.store.repo().logged(MAIN);
    for tip in past.into_iter().rev().take(REFLOG_TIPS) {
        if seen.insert(tip) {
            places.push((format!("reflog of {MAIN}"), tip));
        }
    }
    if let Some(tip) = repo.ref_target(PUBLISHED)? {
        places.push((PUBLISHED.into(), tip));
    }
    for (name, tip) in repo.refs_under("refs/pm-remotes/")? {
        if name.ends_with("/main") {
            places.push((name, tip));
        }
    }
    let mut sources = Vec::new();
    for (name, tip) in places {
        if !is_state(pm, tip) {
            continue;
        }
        let here = pm.store.tip()?;
        if let Some(here) = here
            && repo.is_ancestor(tip, here)?
        {
            continue;
        }
        let joined = pm.store.join_local(tip)?;
        if here != Some(joined) && !sources.contains(&name) {
            sources.push(name);
        }
    }
    pm.store.require_tip()?;
    Ok(sources)
}

/// True if a commit exists here and has a state of a readable version.
fn is_state(pm: &Pm, tip: Oid) -> bool {
    let repo = pm.store.repo();
    repo.commit(tip)
        .and_then(|commit| repository::read(repo, commit.tree))
        .is_ok_and(|found| {
            found.is_present() && found.damaged.is_none() && found.require_readable().is_ok()
        })
}
