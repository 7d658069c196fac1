//! The open items, and the number of those that wait for one.

use super::Graph;
use crate::model::uid::Uid;

impl Graph<'_> {
    /// True if an item exists and is open.
    pub fn has_open(&self, uid: &Uid) -> bool {
        self.find(uid).is_some_and(|i| self.is_open(i))
    }

    /// The open items in the order of age, each with the number of open items that wait for it
    /// directly.
    pub fn open(&self) -> Vec<(Uid, usize)> {
        let open = (0..self.items.len()).filter(|i| self.is_open(*i));
        open.map(|i| (self.uid(i), self.dependents.of(i).len()))
            .collect()
    }

    /// The number of open items that wait for an item, directly or through others.
    pub fn behind(&self, uid: &Uid) -> usize {
        let after = super::reach(self.find(uid), |at| self.dependents.of(at).iter().copied());
        after.flatten().count()
    }
}
