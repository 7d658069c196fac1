//! The number of open items that wait for one.

use super::{Graph, Vertex};
use crate::model::uid::Uid;

impl<V: Vertex> Graph<'_, V> {
    /// The number of open items that wait for an item directly.
    #[cfg(test)]
    pub fn dependents(&self, uid: &Uid) -> usize {
        self.find(uid).map_or(0, |place| self.dependents_at(place))
    }

    /// The number of open items that wait directly for the item at a place in the order of age.
    pub fn dependents_at(&self, place: usize) -> usize {
        self.dependents.of(place).len()
    }

    /// The number of open items that wait for an item, directly or through others.
    pub fn behind(&self, uid: &Uid) -> usize {
        let after = super::reach(self.find(uid), |at| self.dependents.of(at).iter().copied());
        after.flatten().count()
    }
}
