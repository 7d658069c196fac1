//! Whether a state that came from elsewhere can be taken: it is one, we can read it, and neither it nor
//! its join with the state here holds more than a state may.

use crate::error::{Error, Result};
use crate::store::git::repo::{Oid, Pending};
use crate::store::handle::Store;
use crate::store::join::commit::join_commits;
use crate::store::repository;
use crate::store::size_limit;

impl Store {
    /// Checks that a commit from elsewhere is a state that we can read.
    ///
    /// # Errors
    /// When it is none, of a version to come, or holds too much; `what` names it.
    pub(crate) fn require_state(&self, what: &str, tip: Oid) -> Result<()> {
        self.unfit(what, tip)?.map_or(Ok(()), Err)
    }

    /// Why a commit from elsewhere is no state that we can take; none where it is one.
    ///
    /// # Errors
    /// When it cannot be looked at, which is not for it to answer for.
    pub(super) fn unfit(&self, what: &str, tip: Oid) -> Result<Option<Error>> {
        let repo = self.repo();
        let foreign = |reason: &str| {
            let error = Error::state(format!("{what} is not a git pm state: {reason}"));
            Some(error.hint("ask its author; nothing was changed here"))
        };
        if repo.has_object(tip) && !repo.is_commit(tip) {
            return Ok(foreign("it is not a commit"));
        }
        let tree = repo.commit(tip)?.tree;
        let found = repository::read(repo, tree)?;
        if !found.is_present() {
            return Ok(foreign("it has no pm.yaml"));
        }
        // Perhaps one of a format to come: nothing may be written over it.
        if let Some(damaged) = &found.damaged {
            return Ok(foreign(&format!(
                "its {} cannot be read: {}",
                damaged.path, damaged.reason
            )));
        }
        if let Err(unreadable) = found.require_readable() {
            return Ok(Some(unreadable));
        }
        // The root was read just now: what is refused from here on is how much the state holds.
        // What is here is near to what was weighed last, from which it is told; then that is theirs.
        let ours = match self.tip()? {
            Some(ours) => {
                let here = repo.commit(ours)?.tree;
                Some((ours, here, size_limit::at_most(repo, here)?))
            }
            None => None,
        };
        if let Err(too_heavy) = size_limit::require_bearable(repo, tree, what) {
            return Ok(Some(too_heavy));
        }
        let Some((ours, here, own)) = ours else {
            return Ok(None);
        };
        // Absence is no deletion, so what two states hold adds up.
        if !size_limit::may_be_too_heavy(repo, tree, here, own)? {
            return Ok(None);
        }
        let pending = repo.pending();
        let joined = join_commits(&pending, ours, tip)?.commit;
        let what = format!("{what}, joined with the state of this clone,");
        Ok(size_limit::require_bearable(&pending, pending.commit(joined)?.tree, &what).err())
    }
}

/// Refuses a joined commit that holds more than a state may, before anything of it is kept: each of
/// the two may have been light enough.
///
/// # Errors
/// When it does, or a tree cannot be read.
pub(super) fn require_joined(pending: &Pending, commit: Oid) -> Result<()> {
    let tree = pending.commit(commit)?.tree;
    size_limit::require_bearable(pending, tree, "the joined state")
}
