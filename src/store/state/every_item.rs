//! All items at once, and passing them on from one state to the next.

use std::collections::{BTreeMap, BTreeSet};

use super::State;
use crate::git::repo::Oid;
use crate::layout::Family;
use crate::model::item::Item;
use crate::model::uid::Uid;
use crate::tree_diff;

/// Every item of a tree, deleted ones too, for a later state: it then reads only those that differ.
pub struct EveryItem {
    tree: Oid,
    items: BTreeMap<Uid, Box<Item>>,
}

impl State<'_> {
    /// All items, deleted ones too, in no order.
    pub fn every_item(&self) -> Vec<&Item> {
        if self.all[0].get().is_none() && self.every.get().is_none() {
            // Boxed: a map of items by value has them twice in memory while it is built.
            let all = self.ask_again(|index| index.of_every_item(Box::new));
            if let Some(all) = all {
                let all = all.into_iter().map(|item| (item.uid.clone(), item));
                let _ = self.every.set(all.collect());
            }
        }
        match self.every.get() {
            Some(every) if self.all[0].get().is_none() => {
                let changed = self.changed.borrow();
                let hidden = self.hidden.borrow();
                let here = |uid: &Uid| !changed.contains(uid) && !hidden.contains(uid);
                let kept = every
                    .iter()
                    .filter(|(uid, _)| here(uid))
                    .map(|(_, item)| &**item);
                let other = changed
                    .iter()
                    .filter_map(|uid| self.here(uid)?.item.as_ref());
                kept.chain(other).collect()
            }
            _ => {
                let docs = self.item_docs().values();
                docs.filter_map(|l| l.item.as_ref()).collect()
            }
        }
    }

    /// Uses the items of an earlier state. Without effect if the index does not serve this one, or
    /// if too much differs.
    pub fn adopt(&self, earlier: EveryItem) {
        if !self.is_exact() || self.every.get().is_some() {
            return;
        }
        let Ok(Some(changes)) = tree_diff::changes(self.repo, earlier.tree, self.tree, super::FAR)
        else {
            return;
        };
        let mut changed = BTreeSet::new();
        for change in changes {
            if !matches!(change.family, Family::Item(_)) {
                continue;
            }
            for oid in [change.old, change.new].into_iter().flatten() {
                match self.uid_in(oid, &change) {
                    Ok(uid) => changed.insert(uid),
                    Err(_) => return,
                };
            }
        }
        let mut items = earlier.items;
        for uid in changed {
            match self.item(&uid) {
                // Items of the index have no body, and these are kept for long.
                Some(item) => {
                    let body = String::new();
                    items.insert(
                        uid,
                        Box::new(Item {
                            body,
                            ..item.clone()
                        }),
                    );
                }
                None => drop(items.remove(&uid)),
            }
        }
        let _ = self.every.set(items);
    }

    /// The items for a later state, if all were read from the index.
    pub fn into_every(self) -> Option<EveryItem> {
        if self.all[0].get().is_some() {
            return None;
        }
        let changed = self.changed.take();
        let read = changed
            .iter()
            .filter_map(|uid| self.here(uid)?.item.clone());
        let read: Vec<Item> = read.collect();
        let mut items = self.every.into_inner()?;
        for uid in changed.iter().chain(self.hidden.borrow().iter()) {
            items.remove(uid);
        }
        items.extend(
            read.into_iter()
                .map(|item| (item.uid.clone(), Box::new(item))),
        );
        Some(EveryItem {
            tree: self.tree,
            items,
        })
    }
}
