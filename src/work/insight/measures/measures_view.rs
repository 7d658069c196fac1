//! What the measures are handed out as.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::super::ItemLine;

/// A question about the graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    /// Who waits for each other, and which edges do not count because of it.
    Cycles,
    /// The longest chain of work, and the room that the rest has.
    CriticalPath,
    /// PageRank.
    PageRank,
    /// Betweenness.
    Betweenness,
    /// What holds the net together.
    ArticulationPoints,
    /// How densely items are bound to each other.
    Cores,
    /// How many edges items have.
    Degree,
    /// What nobody has touched for long.
    Staleness,
}

impl Metric {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Metric; 8] = [
        Metric::Cycles,
        Metric::CriticalPath,
        Metric::PageRank,
        Metric::Betweenness,
        Metric::ArticulationPoints,
        Metric::Cores,
        Metric::Degree,
        Metric::Staleness,
    ];

    /// The word for it on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Metric::Cycles => "cycles",
            Metric::CriticalPath => "critical-path",
            Metric::PageRank => "pagerank",
            Metric::Betweenness => "betweenness",
            Metric::ArticulationPoints => "articulation-points",
            Metric::Cores => "cores",
            Metric::Degree => "degree",
            Metric::Staleness => "staleness",
        }
    }

    /// The metric of that name.
    pub fn parse(text: &str) -> Option<Metric> {
        Metric::ALL.into_iter().find(|m| m.as_str() == text)
    }
}

/// How a measure came about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Done {
    /// It is exact, up to the parameters named.
    Computed,
    /// It is an estimate; the parameters say of what kind.
    Approximated,
    /// Nobody asked for it.
    #[default]
    Skipped,
}

/// One measure.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Measure<T> {
    /// Computed, approximated or skipped.
    pub status: Done,
    /// What it depends on, by name.
    pub parameters: BTreeMap<&'static str, Value>,
    /// The first of the items it is about, by weight.
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
pub struct Scored {
    /// The item.
    #[serde(flatten)]
    pub item: ItemLine,
    /// How much.
    pub score: f64,
}

/// An item with its times, in hours from now with enough hands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Slotted {
    /// The item.
    #[serde(flatten)]
    pub item: ItemLine,
    /// Its own work.
    pub hours: u64,
    /// When it can begin at the earliest.
    pub start: u64,
    /// By how much it may be late without the whole being late.
    pub slack: u64,
}

/// An item with its core number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cored {
    /// The item.
    #[serde(flatten)]
    pub item: ItemLine,
    /// It is in a part of the graph where everybody has at least so many neighbours.
    pub core: usize,
}

/// An item with its edges.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Degree {
    /// The item.
    #[serde(flatten)]
    pub item: ItemLine,
    /// For how many open items it waits.
    pub waits_for: usize,
    /// How many open items wait for it.
    pub waited_for_by: usize,
}

/// An item that nobody has touched for long.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stale {
    /// The item.
    #[serde(flatten)]
    pub item: ItemLine,
    /// For how many days.
    pub days: u64,
}

/// An edge that does not count because it closes a cycle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BrokenEdge {
    /// The id of the item that has the edge.
    pub from: String,
    /// The id of the other end.
    pub to: String,
    /// What the edge says.
    pub via: String,
}

/// The measures of the open items.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct InsightView {
    /// How many items are open.
    pub node_count: usize,
    /// How many hard edges there are between them.
    pub edge_count: usize,
    /// Edges as a share of all that could be.
    pub density: f64,
    /// One cycle for each group of items that wait for each other, as ids.
    pub cycles: Measure<Vec<String>>,
    /// The edges that do not count because of them.
    pub broken_edges: Vec<BrokenEdge>,
    /// The longest chain of work, first step first, all of it.
    pub critical_path: Measure<Slotted>,
    /// What else has least room: items beside the chain by slack.
    pub slack: Measure<Slotted>,
    /// PageRank: how much of all waiting ends at an item. All scores add up to 1.
    pub pagerank: Measure<Scored>,
    /// Betweenness: the share of shortest ways between others that lead over an item.
    pub betweenness: Measure<Scored>,
    /// Items without which the graph would fall apart into more parts.
    pub articulation_points: Measure<ItemLine>,
    /// Core numbers: where items are most densely bound to each other.
    pub cores: Measure<Cored>,
    /// Items with most edges.
    pub degree: Measure<Degree>,
    /// Items that nobody has touched for long.
    pub staleness: Measure<Stale>,
}
