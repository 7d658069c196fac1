//! What is checked of a state from elsewhere before it is taken.
//!
//! It is one, we can read it, and neither it nor its join with the state here exceeds the size limit.

use crate::error::{Error, Reason, Result};
use crate::git::repo::{Oid, Pending};
use crate::handle::Store;
use crate::join::commit::join_commits;
use crate::model::settings::STATE_LIMIT;
use crate::repository;
use crate::size_limit;

impl Store {
    /// Checks that a commit from elsewhere is a state that we can read.
    ///
    /// # Errors
    /// When it is not one, of a later version, or too large; `what` names it.
    pub fn require_state(&self, what: &str, tip: Oid) -> Result<()> {
        self.unfit(what, tip)?.map_or(Ok(()), Err)
    }

    /// The reason why a commit from elsewhere cannot be taken; `None` if it can.
    ///
    /// # Errors
    /// When the check itself fails, which says nothing about the commit.
    pub(super) fn unfit(&self, what: &str, tip: Oid) -> Result<Option<Error>> {
        let repo = self.repo();
        let foreign = |reason: &str| {
            let error = Error::state(format!("{what} is not a git pm state: {reason}"));
            Some(error.hint("contact its author; nothing was changed in this clone"))
        };
        if repo.has_object(tip) && !repo.is_commit(tip) {
            return Ok(foreign("it is not a commit"));
        }
        let tree = repo.commit(tip)?.tree;
        let found = repository::read(repo, tree)?;
        if !found.is_present() {
            return Ok(foreign("it has no pm.yaml"));
        }
        // It may have a later format: nothing may be written over it.
        if let Some(damaged) = &found.damaged {
            return Ok(foreign(&format!(
                "its {} cannot be read: {}",
                damaged.path, damaged.reason
            )));
        }
        if let Err(unreadable) = found.require_readable() {
            return Ok(Some(unreadable));
        }
        // From here on only the size is checked. The state here is close to the one measured last,
        // so it is measured first; then the other one.
        let ours = match self.tip()? {
            Some(ours) => {
                let here = repo.commit(ours)?.tree;
                Some((ours, here, size_limit::size_at_most(repo, here)?))
            }
            None => None,
        };
        if ours.is_none()
            && let Some(mib) = size_limit::first_limit(repo, tree)?
        {
            self.accept_size(what, mib)?;
        }
        if let Err(too_large) = size_limit::require_size(repo, tree, what) {
            return Ok(Some(too_large));
        }
        let Some((ours, here, own)) = ours else {
            return Ok(None);
        };
        // Absence does not mean deletion, so the contents of two states add up.
        if !size_limit::may_exceed(repo, tree, here, own)? {
            return Ok(None);
        }
        let pending = repo.pending();
        let joined = join_commits(&pending, ours, tip)?.commit;
        let what = format!("{what}, merged with the state of this clone,");
        Ok(size_limit::require_size(&pending, pending.commit(joined)?.tree, &what).err())
    }

    /// The limit in MiB that a write of `more` bytes needs; `None` if the present one is enough.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn lacking_size(&self, more: u64) -> Result<Option<u64>> {
        match self.tip()? {
            Some(tip) => size_limit::lacking(self.repo(), self.repo().commit(tip)?.tree, more),
            None => Ok(None),
        }
    }

    /// Raises this clone's limit of the size of a state, and says so; `what` needs it.
    ///
    /// # Errors
    /// When git cannot write its configuration.
    pub fn accept_size(&self, what: &str, mib: u64) -> Result<()> {
        let (key, value) = (STATE_LIMIT.key, mib.to_string());
        let set = ["config", key, &value];
        let output = self.configuring(|| self.repo().git().run(&set))?;
        if !output.ok() {
            let error = Error::state(format!("cannot set {key}: {}", output.reason()));
            return Err(error.because(Reason::ConfigNotWritten));
        }
        self.note([format!(
            "{what} is large: this clone now accepts states of up to {mib} MiB of documents ({key})"
        )]);
        Ok(())
    }
}

/// Refuses a joined commit that exceeds the size limit, before anything of it is kept: each of the
/// two may be small enough.
pub(super) fn require_joined(pending: &Pending, commit: Oid) -> Result<()> {
    let tree = pending.commit(commit)?.tree;
    size_limit::require_size(pending, tree, "the merged state")
}
