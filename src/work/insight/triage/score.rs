//! The score of an item: five parts, each from 0 to 1, with fixed weights.

use std::cmp::Reverse;
use std::collections::HashMap;

use serde::Serialize;

use super::super::Survey;
use crate::graph::Network;
use crate::model::item::Item;
use crate::model::statistics::rounded;
use crate::model::text::first_of;

/// The weights of the parts: first the values set by people, then direct dependents, then the
/// measures of the graph.
const PRIORITY: f64 = 0.30;
const UNBLOCKS: f64 = 0.25;
const PAGERANK: f64 = 0.20;
const BETWEENNESS: f64 = 0.15;
const STALENESS: f64 = 0.10;

/// The days after which an item does not become more stale.
const STALEST_DAYS: u64 = 30;

/// One part of a score.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Part {
    /// 0 to 1, against the greatest among open items.
    pub value: f64,
    /// Its weight in the score.
    pub weight: f64,
}

/// The parts of a score, whose sum of value × weight it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Breakdown {
    /// 1 for P0, 0 for P4.
    pub priority: Part,
    /// The number of items that wait for it directly, on a logarithmic scale.
    pub unblocks: Part,
    /// PageRank.
    pub pagerank: Part,
    /// Betweenness.
    pub betweenness: Part,
    /// Days without a change, up to thirty.
    pub staleness: Part,
    /// The score itself, which is reported next to the breakdown.
    #[serde(skip)]
    pub total: f64,
}

/// The scores of all open items.
pub(super) struct Scores {
    by_uid: HashMap<String, (usize, Breakdown)>,
}

impl Scores {
    pub(super) fn new(
        survey: &Survey<'_, '_>,
        net: &Network,
        rank: &[f64],
        between: &[f64],
    ) -> Self {
        let greatest = |scores: &[f64]| scores.iter().copied().fold(0.0, f64::max);
        let share = |value: f64, of: f64| if of > 0.0 { value / of } else { 0.0 };
        let waited = |node: usize| (1.0 + net.dependents(node) as f64).ln();
        let most = (0..net.nodes()).map(waited).fold(0.0, f64::max);
        // Without edges every rank is the same, which means nothing.
        let (most_rank, most_between) = match net.edges() {
            0 => (0.0, 0.0),
            _ => (greatest(rank), greatest(between)),
        };
        let part = |value: f64, weight: f64| Part {
            value: rounded(value),
            weight,
        };
        let by_uid = net.uids.iter().enumerate().filter_map(|(node, uid)| {
            let item = survey.item(uid)?;
            let days = survey.days_untouched(item).min(STALEST_DAYS);
            let priority = 1.0 - f64::from(item.priority.min(4)) / 4.0;
            let mut parts = Breakdown {
                priority: part(priority, PRIORITY),
                unblocks: part(share(waited(node), most), UNBLOCKS),
                pagerank: part(share(rank[node], most_rank), PAGERANK),
                betweenness: part(share(between[node], most_between), BETWEENNESS),
                staleness: part(days as f64 / STALEST_DAYS as f64, STALENESS),
                total: 0.0,
            };
            parts.total = rounded(parts.all().iter().map(|p| p.value * p.weight).sum());
            Some((uid.to_string(), (node, parts)))
        });
        Scores {
            by_uid: by_uid.collect(),
        }
    }

    /// The score of an open item.
    pub(super) fn of(&self, item: &Item) -> Breakdown {
        let found = self.by_uid.get(item.uid.as_str());
        found.map_or_else(Breakdown::default, |(_, parts)| *parts)
    }

    /// By score, then priority, then id.
    pub(super) fn sort(&self, items: &mut [&Item]) {
        items.sort_by_cached_key(|item| {
            let found = self.by_uid.get(item.uid.as_str());
            let (node, parts) = found.copied().unwrap_or((usize::MAX, Breakdown::default()));
            // Rounded to two digits, so the order of numbers is that of hundredths.
            let hundredths = (parts.total * 100.0).round() as u64;
            (Reverse(hundredths), item.priority, node)
        });
    }

    /// The reasons for an item's score, as sentences.
    pub(super) fn reasons(
        &self,
        survey: &Survey<'_, '_>,
        item: &Item,
        unblocks: &[String],
    ) -> Vec<String> {
        let parts = self.of(item);
        let mut reasons = Vec::new();
        if item.priority <= 1 {
            reasons.push(format!("priority P{}", item.priority));
        }
        if !unblocks.is_empty() {
            reasons.push(format!("closing it unblocks {}", first_of(unblocks, 3)));
        }
        let behind = survey.graph.behind(&item.uid);
        if behind > unblocks.len() {
            let s = if behind == 1 { " waits" } else { "s wait" };
            reasons.push(format!("{behind} item{s} for it"));
        }
        if parts.pagerank.value >= 0.8 {
            reasons.push("many dependency chains lead to it".into());
        }
        if parts.betweenness.value >= 0.8 {
            reasons.push("many dependency chains pass through it".into());
        }
        let days = survey.days_untouched(item);
        if days >= STALEST_DAYS {
            reasons.push(format!("unchanged for {days} days"));
        }
        if reasons.is_empty() {
            reasons.push(format!(
                "priority P{}, and nothing blocks it",
                item.priority
            ));
        }
        reasons
    }
}

impl Breakdown {
    fn all(&self) -> [Part; 5] {
        [
            self.priority,
            self.unblocks,
            self.pagerank,
            self.betweenness,
            self.staleness,
        ]
    }
}
