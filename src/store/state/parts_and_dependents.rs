//! The items that point to one: its parts and its dependents.

use std::collections::BTreeSet;

use super::State;
use crate::index::{CHILDREN, DEPENDENTS, RELATED};
use crate::model::edge_type::EdgeType;
use crate::model::id;
use crate::model::item::Item;
use crate::model::status::Status;
use crate::model::uid::Uid;

impl State<'_> {
    /// The parts of an item, by a parent-child edge or by their epic, in the order of ids.
    pub fn children(&self, of: &Uid) -> Vec<&Item> {
        self.pointing_to(of, CHILDREN)
    }

    /// The number of the parts of an item, of those that are closed, and of those that were cancelled.
    pub fn count_parts(&self, of: &Uid) -> [usize; 3] {
        if self.is_exact()
            && let Some(counts) = self.ask(|index| index.count_parts(of))
        {
            return counts;
        }
        let add = |[all, closed, cancelled]: [usize; 3], part: &&Item| {
            let is_cancelled = part.status == Status::Cancelled;
            [
                all + 1,
                closed + usize::from(part.status.is_closed()),
                cancelled + usize::from(is_cancelled),
            ]
        };
        self.children(of).iter().fold([0; 3], add)
    }

    /// The items that wait for an item, hard or soft, in the order of ids.
    pub fn dependents(&self, of: &Uid) -> Vec<&Item> {
        let mut found = self.pointing_to(of, DEPENDENTS);
        // A stored item's plan is not read for this.
        if self.plan_of_proposed(of).is_some() {
            found.extend(self.proposed_dependents(of));
        }
        found
    }

    /// The items that an item replaces, in the order of ids.
    pub fn superseded_by(&self, item: &Uid) -> Vec<&Item> {
        let mut found = self.pointing_to(item, &[RELATED]);
        found.retain(|other| {
            let mut edges = other.edges.iter();
            edges.any(|e| {
                e.kind == EdgeType::Supersedes.as_str() && e.target.uid.as_ref() == Some(item)
            })
        });
        found
    }

    /// The first so many of the parts of an item and its dependents, and true if these are all.
    pub fn next_behind(&self, of: &Uid, limit: usize) -> (Vec<&Item>, bool) {
        let mut found = self.sources(of, DEPENDENTS);
        found.extend(self.sources(of, CHILDREN));
        let all = found.len() <= limit;
        let items = found.iter().take(limit).filter_map(|uid| self.item(uid));
        (items.filter(|item| !item.deleted).collect(), all)
    }

    fn pointing_to(&self, target: &Uid, kinds: &[i64]) -> Vec<&Item> {
        let mut items: Vec<&Item> = self
            .sources(target, kinds)
            .iter()
            .filter_map(|uid| self.stored(uid))
            .filter(|item| !item.deleted)
            .collect();
        items.sort_by_cached_key(|item| (item.kind, id::rank(&item.id), item.uid.clone()));
        items
    }

    fn sources(&self, target: &Uid, kinds: &[i64]) -> BTreeSet<Uid> {
        let found = kinds.iter().flat_map(|kind| {
            self.known(
                |index| index.sources(target, *kind),
                |names| names.sources(target, *kind).cloned().collect(),
            )
        });
        found.collect()
    }
}
