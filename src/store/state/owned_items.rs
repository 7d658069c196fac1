//! The first items of each owner among those that can be started or are blocked.

use std::collections::HashSet;

use super::State;
use crate::index::Scan;
use crate::model::item::Item;
use crate::model::uid::Uid;

impl State<'_> {
    /// The items of a scan for owned ones that `keep` keeps, at least the first of each owner, which are
    /// `limit`: by priority, of what can be started first what is due soon, then by age. Read are not many
    /// more.
    pub fn first_of_owners(
        &self,
        which: &Scan<'_>,
        keep: impl Fn(&Item) -> bool,
        limit: usize,
    ) -> Vec<&Item> {
        if self.is_exact() {
            let (mut found, mut seen) = (Vec::new(), HashSet::<Uid>::new());
            let asked = self.ask(|index| {
                index.first_of_owners(which, limit, |item| {
                    let is_kept = keep(&item);
                    if is_kept && seen.insert(item.uid.clone()) {
                        found.push(item);
                    }
                    is_kept
                })
            });
            if asked.is_some() {
                return found.into_iter().map(|item| self.cached(item)).collect();
            }
        }
        self.scan(which, keep, usize::MAX)
    }
}
