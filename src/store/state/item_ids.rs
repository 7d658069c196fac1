//! The id that an item is shown with, longer while it is ambiguous, and the next free number of a new one.

use std::collections::{BTreeMap, HashMap};

use super::State;
use crate::index::{DUPLICATES, Index};
use crate::layout::Family;
use crate::model::doc::Doc;
use crate::model::id::{self, ItemKind, ItemRef};
use crate::model::item::Item;
use crate::model::short_id::{LEARNING, short_id};
use crate::model::uid::Uid;
use crate::read_document::Damaged;

impl State<'_> {
    /// The id to show and to type: the id itself, or with the end of the uid where two items have the same id, or
    /// one of this clone had it until lately.
    pub fn shown_id(&self, item: &Item) -> String {
        self.shown_as(&item.id, &item.uid)
    }

    /// As [`State::shown_id`], of an item of which only id and uid are available.
    pub fn shown_as(&self, id: &str, uid: &Uid) -> String {
        if self.are_unique() || !self.is_shared(id) {
            return id.to_string();
        }
        format!("{id}-{}", uid.suffix(id::SUFFIX))
    }

    /// True if several items have or had this id. Cached for each id: thousands may have one.
    fn is_shared(&self, id: &str) -> bool {
        let exact = self.is_exact();
        let known = self.repeated.borrow().get(id).copied();
        if let Some(shared) = known.filter(|_| exact) {
            return shared;
        }
        let shared = self.bearers(id).len() > 1 || self.lost_ids().contains(id);
        if exact {
            self.repeated.borrow_mut().insert(id.to_string(), shared);
        }
        shared
    }

    /// A document's name for the user: its item's id, or its kind with the item that it is about.
    pub fn name_of(&self, doc: &Doc) -> String {
        if let Some(item) = self.item(&doc.uid) {
            return self.shown_id(item);
        }
        let about = doc.text("item").or_else(|| doc.text("task"));
        let own = match doc.kind.as_str() {
            "learning" => format!("learning {}", short_id(LEARNING, &doc.uid)),
            kind => format!("{kind} {}", doc.uid.suffix(8)),
        };
        match about {
            Some(item) => format!("{}, {own}", self.shown_ref(&ItemRef::parse(item))),
            None => own,
        }
    }

    /// True if the index is at this state and no two items in it share an id, or did until lately.
    fn are_unique(&self) -> bool {
        let unique =
            || self.ask(|index| index.tally(DUPLICATES)) == Some(0) && self.lost_ids().is_empty();
        self.is_exact() && *self.unique.get_or_init(unique)
    }

    /// Prepares for showing many items: all ids are read at once, if the index has the same answers
    /// as this state. Returns them.
    pub fn prepare_ids(&self) -> Option<&HashMap<Uid, String>> {
        if !self.is_exact() {
            return None;
        }
        if self.ids.get().is_none() {
            let mut ids = self.ask(Index::shown_ids)?;
            for id in self.lost_ids() {
                for item in self.bearers(id) {
                    ids.insert(item.uid.clone(), self.shown_id(item));
                }
            }
            let _ = self.ids.set(ids);
        }
        self.ids.get()
    }

    fn known_id(&self, target: &ItemRef) -> Option<&String> {
        let ids = self.ids.get().filter(|_| self.is_exact())?;
        ids.get(target.uid.as_ref()?)
    }

    /// The id to show for the target of a reference.
    pub fn shown_ref(&self, target: &ItemRef) -> String {
        if let Some(id) = self.known_id(target) {
            return id.clone();
        }
        let Some(uid) = &target.uid else {
            return target.shown();
        };
        if let Some(id) = self.proposed_id(uid) {
            return id.to_string();
        }
        if self.are_unique() && self.items.get(uid).is_none() {
            if let Some(id) = self.shown.get(uid) {
                return id.to_string();
            }
            if let Some(id) = self.ask(|index| index.id_of(uid)) {
                let id = id.unwrap_or_else(|| target.shown());
                return self.shown.insert(uid.clone(), id.into()).to_string();
            }
        }
        let item = self.item(uid);
        item.map_or_else(|| target.shown(), |item| self.shown_id(item))
    }

    /// The next free number for a kind: above every number that is or was in use.
    pub fn next_number(&self, kind: ItemKind) -> u32 {
        let indexed = self.ask_unread(0, |index| index.max_number(kind));
        let indexed = indexed.unwrap_or_else(|| {
            self.item_docs();
            0
        });
        let numbers = [
            indexed,
            self.unreadable_number(kind),
            self.names.borrow().max_number(kind),
        ];
        numbers.into_iter().max().unwrap_or(0).saturating_add(1)
    }

    /// A hash id that is not taken; that of a child is its parent's with a number.
    pub fn free_hash_id(
        &self,
        uid: &Uid,
        parent: Option<&str>,
        taken: impl Fn(&str) -> bool,
    ) -> Option<String> {
        if let Some(parent) = parent {
            let mut ids = (1u32..).map(|n| format!("{parent}.{n}"));
            return ids.find(|id| !taken(id));
        }
        let length = id::hash_length(self.count_about());
        let prefix = self.repository.issue_prefix();
        let id = |nonce: u32| id::hash_id(prefix, uid, nonce, length + (nonce / 10) as usize);
        (0..).map(id).find(|id| !taken(id))
    }

    /// The greatest number in the names of files that cannot be read. Staging adds no such files,
    /// so they are looked for once.
    fn unreadable_number(&self, kind: ItemKind) -> u32 {
        let numbers = self.unreadable.get_or_init(|| {
            let mut numbers = BTreeMap::new();
            // Only a file among items can be one.
            let among_items =
                |damaged: &Damaged| matches!(Family::of_path(&damaged.path), Some(Family::Item(_)));
            for damaged in self.damaged().into_iter().filter(among_items) {
                let name = damaged.path.rsplit('/').next().unwrap_or_default();
                let head = name.rsplit_once('-').map_or(name, |(head, _)| head);
                if let Some((kind, number)) = id::parse_sequential(head) {
                    let max = numbers.entry(kind).or_insert(0);
                    *max = number.max(*max);
                }
            }
            numbers
        });
        numbers.get(&kind).copied().unwrap_or(0)
    }
}
