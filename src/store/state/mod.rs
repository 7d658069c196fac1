//! The state at one commit: how its documents are read, with and without an index.
//!
//! Documents are read one by one if the index has their places, a whole family at a time without an
//! index; the answers are the same. Unreadable files are set aside with path and reason; everything
//! else works.

mod documents;
mod every_item;
mod find_item;
pub mod former_ids;
mod item_ids;
mod item_lists;
mod owned_items;
mod parts_and_dependents;
mod plan_decisions;
mod proposed_items;
mod query_items;
mod record_lists;
mod unindexed_names;
mod written_early;

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Deref;
use std::rc::Rc;

use elsa::FrozenMap;

use super::document_cache::Shared;
use super::git::repo::{Entry, Oid, Repo};
use super::index::{self, Fault, Hold, Index};
use super::repository::{self, Repository};
use super::tree_diff::{self, Change};
use crate::error::Result;
use crate::layout::Family;
use crate::model::id::ItemKind;
use crate::model::item::Item;
use crate::model::uid::Uid;
use crate::read_document::{Damaged, Loaded, ReadError, read_doc, read_loaded};
pub use documents::Docs;
pub use every_item::EveryItem;
pub(crate) use proposed_items::{NamedPlans, Notes, WrittenMs};

use documents::FAMILIES;
use unindexed_names::Names;

/// The number of files by which a state may differ from the index and still use it.
const FAR: usize = 2_000;

/// The number of times that a query follows an index that other processes advance.
const MOVES: usize = 8;

/// The state at one commit.
pub struct State<'r> {
    repo: &'r Repo,
    /// The commit it was read from.
    pub commit: Option<Oid>,
    /// Its tree.
    pub tree: Oid,
    /// Format, generation and shared settings.
    pub repository: Repository,
    /// The index; removed once it fails.
    index: RefCell<Option<Served>>,
    /// Whole families, once one is needed, including documents staged before.
    all: [OnceCell<Docs>; FAMILIES],
    /// Documents that were read or staged one by one.
    some: FrozenMap<Uid, Rc<Loaded>>,
    /// Documents of this write that are written already, and not kept in memory.
    settled: written_early::Settled,
    /// The documents that other states of the same exchange have read.
    shared: Option<Rc<Shared>>,
    /// Those of them that the index lacks, or has in another version.
    changed: RefCell<BTreeSet<Uid>>,
    /// Documents that the index has and this state does not.
    hidden: RefCell<BTreeSet<Uid>>,
    /// Typed items from the index.
    items: FrozenMap<Uid, Box<Item>>,
    /// Every item of the index.
    every: OnceCell<BTreeMap<Uid, Box<Item>>>,
    names: RefCell<Names>,
    /// Notices about names.
    notes: Notes,
    /// The time of the change for which names are looked up.
    written_ms: WrittenMs,
    /// The time in milliseconds at which it was opened for people; zero if ids are those of every clone.
    now_ms: u64,
    /// The ids that items of this clone lost lately, once known.
    lost: OnceCell<BTreeSet<String>>,
    /// The numbers that items had in this clone, once known.
    former: OnceCell<Vec<former_ids::FormerId>>,
    /// True if no two items in the index share an id.
    unique: OnceCell<bool>,
    /// By id, true if several items have it: the answers so far while the index was at this state.
    repeated: RefCell<HashMap<String, bool>>,
    /// The ids to show of referenced items, if only these were needed.
    shown: FrozenMap<Uid, Box<str>>,
    /// Set if a plan or a PRD differs from the index.
    plans_differ: Cell<bool>,
    /// The tasks of plans that are not approved.
    proposed: proposed_items::ProposedItems,
    /// The number of items in the index, once needed.
    indexed: OnceCell<Option<usize>>,
    /// The ids to show, once many are needed.
    ids: OnceCell<HashMap<Uid, String>>,
    damaged: RefCell<Vec<Damaged>>,
    /// The greatest number of each kind that only an unreadable file has.
    unreadable: OnceCell<BTreeMap<ItemKind, u32>>,
}

/// The index, and the tree that it must be at: another process may advance it.
#[derive(Clone)]
struct Served {
    by: Rc<Index>,
    tree: Oid,
}

