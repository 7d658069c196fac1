//! The PRDs about whose plans a person has to decide, and the graph that accounts for them.

use std::collections::BTreeSet;

use super::State;
use crate::graph::{Graph, Vertex};
use crate::index::Index;
use crate::model::id::ItemRef;
use crate::model::plan_decision::is_due;
use crate::model::uid::Uid;

impl State<'_> {
    /// The graph of some items of this state, in which tasks are not ready if a person has to decide
    /// about their plan first.
    pub fn graph<'a, V: Vertex>(&self, items: &[&'a V], now_ms: u64) -> Graph<'a, V> {
        let is_planned = items.iter().any(|item| item.planned_from().is_some());
        let prds = is_planned.then(|| self.undecided());
        Graph::new(items, now_ms).undecided(prds.unwrap_or_default())
    }

    /// The PRDs whose texts changed after their plans were approved. The index knows them, unless a
    /// plan or a PRD of this state differs from it.
    pub fn undecided(&self) -> BTreeSet<Uid> {
        let known = (!self.plans_differ.get())
            .then(|| self.ask_again(Index::undecided))
            .flatten();
        // A query may have followed the index to another tree.
        if let Some(known) = known.filter(|_| !self.plans_differ.get()) {
            return known;
        }
        let plans = self.plan_docs().values().map(|loaded| &loaded.doc);
        let due = plans.filter_map(|plan| {
            let prd = ItemRef::parse(plan.text("prd")?).uid?;
            let document = self.doc(&prd).filter(|doc| doc.is_live())?;
            is_due(plan, document.body.shown()).then_some(prd)
        });
        due.collect()
    }

    /// Notes that a document of this kind is staged.
    pub(super) fn note_plan(&mut self, kind: &str) {
        if matches!(kind, "plan" | "prd") {
            self.plans_differ.set(true);
            self.proposed.forget();
        }
    }
}
