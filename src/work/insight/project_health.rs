//! The health of a project: counts, speed, and from when on an item is stale.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::agent_work::AgentWork;
#[cfg(feature = "serve")]
use super::forecast::{self, ForecastView};
use super::{DAY_MS, ItemLine, Stand, Survey, is_under_way, is_work};
use crate::error::Result;
use crate::model::item::Item;
use crate::model::stamp::parse_rfc3339;
use crate::model::statistics::{mean, median, rounded};
use crate::pm::Pm;
use crate::pm::handles::Insights;
use crate::work::insight;
use crate::work::insight::agent_work;

/// The days without a change after which work in progress is stale.
pub(super) const STALE_UNDER_WAY: u64 = 7;
/// The days without a change after which other open items are stale.
const STALE_OPEN: u64 = 30;

/// The numbers of items. *Work* are tasks and issues of a type that can be started; *open* are
/// items that are not closed. Open work is ready, started, blocked, deferred, or has open parts:
/// each item is counted in one of these.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Counts {
    /// All items.
    pub total: usize,
    /// Closed work: done or cancelled.
    pub closed: usize,
    /// Open work: what can be started now, and what cannot.
    pub not_closed_count: usize,
    /// Open work that is not started: queued or open.
    pub open_count: usize,
    /// Open work that is started: in progress, in review, ready for integration, or claimed, and not
    /// stopped.
    pub in_progress_count: usize,
    /// Open work that can be started now.
    pub actionable_count: usize,
    /// Open work that waits for an open item, or was stopped by hand.
    pub blocked_count: usize,
    /// Open work that is deferred, by its status or until a time.
    pub deferred_count: usize,
    /// Open work that cannot be started itself, since its parts are open.
    pub container_count: usize,
    /// Open work that cannot be started now.
    pub not_actionable_count: usize,
    /// All items by kind.
    pub by_kind: BTreeMap<String, usize>,
    /// Work by status.
    pub by_status: BTreeMap<String, usize>,
    /// Open work by type.
    pub by_type: BTreeMap<String, usize>,
    /// Open work by priority.
    pub by_priority: BTreeMap<String, usize>,
}

/// The speed at which work is finished. Cancelled work does not count.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct Velocity {
    /// The number of items finished in the last seven days.
    pub closed_last_7_days: usize,
    /// The number of items finished in the last thirty days.
    pub closed_last_30_days: usize,
    /// Days from creation to completion, on average; null when nothing was finished.
    pub avg_days_to_close: Option<f64>,
    /// The median of these days.
    pub median_days_to_close: Option<f64>,
}

/// An item without a recent change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "StaleItem")]
pub struct Stale {
    /// The item.
    #[serde(flatten)]
    pub item: ItemLine,
    /// The days since its last change.
    pub days: u64,
}

/// Open items without a change for a week if work on them was started, for thirty days otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Staleness {
    /// Their number.
    pub count: usize,
    /// The first of them, the longest unchanged first.
    pub items: Vec<Stale>,
}

/// The health of a project.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Health {
    /// The numbers of items.
    pub counts: Counts,
    /// The speed at which work is finished.
    pub velocity: Velocity,
    /// Items that have not changed for a long time.
    pub staleness: Staleness,
    /// The work of agents in runs; absent if there was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agents: Option<AgentWork>,
}

impl Insights<'_> {
    /// The health of the project, in numbers.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn stats(&self) -> Result<Health> {
        let state = self.pm.store.snapshot()?;
        Ok(health_of(self.pm, &insight::survey(self.pm, &state)))
    }

    /// The health of the project, and the forecast of all open items.
    ///
    /// # Errors
    /// When the state cannot be read.
    #[cfg(feature = "serve")]
    pub(crate) fn stats_and_forecast(&self) -> Result<(Health, ForecastView)> {
        let state = self.pm.store.snapshot()?;
        let survey = insight::survey(self.pm, &state);
        Ok((health_of(self.pm, &survey), forecast::of(&survey, None)))
    }
}

