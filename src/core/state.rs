//! The state at one commit.

use std::fmt;
use std::ops::Deref;

use super::document::{Document, Learning, Reservation};
use super::item::Item;
use super::query::{Graph, Query};
use super::repository::CommitId;
use super::time::Timestamp;
use crate::coordinate::here;
use crate::coordinate::reserve::queue::ranked;
use crate::error::Result;
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::store::read_document::Loaded;
use crate::store::state::{self, Docs, Snapshot};
use crate::work::list;
use crate::work::list::ListFilter;

/// The state at one commit, or that of a transaction with what it staged so far.
///
/// It is read on demand, and stays as it is while others write. Like all that borrows it, it belongs
/// to one thread.
pub struct State<'r> {
    pm: &'r Pm,
    held: Held<'r>,
}

enum Held<'r> {
    Committed(Box<Snapshot<'r>>),
    Staged(&'r state::State<'r>),
}

impl<'r> Deref for Held<'r> {
    type Target = state::State<'r>;

    fn deref(&self) -> &state::State<'r> {
        match self {
            Held::Committed(snapshot) => snapshot,
            Held::Staged(state) => state,
        }
    }
}

impl<'r> State<'r> {
    pub(super) fn committed(pm: &'r Pm, state: state::State<'r>) -> Self {
        let held = Held::Committed(Box::new(state.into()));
        State { pm, held }
    }

    pub(super) fn staged(pm: &'r Pm, state: &'r state::State<'r>) -> Self {
        let held = Held::Staged(state);
        State { pm, held }
    }

    /// The commit; of a transaction, the one that it began at.
    pub fn commit(&self) -> Option<CommitId> {
        self.held.commit.map(CommitId)
    }

    /// The item that a text names: its id, with or without leading zeros, an earlier id, or its uid.
    ///
    /// # Errors
    /// Kind `NotFound` or `Ambiguous`.
    pub fn find(&self, name: &str) -> Result<Item<'_>> {
        self.held.find(name).map(|item| self.shown(item))
    }

    /// The item of a uid, also a deleted one.
    pub fn item(&self, uid: &Uid) -> Option<Item<'_>> {
        self.held.item(uid).map(|item| self.shown(item))
    }

    /// All items that were not deleted, in the order of kind and id.
    pub fn items(&self) -> Vec<Item<'_>> {
        let items = self.held.items().into_iter();
        items.map(|item| self.shown(item)).collect()
    }

    /// The items that match a query, in the order of kind and id.
    ///
    /// # Errors
    /// When the query names an item, a status or a type that does not exist.
    pub fn select(&self, query: &Query) -> Result<Vec<Item<'_>>> {
        let filter = ListFilter {
            query: Some(query.0.clone()),
            ..ListFilter::default()
        };
        let found = list::listed(self.pm, &self.held, &filter)?.into_iter();
        Ok(found.map(|item| self.shown(item)).collect())
    }

    /// The graph of all items at a moment, which decides what is deferred.
    pub fn graph(&self, now: Timestamp) -> Graph<'_> {
        Graph(self.held.graph(&self.held.every_item(), now.as_millis()))
    }

    /// The document of a uid, of any kind but the records of idempotency keys; also a deleted one.
    pub fn document(&self, uid: &Uid) -> Option<Document<'_>> {
        self.held.doc(uid).map(Document)
    }

    /// The comments on an item, oldest first.
    pub fn comments(&self, item: &Uid) -> Vec<Document<'_>> {
        sorted(self.held.comments_on(item).into_iter().map(Document))
    }

    /// The reservations in force at a moment, in the order in which they take precedence.
    pub fn reservations(&self, now: Timestamp) -> Vec<Reservation> {
        let case = here::case(self.pm);
        let live = ranked(&self.held, now.as_millis(), case).into_iter();
        live.map(|ranked| Reservation { ranked, case }).collect()
    }

    /// The messages between actors and the notices of git pm, oldest first. The recipients are the
    /// elements of `to`, the subject is the field `subject`.
    pub fn messages(&self) -> Vec<Document<'_>> {
        of_kind(self.held.message_docs())
    }

    /// The learnings that were not deleted.
    pub fn learnings(&self) -> Vec<Learning> {
        let learnings = self.held.learnings().into_iter();
        let kept = learnings.filter(|learning| !learning.deleted);
        kept.map(Learning).collect()
    }

    /// The paths of files that cannot be read, each with the reason. They are left alone: everything
    /// else works.
    pub fn damaged(&self) -> Vec<(String, String)> {
        let damaged = self.held.damaged().into_iter();
        damaged.map(|file| (file.path, file.reason)).collect()
    }

    fn shown<'s>(&'s self, item: &'s crate::model::item::Item) -> Item<'s> {
        let state = &*self.held;
        Item { item, state }
    }
}

fn of_kind(docs: &Docs) -> Vec<Document<'_>> {
    sorted(docs.values().map(|Loaded { doc, .. }| Document(doc)))
}

/// Without deleted ones, oldest first.
fn sorted<'s>(docs: impl Iterator<Item = Document<'s>>) -> Vec<Document<'s>> {
    let mut docs: Vec<_> = docs.filter(|document| document.0.is_live()).collect();
    docs.sort_by_key(|document| (&document.0.birth, &document.0.uid));
    docs
}

impl fmt::Debug for State<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State")
            .field("commit", &self.commit())
            .finish_non_exhaustive()
    }
}
