//! The names of items that the index lacks, or has in another version.
//!
//! Staged ones, those in which the state differs from the index, or all of them without an index.

use std::collections::{BTreeMap, BTreeSet};

use crate::index::{Way, all_edges, lacking};
use crate::model::id::{self, ItemKind};
use crate::model::item::Item;
use crate::model::uid::Uid;

/// A few uids: usually one, for which a set would take ten times the memory.
#[derive(Debug, Default)]
enum Few {
    #[default]
    None,
    One(Uid),
    Many(BTreeSet<Uid>),
}

impl Few {
    fn insert(&mut self, uid: Uid) {
        *self = match std::mem::take(self) {
            Few::None => Few::One(uid),
            Few::One(one) if one == uid => Few::One(one),
            Few::One(one) => Few::Many(BTreeSet::from([one, uid])),
            Few::Many(mut many) => {
                many.insert(uid);
                Few::Many(many)
            }
        };
    }

    fn remove(&mut self, uid: &Uid) {
        match self {
            Few::One(one) if one == uid => *self = Few::None,
            Few::Many(many) => {
                many.remove(uid);
            }
            _ => {}
        }
    }
}

impl<'f> IntoIterator for &'f Few {
    type Item = &'f Uid;
    type IntoIter = std::iter::Chain<
        std::option::IntoIter<&'f Uid>,
        std::iter::Flatten<std::option::IntoIter<&'f BTreeSet<Uid>>>,
    >;

    fn into_iter(self) -> Self::IntoIter {
        let (one, many) = match self {
            Few::None => (None, None),
            Few::One(one) => (Some(one), None),
            Few::Many(many) => (None, Some(many)),
        };
        one.into_iter().chain(many.into_iter().flatten())
    }
}

/// Items by their ids and by their references.
#[derive(Debug, Default)]
pub(super) struct Names {
    by_id: BTreeMap<String, Few>,
    by_born: BTreeMap<String, Few>,
    sources: BTreeMap<(Uid, i64), Few>,
    numbers: BTreeMap<ItemKind, u32>,
}

impl Names {
    /// Adds an item.
    pub(super) fn put(&mut self, item: &Item) {
        for id in [&item.id, &item.born] {
            if let Some((kind, number)) = id::parse_sequential(id) {
                let max = self.numbers.entry(kind).or_default();
                *max = number.max(*max);
            }
        }
        let uid = || item.uid.clone();
        self.by_id.entry(item.id.clone()).or_default().insert(uid());
        self.by_born
            .entry(item.born.clone())
            .or_default()
            .insert(uid());
        for (kind, target) in all_edges(item) {
            self.sources
                .entry((target.clone(), kind))
                .or_default()
                .insert(uid());
        }
    }

    /// Removes an item. Its number stays used.
    fn take(&mut self, item: &Item) {
        if let Some(same) = self.by_id.get_mut(&item.id) {
            same.remove(&item.uid);
        }
        if let Some(same) = self.by_born.get_mut(&item.born) {
            same.remove(&item.uid);
        }
        for (kind, target) in all_edges(item) {
            if let Some(sources) = self.sources.get_mut(&(target.clone(), kind)) {
                sources.remove(&item.uid);
            }
        }
    }

    /// Replaces an item by its new version. It may have very many edges, of which few changed.
    pub(super) fn replace(&mut self, before: &Item, now: &Item) {
        if (&before.id, &before.born, &before.uid) != (&now.id, &now.born, &now.uid) {
            self.take(before);
            return self.put(now);
        }
        let (were, are): (Vec<Way<'_>>, Vec<Way<'_>>) =
            (all_edges(before).collect(), all_edges(now).collect());
        for (kind, target) in lacking(&were, &are) {
            if let Some(sources) = self.sources.get_mut(&(target.clone(), kind)) {
                sources.remove(&now.uid);
            }
        }
        for (kind, target) in lacking(&are, &were) {
            let sources = self.sources.entry((target.clone(), kind));
            sources.or_default().insert(now.uid.clone());
        }
    }

    /// The items whose id or birth id this is.
    pub(super) fn named(&self, id: &str) -> BTreeSet<Uid> {
        let both = [self.by_id.get(id), self.by_born.get(id)];
        both.into_iter().flatten().flatten().cloned().collect()
    }

    /// The items whose id begins with a text.
    pub(super) fn starting_with(&self, prefix: &str) -> impl Iterator<Item = &Uid> {
        self.by_id
            .range(prefix.to_string()..)
            .take_while(move |(id, _)| id.starts_with(prefix))
            .flat_map(|(_, uids)| uids)
    }

    /// The items that have an edge of a kind to a target.
    pub(super) fn sources(&self, target: &Uid, kind: i64) -> impl Iterator<Item = &Uid> {
        self.sources
            .get(&(target.clone(), kind))
            .into_iter()
            .flatten()
    }

    /// Every item.
    pub(super) fn all(&self) -> BTreeSet<Uid> {
        self.by_id.values().flatten().cloned().collect()
    }

    /// The greatest number of a kind.
    pub(super) fn max_number(&self, kind: ItemKind) -> u32 {
        self.numbers.get(&kind).copied().unwrap_or(0)
    }
}
