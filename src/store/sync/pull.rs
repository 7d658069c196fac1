//! Fetching a remote's state and joining it with the local one.

use super::check_incoming::require_joined;
use super::published;
use crate::error::{Error, Result};
use crate::store::git::repo::{Oid, Swap};
use crate::store::handle::lost_tips::with_tree;
use crate::store::handle::{Store, WRITING};
use crate::store::join::commit::join_commits;
use crate::store::layout::MAIN;
use crate::store::lock;
use crate::store::remote_names::Remote;

impl Store {
    /// Fetches the remote's state and joins it with the local one, without pushing. Returns the
    /// remote's tip and the joined commit.
    pub fn pull(&self, remote: &Remote) -> Result<(Option<Oid>, Oid)> {
        let _exchange = lock::exchanging(self.repo().common_dir());
        let fetched = self.fetch_state(remote)?;
        let Some(theirs) = fetched else {
            return Ok((None, self.require_tip()?));
        };
        let commit = self.join_local(theirs)?;
        Ok((fetched, commit))
    }

    /// Fetches the remote's tip, checks that it is a state we can read, and remembers it.
    pub fn fetch_state(&self, remote: &Remote) -> Result<Option<Oid>> {
        let Some((tip, unfit)) = self.look_at_state(remote)? else {
            return Ok(None);
        };
        if let Some(unfit) = unfit {
            let known = remote.tracking(self.repo());
            return Err(unfit.hint(format!(
                "if it should not be there, a human can replace it with this clone's state: \
                 `git pm doctor --restore-remote --replace` (`git log {known}..{tip}` shows \
                 who wrote it)"
            )));
        }
        self.note_fetched(tip)?;
        published::note(self, &remote.tracking(self.repo()), tip)?;
        Ok(Some(tip))
    }

    /// Fetches the remote's tip, with the reason why it cannot be taken, if there is one.
    ///
    /// # Errors
    /// When the remote cannot be reached, or something here prevents it: neither says anything
    /// about the remote's state.
    pub(crate) fn look_at_state(&self, remote: &Remote) -> Result<Option<(Oid, Option<Error>)>> {
        self.repo().clear_dead_packs();
        self.clear_dead_refs(WRITING)?;
        self.repair_refs()?;
        let Some(tip) = remote.fetch(self)? else {
            return Ok(None);
        };
        let what = format!("{} of the remote {}", remote.state_ref, remote.shown());
        Ok(Some((tip, self.unfit(&what, tip)?)))
    }

    /// Joins a commit into the local state.
    pub fn join_local(&self, theirs: Oid) -> Result<Oid> {
        let mut lock = self.lock()?;
        loop {
            let ours = self.repo().ref_target(MAIN)?;
            let mut pending = self.repo().pending();
            let (commit, withheld) = match ours {
                None => (theirs, Vec::new()),
                Some(ours) => {
                    let merged = join_commits(&pending, self.tip()?.unwrap_or(ours), theirs)?;
                    (merged.commit, merged.withheld)
                }
            };
            if ours == Some(commit) {
                return Ok(commit);
            }
            // The fetched state was checked when it came, also together with the local one.
            if commit != theirs {
                require_joined(&pending, commit)?;
            }
            self.flush(&mut pending)?;
            let subject = with_tree("sync: joined", self.repo().commit(commit)?.tree);
            if self.swap(&mut lock, ours, commit, &subject)? == Swap::Done {
                self.keep_drafts(&withheld)?;
                return Ok(commit);
            }
        }
    }

    /// A push to another remote includes the known state of `pm.remote`, so that the other remote
    /// never confirms an older view.
    pub(super) fn known_tip_of_main(&self, remote: &Remote) -> Result<Option<Oid>> {
        let Some(main) = Remote::main(self.repo()).filter(|main| main != remote) else {
            return Ok(None);
        };
        let tracking = main.tracking(self.repo());
        let known = self.repo().ref_target(&tracking)?;
        Ok(known.and_then(|tip| self.readable(&tracking, tip).ok()))
    }
}
