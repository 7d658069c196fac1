//! The figures of a report (speed, time against estimates, rework), and which finished work counts in them.

use std::collections::{BTreeMap, BTreeSet};

use super::view::{
    AgentFigures, ChangeKind, Completion, EstimateFigures, Estimated, Imported, PeriodVelocity,
    Refactoring, ReportChange, Rework, Spread,
};
use crate::model::id::{ItemRef, rank};
use crate::model::item::Item;
use crate::model::stamp::{DAY_MS, parse_rfc3339};
use crate::model::statistics::{days, mean, median, percentile, rounded, working_hours};
use crate::model::status::Status;
use crate::model::text::excerpt;
use crate::model::uid::Uid;
use crate::model::usage::Recorded;
use crate::store::state::State;
use crate::work::cost::percent;
use crate::work::insight::is_as_submitted;

/// From this multiple of its estimate on, work is far over it.
const FAR_OVER: f64 = 2.0;

/// Work that took fewer hours, six minutes, was started only to be closed, as work that was done before.
const MEASURED: f64 = 0.1;

/// True if the recorded time of a finished item tells how long the work took, or none is recorded.
fn is_measured(change: &ReportChange) -> bool {
    change.actual_hours.is_none_or(|hours| hours >= MEASURED)
}

/// The changes of one kind.
fn of(changes: &[ReportChange], kind: ChangeKind) -> impl Iterator<Item = &ReportChange> {
    changes.iter().filter(move |change| change.kind == kind)
}

/// The ids of the items of some changes, each once, in order.
fn ids<'c>(changes: impl Iterator<Item = &'c ReportChange>) -> Vec<String> {
    let found: BTreeMap<&str, &str> = changes.map(|c| (c.uid.as_str(), c.id.as_str())).collect();
    let mut ids: Vec<String> = found.into_values().map(str::to_string).collect();
    ids.sort_by_key(|id| rank(id));
    ids
}

/// The numbers of changes by kind.
pub(super) fn counts(changes: &[ReportChange], imports: &[Imported]) -> BTreeMap<String, usize> {
    let imported = |kind: ChangeKind| -> usize {
        let of = |one: &Imported| match kind {
            ChangeKind::Created => one.created,
            ChangeKind::Started => one.started,
            _ => 0,
        };
        imports.iter().map(of).sum()
    };
    let kinds = ChangeKind::ALL.into_iter();
    kinds
        .map(|kind| (kind.to_string(), of(changes, kind).count() + imported(kind)))
        .collect()
}

/// The amount of work finished in a period, of which the history has what is from the second moment on.
pub(super) fn velocity(changes: &[ReportChange], span: [u64; 3]) -> PeriodVelocity {
    let [from, known, until] = span;
    let finished = of(changes, ChangeKind::Finished).count();
    let estimated = of(changes, ChangeKind::Finished)
        .filter_map(|one| Some((one.estimated_hours?, is_measured(one))));
    let estimated: Vec<(f64, bool)> = estimated.collect();
    let counted = estimated.iter().filter(|(_, is_measured)| *is_measured);
    let estimates: Vec<f64> = counted.map(|(hours, _)| *hours).collect();
    let hours: f64 = estimates.iter().sum();
    let weeks = days(from, until) / 7.0;
    let in_a_week = |sum: f64| {
        let is_long_enough = until.saturating_sub(from) >= DAY_MS - 1;
        is_long_enough.then(|| rounded(sum / weeks))
    };
    PeriodVelocity {
        finished,
        weeks: rounded(weeks),
        known_weeks: rounded(days(known, until) / 7.0),
        per_week: in_a_week(finished as f64),
        hours: rounded(hours),
        hours_per_week: in_a_week(hours),
        samples: estimates.len(),
        without_estimate: finished - estimated.len(),
        unmeasured: estimated.len() - estimates.len(),
    }
}

/// The distribution of a value of the finished items.
pub(super) fn spread(
    changes: &[ReportChange],
    value: impl Fn(&ReportChange) -> Option<f64>,
) -> Spread {
    let mut all: Vec<f64> = of(changes, ChangeKind::Finished)
        .filter_map(value)
        .collect();
    all.sort_by(f64::total_cmp);
    Spread {
        samples: all.len(),
        p85: percentile(&all, 0.85),
        mean: mean(&all).map(rounded),
        p50: median(all).map(rounded),
    }
}

/// Work that was done again.
pub(super) fn rework(changes: &[ReportChange]) -> Rework {
    let uids = |kinds: &[ChangeKind]| -> BTreeSet<&str> {
        let found = changes.iter().filter(|c| kinds.contains(&c.kind));
        found.map(|change| change.uid.as_str()).collect()
    };
    let again = uids(&[ChangeKind::SentBack, ChangeKind::Reopened]);
    let mut completed = uids(&[ChangeKind::Submitted, ChangeKind::Finished]);
    completed.extend(&again);
    let finished = uids(&[ChangeKind::Finished]);
    let rescoped = uids(&[ChangeKind::Rescoped]);
    let both = finished.intersection(&rescoped).count();
    Rework {
        sent_back: ids(of(changes, ChangeKind::SentBack)),
        reopened: ids(of(changes, ChangeKind::Reopened)),
        rescoped: ids(of(changes, ChangeKind::Rescoped)),
        completed: completed.len(),
        rework_percent: percent(again.len() as u64, completed.len() as u64),
        rescoped_percent: percent(both as u64, finished.len() as u64),
    }
}

