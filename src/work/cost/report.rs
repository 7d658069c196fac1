//! `cost`: the usage and cost of agents, in groups, and compared with a baseline.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::baseline::{Baseline, minutes};
use super::phase::Phase;
use super::source::Filter;
use super::sums::{Sum, UsageView, percent};
use crate::error::{Error, Reason, Result};
use crate::model::id::{ItemKind, rank};
use crate::model::item::Item;
use crate::model::money::usd;
use crate::model::settings;
use crate::model::short_id::{RUN, short_id};
use crate::model::stamp::rfc3339;
use crate::model::text::excerpt;
use crate::model::typed_past_date::Moment;
use crate::model::uid::Uid;
use crate::model::usage::Recorded;
use crate::model::vocabulary::terms;
use crate::pm::Pm;
use crate::pm::handles::Costs;
use crate::store::state::State;
use crate::work::cost::source;

terms! {
    /// The subject of a line of a cost report.
    Grouping in "grouping" {
        /// An item.
        Task = "task",
        /// An epic.
        Epic = "epic",
        /// A model.
        Model = "model",
        /// A phase of the project.
        Phase = "phase",
        /// The program that works as an agent.
        Agent = "agent",
        /// A day (UTC) on which attempts ended.
        Day = "day",
        /// A run.
        Run = "run",
    }
}

/// The name of a line without a known subject.
const UNKNOWN: &str = "unknown";

/// The name of the line about items without an epic.
const NO_EPIC: &str = "none";

/// The options of a cost report.
#[derive(Clone, Debug, Default)]
pub struct CostOptions {
    /// Only the items of this epic.
    pub epic: Option<String>,
    /// Only this item.
    pub item: Option<String>,
    /// Only this run.
    pub run: Option<String>,
    /// Only attempts that ended from then on: a date, a time or a time ago.
    pub since: Option<String>,
    /// The groups; by default phases, models, and epics or, within an epic, tasks.
    pub by: Vec<Grouping>,
    /// The cost to compare with; by default that of `pm.costBaseline`.
    pub baseline: Option<Baseline>,
}

/// The usage and cost of agents.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct CostReport {
    /// The id of the epic or item that it is about; null for all.
    pub of: Option<String>,
    /// The id of the run that it is about; null for all.
    pub run: Option<String>,
    /// The time from which on attempts count, RFC 3339; null for all.
    pub since: Option<String>,
    /// The total of all groups.
    pub total: UsageView,
    /// The same in groups.
    pub groups: Vec<CostGroup>,
    /// The comparison with a baseline; null without one.
    pub baseline: Option<Comparison>,
}

/// A cost report, split in one way.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct CostGroup {
    /// The subject of its lines: `task`, `epic`, `model`, `phase`, `agent`, `day` or `run`.
    pub by: Grouping,
    /// The most expensive first; days by date, runs by id.
    pub lines: Vec<CostLine>,
}

/// A line of a cost report.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct CostLine {
    /// An id, a name or a day; `unknown` if the state does not have it, `none` for no epic.
    pub name: String,
    /// The title of an item.
    pub title: Option<String>,
    /// The usage.
    #[serde(flatten)]
    pub used: UsageView,
    /// The share of all tokens, in per cent; null if no tokens are known.
    pub tokens_percent: Option<f64>,
    /// The share of the cost, in per cent; null if no price is known.
    pub cost_percent: Option<f64>,
}

/// A comparison with the cost of the same work done otherwise.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Comparison {
    /// The cost to compare with, in US dollars.
    pub baseline_usd: f64,
    /// The hours by estimate of the finished items; null for a baseline that is a total.
    pub hours: Option<f64>,
    /// The number of finished items.
    pub finished: usize,
    /// The savings in per cent of the baseline, negative if the agents cost more; null if no price
    /// is known, or the baseline is nothing.
    pub savings_percent: Option<f64>,
    /// True if some work has no known price, so that the savings are less than they seem.
    pub is_partial: bool,
}

impl Costs<'_> {
    /// The usage and cost of agents, from all runs in the state.
    ///
    /// # Errors
    /// When an item or a run does not exist, a date or the setting of the baseline is not valid, or
    /// the state cannot be read.
    pub fn report(&self, options: &CostOptions) -> Result<CostReport> {
        let pm = self.pm;
        let baseline = baseline(pm, options)?;
        let since = options.since.as_ref();
        let since = since.map(|text| Moment::parse(text, &pm.now()));
        let since = since.transpose().map_err(|error| {
            Error::usage(error.to_string()).hint("`--since` takes a date or time")
        })?;
        let since_ms = since.map(|moment| moment.begin_ms);
        let state = pm.store.snapshot()?;
        let epic = match &options.epic {
            Some(id) => Some(state.find_kind(id, ItemKind::Epic)?),
            None => None,
        };
        let item = match &options.item {
            Some(id) => Some(state.find(id)?),
            None => None,
        };
        let run = match &options.run {
            Some(id) => Some(state.find_run(id)?),
            None => None,
        };
        let filter = Filter {
            run: run.clone(),
            since_ms,
        };
        let mut all = source::attempts(pm, &state, &filter);
        all.retain(|one| {
            let uid = one.item.as_ref();
            let of_epic = |epic: &&Item| uid.is_some_and(|uid| is_of(&state, uid, &epic.uid));
            epic.as_ref().is_none_or(of_epic) && item.is_none_or(|item| uid == Some(&item.uid))
        });
        let total = Sum::of(&all);
        let groups = match (&options.by[..], epic.is_some() || item.is_some()) {
            ([], true) => &[Grouping::Phase, Grouping::Model, Grouping::Task],
            ([], false) => &[Grouping::Phase, Grouping::Model, Grouping::Epic],
            (by, _) => by,
        };
        Ok(CostReport {
            of: item.or(epic).map(|item| state.shown_id(item)),
            run: run.map(|run| short_id(RUN, &run)),
            since: since_ms.map(rfc3339),
            groups: groups
                .iter()
                .map(|by| group(&state, *by, &all, &total))
                .collect(),
            baseline: baseline.map(|baseline| compared(&state, baseline, &all, &total)),
            total: total.view(),
        })
    }
}

