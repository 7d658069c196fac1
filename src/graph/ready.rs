//! What can be started, what is blocked, and what closing an item would set free. The rule is
//! written at [`Graph`].

use std::collections::HashSet;

use super::Graph;
use crate::model::id::ItemKind;
use crate::model::item::Item;
use crate::model::status::Status;
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
    match item.kind {
        ItemKind::Task => true,
        ItemKind::Issue => !NEVER.contains(&item.item_type.as_str()),
        ItemKind::Epic | ItemKind::Prd => false,
    }
}

impl<'a> Graph<'a> {
    /// What can be started now: by priority, then tasks before issues and in the order of their
    /// numbers, then by id.
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
                && is_work(self.items[i])
                && (self.is_blocked(i) || self.items[i].status == Status::Blocked)
        })
    }

    /// What would become ready if this item were closed, in the order of [`Graph::ready`].
    pub fn unblocks(&self, uid: &Uid) -> Vec<Uid> {
        let Some(closed) = self.find(uid).filter(|i| self.is_open(*i)) else {
            return Vec::new();
        };
        if self.cycles.is_tangled(closed) || self.gated.contains(&closed) {
            return self.unblocks_anew(closed);
        }
        let mut near = self.dependants.of(closed).to_vec();
        near.push(closed);
        near.extend(self.descendants(near.clone()));
        near.extend(self.parents.of(closed).iter().map(|arc| arc.to));
        near.sort_unstable();
        near.dedup();
        let waits = |i: usize| self.waits.of(i).iter().any(|arc| arc.to != closed);
        near.retain(|i| {
            let only_closed = self.open_children(*i).all(|child| child == closed);
            let free = only_closed && !waits(*i) && self.is_candidate(*i);
            free && *i != closed && !self.is_ready_at(*i)
        });
        let below = self.below(near.clone(), |i| {
            let template = self.items[i].issue.template;
            template || i != closed && self.is_open(i) && (waits(i) || self.is_stopped(i))
        });
        near.retain(|i| !below.contains(i));
        self.in_order(near)
    }

    /// Which of some items have an ancestor for which `holds_up` holds (and, beside them, which of
    /// their ancestors). Each ancestor is looked at once, however deep the hierarchy is.
    fn below(&self, items: Vec<usize>, holds_up: impl Fn(usize) -> bool) -> HashSet<usize> {
        let mut family: HashSet<usize> = items.iter().copied().collect();
        family.extend(self.ancestors(items));
        let mut todo: Vec<usize> = family.iter().copied().filter(|i| holds_up(*i)).collect();
        let mut below = HashSet::new();
        while let Some(at) = todo.pop() {
            let children = self.children.of(at).iter().copied();
            todo.extend(children.filter(|c| family.contains(c) && below.insert(*c)));
        }
        below
    }

    /// The same by building the graph again: with a cycle, other edges may count then, and with a
    /// gate, other items may be waited for.
    fn unblocks_anew(&self, closed: usize) -> Vec<Uid> {
        let mut item = self.items[closed].clone();
        item.status = match item.kind {
            ItemKind::Task => Status::Done,
            _ => Status::Other("closed".into()),
        };
        let mut near = self.connected(closed);
        let items: Vec<&Item> = near
            .iter()
            .map(|i| if *i == closed { &item } else { self.items[*i] })
            .collect();
        let then = Graph::new(&items, self.now_ms);
        near.retain(|i| then.is_ready(&self.items[*i].uid) && !self.is_ready_at(*i));
        self.in_order(near)
    }

    pub(super) fn is_ready_at(&self, i: usize) -> bool {
        self.is_candidate(i) && self.open_children(i).next().is_none() && !self.is_blocked(i)
    }

    /// Whether it waits for something, or an ancestor is held up.
    pub(super) fn is_blocked(&self, i: usize) -> bool {
        !self.waits.of(i).is_empty() || self.inherited[i]
    }

    /// Whether it could be offered as far as the item itself goes.
    fn is_candidate(&self, i: usize) -> bool {
        let item = self.items[i];
        let issue = &item.issue;
        is_work(item)
            && !(item.deleted || issue.pinned || issue.ephemeral || issue.template)
            && item.status.is_startable()
            && !self.is_put_off(i)
            && item.holder().is_none()
    }

    fn listed(&self, keep: impl Fn(usize) -> bool) -> Vec<Uid> {
        self.in_order((0..self.items.len()).filter(|i| keep(*i)).collect())
    }

    /// By priority; indices are in the order of age already.
    fn in_order(&self, mut found: Vec<usize>) -> Vec<Uid> {
        found.sort_by_key(|i| (self.items[*i].priority, *i));
        found.into_iter().map(|i| self.uid(i)).collect()
    }
}
