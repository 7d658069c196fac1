//! The answer of `order`: the items of the recommended order with their reasons.

use std::collections::HashSet;

use schemars::JsonSchema;
use serde::Serialize;

use super::{ItemLine, Survey};
use crate::error::Result;
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::pm::handles::Insights;
use crate::store::state::State;
use crate::work::task::start::obstacle::Obstacles;

/// An item with its position in the order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct OrderedItem {
    /// Its position, from 1.
    pub position: usize,
    /// The item.
    #[serde(flatten)]
    pub item: ItemLine,
    /// Hours of its own work, rounded up, by its estimate in minutes, else its size (XS 1, S 2, M or none 4, L 8,
    /// XL 16) or its points (2 each); 0 for a container, whose work is that of its children.
    pub hours: u64,
    /// True if these hours are from an estimate.
    pub estimated: bool,
    /// Slack: the hours by which it may be late without delaying the critical path; 0 on the
    /// critical path, and for a container.
    pub slack: u64,
    /// True if it can be started now.
    pub ready: bool,
    /// The ids of the open items it waits for directly.
    pub waits_for: Vec<String>,
}

impl OrderedItem {
    /// True if it is on the critical path.
    pub fn is_critical(&self) -> bool {
        self.hours > 0 && self.slack == 0
    }
}

impl Insights<'_> {
    /// All open tasks and issues in an order in which they can be done, the critical path first;
    /// with `root` only its descendants. The same in every clone, and every time.
    ///
    /// # Errors
    /// When there is no such item.
    pub fn order(&self, root: Option<&str>) -> Result<Vec<OrderedItem>> {
        self.first_in_order(root, usize::MAX)
    }

    /// The first of them; only these are read whole.
    pub(crate) fn first_in_order(
        &self,
        root: Option<&str>,
        most: usize,
    ) -> Result<Vec<OrderedItem>> {
        let state = self.pm.store.snapshot()?;
        let root = match root {
            Some(id) => Some(state.find(id)?.uid.clone()),
            None => None,
        };
        let ((), lights) = state.vertices(|_: &mut (), _| ());
        let survey = Survey::of_lights(self.pm, &state, &lights);
        let below: Option<HashSet<_>> = root.map(|root| {
            let tree = survey.graph.tree(Some(&root)).into_iter();
            tree.map(|node| node.uid).collect()
        });
        let obstacles = Obstacles::new(self.pm, &state);
        let is_below = |uid: &Uid| below.as_ref().is_none_or(|below| below.contains(uid));
        let shown = survey.graph.first_in_order(most, is_below);
        survey.prepare(shown.len());
        Ok(shown
            .into_iter()
            .filter_map(|(uid, slot)| Some((survey.whole(&uid)?, slot)))
            .enumerate()
            .map(|(n, (item, slot))| {
                let uid = &item.uid;
                let slot = slot.as_ref();
                let blockers = survey.graph.waits_for(uid);
                OrderedItem {
                    position: n + 1,
                    item: ItemLine::of(&state, item, survey.now_ms),
                    hours: slot.map_or(0, |slot| slot.hours),
                    estimated: slot.is_some() && item.estimated_minutes().is_some(),
                    slack: slot.map_or(0, |slot| slot.slack),
                    ready: survey.graph.is_ready(uid) && obstacles.is_free(item),
                    waits_for: blockers.map(|b| survey.id(&b.uid)).collect(),
                }
            })
            .collect())
    }
}

/// The open work in the order in which it can be done, the most urgent first.
pub(crate) fn doable(pm: &Pm, state: &State<'_>) -> Vec<Uid> {
    let ((), lights) = state.vertices(|_: &mut (), _| ());
    let survey = Survey::of_lights(pm, state, &lights);
    survey.graph.doable()
}
