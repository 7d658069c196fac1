//! A report as callers see it.
//!
//! The figures are counts and quantiles of `changes`, each of which names its commit.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::history::past_state::PointView;
use crate::model::vocabulary::terms;
use crate::work::cost::UsageView;
use crate::work::insight::ItemLine;

terms! {
    /// The length of the periods of a series.
    Step in "step" {
        /// Days of UTC.
        Day = "day",
        /// Weeks of UTC, from Monday on.
        Week = "week",
    }
}

terms! {
    /// The kind of a change of an item.
    ChangeKind in "change" {
        /// It was created; one that was imported, when its source says so.
        Created = "created",
        /// Work on it was started.
        Started = "started",
        /// It was submitted for review.
        Submitted = "submitted",
        /// It was finished: merged, or closed by hand; not cancelled. One that came closed was finished
        /// when its source says so.
        Finished = "finished",
        /// It left review without being finished.
        SentBack = "sent_back",
        /// It was returned to the queue.
        Released = "released",
        /// It was closed, and is open again.
        Reopened = "reopened",
        /// Its criteria or its estimate changed while it was in progress or in review.
        Rescoped = "rescoped",
        /// It was cancelled.
        Cancelled = "cancelled",
        /// It was deleted.
        Deleted = "deleted",
        /// It was restored after its deletion.
        Restored = "restored",
    }
}

/// The work done between two moments, and its standing at the end. *Work* are tasks and issues of a
/// type that can be started.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Report {
    /// The first moment, RFC 3339.
    pub since: String,
    /// The last moment, RFC 3339.
    pub until: String,
    /// The query that the items match, if it is not about all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// The length of the periods of the series.
    pub step: Step,
    /// The state just before the first moment; null if the history begins later.
    pub before: Option<PointView>,
    /// The state at the last moment.
    pub after: PointView,
    /// The first commits of the history, if they are in the period; their content was written
    /// earlier, and nothing of it counts as a change. There is one after a cut or a redaction, and
    /// in a shallow clone.
    pub history_starts: Vec<HistoryStart>,
    /// The commits that created too many items to be listed in `changes`: these are counted only.
    pub imports: Vec<Imported>,
    /// The number of commits of the period.
    pub commits: usize,
    /// Those of them that only join two histories.
    pub merges: usize,
    /// The numbers of changes by kind.
    pub counts: BTreeMap<String, usize>,
    /// The items that are closed, but were not finished or cancelled in the period: they came closed, or
    /// an import closed them, at an earlier time or at one that their source does not state.
    pub closed_elsewhere: usize,
    /// The standing of the work at the last moment.
    pub standing: Standing,
    /// The actors who did something, or who have open work, by name.
    pub actors: Vec<ActorReport>,
    /// The amount of work finished.
    pub velocity: PeriodVelocity,
    /// Days from creation to completion, of the items finished.
    pub lead_days: Spread,
    /// Days from the last start to completion, of the items finished whose start is recorded.
    pub cycle_days: Spread,
    /// Work that was done again.
    pub rework: Rework,
    /// Refactoring work.
    pub refactoring: Refactoring,
    /// Estimates, compared with the time that the work took.
    pub estimates: EstimateFigures,
    /// The items finished, by agents and by people.
    pub completion: Completion,
    /// The work of agents in runs; null if no agent was at work.
    pub agents: Option<AgentFigures>,
    /// The usage and cost of agents in runs.
    pub used: UsageView,
    /// The same period by period, oldest first: for plots.
    pub series: Vec<SeriesPoint>,
    /// Every change that counts but those of `imports`, in the order of the commits.
    pub changes: Vec<ReportChange>,
}

/// A commit with which a history begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct HistoryStart {
    /// Its id.
    pub commit: String,
    /// Its time, RFC 3339.
    pub at: String,
}

/// A commit that created more than a thousand items.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Imported {
    /// Its id.
    pub commit: String,
    /// The time at which it counts, RFC 3339.
    pub at: String,
    /// The number of items of work that it created.
    pub created: usize,
    /// Those of them that were started already.
    pub started: usize,
    /// Those of them that were closed, at a time that their source does not state.
    pub closed: usize,
    /// `at` in milliseconds.
    #[serde(skip)]
    pub(super) ms: u64,
}