fn baseline(pm: &Pm, options: &CostOptions) -> Result<Option<Baseline>> {
    if options.baseline.is_some() {
        return Ok(options.baseline);
    }
    let key = settings::COST_BASELINE.key;
    let set = pm.store.repo().config(key);
    let set = set.filter(|text| !text.trim().is_empty());
    let read = set.map(|text| text.parse::<Baseline>());
    read.transpose().map_err(|error| {
        Error::usage(format!("{key}: {}", error.message()))
            .because(Reason::SettingInvalid)
            .hint(format!(
                "`git pm config {key} 90usd/h` sets an amount per hour"
            ))
    })
}

/// True for an epic itself, and for an item of it.
pub(super) fn is_of(state: &State<'_>, item: &Uid, epic: &Uid) -> bool {
    item == epic || state.item(item).and_then(epic_of) == Some(epic)
}

/// The epic of an item.
pub(super) fn epic_of(item: &Item) -> Option<&Uid> {
    item.whole().and_then(|epic| epic.uid.as_ref())
}

/// The name of the line that an attempt belongs to, and the item that gives it a title.
fn line_of<'s>(state: &'s State<'_>, by: Grouping, one: &Recorded) -> (String, Option<&'s Item>) {
    let item = one.item.as_ref().and_then(|uid| state.item(uid));
    let shown = |item: Option<&'s Item>| match item {
        Some(item) => (state.shown_id(item), Some(item)),
        None => (UNKNOWN.to_string(), None),
    };
    let text = |text: Option<String>| (text.unwrap_or_else(|| UNKNOWN.into()), None);
    match by {
        Grouping::Task => shown(item),
        Grouping::Epic => match item {
            Some(epic) if epic.kind == ItemKind::Epic => shown(item),
            Some(item) if item.epic.is_none() => (NO_EPIC.to_string(), None),
            _ => shown(item.and_then(epic_of).and_then(|uid| state.item(uid))),
        },
        Grouping::Model => text(one.attempt.used.model.clone()),
        Grouping::Phase => text(item.map(|item| Phase::of(item, one.role.as_deref()).to_string())),
        Grouping::Agent => text(one.attempt.with.clone()),
        Grouping::Day => text(one.attempt.at_ms().and_then(|at| {
            let time = rfc3339(at);
            time.get(..10).map(str::to_string)
        })),
        Grouping::Run => (short_id(RUN, &one.run), None),
    }
}

fn group(state: &State<'_>, by: Grouping, all: &[Recorded], total: &Sum) -> CostGroup {
    let mut sums: BTreeMap<String, (Sum, Option<&Item>)> = BTreeMap::new();
    for one in all {
        let (name, item) = line_of(state, by, one);
        let line = sums.entry(name).or_insert_with(|| (Sum::default(), item));
        line.0.add(one);
    }
    let whole = total.spent;
    let mut lines: Vec<(Sum, CostLine)> = sums
        .into_iter()
        .map(|(name, (sum, item))| {
            let line = CostLine {
                name,
                title: item.map(|item| excerpt(&item.title, 200)),
                used: sum.view(),
                tokens_percent: percent(sum.spent.tokens(), whole.tokens()),
                cost_percent: percent(sum.spent.micro_usd, whole.micro_usd)
                    .filter(|_| sum.has_price()),
            };
            (sum, line)
        })
        .collect();
    match by {
        Grouping::Day | Grouping::Run => {}
        _ => lines.sort_by_key(|(sum, line)| {
            let cost = (sum.spent.micro_usd, sum.spent.tokens());
            (std::cmp::Reverse(cost), rank(&line.name))
        }),
    }
    CostGroup {
        by,
        lines: lines.into_iter().map(|(_, line)| line).collect(),
    }
}

fn compared(state: &State<'_>, baseline: Baseline, all: &[Recorded], total: &Sum) -> Comparison {
    let uids: std::collections::BTreeSet<&Uid> =
        all.iter().filter_map(|one| one.item.as_ref()).collect();
    let items = uids.into_iter().filter_map(|uid| state.item(uid));
    let finished = items.filter(|item| item.status.is_finished());
    let finished: Vec<u64> = finished.map(minutes).collect();
    let minutes = finished
        .iter()
        .fold(0u64, |sum, one| sum.saturating_add(*one));
    let amount = baseline.total(minutes);
    let used = total.view();
    let savings = (amount > 0 && total.has_price()).then(|| {
        let share = 1.0 - total.spent.micro_usd as f64 / amount as f64;
        (share * 1_000.0).round() / 10.0
    });
    Comparison {
        baseline_usd: usd(amount),
        hours: matches!(baseline, Baseline::PerHour(_)).then(|| minutes as f64 / 60.0),
        finished: finished.len(),
        savings_percent: savings,
        is_partial: used.unpriced_tokens > 0 || used.attempts_without_usage > 0,
    }
}
