//! A second state, which is never exchanged: for issues that are not worth keeping.
//!
//! It is at a ref of this clone and has no index, since it stays small.

use std::collections::BTreeMap;

use super::env::Env;
use super::git::repo::{Oid, Swap};
use super::handle::Store;
use super::join::commit::own_commit;
use super::repository::{self, Repository};
use super::tree_edit::edit_tree;
use crate::error::{Error, Result};
use crate::model::id::is_prefix;
use crate::model::uid::Uid;
use crate::read_document::Loaded;

/// The ref that holds it.
pub const EPHEMERAL: &str = "refs/pm-local/ephemeral";

/// The part after the prefix of ids there, as in beads.
pub(super) const WISP: &str = "wisp";

impl Store {
    /// Opens this clone's ephemeral state, which is created if there is none.
    pub fn open_ephemeral(env: Env) -> Result<Store> {
        let kept = Store::open(env.clone())?;
        let tip = kept.require_tip()?;
        let store = Store::open_at(env, EPHEMERAL)?;
        if store.tip()?.is_none() {
            let settings = repository::read(kept.repo(), kept.repo().commit(tip)?.tree)?;
            store.begin(&settings)?;
        }
        Ok(store)
    }

    /// Writes the first commit, without parents, so that this ref reaches no history of the
    /// exchanged state.
    fn begin(&self, settings: &Repository) -> Result<()> {
        self.replica()?;
        let mut lock = self.lock()?;
        let mut pending = self.repo().pending();
        let long = format!("{}-{WISP}", settings.issue_prefix());
        let prefix = if is_prefix(&long) { &long } else { WISP };
        // With the generation and the redactions of the exchanged state.
        let mut doc = settings.doc.clone();
        doc.put(repository::ISSUE_PREFIX, prefix);
        let tree = repository::put(&pending, None, &doc)?;
        let subject = "init: create the ephemeral state";
        let commit = own_commit(&pending, tree, &[], 0, subject, "0.0\n")?;
        self.flush(&mut pending)?;
        // Another process may have been faster; its commit is as good.
        self.swap(&mut lock, None, commit, "init")?;
        Ok(())
    }

    /// Removes the items that were not changed since a moment (milliseconds since the Unix epoch),
    /// with their comments and their history. Returns their ids.
    pub fn forget(&self, before_ms: u64, dry_run: bool) -> Result<Vec<String>> {
        for _ in 0..20 {
            let mut lock = self.lock()?;
            let tip = self.require_tip()?;
            let state = self.state()?;
            let is_old = |loaded: &&Loaded| loaded.doc.latest().ms < before_ms;
            let old: Vec<&Loaded> = state.item_docs().values().filter(is_old).collect();
            let names = old.iter().map(|l| l.doc.shown_id());
            let names: Vec<String> = names.map(str::to_string).collect();
            if old.is_empty() || dry_run {
                return Ok(names);
            }
            let mut changes: BTreeMap<String, Option<Oid>> = BTreeMap::new();
            for loaded in old {
                changes.insert(loaded.path.clone(), None);
                for comment in state.comments_on(&loaded.doc.uid) {
                    let uid: &Uid = &comment.uid;
                    changes.extend(state.loaded(uid).map(|l| (l.path.clone(), None)));
                }
            }
            let mut pending = self.repo().pending();
            let commit = pending.commit(tip)?;
            let tree = edit_tree(&pending, Some(commit.tree), &changes)?;
            let clock = format!("{}\n", self.clock_on(&pending, tip)?.tick());
            let commit = own_commit(&pending, tree, &[], 0, "gc: remove old items", &clock)?;
            self.flush(&mut pending)?;
            if self.swap(&mut lock, Some(tip), commit, "gc")? == Swap::Done {
                let none = |_, new: Oid| (new == commit).then_some((self.repo().null_id(), new));
                self.locking(&mut lock, EPHEMERAL, || {
                    self.repo().rewrite_reflog(EPHEMERAL, none)
                })?;
                return Ok(names);
            }
        }
        Err(
            Error::conflict("the ephemeral state kept changing while it was being written")
                .hint("run the command again"),
        )
    }
}
