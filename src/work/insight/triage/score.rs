//! The score of an item: four parts, each from 0 to 1, with fixed weights.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::super::Survey;
use crate::graph::{Is, Light, Vertex};
use crate::model::item::Item;
use crate::model::stamp::span;
use crate::model::statistics::rounded;
use crate::model::text::first_of;

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

/// The greatest values among the open items, to which their scores are relative.
pub(super) struct Scores<'t, 's, 'r> {
    survey: &'t Survey<'s, 'r, Light>,
    /// The most items that wait for one, on a logarithmic scale.
    most: f64,
    /// By place in the order of age: the hours of the longest chain of work that waits for it.
    chains: Vec<u64>,
    longest: f64,
}

fn waited(dependents: usize) -> f64 {
    (1.0 + dependents as f64).ln()
}

impl<'t, 's, 'r> Scores<'t, 's, 'r> {
    pub(super) fn new(survey: &'t Survey<'s, 'r, Light>) -> Self {
        let graph = &survey.graph;
        let open = graph.vertices().iter().enumerate();
        let open = open.filter(|(_, item)| item.is(Is::Open));
        let dependents = open.map(|(place, _)| graph.dependents_at(place));
        let chains = graph.chains();
        Scores {
            survey,
            most: waited(dependents.max().unwrap_or(0)),
            longest: chains.iter().copied().max().unwrap_or(0) as f64,
            chains,
        }
    }

    /// The score of an open item.
    pub(super) fn of(&self, item: &Light) -> Breakdown {
        let survey = self.survey;
        let place = survey.graph.find(item.uid());
        let share = |value: f64, of: f64| if of > 0.0 { value / of } else { 0.0 };
        let part = |value: f64, weight: f64| Part {
            value: rounded(value),
            weight,
        };
        let waited = waited(place.map_or(0, |place| survey.graph.dependents_at(place)));
        let chain = place.map_or(0, |place| self.chains[place]) as f64;
        let days = survey.days_untouched(item).min(STALEST_DAYS);
        let priority = 1.0 - f64::from(item.priority().min(4)) / 4.0;
        let mut parts = Breakdown {
            priority: part(priority, PRIORITY),
            unblocks: part(share(waited, self.most), UNBLOCKS),
            critical_path: part(share(chain, self.longest), CRITICAL_PATH),
            staleness: part(days as f64 / STALEST_DAYS as f64, STALENESS),
            total: 0.0,
        };
        parts.total = rounded(parts.all().iter().map(|p| p.value * p.weight).sum());
        parts
    }

    /// By priority, then what is due soon, as all that offers work, then by score, then by age. Of those
    /// that are as urgent, none is scored before the first of them is taken.
    pub(super) fn in_order<'l>(
        &self,
        items: impl IntoIterator<Item = &'l Light>,
    ) -> impl Iterator<Item = &'l Light> {
        let mut urgent: BTreeMap<(u8, u64), Vec<&Light>> = BTreeMap::new();
        for item in items {
            let due = item.due_soon(self.survey.now_ms).unwrap_or(u64::MAX);
            urgent.entry((item.priority(), due)).or_default().push(item);
        }
        urgent.into_values().flat_map(move |mut alike| {
            alike.sort_by_cached_key(|item| {
                // Rounded to two digits, so the order of numbers is that of hundredths.
                let hundredths = (self.of(item).total * 100.0).round() as u64;
                (Reverse(hundredths), self.survey.graph.find(item.uid()))
            });
            alike
        })
    }

    /// The reasons for an item's score, as sentences.
    pub(super) fn reasons(&self, light: &Light, item: &Item, unblocks: &[String]) -> Vec<String> {
        let (survey, parts) = (self.survey, self.of(light));
        let now_ms = survey.now_ms;
        let mut reasons = Vec::new();
        if item.priority <= 1 {
            reasons.push(format!("priority P{}", item.priority));
        }
        if let Some(due) = item.due_soon(now_ms) {
            let left = span(due.abs_diff(now_ms));
            reasons.push(match due < now_ms {
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
        let days = survey.days_untouched(light);
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