/// A state for several queries, during which the index stays unchanged; see [`Hold`].
pub struct Snapshot<'r> {
    hold: Cell<Option<Hold>>,
    state: State<'r>,
}

impl<'r> From<State<'r>> for Snapshot<'r> {
    fn from(state: State<'r>) -> Self {
        let hold = Cell::new(state.hold());
        Snapshot { hold, state }
    }
}

impl<'r> Deref for Snapshot<'r> {
    type Target = State<'r>;

    fn deref(&self) -> &State<'r> {
        &self.state
    }
}

impl Snapshot<'_> {
    /// Lets other processes change the index from now on: called before anything slow.
    pub fn release(&self) {
        self.hold.take();
    }
}

impl<'r> State<'r> {
    /// Opens the state at a commit.
    ///
    /// # Errors
    /// When commit or tree cannot be read, or the format's major version is newer than ours.
    pub fn at(repo: &'r Repo, commit: Oid) -> Result<Self> {
        let tree = repo.commit(commit)?.tree;
        Self::of_tree(repo, Some(commit), tree)
    }

    /// Opens the state of a tree.
    ///
    /// # Errors
    /// When the tree cannot be read, or the format's major version is newer than ours.
    pub fn of_tree(repo: &'r Repo, commit: Option<Oid>, tree: Oid) -> Result<Self> {
        let repository = repository::read(repo, tree)?;
        repository.require_readable()?;
        Ok(Self::with_settings(repo, commit, tree, repository))
    }

    /// The state of a tree whose settings were read already.
    pub(crate) fn with_settings(
        repo: &'r Repo,
        commit: Option<Oid>,
        tree: Oid,
        repository: Repository,
    ) -> Self {
        State {
            repo,
            commit,
            tree,
            repository,
            index: RefCell::new(None),
            all: Default::default(),
            some: FrozenMap::new(),
            settled: Default::default(),
            shared: None,
            changed: RefCell::default(),
            hidden: RefCell::default(),
            items: FrozenMap::new(),
            every: OnceCell::new(),
            names: RefCell::default(),
            notes: Notes::default(),
            written_ms: WrittenMs::default(),
            now_ms: 0,
            lost: OnceCell::new(),
            former: OnceCell::new(),
            unique: OnceCell::new(),
            repeated: RefCell::default(),
            shown: FrozenMap::new(),
            plans_differ: Cell::new(false),
            proposed: Default::default(),
            indexed: OnceCell::new(),
            ids: OnceCell::new(),
            damaged: RefCell::default(),
            unreadable: OnceCell::new(),
        }
    }

    /// True if the tree has the folder of a kind of items, or cannot be read.
    pub(crate) fn has_item_folders(&self) -> bool {
        let is_of_items = |entry: &Entry| {
            let name = std::str::from_utf8(&entry.name).unwrap_or_default();
            matches!(Family::of_folder(name), Some(Family::Item(_)))
        };
        let root = self.repo.tree(self.tree);
        root.map_or(true, |root| root.iter().any(is_of_items))
    }

    /// Keeps the index unchanged during several queries; see [`Hold`].
    pub fn hold(&self) -> Option<Hold> {
        let index = self.index.borrow();
        index.as_ref().map(|served| Hold::new(&served.by))
    }

    /// Uses the documents that another state has read.
    pub fn sharing(mut self, shared: Option<Rc<Shared>>) -> Self {
        self.shared = shared;
        self
    }

    /// Uses an index for answers. If it is at another tree, the files that differ are read now; if
    /// these are too many, the state does without it.
    pub(crate) fn served_by(self, index: Option<Rc<Index>>) -> Self {
        let Some(index) = index else { return self };
        if index.tree() != self.tree && !self.lay_over(index.tree()) {
            return self;
        }
        let tree = index.tree();
        self.index.replace(Some(Served { by: index, tree }));
        self
    }

