//! The documents of a state: read one by one, or a whole family at a time.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::State;
use super::unindexed_names::Names;
use crate::git::repo::{EntryType, Oid};
use crate::index::Index;
use crate::layout::{self, Family};
use crate::model::codec;
use crate::model::doc::Doc;
use crate::model::id::ItemRef;
use crate::model::item::Item;
use crate::model::limits::DOCUMENT_MAX;
use crate::model::uid::Uid;
use crate::read_document::{Damaged, Loaded, read_doc, read_loaded};
use crate::tree_diff::{self, Found};

/// The documents of one family (all items count as one).
pub type Docs = BTreeMap<Uid, Loaded>;

/// The families in the order of their slots, by the kind of their documents; the first one has the
/// items.
const KINDS: [&str; FAMILIES] = [
    "item",
    "comment",
    "reservation",
    "message",
    "key",
    "learning",
    "agent",
    "plan",
    "context",
    "artifact",
    "run",
    "finding",
];

/// The number of families; all kinds of items count as one.
pub(super) const FAMILIES: usize = 12;

pub(super) fn slot(family: Family) -> usize {
    slot_of(family.kind())
}

/// The slot of a document's family.
pub(super) fn slot_of(kind: &str) -> usize {
    KINDS.iter().position(|known| *known == kind).unwrap_or(0)
}

