//! The commits that name an item in their trailers.
//!
//! Two clones that create items offline give them the same id, so an id alone may mean another item.

use std::collections::BTreeSet;

use super::trees::item_doc;
use crate::error::Result;
use crate::git::repo::{Commit, Repo};
use crate::model::item::Item;
use crate::model::uid::Uid;
use crate::model::{id, id_run};
use crate::state::State;

/// The names by which commits name one item.
pub struct Named<'r> {
    repo: &'r Repo,
    born: String,
    uid: Uid,
    /// Names that only this item has had.
    own: BTreeSet<String>,
    /// Ids that another item has or had too.
    shared: BTreeSet<String>,
}

impl<'r> Named<'r> {
    /// The names of an item of a state.
    pub fn of(repo: &'r Repo, state: &State<'_>, item: &Item) -> Self {
        let ids: BTreeSet<String> = [&item.id, &item.born].map(|i| id::normalized(i)).into();
        let (shared, mut own): (BTreeSet<String>, BTreeSet<String>) =
            ids.into_iter().partition(|id| {
                let all = state.named(id);
                all.iter().any(|other| other.uid != item.uid)
            });
        for id in [&item.id, &item.born] {
            let alias = format!("{id}-{}", item.uid.suffix(id::SUFFIX));
            own.insert(id::normalized(&alias));
        }
        Named {
            repo,
            born: item.born.clone(),
            uid: item.uid.clone(),
            own,
            shared,
        }
    }

    /// True if a commit names the item.
    ///
    /// # Errors
    /// When its tree cannot be read.
    pub fn is_in(&self, commit: &Commit) -> Result<bool> {
        for named in commit.trailers("PM-Item") {
            if self.own.iter().any(|id| id_run::names(named, id)) {
                return Ok(true);
            }
            // Two items have had this id, one after the other or in two clones: compare the id
            // that this one had in the commit.
            if let Some(id) = self.shared.iter().find(|id| id_run::names(named, id)) {
                let doc = item_doc(self.repo, commit.tree, &self.born, &self.uid)?;
                let then = doc.as_ref().and_then(|d| d.text("id"));
                if then.map(id::normalized).as_ref() == Some(id) {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }
}
