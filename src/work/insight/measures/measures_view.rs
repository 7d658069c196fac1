//! The report of the measures.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::super::ItemLine;
use crate::model::vocabulary::terms;

terms! {
    /// A measure of the graph, in the order of display.
    Metric in "measure" {
        /// Cycles of dependencies, and the edges ignored because of them.
        Cycles = "cycles",
        /// The longest chain of work, and the slack of other items.
        CriticalPath = "critical-path",
        /// PageRank.
        PageRank = "pagerank",
        /// Betweenness.
        Betweenness = "betweenness",
        /// Articulation points: the items that hold the graph together.
        ArticulationPoints = "articulation-points",
        /// Core numbers: the density of the connections of items.
        Cores = "cores",
        /// The number of edges of items.
        Degree = "degree",
        /// Items without a recent change.
        Staleness = "staleness",
    }
}

/// The status of a measure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Done {
    /// It is exact, up to the parameters named.
    Computed,
    /// It is an estimate; the parameters describe it.
    Approximated,
    /// It was not requested.
    #[default]
    Skipped,
}

/// One measure.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Measure<T> {
    /// Computed, approximated or skipped.
    pub status: Done,
    /// Its parameters, by name.
    pub parameters: BTreeMap<&'static str, Value>,
    /// The first of its items, by weight.
    pub items: Vec<T>,
}

impl<T> Default for Measure<T> {
    fn default() -> Self {
        Measure {
            status: Done::Skipped,
            parameters: BTreeMap::new(),
            items: Vec::new(),
        }
    }
}

impl<T> Measure<T> {
    pub(super) fn computed(items: Vec<T>) -> Self {
        Measure {
            status: Done::Computed,
            items,
            ..Measure::default()
        }
    }

    pub(super) fn with(mut self, name: &'static str, value: Value) -> Self {
        self.parameters.insert(name, value);
        self
    }
}

/// An item with its score.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Scored {
    /// The item.
    #[serde(flatten)]
    pub item: ItemLine,
    /// The score.
    pub score: f64,
}

/// An item with its times, in hours from now, assuming an unlimited number of workers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Slotted {
    /// The item.
    #[serde(flatten)]
    pub item: ItemLine,
    /// Its own work.
    pub hours: u64,
    /// Its earliest start.
    pub start: u64,
    /// Its slack: the time by which it may be late without delaying the critical path.
    pub slack: u64,
}

/// An item with its core number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Cored {
    /// The item.
    #[serde(flatten)]
    pub item: ItemLine,
    /// The core number: it is in a part of the graph where every item has at least that many
    /// neighbors.
    pub core: usize,
}

/// An item with its edges.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Degree {
    /// The item.
    #[serde(flatten)]
    pub item: ItemLine,
    /// The number of open items that it waits for.
    pub waits_for: usize,
    /// The number of open items that wait for it.
    pub waited_for_by: usize,
}

/// An item without a recent change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Stale {
    /// The item.
    #[serde(flatten)]
    pub item: ItemLine,
    /// The days since its last change.
    pub days: u64,
}

/// An edge that is ignored because it closes a cycle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BrokenEdge {
    /// The id of the item that has the edge.
    pub from: String,
    /// The id of the other end.
    pub to: String,
    /// The edge's type.
    pub via: String,
}

/// The measures of the open items.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct InsightView {
    /// The number of open items.
    pub node_count: usize,
    /// The number of hard edges between them.
    pub edge_count: usize,
    /// Edges as a share of all possible ones.
    pub density: f64,
    /// One cycle for each group of items that wait for each other, as ids.
    pub cycles: Measure<Vec<String>>,
    /// The edges ignored because of them.
    pub broken_edges: Vec<BrokenEdge>,
    /// The longest chain of work, first step first, in full.
    pub critical_path: Measure<Slotted>,
    /// The other items with the least slack.
    pub slack: Measure<Slotted>,
    /// PageRank: how much other work ultimately depends on an item. All scores add up to 1.
    pub pagerank: Measure<Scored>,
    /// Betweenness: the share of shortest paths between other items that pass through an item.
    pub betweenness: Measure<Scored>,
    /// Items without which the graph would fall into more parts.
    pub articulation_points: Measure<ItemLine>,
    /// Core numbers: the items with the densest connections.
    pub cores: Measure<Cored>,
    /// Items with most edges.
    pub degree: Measure<Degree>,
    /// Items without a recent change.
    pub staleness: Measure<Stale>,
}