impl State<'_> {
    /// A whole family, read from the tree; staged and read documents stay as they are.
    pub(super) fn family(&self, slot_wanted: usize) -> &Docs {
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

    /// Every file that could not be read so far; reads the items first.
    pub fn damaged(&self) -> Vec<Damaged> {
        let walked = self.all.iter().any(|family| family.get().is_some());
        let known = if walked {
            None
        } else {
            self.ask_again(Index::damaged)
        };
        let mut all = known.unwrap_or_else(|| {
            self.family(0);
            self.damaged.borrow().clone()
        });
        all.extend(self.repository.damaged.clone());
        all
    }

    /// Passes the documents in the tree of some families to `each`; none is kept.
    pub fn each_doc(&self, wanted: impl Fn(Family) -> bool, mut each: impl FnMut(&Doc)) {
        let root = self.repo.tree(self.tree).unwrap_or_default();
        tree_diff::each_file(self.repo, &root, wanted, &mut |found| {
            if let Found::File(file) = found
                && let Ok(loaded) = read_loaded(self.repo, file.oid, &file.path, file.family)
            {
                each(&loaded.doc);
            }
        });
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

    /// All sections of the project context by uid.
    pub fn context_docs(&self) -> &Docs {
        self.family(8)
    }

    /// All artifacts by uid.
    pub fn artifact_docs(&self) -> &Docs {
        self.family(9)
    }

    /// All findings by uid.
    pub fn finding_docs(&self) -> &Docs {
        self.family(11)
    }

    /// The findings about an item, read from the item's own folder.
    pub fn findings_of(&self, item: &Uid) -> Vec<&Doc> {
        let of = |doc: &Doc| is_of(doc, Family::Finding, item);
        let folder = layout::folder_of_item(Family::Finding, item);
        self.in_folder(Family::Finding, &folder, of)
    }

    /// True if the index knows that there are no artifacts.
    fn has_no_artifacts(&self) -> bool {
        let served = self.index.borrow().clone();
        served.is_some_and(|served| served.by.tree() == self.tree)
            && self.changed.borrow().is_empty()
            && self.ask(Index::has_artifacts) == Some(Some(false))
    }

    /// The record of an idempotency key, by its uid.
    pub fn key_doc(&self, uid: &Uid) -> Option<&Loaded> {
        self.found_by_path(Family::Key, uid)
    }

    /// A document of a family that the index does not have.
    pub fn found_by_path(&self, family: Family, uid: &Uid) -> Option<&Loaded> {
        self.found_at(family, uid, || layout::by_end(family, uid))
    }

    fn found_at(
        &self,
        family: Family,
        uid: &Uid,
        path: impl FnOnce() -> String,
    ) -> Option<&Loaded> {
        if let Some(docs) = self.all[slot(family)].get() {
            return docs.get(uid);
        }
        if let Some(loaded) = self.some.get(uid) {
            return Some(loaded);
        }
        let path = path();
        let oid = self.repo.file_at(self.tree, &path).ok()??;
        let loaded = read_loaded(self.repo, oid, &path, family).ok()?;
        Some(self.some.insert(uid.clone(), Rc::new(loaded)))
    }

    /// The versions of all artifacts of an item, read from the item's own folder: a state without
    /// artifacts costs nothing.
    pub fn artifacts_of(&self, item: &Uid) -> Vec<&Doc> {
        let of = |doc: &Doc| is_of(doc, Family::Artifact, item);
        if self.all[slot(Family::Artifact)].get().is_none() && self.has_no_artifacts() {
            return Vec::new();
        }
        self.in_folder(
            Family::Artifact,
            &layout::folder_of_item(Family::Artifact, item),
            of,
        )
    }

    /// The documents of a run: its own, and one for each task that it started.
    pub fn run_docs(&self, run: &Uid) -> Vec<&Doc> {
        let of = |doc: &Doc| {
            let is_its = match doc.text("run") {
                Some(text) => text == run.as_str(),
                None => doc.uid == *run,
            };
            is_its && doc.kind == Family::Run.kind()
        };
        self.in_folder(Family::Run, &layout::run_folder(run), of)
    }

    /// The uids of all runs, the oldest first: the names of their folders.
    pub fn runs(&self) -> Vec<Uid> {
        let folders = self.folders(Family::Run).into_iter();
        folders.map(|(run, _)| run).collect()
    }

    /// The folders of a family that has one for each run or item, with the uid of each, the oldest first.
    pub fn folders(&self, family: Family) -> Vec<(Uid, Oid)> {
        let listed = |folder: &str| self.repo.folder_at(self.tree, folder).unwrap_or_default();
        let mut found = Vec::new();
        for group in listed(family.folder()) {
            let group = layout::below(family.folder(), &group.name);
            found.extend(listed(&group).into_iter().filter_map(|entry| {
                let name = std::str::from_utf8(&entry.name).ok()?;
                Some((Uid::new(name)?, entry.oid))
            }));
        }
        found.sort();
        found
    }

    /// One document of a run.
    pub fn run_doc(&self, run: &Uid, uid: &Uid) -> Option<&Doc> {
        let path = || format!("{}/{uid}.md", layout::run_folder(run));
        let found = self.found_at(Family::Run, uid, path)?;
        Some(&found.doc)
    }

    /// The documents of a family in one folder that are wanted, with those that are staged.
    fn in_folder(&self, family: Family, folder: &str, of: impl Fn(&Doc) -> bool) -> Vec<&Doc> {
        if let Some(docs) = self.all[slot(family)].get() {
            let docs = docs.values().map(|loaded| &loaded.doc);
            return docs.filter(|doc| of(doc)).collect();
        }
        let mut found = BTreeMap::new();
        for entry in self.repo.folder_at(self.tree, folder).unwrap_or_default() {
            let path = layout::below(folder, &entry.name);
            let name = path
                .rsplit('/')
                .next()
                .and_then(|name| name.strip_suffix(".md"));
            let Some(uid) = name.and_then(Uid::new) else {
                continue;
            };
            if let Some(loaded) = self.some.get(&uid) {
                // A forged file may have the uid of another document.
                if of(&loaded.doc) {
                    found.insert(uid, &loaded.doc);
                }
            } else if entry.kind == EntryType::Blob
                && let Ok(loaded) = read_loaded(self.repo, entry.oid, &path, family)
            {
                found.insert(uid.clone(), &self.some.insert(uid, Rc::new(loaded)).doc);
            }
        }
        for uid in self.changed.borrow().iter() {
            if let Some(loaded) = self.some.get(uid)
                && of(&loaded.doc)
            {
                found.insert(uid.clone(), &loaded.doc);
            }
        }
        found.into_values().collect()
    }

    /// Any document but an idempotency record, by uid.
    pub fn doc(&self, uid: &Uid) -> Option<&Doc> {
        self.loaded(uid).map(|loaded| &loaded.doc)
    }

    /// The text of an item without a conflict; read without the rest of its document if the index
    /// has its place.
    pub fn text_of(&self, item: &Item) -> Option<String> {
        if self.is_exact()
            && !item.conflicted
            && let Some(Some(place)) = self.ask(|index| index.place(&item.uid))
            && let Ok(Some(bytes)) = self.repo.blob(place.oid, DOCUMENT_MAX)
            && let Some(text) = codec::body(&bytes)
        {
            return Some(text.to_string());
        }
        Some(self.doc(&item.uid)?.body.shown().to_string())
    }

    /// As [`State::doc`], but a document read for it is not kept: for going through very many.
    pub fn doc_once(&self, uid: &Uid) -> Option<Cow<'_, Doc>> {
        let whole = self.all.iter().filter_map(OnceCell::get);
        if self.some.get(uid).is_none()
            && let Some(loaded) = self.settled.read(self.repo, uid)
        {
            return Some(Cow::Owned(loaded.doc));
        }
        let known = self.some.get(uid).is_some()
            || self.hidden.borrow().contains(uid)
            || whole.into_iter().any(|docs| docs.contains_key(uid));
        if !known && let Some(Some(place)) = self.ask(|index| index.place(uid)) {
            let family = Family::of_path(&place.path);
            let read = family.map(|f| read_doc(self.repo, place.oid, &place.path, f));
            if let Some(Ok(doc)) = read {
                return Some(Cow::Owned(doc));
            }
        }
        self.doc(uid).map(Cow::Borrowed)
    }

    /// Any document but an idempotency record, with its place.
    pub fn loaded(&self, uid: &Uid) -> Option<&Loaded> {
        self.proposed(uid).or_else(|| self.loaded_stored(uid))
    }

    /// As [`State::loaded`], without the items that are only proposed: their names are made from what is stored.
    pub(super) fn loaded_stored(&self, uid: &Uid) -> Option<&Loaded> {
        for docs in self.all.iter().filter_map(OnceCell::get) {
            if let Some(loaded) = docs.get(uid) {
                return Some(loaded);
            }
        }
        let known = || match self.here(uid) {
            Some(loaded) => Some(Some(loaded)),
            None => self.hidden.borrow().contains(uid).then_some(None),
        };
        let indexed = || {
            let Some(place) = self.ask(|index| index.place(uid))? else {
                return Some(None);
            };
            let family = Family::of_path(&place.path);
            let read = family.map(|f| read_loaded(self.repo, place.oid, &place.path, f));
            if let Some(Ok(loaded)) = read {
                return Some(Some(self.some.insert(uid.clone(), Rc::new(loaded))));
            }
            self.index.replace(None);
            None
        };
        let found = self.while_served(|| known().or_else(indexed));
        if let Some(found) = found.or_else(known) {
            return found;
        }
        // Comments before messages: as they come in the tree.
        [0, 2, 1, 3, 5]
            .into_iter()
            .find_map(|slot| self.family(slot).get(uid))
    }

    /// A document to be changed; afterwards the caller calls [`State::note_changed`].
    pub(crate) fn loaded_mut(&mut self, uid: &Uid) -> Option<&mut Loaded> {
        let kind = self.loaded(uid)?.doc.kind.clone();
        self.note_plan(&kind);
        match self.all[slot_of(&kind)].get_mut() {
            Some(docs) => docs.get_mut(uid),
            None => self.some.as_mut().get_mut(uid).map(Rc::make_mut),
        }
    }

    /// Stages a document, replacing one of the same uid.
    pub fn put(&mut self, loaded: Loaded) {
        let uid = loaded.doc.uid.clone();
        let slot = slot_of(&loaded.doc.kind);
        self.note_plan(&loaded.doc.kind);
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

    /// Notes that a document differs from the index.
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

    /// A staged document; `None` for one that was only read.
    pub fn staged(&self, uid: &Uid) -> Option<&Loaded> {
        let whole = self.all.iter().filter_map(OnceCell::get);
        whole
            .filter_map(|docs| docs.get(uid))
            .next()
            .or_else(|| self.here(uid))
    }
}

/// True for a document of a family whose field `item` names an item.
fn is_of(doc: &Doc, family: Family, item: &Uid) -> bool {
    let target = doc.text("item").map(ItemRef::parse);
    doc.kind == family.kind() && target.and_then(|target| target.uid).as_ref() == Some(item)
}
