//! The health of a project: counts, speed, and from when on an item is stale.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashSet};

use schemars::JsonSchema;
use serde::Serialize;

use super::agent_work::AgentWork;
#[cfg(feature = "serve")]
use super::forecast::{self, ForecastView};
use super::{DAY_MS, ItemLine, Stand, Survey, id_order, is_put_off};
use crate::error::Result;
use crate::graph::{Is, Light, Record, Vertex};
use crate::model::statistics::{days, mean, median, rounded};
use crate::model::status::Status;
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::pm::handles::Insights;
use crate::store::state::State;
use crate::work::insight::agent_work;
use crate::work::task::start::obstacle::Obstacles;

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
    /// Open work that can be started now, by the caller in this clone.
    pub actionable_count: usize,
    /// Open work that waits for an open item, or was stopped by hand.
    pub blocked_count: usize,
    /// The blocked work that others can start, or other clones.
    pub kept_count: usize,
    /// Open work that is deferred, by its status or until a time.
    pub deferred_count: usize,
    /// Other open work that is not offered: its parts are open, or a mark or a status of its own keeps it.
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
        let (sums, lights) = sums(self.pm, &state);
        let survey = Survey::of_lights(self.pm, &state, &lights);
        Ok(health_of(self.pm, &sums, &survey))
    }

    /// The health of the project, and the forecast of all open items.
    ///
    /// # Errors
    /// When the state cannot be read.
    #[cfg(feature = "serve")]
    pub(crate) fn stats_and_forecast(&self) -> Result<(Health, ForecastView)> {
        let state = self.pm.store.snapshot()?;
        let (sums, lights) = sums(self.pm, &state);
        let survey = Survey::of_lights(self.pm, &state, &lights);
        let health = health_of(self.pm, &sums, &survey);
        Ok((health, forecast::of(&sums, &survey, None)))
    }
}

fn health_of(pm: &Pm, sums: &Sums, survey: &Survey<'_, '_, Light>) -> Health {
    Health {
        agents: agent_work::agent_work(pm, survey.state),
        ..survey.health(sums, super::LIST_LENGTH_DEFAULT)
    }
}

/// What is counted of all items without their graph.
#[derive(Default)]
pub(super) struct Sums {
    counts: Counts,
    /// The items that the state calls ready and that are kept from being started here.
    kept: HashSet<Uid>,
    /// The time from which on work is known to be here: of the first creation, or of the first end of an
    /// imported one.
    pub(super) first: Option<u64>,
    /// The times at which work was finished, and those of its creation.
    pub(super) finished: Vec<(u64, Option<u64>)>,
}

/// What is counted of all items of a state.
pub(super) fn sums(pm: &Pm, state: &State<'_>) -> (Sums, Vec<Light>) {
    let now_ms = pm.now_ms();
    let (mut sums, lights) = state.vertices(|sums: &mut Sums, record| sums.add(record, now_ms));
    let kept = Obstacles::new(pm, state).kept(now_ms).into_iter();
    sums.kept = kept.map(|(item, _)| item.uid.clone()).collect();
    (sums, lights)
}

impl Sums {
    fn add(&mut self, record: &Record<'_>, now_ms: u64) {
        let (item, counts) = (&record.light, &mut self.counts);
        let count = |counts: &mut BTreeMap<String, usize>, word: &str| match counts.get_mut(word) {
            Some(n) => *n += 1,
            None => drop(counts.insert(word.to_string(), 1)),
        };
        counts.total += 1;
        count(&mut counts.by_kind, item.kind.as_str());
        // What is pinned is neither open nor closed.
        let counts_as_work = item.is(Is::Open) || item.is(Is::Closed);
        if !counts_as_work || !item.is(Is::Work) || item.is(Is::Template) {
            return;
        }
        let status = match is_put_off(item, now_ms) {
            true => Status::Deferred.as_str(),
            false => record.status,
        };
        count(&mut counts.by_status, status);
        counts.closed += usize::from(item.is(Is::Closed));
        if item.is(Is::Open) {
            counts.not_closed_count += 1;
            counts.open_count += usize::from(item.is(Is::Startable) && !item.is(Is::Held));
            count(&mut counts.by_type, record.item_type);
            count(&mut counts.by_priority, &format!("P{}", item.priority()));
        }
        // Until it was imported, it was finished elsewhere, if at all.
        let known = match item.is(Is::Imported) {
            true => record.finished_ms,
            false => record.created_ms,
        };
        self.first = self.first.into_iter().chain(known).min();
        let finished = record.finished_ms.map(|ms| (ms, record.created_ms));
        self.finished.extend(finished);
    }
}

impl Survey<'_, '_, Light> {
    pub(super) fn health(&self, sums: &Sums, limit: usize) -> Health {
        Health {
            counts: self.counts(sums),
            velocity: self.velocity(sums),
            staleness: self.stale(limit),
            agents: None,
        }
    }

    fn counts(&self, sums: &Sums) -> Counts {
        let mut counts = sums.counts.clone();
        let work = self.graph.vertices().iter().enumerate();
        let work = work.filter(|(_, item)| item.is(Is::Open) && item.is(Is::Work));
        for (place, item) in work {
            *match Stand::of(&self.graph, place, self.now_ms) {
                Stand::Ready if sums.kept.contains(item.uid()) => {
                    counts.kept_count += 1;
                    &mut counts.blocked_count
                }
                Stand::Ready => &mut counts.actionable_count,
                Stand::Started => &mut counts.in_progress_count,
                Stand::Blocked => &mut counts.blocked_count,
                Stand::Deferred => &mut counts.deferred_count,
                Stand::Container => &mut counts.container_count,
            } += 1;
        }
        counts.not_actionable_count = counts.not_closed_count - counts.actionable_count;
        counts
    }

    fn stale(&self, limit: usize) -> Staleness {
        let open = self.open().map(|item| (self.days_untouched(item), item));
        let mut stale: Vec<(u64, &Light)> = open
            .filter(|(days, item)| match item.is(Is::UnderWay) {
                true => *days >= STALE_UNDER_WAY,
                false => *days >= STALE_OPEN,
            })
            .collect();
        let count = stale.len();
        if limit < count {
            // Only those that can be among the first have to be sorted by id.
            let (_, (least, _), _) = stale.select_nth_unstable_by_key(limit, |one| Reverse(one.0));
            let least = *least;
            stale.retain(|(days, _)| *days >= least);
        }
        stale.sort_by_cached_key(|(days, item)| (Reverse(*days), id_order(item)));
        stale.truncate(limit);
        self.prepare(stale.len());
        let items = stale.into_iter().filter_map(|(days, item)| {
            let item = ItemLine::of(self.state, self.whole(item.uid())?, self.now_ms);
            Some(Stale { item, days })
        });
        Staleness {
            count,
            items: items.collect(),
        }
    }

    fn velocity(&self, sums: &Sums) -> Velocity {
        let within = |d: u64| {
            let from = self.now_ms.saturating_sub(d * DAY_MS);
            let times = sums.finished.iter();
            times
                .filter(|(ms, _)| *ms <= self.now_ms && *ms > from)
                .count()
        };
        let taken = |(to, from): &(u64, Option<u64>)| Some(days((*from)?, *to));
        let mut taken: Vec<f64> = sums.finished.iter().filter_map(taken).collect();
        // Sorted, so that the order of rows does not decide how a sum is rounded.
        taken.sort_by(f64::total_cmp);
        Velocity {
            closed_last_7_days: within(7),
            closed_last_30_days: within(30),
            avg_days_to_close: mean(&taken).map(rounded),
            median_days_to_close: median(taken).map(rounded),
        }
    }
}
