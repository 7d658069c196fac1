//! The first commit of a state: who writes it, when, and what is in it.
//!
//! It is the same in every clone, so that clones which initialize independently share it.

use super::git::repo::{Oid, Pending, Swap};
use super::handle::Store;
use super::join::commit::own_commit;
use super::repository::{self, FORMAT};
use crate::error::Result;
use crate::model::doc::Doc;
use crate::model::stamp::{ReplicaId, Stamp};
use crate::model::uid::Uid;

/// The format of the first commit, which never changes: the first write of an item raises it.
const FIRST_FORMAT: &str = "2.0";

impl Store {
    /// Writes the first commit of the state, which is the same in every clone. Does nothing if
    /// there is a state.
    pub fn initialize(&self) -> Result<Oid> {
        self.replica()?;
        loop {
            if let Some(tip) = self.tip()? {
                return Ok(tip);
            }
            let mut lock = self.lock()?;
            let mut pending = self.repo().pending();
            let commit = initial_commit(&pending)?;
            self.flush(&mut pending)?;
            if self.swap(&mut lock, None, commit, "init")? == Swap::Done {
                return Ok(commit);
            }
        }
    }
}

/// The first commit of every store: by git pm, at the epoch, so that clones that initialize
/// independently begin with the same commit.
pub fn initial_commit(pending: &Pending) -> Result<Oid> {
    let tree = repository::put(pending, None, &initial_document())?;
    own_commit(pending, tree, &[], 0, "init: begin the state", "0.0\n")
}

/// The document that every store starts with: the same bytes everywhere, so that two clones that
/// initialize independently have the same first commit.
pub fn initial_document() -> Doc {
    let birth = Stamp {
        ms: 0,
        counter: 0,
        // "git pm" itself is the author of what is the same everywhere.
        replica: ReplicaId::new("gitpm").unwrap_or_else(|| unreachable!("a constant")),
    };
    let mut doc = Doc::new(
        Uid::derived(&["git pm repository"]),
        repository::KIND,
        "",
        birth,
    );
    doc.put(FORMAT, FIRST_FORMAT.to_string());
    doc
}