    /// Reads the differences from the index's tree. False if there are too many, or an unreadable
    /// file among them.
    fn lay_over(&self, base: Oid) -> bool {
        let Ok(Some(changes)) = tree_diff::changes(self.repo, base, self.tree, FAR) else {
            return false;
        };
        let mut new = Vec::new();
        let mut old = BTreeSet::new();
        for change in changes {
            if matches!(change.family, Family::Plan | Family::Item(ItemKind::Prd)) {
                self.plans_differ.set(true);
            }
            if !change.family.is_indexed() {
                continue;
            }
            if let Some(oid) = change.old {
                match self.uid_in(oid, &change) {
                    Ok(uid) => old.insert(uid),
                    Err(_) => return false,
                };
            }
            if let Some(oid) = change.new {
                match self.loaded_from(oid, &change) {
                    Ok(loaded) => new.push(loaded),
                    Err(_) => return false,
                }
            }
        }
        for loaded in &new {
            old.remove(&loaded.doc.uid);
        }
        self.hidden.borrow_mut().extend(old);
        for loaded in new {
            let uid = loaded.doc.uid.clone();
            // What is staged is newer.
            if !self.changed.borrow_mut().insert(uid.clone()) {
                continue;
            }
            if let Some(item) = &loaded.item {
                self.names.borrow_mut().put(item);
            }
            self.some.insert(uid, loaded);
        }
        true
    }

    fn loaded_from(&self, oid: Oid, file: &Change) -> std::result::Result<Rc<Loaded>, ReadError> {
        match &self.shared {
            Some(shared) => shared.loaded(self.repo, oid, &file.path, file.family),
            None => read_loaded(self.repo, oid, &file.path, file.family).map(Rc::new),
        }
    }

    fn uid_in(&self, oid: Oid, file: &Change) -> std::result::Result<Uid, ReadError> {
        match &self.shared {
            Some(shared) => shared.uid(self.repo, oid, &file.path, file.family),
            None => read_doc(self.repo, oid, &file.path, file.family).map(|doc| doc.uid),
        }
    }

    /// The repository it is read from.
    pub fn repo(&self) -> &'r Repo {
        self.repo
    }

    /// Queries the index. `None` if there is none, or if another process is advancing it: then this
    /// state follows, and reads the differences. An index that fails is not queried again.
    fn ask<T>(&self, question: impl FnOnce(&Index) -> index::Result<T>) -> Option<T> {
        let served = self.served()?;
        match question(&served.by) {
            Ok(answer) => Some(answer),
            Err(fault) => {
                self.doubt(&served, &fault);
                None
            }
        }
    }

    /// The index if it is at this state; else it is followed.
    fn served(&self) -> Option<Served> {
        let served = self.index.borrow().clone()?;
        if served.by.tree() == served.tree {
            return Some(served);
        }
        self.doubt(&served, &Fault::Doubt("the index has moved on"));
        None
    }

    /// Follows an index that another process has advanced, and does without one that failed.
    fn doubt(&self, served: &Served, fault: &Fault) {
        let is_followed = matches!(fault, Fault::Doubt(_)) && self.follow(served);
        if !is_followed {
            self.index.replace(None);
        }
    }

    /// As [`State::ask`], for callers that correct the answer by the differences of this state:
    /// while other processes advance the index, the query is repeated.
    fn ask_again<T>(&self, question: impl Fn(&Index) -> index::Result<T>) -> Option<T> {
        self.while_served(|| self.ask(&question))
    }

    /// As [`State::ask_again`], about a family, unless that was read as a whole.
    fn ask_unread<T>(
        &self,
        slot: usize,
        question: impl Fn(&Index) -> index::Result<T>,
    ) -> Option<T> {
        match self.all[slot].get() {
            Some(_) => None,
            None => self.ask_again(question),
        }
    }

    /// Retries while other processes advance the index. After that this state does without it.
    fn while_served<T>(&self, attempt: impl Fn() -> Option<T>) -> Option<T> {
        for _ in 0..MOVES {
            if self.index.borrow().is_none() {
                return None;
            }
            if let Some(answer) = attempt() {
                return Some(answer);
            }
        }
        self.index.replace(None);
        None
    }

    /// Reads the differences from the index's current tree.
    fn follow(&self, served: &Served) -> bool {
        let Ok(tree) = served.by.look_after_change() else {
            return false;
        };
        let follows = tree == served.tree || self.lay_over(tree);
        if follows {
            let by = served.by.clone();
            self.index.replace(Some(Served { by, tree }));
        }
        follows
    }

    /// True if the index has the same answers as this state for everything.
    fn is_exact(&self) -> bool {
        self.index.borrow().is_some()
            && self.all[0].get().is_none()
            && self.hidden.borrow().is_empty()
            && self.changed.borrow().is_empty()
    }
}
