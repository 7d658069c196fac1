//! Fetching a remote's state and joining it with the local one.

use std::path::PathBuf;

use super::check_incoming::require_joined;
use super::fetch::{is_partial, lacks_objects};
use super::published;
use crate::error::{Error, Reason, Result};
use crate::git::repo::{Oid, Pending, Repo, Swap};
use crate::handle::lost_tips::with_tree;
use crate::handle::{Store, WRITING};
use crate::join::commit::{Merged, join_commits};
use crate::layout::MAIN;
use crate::lock;
use crate::remote_names::Remote;
use crate::state::former_ids::{self, LostIds};

/// The timeout for reading the tip of a remote that answered a moment ago, in seconds.
const REMOTE_SECONDS: u64 = 60;

impl Store {
    /// Fetches the remote's state and joins it with the local one, without pushing. Returns the
    /// remote's tip and the joined commit.
    pub fn pull(&self, remote: &Remote) -> Result<(Option<Oid>, Oid)> {
        self.repo().require_writable()?;
        let _exchange = lock::exchanging(self.repo().common_dir());
        let known = self.repo().ref_target(&remote.tracking(self.repo()))?;
        let fetched = self.fetch_state(remote)?;
        let Some(theirs) = fetched else {
            return Ok((None, self.require_tip()?));
        };
        let commit = self.join_fetched(theirs, known)?;
        Ok((fetched, commit))
    }

    /// The file that names the tip of the main remote's tracking ref that was merged last.
    pub fn fetched_mark(&self) -> PathBuf {
        self.folder().join("fetched")
    }

    /// Joins the tip of the remote's tracking ref, which a `git fetch` by the user has set and which is
    /// a state that we can read. `known` is what the remote had before.
    pub fn join_tracked(&self, remote: &Remote, tip: Oid, known: Option<Oid>) -> Result<Oid> {
        self.repo().require_writable()?;
        let _exchange = lock::exchanging(self.repo().common_dir());
        // The user's fetch brings the state without its blobs; one of ours fetches all of it.
        if is_partial(self.repo()) && lacks_objects(self.repo(), tip)? {
            return Err(Error::state("the fetched state is not complete"));
        }
        self.note_fetched(tip)?;
        published::note(self, &remote.tracking(self.repo()), tip)?;
        self.join_fetched(tip, known)
    }

    /// Fetches the remote's tip, checks that it is a state we can read, and remembers it.
    pub fn fetch_state(&self, remote: &Remote) -> Result<Option<Oid>> {
        let Some((tip, unfit)) = self.look_at_state(remote)? else {
            return Ok(None);
        };
        if let Some(unfit) = unfit {
            let known = remote.tracking(self.repo());
            let range = match self.repo().ref_target(&known)? {
                Some(_) => format!("{known}..{tip}"),
                None => tip.to_string(),
            };
            let who = match self.repo().has_object(tip) {
                true => format!(" (`git log {range}` shows who wrote it)"),
                false => String::new(),
            };
            let with = match self.tip()? {
                Some(_) => "with this clone's state",
                None => "in a clone that has the state",
            };
            return Err(unfit.hint(format!(
                "if it should not be there, a human can replace it {with}: \
                 `git pm doctor --restore-remote --replace`{who}"
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
    pub fn look_at_state(&self, remote: &Remote) -> Result<Option<(Oid, Option<Error>)>> {
        self.repo().clear_dead_packs();
        self.clear_dead_refs(WRITING)?;
        self.repair_refs()?;
        let tip = match remote.fetch(self) {
            // It is not here, and only its id is known.
            Err(rejected) if rejected.reason() == Reason::StateRejected => {
                let tip = remote.tip_there(self, REMOTE_SECONDS)?;
                return Ok(tip.map(|tip| (tip, Some(rejected))));
            }
            fetched => fetched?,
        };
        let Some(tip) = tip else {
            return Ok(None);
        };
        let what = format!("{} of the remote {}", remote.state_ref, remote.shown());
        Ok(Some((tip, self.unfit(&what, tip)?)))
    }

    /// The numbers that items have in one commit and not in a later one. An exchange asks for the same two several
    /// times. A tree with what is no file of a state is no reason to end an exchange: none then.
    pub fn lost_between(&self, repo: &Repo, commits: [Oid; 2]) -> LostIds {
        if let Some((of, lost)) = &*self.lost.borrow()
            && *of == commits
        {
            return lost.clone();
        }
        let shared = self.shared.borrow().clone().unwrap_or_default();
        let Ok(lost) = former_ids::lost_between(repo, &shared, commits) else {
            return LostIds::new();
        };
        self.lost.replace(Some((commits, lost.clone())));
        lost
    }

    /// Joins a commit into the local state.
    pub fn join_local(&self, theirs: Oid) -> Result<Oid> {
        self.join_by(theirs, &join_commits)
    }

    /// Joins a fetched state into the local one. `known` is what the remote had at the exchange
    /// before, from which it follows what each side had seen where the history was cut.
    pub(super) fn join_fetched(&self, theirs: Oid, known: Option<Oid>) -> Result<Oid> {
        let join = |pending: &Pending, ours, theirs| self.adopt(pending, ours, theirs, known);
        self.join_by(theirs, &join)
    }

    fn join_by(
        &self,
        theirs: Oid,
        join: &dyn Fn(&Pending, Oid, Oid) -> Result<Merged>,
    ) -> Result<Oid> {
        let mut lock = self.lock()?;
        loop {
            let ours = self.repo().ref_target(MAIN)?;
            let mut pending = self.repo().pending();
            let (commit, withheld) = match ours {
                None => (theirs, Vec::new()),
                Some(ours) => {
                    let merged = join(&pending, self.tip()?.unwrap_or(ours), theirs)?;
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
                if let Some(ours) = ours {
                    let lost = self.lost_between(self.repo(), [ours, commit]);
                    former_ids::note(self.repo(), lost, self.env().now_ms());
                }
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