/// The share of refactoring work.
pub(super) fn refactoring(changes: &[ReportChange]) -> Refactoring {
    let items = ids(of(changes, ChangeKind::Finished).filter(|one| one.is_refactoring));
    let all = ids(of(changes, ChangeKind::Finished)).len();
    Refactoring {
        percent: percent(items.len() as u64, all as u64),
        items,
    }
}

/// Estimates compared with the time that the work took, and that work in progress has taken so far.
pub(super) fn estimates(
    state: &State<'_>,
    changes: &[ReportChange],
    doing: &[&Item],
    until: u64,
) -> EstimateFigures {
    let mut far_over = Vec::new();
    let mut errors = Vec::new();
    for one in of(changes, ChangeKind::Finished) {
        let (Some(estimated), Some(actual)) = (one.estimated_hours, one.actual_hours) else {
            continue;
        };
        if is_measured(one) {
            errors.push((estimated - actual).abs() / actual);
        }
        if actual >= FAR_OVER * estimated {
            far_over.push(Estimated {
                id: one.id.clone(),
                title: one.title.clone(),
                estimated_hours: estimated,
                actual_hours: actual,
                finished: true,
                commit: Some(one.commit.clone()),
            });
        }
    }
    for item in doing {
        let started = item.started_at.as_deref().and_then(parse_rfc3339);
        let (Some(started), Some(minutes)) = (started, item.estimated_minutes()) else {
            continue;
        };
        let estimated = minutes as f64 / 60.0;
        let actual = working_hours(started, until);
        if actual >= FAR_OVER * estimated {
            far_over.push(Estimated {
                id: state.shown_id(item),
                title: excerpt(&item.title, 200),
                estimated_hours: rounded(estimated),
                actual_hours: rounded(actual),
                finished: false,
                commit: None,
            });
        }
    }
    EstimateFigures {
        samples: errors.len(),
        error: mean(&errors).map(rounded),
        far_over,
    }
}

/// The items finished, by agents and by people.
pub(super) fn completion(changes: &[ReportChange]) -> Completion {
    let finished = of(changes, ChangeKind::Finished).filter(|one| !one.actor.is_empty());
    let (by_agents, by_people): (Vec<_>, Vec<_>) = finished.partition(|one| one.by_agent);
    let all = by_agents.len() + by_people.len();
    Completion {
        by_agents: by_agents.len(),
        by_people: by_people.len(),
        agent_percent: percent(by_agents.len() as u64, all as u64),
    }
}

/// The work of agents in runs; none if no attempt is in the period.
pub(super) fn agents(
    state: &State<'_>,
    changes: &[ReportChange],
    attempts: &[Recorded],
    range: [u64; 2],
) -> Option<AgentFigures> {
    let worked: BTreeSet<&Uid> = attempts
        .iter()
        .filter_map(|one| one.item.as_ref())
        .collect();
    let items: Vec<&Item> = worked
        .into_iter()
        .filter_map(|uid| state.item(uid))
        .filter(|item| !item.deleted)
        .collect();
    if items.is_empty() {
        return None;
    }
    let rescoped: BTreeSet<&str> = of(changes, ChangeKind::Rescoped)
        .map(|change| change.uid.as_str())
        .collect();
    let requested = requested(state, attempts, range);
    let is_changed = |item: &Item| item.status == Status::Done && !is_as_submitted(state, item);
    let shown = |keep: &dyn Fn(&Item) -> bool| -> Vec<String> {
        let kept = items.iter().filter(|item| keep(item));
        let mut ids: Vec<String> = kept.map(|item| state.shown_id(item)).collect();
        ids.sort_by_key(|id| rank(id));
        ids
    };
    let rescoped = shown(&|item| rescoped.contains(item.uid.as_str()));
    let intervened = shown(&|item| requested.contains(&item.uid) || is_changed(item));
    let share = |part: &[String]| percent(part.len() as u64, items.len() as u64);
    Some(AgentFigures {
        items: shown(&|_| true),
        finished: items.iter().filter(|i| i.status.is_finished()).count(),
        rescoped_percent: share(&rescoped),
        rescoped,
        intervened_percent: share(&intervened),
        intervened,
    })
}

/// The items about which a human sent a request to a run in the period.
fn requested(state: &State<'_>, attempts: &[Recorded], [since, until]: [u64; 2]) -> BTreeSet<Uid> {
    let runs: BTreeSet<&Uid> = attempts.iter().map(|one| &one.run).collect();
    let mut found = BTreeSet::new();
    for doc in runs.into_iter().filter_map(|run| state.run_doc(run, run)) {
        for (_, entry) in doc.entries("requests") {
            let by_human = entry.text("agent").is_none();
            if by_human && (since..=until).contains(&entry.at.ms) {
                let item = entry.text("item").map(ItemRef::parse);
                found.extend(item.and_then(|item| item.uid));
            }
        }
    }
    found
}
