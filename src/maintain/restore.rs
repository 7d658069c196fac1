//! `doctor --restore-remote`: a remote whose state was deleted or rewound, by a careless
//! `git push --mirror` or a forced push, gets it back. Everything this clone knows is joined with
//! what the remote has by now and pushed like any other state, never by force.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::error::{Error, Result};
use crate::pm::Pm;
use crate::pm::actor::{require_human, require_name};
use crate::pm::handles::StateHandle;
use crate::store::fsck::local;
use crate::store::git::repo::Oid;
use crate::store::layout::{MAIN, PUBLISHED};
use crate::store::remote_names::Remote;
use crate::store::repository;
use crate::store::sync::published;
use crate::store::sync::push_outcome::Pushed;

/// What `doctor --restore-remote` did.
#[derive(Clone, Debug, Serialize)]
pub struct RestoreReport {
    /// The remote.
    pub remote: String,
    /// How its state was found: `deleted`, `rewound`, `intact` or `empty`; `replaced` where it could
    /// not be taken.
    pub found: String,
    /// What it was at before, if anything.
    pub before: Option<String>,
    /// The commit that it has now.
    pub commit: String,
    /// Refs and reflogs of this clone that held what the state's ref here did not.
    pub sources: Vec<String>,
    /// How many items the state has.
    pub items: usize,
    /// Whether anything had to be pushed.
    pub pushed: bool,
}

/// How many earlier tips of the reflog are looked at.
const REFLOG_LOOK: usize = 100;

/// How long the remote may take to say what it has, in seconds.
const LOOK_SECONDS: u64 = 60;

impl StateHandle<'_> {
    /// Gives the remote that confirms claims its state back: from the state here, the reflog, what
    /// was ever published and what is known of remotes, joined with what it has now. With
    /// `replace`, what it has now and no git pm of this version can take is put aside: a human's
    /// decision, and only if the remote still has what was looked at.
    ///
    /// # Errors
    /// When there is no remote, nothing to restore from, the remote cannot be reached or refuses.
    pub fn restore_remote(&self, replace: bool) -> Result<RestoreReport> {
        require_name(&self.pm.actor)?;
        if self.pm.options.offline {
            return Err(
                Error::usage("`--offline` and restoring a remote exclude each other")
                    .hint("leave out `--offline`"),
            );
        }
        let remote = self.pm.main_remote().ok_or_else(|| {
            Error::usage("no remote is configured for the state")
                .hint("`git remote add origin URL`, or `git pm config pm.remote NAME-OR-URL`")
        })?;
        let repo = self.pm.store.repo();
        let known = repo.ref_target(&remote.tracking(repo))?;
        let was = known.or(repo.ref_target(PUBLISHED)?);
        let now = remote.tip_there(&self.pm.store, LOOK_SECONDS)?;
        if replace && let Some((bad, Some(_))) = self.pm.store.look_at_state(&remote)? {
            return self.pm.replace_state(&remote, bad);
        }
        let sources = self.pm.gather_state()?;
        self.pm.announce_first_push(&remote)?;
        let published = self.pm.publish(&remote, None, |_, _| Ok(()))?;
        self.pm.tell_settled(&published.settled);
        self.pm.set_read_only(&remote, false);
        let found = match (was, published.before) {
            (None, None) => "empty",
            (Some(_), None) => "deleted",
            (Some(was), Some(before)) if self.pm.is_rewound(was, before) => "rewound",
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

impl Pm {
    /// Puts the state of this clone in the place of one that could not be taken.
    fn replace_state(&self, remote: &Remote, bad: Oid) -> Result<RestoreReport> {
        require_human(
            &self.actor,
            "replacing the state of a remote",
            "ask a human to run it",
        )?;
        let sources = self.gather_state()?;
        let commit = self.store.require_tip()?;
        // Who replaces a state that nobody can take by another such keeps all of them out.
        self.store
            .require_state("the state of this clone", commit)?;
        match remote.push(&self.store, commit, Some(bad))? {
            Pushed::Done => {}
            Pushed::Lost | Pushed::Locked(..) => {
                return Err(Error::conflict(format!(
                    "the state of {} changed meanwhile, or is locked there",
                    remote.shown()
                ))
                .hint("run the command again"));
            }
            Pushed::Refused(why) | Pushed::Denied(why) | Pushed::Unknown(why) => {
                return Err(Error::remote(format!(
                    "the state of {} could not be replaced: {why}",
                    remote.shown()
                ))
                .hint(format!(
                    "who may, does it there: `git update-ref -d {}`; then `git pm sync`",
                    remote.state_ref
                )));
            }
        }
        published::note(&self.store, &remote.tracking(self.store.repo()), commit)?;
        Ok(RestoreReport {
            remote: remote.shown(),
            found: "replaced".into(),
            before: Some(bad.to_string()),
            commit: commit.to_string(),
            sources,
            items: self.store.state()?.items().len(),
            pushed: true,
        })
    }

    /// Joins into the state whatever this clone has elsewhere and the state's ref does not reach:
    /// the ref itself may have been deleted or rewound together with the remote's.
    fn gather_state(&self) -> Result<Vec<String>> {
        let repo = self.store.repo();
        let mut places: Vec<(String, Oid)> = Vec::new();
        let mut seen = BTreeSet::new();
        let past = local::entries(&self.store);
        for tip in past.into_iter().rev().take(REFLOG_LOOK) {
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
            if !self.is_state(tip) {
                continue;
            }
            let here = self.store.tip()?;
            if let Some(here) = here
                && repo.is_ancestor(tip, here)?
            {
                continue;
            }
            let joined = self.store.join_local(tip)?;
            if here != Some(joined) && !sources.contains(&name) {
                sources.push(name);
            }
        }
        self.store.require_tip()?;
        Ok(sources)
    }

    /// Whether a commit is here, whole as far as its root goes, and a state that we can read.
    fn is_state(&self, tip: Oid) -> bool {
        let repo = self.store.repo();
        repo.commit(tip)
            .and_then(|commit| repository::read(repo, commit.tree))
            .is_ok_and(|found| {
                found.is_present() && found.damaged.is_none() && found.require_readable().is_ok()
            })
    }
}