fn health_of(pm: &Pm, survey: &Survey<'_, '_>) -> Health {
    Health {
        agents: agent_work::agent_work(pm, survey.state),
        ..survey.health(super::LIST_LENGTH_DEFAULT)
    }
}

/// The time at which the work on an item was finished, in milliseconds since the Unix epoch; `None`
/// for open and cancelled items.
pub(super) fn finished_ms(item: &Item) -> Option<u64> {
    let text = item.closed_at.as_deref().unwrap_or(&item.updated_at);
    item.status
        .is_finished()
        .then(|| parse_rfc3339(text))
        .flatten()
}

/// The days from an item's creation to its completion.
fn days_taken(item: &Item) -> Option<f64> {
    let (from, to) = (parse_rfc3339(&item.created_at)?, finished_ms(item)?);
    Some(to.saturating_sub(from) as f64 / DAY_MS as f64)
}

impl Survey<'_, '_> {
    pub(super) fn health(&self, limit: usize) -> Health {
        Health {
            counts: self.counts(),
            velocity: self.velocity(),
            staleness: self.stale(limit),
            agents: None,
        }
    }

    pub(super) fn counts(&self) -> Counts {
        let mut counts = Counts {
            total: self.items.len(),
            ..Counts::default()
        };
        for item in &self.items {
            *counts.by_kind.entry(item.kind.to_string()).or_default() += 1;
            if is_work(item) {
                let status = item.status_at(self.now_ms).to_string();
                counts.closed += usize::from(item.status.is_closed());
                *counts.by_status.entry(status).or_default() += 1;
            }
        }
        for uid in self.graph.open_work() {
            let Some(item) = self.item(&uid) else {
                continue;
            };
            counts.not_closed_count += 1;
            *match Stand::of(&self.graph, item, self.now_ms) {
                Stand::Ready => &mut counts.actionable_count,
                Stand::Started => &mut counts.in_progress_count,
                Stand::Blocked => &mut counts.blocked_count,
                Stand::Deferred => &mut counts.deferred_count,
                Stand::Container => &mut counts.container_count,
            } += 1;
            let begun = item.holder().is_some();
            counts.open_count += usize::from(item.status.is_startable() && !begun);
            *counts.by_type.entry(item.item_type.clone()).or_default() += 1;
            let priority = format!("P{}", item.priority);
            *counts.by_priority.entry(priority).or_default() += 1;
        }
        counts.not_actionable_count = counts.not_closed_count - counts.actionable_count;
        counts
    }

    fn stale(&self, limit: usize) -> Staleness {
        let mut items: Vec<Stale> = Vec::new();
        for item in self.open() {
            let days = self.days_untouched(item);
            let after = match is_under_way(item) {
                true => STALE_UNDER_WAY,
                false => STALE_OPEN,
            };
            if days >= after {
                let item = self.line(item);
                items.push(Stale { item, days });
            }
        }
        let count = items.len();
        items.sort_by_key(|stale| std::cmp::Reverse(stale.days));
        items.truncate(limit);
        Staleness { count, items }
    }

    fn velocity(&self) -> Velocity {
        let mut velocity = Velocity::default();
        let mut days: Vec<f64> = Vec::new();
        for item in self.items.iter().filter(|item| is_work(item)) {
            let Some(finished) = finished_ms(item) else {
                continue;
            };
            let within = |d: u64| {
                finished <= self.now_ms && finished > self.now_ms.saturating_sub(d * DAY_MS)
            };
            velocity.closed_last_7_days += usize::from(within(7));
            velocity.closed_last_30_days += usize::from(within(30));
            days.extend(days_taken(item));
        }
        velocity.avg_days_to_close = mean(&days).map(rounded);
        velocity.median_days_to_close = median(days).map(rounded);
        velocity
    }
}
