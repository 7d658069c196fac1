//! The score of an item: four parts, each from 0 to 1, with fixed weights.

use std::cmp::Reverse;
use std::collections::HashMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::super::Survey;
use crate::model::item::Item;
use crate::model::stamp::span;
use crate::model::statistics::rounded;
use crate::model::text::first_of;
use crate::model::uid::Uid;

/// The weights of the parts: first the values set by people, then direct dependents, then the work
/// behind them.
const PRIORITY: f64 = 0.35;
const UNBLOCKS: f64 = 0.30;
const CRITICAL_PATH: f64 = 0.25;
const STALENESS: f64 = 0.10;

/// The days after which an item does not become more stale.
const STALEST_DAYS: u64 = 30;

/// One part of a score.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "ScorePart")]
pub struct Part {
    /// 0 to 1, against the greatest among open items.
    pub value: f64,
    /// Its weight in the score.
    pub weight: f64,
}

/// The parts of a score, whose sum of value × weight it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct Breakdown {
    /// 1 for P0, 0 for P4.
    pub priority: Part,
    /// The number of items that wait for it directly, on a logarithmic scale.
    pub unblocks: Part,
    /// The hours of the longest chain of work that waits for it.
    pub critical_path: Part,
    /// Days without a change, up to thirty.
    pub staleness: Part,
    /// The score itself, which is reported next to the breakdown.
    #[serde(skip)]
    pub total: f64,
}

/// The scores of all open items.
pub(super) struct Scores {
    now_ms: u64,
    /// By item: its place in the order of age, and its score.
    by_uid: HashMap<String, (usize, Breakdown)>,
}

impl Scores {
    pub(super) fn new(survey: &Survey<'_, '_>, open: &[(Uid, usize)]) -> Self {
        let share = |value: f64, of: f64| if of > 0.0 { value / of } else { 0.0 };
        let waited = |dependents: usize| (1.0 + dependents as f64).ln();
        let most = open.iter().map(|(_, n)| waited(*n)).fold(0.0, f64::max);
        let schedule = survey.graph.schedule();
        let chains: HashMap<&Uid, u64> = (schedule.iter())
            .map(|slot| (&slot.uid, slot.tail - slot.hours))
            .collect();
        let longest = chains.values().copied().max().unwrap_or(0) as f64;
        let part = |value: f64, weight: f64| Part {
            value: rounded(value),
            weight,
        };
        let by_uid = open.iter().enumerate().filter_map(|(node, (uid, n))| {
            let item = survey.item(uid)?;
            let days = survey.days_untouched(item).min(STALEST_DAYS);
            let chain = chains.get(uid).copied().unwrap_or(0) as f64;
            let priority = 1.0 - f64::from(item.priority.min(4)) / 4.0;
            let mut parts = Breakdown {
                priority: part(priority, PRIORITY),
                unblocks: part(share(waited(*n), most), UNBLOCKS),
                critical_path: part(share(chain, longest), CRITICAL_PATH),
                staleness: part(days as f64 / STALEST_DAYS as f64, STALENESS),
                total: 0.0,
            };
            parts.total = rounded(parts.all().iter().map(|p| p.value * p.weight).sum());
            Some((uid.to_string(), (node, parts)))
        });
        Scores {
            now_ms: survey.now_ms,
            by_uid: by_uid.collect(),
        }
    }

    /// The score of an open item.
    pub(super) fn of(&self, item: &Item) -> Breakdown {
        let found = self.by_uid.get(item.uid.as_str());
        found.map_or_else(Breakdown::default, |(_, parts)| *parts)
    }

    /// By priority, then what is due soon, as all that offers work, then by score, then by id.
    pub(super) fn sort(&self, items: &mut [&Item]) {
        items.sort_by_cached_key(|item| {
            let found = self.by_uid.get(item.uid.as_str());
            let (node, parts) = found.copied().unwrap_or((usize::MAX, Breakdown::default()));
            let due = item.due_soon(self.now_ms).unwrap_or(u64::MAX);
            // Rounded to two digits, so the order of numbers is that of hundredths.
            let hundredths = (parts.total * 100.0).round() as u64;
            (item.priority, due, Reverse(hundredths), node)
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
        if let Some(due) = item.due_soon(self.now_ms) {
            let left = span(due.abs_diff(self.now_ms));
            reasons.push(match due < self.now_ms {
                true => format!("{left} overdue"),
                false => format!("due in {left}"),
            });
        }
        if !unblocks.is_empty() {
            reasons.push(format!("closing it unblocks {}", first_of(unblocks, 3)));
        }
        let behind = survey.graph.behind(&item.uid);
        if behind > unblocks.len() {
            let s = if behind == 1 { " waits" } else { "s wait" };
            reasons.push(format!("{behind} item{s} for it"));
        }
        if parts.critical_path.value >= 0.8 {
            reasons.push("one of the longest chains of work waits for it".into());
        }
        let days = survey.days_untouched(item);
        if days >= STALEST_DAYS {
            reasons.push(format!("unchanged for {days} days"));
        }
        if reasons.is_empty() {
            reasons.push(format!("priority P{}", item.priority));
        }
        reasons
    }
}

impl Breakdown {
    fn all(&self) -> [Part; 4] {
        [
            self.priority,
            self.unblocks,
            self.critical_path,
            self.staleness,
        ]
    }
}
