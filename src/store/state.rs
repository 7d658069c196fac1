//! The state at one commit. Documents are read one by one where the index says where they lie, a
//! whole family at a time where there is no index; the answers are the same. What cannot be read
//! is set aside with its path and reason; everything else works.

mod bulk_lookup;
mod links;
mod lookup;
mod matching;
mod settled;
mod unindexed_names;

use std::borrow::Cow;
use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use elsa::FrozenMap;

use super::git::repo::{Oid, Repo};
use super::index::{self, Hold, Index};
use super::layout::{self, Family};
use super::repository::{self, Repository};
use super::shared::Shared;
use super::tree_diff::{self, Change};
use crate::error::Result;
use crate::model::codec;
use crate::model::doc::Doc;
use crate::model::id::ItemKind;
use crate::model::item::Item;
use crate::model::uid::Uid;
use crate::store::read_document::{Damaged, Loaded, ReadError, read_doc, read_loaded};
use unindexed_names::Names;

/// In how many files a state may differ from the index and still be served by it.
const FAR: usize = 2_000;

/// The documents of one family (all items count as one).
pub(crate) type Docs = BTreeMap<Uid, Loaded>;

/// How many families there are; all kinds of items count as one.
const FAMILIES: usize = 8;

fn slot(family: Family) -> usize {
    match family {
        Family::Item(_) => 0,
        Family::Comment => 1,
        Family::Reservation => 2,
        Family::Message => 3,
        Family::Key => 4,
        Family::Learning => 5,
        Family::Agent => 6,
        Family::Plan => 7,
    }
}

/// The family of a document's kind.
fn slot_of(kind: &str) -> usize {
    match kind {
        "comment" => 1,
        "reservation" => 2,
        "message" => 3,
        "key" => 4,
        "learning" => 5,
        "agent" => 6,
        "plan" => 7,
        _ => 0,
    }
}

/// The state at one commit.
pub struct State<'r> {
    repo: &'r Repo,
    /// The commit it was read from.
    pub commit: Option<Oid>,
    /// The commit's tree.
    pub tree: Oid,
    /// Format, generation and shared settings.
    pub repository: Repository,
    /// What answers without everything being read; taken away once it fails.
    index: RefCell<Option<Served>>,
    /// Whole families, once somebody asked for one. What was staged before is in them.
    all: [OnceCell<Docs>; FAMILIES],
    /// Documents that were read or staged one by one.
    some: FrozenMap<Uid, Rc<Loaded>>,
    /// Documents of this write that are written already, and not kept in memory.
    settled: settled::Settled,
    /// What other states of the same exchange have read.
    shared: Option<Rc<Shared>>,
    /// Those of them that the index does not know, or not as they are here.
    changed: RefCell<BTreeSet<Uid>>,
    /// Documents that the index knows and this state does not have.
    hidden: BTreeSet<Uid>,
    /// Typed items from the index.
    items: FrozenMap<Uid, Box<Item>>,
    /// Every item of the index.
    every: OnceCell<BTreeMap<Uid, Item>>,
    names: RefCell<Names>,
    /// Whether the index knows no id that two items have.
    unique: OnceCell<bool>,
    /// Whether several items have an id, as far as that was asked while the index stood here.
    repeated: RefCell<HashMap<String, bool>>,
    /// The ids to show of what others refer to, where that alone was asked for.
    shown: FrozenMap<Uid, Box<str>>,
    /// How many items the index has, once somebody asked.
    indexed: OnceCell<Option<usize>>,
    /// The ids to show, once somebody is about to ask for many.
    ids: OnceCell<HashMap<Uid, String>>,
    damaged: RefCell<Vec<Damaged>>,
    /// The greatest number of each kind that only an unreadable file has.
    unreadable: OnceCell<BTreeMap<ItemKind, u32>>,
}