/// One change of an item.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ReportChange {
    /// The commit that made it.
    pub commit: String,
    /// The time at which it counts, RFC 3339.
    pub at: String,
    /// The operation, in the words of the command.
    pub op: String,
    /// The kind of the change.
    pub kind: ChangeKind,
    /// The item's permanent id.
    pub uid: String,
    /// Its id.
    pub id: String,
    /// Its title, shortened.
    pub title: String,
    /// Its type.
    #[serde(rename = "type")]
    pub item_type: String,
    /// True if it is refactoring work: of the type `refactor`, or labeled `refactor`.
    pub is_refactoring: bool,
    /// The actor who made it; of a finished item its last holder, also if another one merged it; empty if it
    /// came finished from another tracker that does not say whose work it was.
    pub actor: String,
    /// True if that is an agent.
    pub by_agent: bool,
    /// Of a finished item: days since its creation.
    pub lead_days: Option<f64>,
    /// Of a finished item: days since its last start; null if none is recorded.
    pub cycle_days: Option<f64>,
    /// The same in working hours, at most eight for each day.
    pub actual_hours: Option<f64>,
    /// Its estimate in hours; null without one.
    pub estimated_hours: Option<f64>,
    /// `at` in milliseconds; 0 for a closing at an unknown time.
    #[serde(skip)]
    pub(super) ms: u64,
    /// Of a closing: the time and the actor that the item then states.
    #[serde(skip)]
    pub(super) closed: Closed,
    /// Of what came from another tracker: when it came, in milliseconds.
    #[serde(skip)]
    pub(super) came_ms: Option<u64>,
}

/// When an item was closed and by whom, as it states them.
pub(super) type Closed = (Option<String>, Option<String>);

/// The standing of the work at a moment.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Standing {
    /// The number of open items.
    pub open: usize,
    /// The hours of these that have an estimate, also of those whose parts are the work.
    pub open_hours: f64,
    /// The number of these that have an estimate.
    pub estimated: usize,
    /// Those that can be started.
    pub ready: usize,
    /// Those that are started.
    pub in_progress: usize,
    /// Those that are not started and wait for another item, and those that are stopped.
    pub blocked: usize,
    /// The blocked ones that others can start, or other clones.
    pub kept: usize,
    /// Those that are deferred.
    pub deferred: usize,
    /// Those whose parts are the work.
    pub containers: usize,
    /// The number of epics, open or closed.
    pub epics: usize,
    /// Those that are closed, but not cancelled.
    pub epics_closed: usize,
    /// Those that were cancelled.
    pub epics_cancelled: usize,
    /// The share of closed ones in those not cancelled; null if there are none of these.
    pub epics_percent: Option<f64>,
    /// Open items that are started.
    pub doing: Vec<ItemLine>,
    /// Blocked items, most urgent first; cut at the limit.
    pub blocked_items: Vec<BlockedLine>,
    /// Items that can be started, most urgent first; cut at the limit.
    pub next: Vec<ItemLine>,
}

/// A blocked item.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct BlockedLine {
    /// The item.
    #[serde(flatten)]
    pub item: ItemLine,
    /// The reasons, as sentences.
    pub why: Vec<String>,
    /// The ids of its blockers.
    pub blocked_by: Vec<String>,
}

/// The finished and open work of one actor: a human, or the agents of one name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct ActorReport {
    /// The name.
    pub actor: String,
    /// True for an agent: a human of the same name has a report of their own.
    pub is_agent: bool,
    /// The items finished, in order.
    pub done: Vec<DoneLine>,
    /// Its open items that are started.
    pub doing: Vec<ItemLine>,
    /// Its open items that are blocked, whether started or not; cut at the limit.
    pub blocked: Vec<BlockedLine>,
    /// Items assigned to it that can be started; cut at the limit.
    pub next: Vec<ItemLine>,
}

/// A finished item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DoneLine {
    /// Its id.
    pub id: String,
    /// Its title, shortened.
    pub title: String,
    /// When it was finished, RFC 3339.
    pub at: String,
    /// The commit that finished it.
    pub commit: String,
}

/// The amount of work finished.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct PeriodVelocity {
    /// The number of items finished, and still so at the last moment.
    pub finished: usize,
    /// The number of weeks of the period.
    pub weeks: f64,
    /// The number of these weeks since the history began.
    pub known_weeks: f64,
    /// Finished in a week of the period, on average; null for less than a day.
    pub per_week: Option<f64>,
    /// The estimated hours of the items finished, of so many as `samples` says.
    pub hours: f64,
    /// These hours in a week, on average; null for less than a day.
    pub hours_per_week: Option<f64>,
    /// The finished items that `hours` counts: with an estimate, and not finished within six minutes.
    pub samples: usize,
    /// Finished items without an estimate.
    pub without_estimate: usize,
    /// Those with an estimate that were finished within six minutes of their start, as work that was
    /// done before.
    pub unmeasured: usize,
}

