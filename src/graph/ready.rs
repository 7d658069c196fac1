//! Which items can be started now, in their order (priority, due soon, age), which are blocked, and which never.
//!
//! The rule is documented at [`Graph`]. The index has the same order as SQL (`store/index/item_queries.rs`).

use super::{Graph, Is, Vertex};
use crate::model::id::ItemKind;
use crate::model::item::Item;
use crate::model::item_type::ItemType;
use crate::model::uid::Uid;

/// True if items of this kind and type are work that can be offered.
pub(super) fn is_work(item: &Item) -> bool {
    is_offered(item.kind, &item.item_type)
}

/// True if items of a kind and a type can be offered as work.
pub fn is_offered(kind: ItemKind, item_type: &str) -> bool {
    match kind {
        ItemKind::Task => true,
        ItemKind::Issue => {
            ItemType::parse(item_type).is_none_or(|known| !ItemType::NEVER_WORK.contains(&known))
        }
        ItemKind::Epic | ItemKind::Prd => false,
    }
}

/// True for items that count as work: tasks and issues of types that can be started.
pub fn is_counted(item: &Item) -> bool {
    is_work(item) && !item.issue.template
}

/// True if work on an item was started and is not closed.
pub fn is_under_way(item: &Item) -> bool {
    let begun = item.status.is_active() || item.status.is_in_progress();
    !item.status.is_closed() && (begun || item.holder().is_some())
}

impl<V: Vertex> Graph<'_, V> {
    /// The items that can be started now: by priority, then those that are overdue or due soon, then
    /// from the oldest to the youngest.
    pub fn ready(&self) -> Vec<Uid> {
        let found = (0..self.items.len()).filter(|i| self.is_ready_at(*i));
        let mut found: Vec<usize> = found.collect();
        found.sort_by_key(|i| (self.items[*i].priority(), self.due(*i), *i));
        found.into_iter().map(|i| self.uid(i)).collect()
    }

    /// The time at which an item is due, if that is past or near, else the end of all times.
    pub(super) fn due(&self, i: usize) -> u64 {
        self.items[i].due_soon(self.now_ms).unwrap_or(u64::MAX)
    }

    /// True if an item can be started now.
    pub fn is_ready(&self, uid: &Uid) -> bool {
        self.find(uid).is_some_and(|i| self.is_ready_at(i))
    }

    /// The open tasks and issues that are blocked: by an item they wait for, by an ancestor that is
    /// held up, by a changed document, or by hand (status `blocked`). An item that is only deferred
    /// is not blocked, but its descendants are. By priority, then age.
    pub fn blocked(&self) -> Vec<Uid> {
        self.in_order(self.blocked_places().collect())
    }

    /// The places of the same items in the order of age.
    pub fn blocked_places(&self) -> impl Iterator<Item = usize> {
        (0..self.items.len()).filter(|i| {
            self.is_open(*i)
                && self.items[*i].is(Is::Work)
                && (self.is_blocked(*i) || self.items[*i].is(Is::Blocked) || self.is_undecided(*i))
        })
    }

    /// True if the item at a place in the order of age can be started now.
    pub fn is_ready_at(&self, i: usize) -> bool {
        self.is_candidate(i) && self.open_children(i).next().is_none() && !self.is_blocked(i)
    }

    /// True if an item waits for an open one, or an ancestor of it is held up.
    pub fn waits(&self, uid: &Uid) -> bool {
        self.find(uid).is_some_and(|i| self.is_blocked(i))
    }

    /// True if only a person's decision about its plan lets an item start.
    pub fn awaits_decision(&self, uid: &Uid) -> bool {
        self.find(uid).is_some_and(|i| self.is_undecided(i))
    }

    /// True if the item at a place waits for an open item, or an ancestor is held up.
    pub fn is_blocked(&self, i: usize) -> bool {
        !self.waits.of(i).is_empty() || self.inherited[i]
    }

    /// True if it could be offered, regardless of other items.
    pub(super) fn is_candidate(&self, i: usize) -> bool {
        self.items[i].is(Is::Candidate) && !self.is_deferred(i) && !self.is_undecided(i)
    }

    /// True if only a person's decision about its plan lets the item at a place start.
    pub fn is_undecided(&self, i: usize) -> bool {
        let item = self.items[i];
        let prd = item.planned_from().filter(|_| !self.undecided.is_empty());
        prd.is_some_and(|prd| self.undecided.contains(prd)) && item.is(Is::Candidate)
    }

    /// By priority; indices are in the order of age already.
    pub(super) fn in_order(&self, mut found: Vec<usize>) -> Vec<Uid> {
        found.sort_by_key(|i| (self.items[*i].priority(), *i));
        found.into_iter().map(|i| self.uid(i)).collect()
    }
}