/// The index that answers, and the tree that it has to stand at for that: others may bring it on.
#[derive(Clone)]
struct Served {
    by: Rc<Index>,
    tree: Oid,
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
            hidden: BTreeSet::new(),
            items: FrozenMap::new(),
            every: OnceCell::new(),
            names: RefCell::default(),
            unique: OnceCell::new(),
            repeated: RefCell::default(),
            shown: FrozenMap::new(),
            indexed: OnceCell::new(),
            ids: OnceCell::new(),
            damaged: RefCell::default(),
            unreadable: OnceCell::new(),
        }
    }

    /// Keeps the index as it is while several questions are asked; see [`Hold`].
    pub(crate) fn hold(&self) -> Option<Hold> {
        self.index
            .borrow()
            .as_ref()
            .map(|served| Hold::new(&served.by))
    }

    /// Takes from there what another state has read.
    pub(crate) fn sharing(mut self, shared: Option<Rc<Shared>>) -> Self {
        self.shared = shared;
        self
    }

    /// Lets an index answer. Where it stands at another tree, the files that differ are read now;
    /// where these are too many, the state does without.
    pub(crate) fn served_by(mut self, index: Option<Rc<Index>>) -> Self {
        let Some(index) = index else { return self };
        if index.tree() != self.tree && !self.lay_over(index.tree()) {
            return self;
        }
        self.index = RefCell::new(Some(Served {
            by: index.clone(),
            tree: index.tree(),
        }));
        self
    }

    /// Reads what differs from the tree that the index stands at. False where that is too much, or
    /// nothing that an index could be laid under.
    fn lay_over(&mut self, base: Oid) -> bool {
        let Ok(Some(changes)) = tree_diff::changes(self.repo, base, self.tree, FAR) else {
            return false;
        };
        let mut new = Vec::new();
        let mut old = BTreeSet::new();
        for change in changes {
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
        self.hidden = old;
        for loaded in new {
            let uid = loaded.doc.uid.clone();
            if let Some(item) = &loaded.item {
                self.names.get_mut().put(item);
            }
            self.changed.get_mut().insert(uid.clone());
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

    /// Asks the index. `None` when there is none; one that fails is not asked again.
    fn ask<T>(&self, question: impl FnOnce(&Index) -> index::Result<T>) -> Option<T> {
        let served = self.index.borrow().clone()?;
        if served.by.tree() == served.tree
            && let Ok(answer) = question(&served.by)
        {
            return Some(answer);
        }
        self.index.replace(None);
        None
    }

    /// Whether the index says of everything what this state would.
    fn is_exact(&self) -> bool {
        self.index.borrow().is_some()
            && self.all[0].get().is_none()
            && self.hidden.is_empty()
            && self.changed.borrow().is_empty()
    }

    /// A whole family, read from the tree; what was staged or read before stays as it is.
    fn family(&self, slot_wanted: usize) -> &Docs {
        self.all[slot_wanted].get_or_init(|| {
            let mut docs = Docs::new();
            let wanted = |family| slot(family) == slot_wanted;
            let listing = tree_diff::files_of(self.repo, self.tree, wanted).unwrap_or_default();
            for (path, reason) in &listing.damaged {
                self.damage(path, reason);
            }
            for file in listing.files {
                match read_loaded(self.repo, file.oid, &file.path, file.family) {
                    Ok(loaded) => {
                        docs.insert(loaded.doc.uid.clone(), loaded);
                    }
                    Err(error) => self.damage(&file.path, &error.to_string()),
                }
            }
            for uid in self.changed.borrow().iter() {
                if let Some(loaded) = self.staged(uid)
                    && slot_of(&loaded.doc.kind) == slot_wanted
                {
                    docs.insert(uid.clone(), Loaded::clone(loaded));
                }
            }
            if slot_wanted == 0 {
                let mut names = Names::default();
                docs.values()
                    .filter_map(|l| l.item.as_ref())
                    .for_each(|item| names.put(item));
                self.names.replace(names);
            }
            docs
        })
    }

    fn damage(&self, path: &str, reason: &str) {
        let escape = crate::model::text::one_line;
        self.damaged.borrow_mut().push(Damaged {
            path: escape(path),
            reason: escape(reason),
        });
    }

    /// Every file that could not be read so far, items first loaded.
    pub fn damaged(&self) -> Vec<Damaged> {
        let walked = self.all.iter().any(|family| family.get().is_some());
        let known = if walked {
            None
        } else {
            self.ask(Index::damaged)
        };
        let mut all = known.unwrap_or_else(|| {
            self.family(0);
            self.damaged.borrow().clone()
        });
        all.extend(self.repository.damaged.clone());
        all
    }

    /// All item documents by uid, deleted ones included.
    pub fn item_docs(&self) -> &Docs {
        self.family(0)
    }

    /// All comments by uid.
    pub fn comment_docs(&self) -> &Docs {
        self.family(1)
    }

    /// All reservations by uid.
    pub fn reservation_docs(&self) -> &Docs {
        self.family(2)
    }

    /// All messages by uid.
    pub fn message_docs(&self) -> &Docs {
        self.family(3)
    }

    /// All idempotency records by uid.
    pub fn key_docs(&self) -> &Docs {
        self.family(4)
    }

    /// All learnings by uid.
    pub fn learning_docs(&self) -> &Docs {
        self.family(5)
    }

    /// All agents by uid.
    pub fn agent_docs(&self) -> &Docs {
        self.family(6)
    }

    /// All plans by uid.
    pub fn plan_docs(&self) -> &Docs {
        self.family(7)
    }

    /// The record of an idempotency key, by its uid.
    pub(crate) fn key_doc(&self, uid: &Uid) -> Option<&Loaded> {
        self.found_by_path(Family::Key, uid)
    }

    /// A document of a family that the index does not know.
    pub(crate) fn found_by_path(&self, family: Family, uid: &Uid) -> Option<&Loaded> {
        if let Some(docs) = self.all[slot(family)].get() {
            return docs.get(uid);
        }
        if let Some(loaded) = self.some.get(uid) {
            return Some(loaded);
        }
        let path = layout::by_end(family, uid);
        let oid = self.repo.file_at(self.tree, &path).ok()??;
        let loaded = read_loaded(self.repo, oid, &path, family).ok()?;
        Some(self.some.insert(uid.clone(), Rc::new(loaded)))
    }

    /// Any document but an idempotency record, by uid.
    pub fn doc(&self, uid: &Uid) -> Option<&Doc> {
        self.loaded(uid).map(|loaded| &loaded.doc)
    }

    /// The text of an item without a conflict; read without the rest of its document where the index
    /// says where that lies.
    pub(crate) fn text_of(&self, item: &Item) -> Option<String> {
        if self.is_exact()
            && !item.conflicted
            && let Some(Some(place)) = self.ask(|index| index.place(&item.uid))
            && let Ok(Some(bytes)) = self.repo.blob(place.oid, codec::MAX_FILE)
            && let Some(text) = codec::body(&bytes)
        {
            return Some(text.to_string());
        }
        Some(self.doc(&item.uid)?.body.shown().to_string())
    }

    /// As [`State::doc`], but what has to be read for it is not kept: for going through very many.
    pub(crate) fn doc_once(&self, uid: &Uid) -> Option<Cow<'_, Doc>> {
        let whole = self.all.iter().filter_map(OnceCell::get);
        if self.some.get(uid).is_none()
            && let Some(loaded) = self.settled.read(self.repo, uid)
        {
            return Some(Cow::Owned(loaded.doc));
        }
        let known = self.some.get(uid).is_some()
            || self.hidden.contains(uid)
            || whole.into_iter().any(|docs| docs.contains_key(uid));
        if !known && let Some(Some(place)) = self.ask(|index| index.place(uid)) {
            let family = place.path.split('/').next().and_then(Family::of_folder);
            let read = family.map(|f| read_doc(self.repo, place.oid, &place.path, f));
            if let Some(Ok(doc)) = read {
                return Some(Cow::Owned(doc));
            }
        }
        self.doc(uid).map(Cow::Borrowed)
    }

    /// Any document but an idempotency record, with its place.
    pub(crate) fn loaded(&self, uid: &Uid) -> Option<&Loaded> {
        for docs in self.all.iter().filter_map(OnceCell::get) {
            if let Some(loaded) = docs.get(uid) {
                return Some(loaded);
            }
        }
        if let Some(loaded) = self.here(uid) {
            return Some(loaded);
        }
        if self.hidden.contains(uid) {
            return None;
        }
        if let Some(place) = self.ask(|index| index.place(uid)) {
            let place = place?;
            let family = place.path.split('/').next().and_then(Family::of_folder);
            let read = family.map(|f| read_loaded(self.repo, place.oid, &place.path, f));
            if let Some(Ok(loaded)) = read {
                return Some(self.some.insert(uid.clone(), Rc::new(loaded)));
            }
            self.index.replace(None);
        }
        // Comments before messages: as they come in the tree.
        [0, 2, 1, 3]
            .into_iter()
            .find_map(|slot| self.family(slot).get(uid))
    }

    /// A document to be changed. Whoever changes it says so with [`State::note_changed`].
    pub(crate) fn loaded_mut(&mut self, uid: &Uid) -> Option<&mut Loaded> {
        let kind = self.loaded(uid)?.doc.kind.clone();
        match self.all[slot_of(&kind)].get_mut() {
            Some(docs) => docs.get_mut(uid),
            None => self.some.as_mut().get_mut(uid).map(Rc::make_mut),
        }
    }

    /// Stages a document, replacing one of the same uid.
    pub(crate) fn put(&mut self, loaded: Loaded) {
        let uid = loaded.doc.uid.clone();
        let slot = slot_of(&loaded.doc.kind);
        let item = loaded.item.clone();
        match self.all[slot].get_mut() {
            Some(docs) => {
                docs.insert(uid.clone(), loaded);
            }
            None => {
                self.some.as_mut().insert(uid.clone(), Rc::new(loaded));
            }
        }
        self.note_changed(&uid, None, item.as_ref());
    }

    /// Notes that a document is not what the index says any more.
    pub(crate) fn note_changed(&mut self, uid: &Uid, before: Option<&Item>, now: Option<&Item>) {
        let known = !self.changed.get_mut().insert(uid.clone());
        self.settled.note_changed(uid);
        let names = self.names.get_mut();
        // An item that was never changed before is in the names only if all are.
        let before = before.filter(|_| known || self.all[0].get().is_some());
        match (before, now) {
            (Some(before), Some(now)) => names.replace(before, now),
            (_, Some(now)) => names.put(now),
            (_, None) => {}
        }
    }

    /// A staged document; none that was only read.
    pub(crate) fn staged(&self, uid: &Uid) -> Option<&Loaded> {
        let whole = self.all.iter().filter_map(OnceCell::get);
        whole
            .filter_map(|docs| docs.get(uid))
            .next()
            .or_else(|| self.here(uid))
    }
}
