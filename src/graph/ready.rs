//! What can be started, and what is blocked. The rule is written at [`Graph`].

use super::{Graph, Is, Vertex};
use crate::model::id::ItemKind;
use crate::model::item::Item;
use crate::model::uid::Uid;

/// Types of issues that are never offered as work.
const NEVER: [&str; 8] = [
    "epic",
    "merge-request",
    "gate",
    "molecule",
    "message",
    "agent",
    "role",
    "rig",
];

/// Whether items of this sort are work that can be offered at all.
pub(super) fn is_work(item: &Item) -> bool {
    is_offered(item.kind, &item.item_type)
}

/// Whether items of a kind and a type are offered.
pub(crate) fn is_offered(kind: ItemKind, item_type: &str) -> bool {
    match kind {
        ItemKind::Task => true,
        ItemKind::Issue => !NEVER.contains(&item_type),
        ItemKind::Epic | ItemKind::Prd => false,
    }
}

impl<V: Vertex> Graph<'_, V> {
    /// What can be started now: by priority, then from the oldest to the youngest.
    pub fn ready(&self) -> Vec<Uid> {
        self.listed(|i| self.is_ready_at(i))
    }

    /// Whether an item can be started now.
    pub fn is_ready(&self, uid: &Uid) -> bool {
        self.find(uid).is_some_and(|i| self.is_ready_at(i))
    }

    /// The open tasks and issues that are stopped: by something they wait for, by an ancestor that
    /// is held up, or by hand (state `blocked`). One that is only put off is not stopped, but what
    /// lies below it is. In the order of [`Graph::ready`].
    pub fn blocked(&self) -> Vec<Uid> {
        self.listed(|i| {
            self.is_open(i)
                && self.items[i].is(Is::Work)
                && (self.is_blocked(i) || self.items[i].is(Is::Blocked))
        })
    }

    pub(super) fn is_ready_at(&self, i: usize) -> bool {
        self.is_candidate(i) && self.open_children(i).next().is_none() && !self.is_blocked(i)
    }

    /// Whether an item waits for something open, or an ancestor of it is held up.
    pub fn waits(&self, uid: &Uid) -> bool {
        self.find(uid).is_some_and(|i| self.is_blocked(i))
    }

    /// Whether it waits for something, or an ancestor is held up.
    pub(super) fn is_blocked(&self, i: usize) -> bool {
        !self.waits.of(i).is_empty() || self.inherited[i]
    }

    /// Whether it could be offered as far as the item itself goes.
    pub(super) fn is_candidate(&self, i: usize) -> bool {
        self.items[i].is(Is::Candidate) && !self.is_deferred(i)
    }

    fn listed(&self, keep: impl Fn(usize) -> bool) -> Vec<Uid> {
        self.in_order((0..self.items.len()).filter(|i| keep(*i)).collect())
    }

    /// By priority; indices are in the order of age already.
    pub(super) fn in_order(&self, mut found: Vec<usize>) -> Vec<Uid> {
        found.sort_by_key(|i| (self.items[*i].priority(), *i));
        found.into_iter().map(|i| self.uid(i)).collect()
    }
}