impl PeriodVelocity {
    /// How much of its weeks the history has, in words; none if it has all, or if there is no weekly figure.
    #[doc(hidden)]
    pub fn known_words(&self) -> Option<String> {
        let (known, weeks) = (self.known_weeks, self.weeks.to_string());
        self.per_week?;
        (known < self.weeks).then(|| match weeks.as_str() {
            _ if known <= 0.0 => "the history has less than a day of it".to_string(),
            "1" => format!("the history has {known} of this week"),
            weeks => format!("the history has {known} of these {weeks} weeks"),
        })
    }
}

/// A distribution; null without samples.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct Spread {
    /// The number of samples.
    pub samples: usize,
    /// The median: of an even number the mean of both in the middle.
    pub p50: Option<f64>,
    /// The 85 % quantile (nearest rank).
    pub p85: Option<f64>,
    /// The mean.
    pub mean: Option<f64>,
}

/// Work that was done again.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct Rework {
    /// The ids of items that left review without being finished.
    pub sent_back: Vec<String>,
    /// The ids of items that were reopened.
    pub reopened: Vec<String>,
    /// The ids of items whose criteria or estimate changed once they were started.
    pub rescoped: Vec<String>,
    /// The number of items that were submitted or finished in the period, or earlier and then sent back or
    /// reopened.
    pub completed: usize,
    /// Items that were sent back or reopened, per hundred of these; null if there are none.
    pub rework_percent: Option<f64>,
    /// The share of finished items that were re-scoped in the period.
    pub rescoped_percent: Option<f64>,
}

/// Refactoring work.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct Refactoring {
    /// The ids of finished items of the type `refactor`, or labeled `refactor`.
    pub items: Vec<String>,
    /// Their share of all finished items.
    pub percent: Option<f64>,
}

/// Estimates, compared with the time that the work took.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct EstimateFigures {
    /// The number of finished items with an estimate and a recorded start, at least six minutes before.
    pub samples: usize,
    /// |estimated - actual| / actual hours, the mean over them.
    pub error: Option<f64>,
    /// Items that took at least twice as long as estimated: finished ones, then those in progress.
    pub far_over: Vec<Estimated>,
}

/// An item with its estimate.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Estimated {
    /// Its id.
    pub id: String,
    /// Its title, shortened.
    pub title: String,
    /// The estimate in hours.
    pub estimated_hours: f64,
    /// Working hours from its start to its end, or to the last moment; at most eight for each day.
    pub actual_hours: f64,
    /// True if it is finished.
    pub finished: bool,
    /// The commit that finished it; null while it is in progress.
    pub commit: Option<String>,
}

/// The items finished, by agents and by people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct Completion {
    /// Finished by agents.
    pub by_agents: usize,
    /// Finished by people.
    pub by_people: usize,
    /// The agents' share.
    pub agent_percent: Option<f64>,
}

/// The work of agents in runs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct AgentFigures {
    /// The ids of items on which an attempt of an agent ended, or began and has no end.
    pub items: Vec<String>,
    /// Those of them that are finished at the last moment.
    pub finished: usize,
    /// Those that were re-scoped in the period.
    pub rescoped: Vec<String>,
    /// Their share of all.
    pub rescoped_percent: Option<f64>,
    /// Those in which a human intervened: with a request to a run about the item, or by finishing
    /// something other than what the agent submitted.
    pub intervened: Vec<String>,
    /// Their share of all.
    pub intervened_percent: Option<f64>,
}

/// One period of the series.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct SeriesPoint {
    /// Its first moment, RFC 3339.
    pub from: String,
    /// Its last moment, RFC 3339.
    pub to: String,
    /// Items created in it.
    pub created: usize,
    /// Items finished in it.
    pub finished: usize,
    /// The estimated hours of those.
    pub finished_hours: f64,
    /// Items reopened in it.
    pub reopened: usize,
    /// Open work in the state at its end.
    #[serde(flatten)]
    pub end: OpenCount,
    /// The median of the days from creation to completion of the items finished in it.
    pub lead_days: Option<f64>,
    /// The median of the days from the last start to completion.
    pub cycle_days: Option<f64>,
    /// Tokens that agents used in runs.
    pub tokens: u64,
    /// US dollars that they cost; null if no price is known.
    pub cost_usd: Option<f64>,
}

/// Open work in one state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OpenCount {
    /// Open items.
    pub open: i64,
    /// Those that are started.
    pub in_progress: i64,
    /// The estimated hours of open items; those without an estimate count as none.
    pub open_hours: f64,
}
