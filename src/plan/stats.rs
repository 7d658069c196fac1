//! Planning statistics: how plans were approved and how right they were.
//!
//! Plans approved with few edits, time to the first start, errors of estimates and recommendations,
//! parallelism of streams.

use std::collections::BTreeMap;

use super::draft::{Recommendation, Scope};
use super::plan_types::{Plan, PlanStatus};
use super::sources::plans;
use crate::coordinate::finding::rounds::Rounds;
use crate::error::Result;
use crate::model::item::Item;
use crate::model::stamp::parse_rfc3339;
use crate::model::statistics::{mean, median, share, working_hours};
use crate::model::uid::Uid;
use crate::pm::handles::Plans;
use crate::store::layout::Family;
use crate::store::state::State;

/// The largest number of edits before approval that counts as few.
const FEW_EDITS: usize = 2;

/// Planning statistics. Rates are from 0 to 1; `None` without data.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, schemars::JsonSchema)]
pub struct PlanStats {
    /// Number of plans.
    pub plans: usize,
    /// Number of approved plans.
    pub approved: usize,
    /// The share of approved plans with at most two edits before the approval.
    pub accepted: Option<f64>,
    /// The median of manual edits before approval.
    pub edits: Option<f64>,
    /// The share of approved plans with more tasks than recommended for their document.
    pub over_decomposed: Option<f64>,
    /// Number of changes to approved plans.
    pub edits_after: usize,
    /// The share of finished epics to which no task was added after approval.
    pub kept_scope: Option<f64>,
    /// The share of finished epics with the recommended size.
    pub scope_right: Option<f64>,
    /// |estimated - actual| / actual hours, the mean over finished epics.
    pub effort_error: Option<f64>,
    /// The median number of seconds from the creation of a PRD to the approval of its plan.
    pub planning_seconds: Option<f64>,
    /// The median number of seconds from approval to the first start.
    pub first_start_seconds: Option<f64>,
    /// Hours of work divided by hours in which any work was done and by the number of streams, the
    /// mean over finished epics.
    pub parallel_efficiency: Option<f64>,
    /// Number of finished epics from plans.
    pub finished: usize,
    /// Number of debated plans.
    pub debated: usize,
    /// The mean number of rounds of their debates.
    pub debate_rounds: Option<f64>,
    /// The share of debated plans of whose last text the critics found nothing that blocks.
    pub debated_clean: Option<f64>,
}

/// The outcome of a plan with finished work.
pub(super) struct Outcome {
    /// Set if the work had the recommended size.
    pub(super) size_was_right: bool,
    /// |estimated - actual| / actual hours.
    pub(super) effort_error: Option<f64>,
    /// Set if tasks were added to the epic after approval.
    grew: bool,
    parallel: Option<f64>,
}

impl Plans<'_> {
    /// Planning statistics of this repository.
    ///
    /// # Errors
    /// If the state cannot be read.
    pub fn stats(&self) -> Result<PlanStats> {
        let state = self.pm.store.state()?;
        let _hold = state.hold();
        let mut out = PlanStats::default();
        let (mut edits, mut over, mut few) = (Vec::new(), 0, 0);
        let (mut planning, mut starts) = (Vec::new(), Vec::new());
        let (mut kept, mut right, mut errors, mut parallel) = (0, 0, Vec::new(), Vec::new());
        let (mut debates, mut clean) = (Vec::new(), 0);
        for (plan, prd) in plans(&state) {
            out.plans += 1;
            let rounds = Rounds::of(state.doc(&prd.uid));
            if let Some(last) = rounds.last {
                debates.push(f64::from(rounds.done));
                clean += usize::from(last.clean);
            }
            if plan.status != PlanStatus::Approved {
                continue;
            }
            out.approved += 1;
            edits.push(count(plan.edits));
            few += usize::from(plan.edits <= FEW_EDITS);
            let tasks = plan.present_tasks().count();
            over += usize::from(plan.threshold > 0 && tasks > plan.threshold);
            let loaded = state.found_by_path(Family::Plan, &plan.uid);
            if let Some(doc) = loaded.map(|loaded| &loaded.doc) {
                out.edits_after += super::record::edits(doc).saturating_sub(plan.edits);
                let approved = doc.text("first_approved_at").and_then(parse_rfc3339);
                if let (Some(approved), Some(created)) = (approved, parse_rfc3339(&prd.created_at))
                {
                    planning.push(seconds(created, approved));
                }
                let first = items(&state, &plan)
                    .filter_map(|item| parse_rfc3339(item.started_at.as_deref()?))
                    .min();
                if let (Some(approved), Some(first)) = (approved, first) {
                    starts.push(seconds(approved, first));
                }
            }
            let epic = plan
                .epic
                .as_ref()
                .and_then(|epic| state.item(epic.uid.as_ref()?));
            if let Some(outcome) = epic.and_then(|epic| outcome(&state, &plan, epic)) {
                out.finished += 1;
                kept += usize::from(!outcome.grew);
                right += usize::from(outcome.size_was_right);
                errors.extend(outcome.effort_error);
                parallel.extend(outcome.parallel);
            }
        }
        out.debated = debates.len();
        out.debated_clean = share(clean, out.debated);
        out.debate_rounds = mean(&debates);
        out.accepted = share(few, out.approved);
        out.over_decomposed = share(over, out.approved);
        out.edits = median(edits);
        out.kept_scope = share(kept, out.finished);
        out.scope_right = share(right, out.finished);
        out.effort_error = mean(&errors);
        out.planning_seconds = median(planning);
        out.first_start_seconds = median(starts);
        out.parallel_efficiency = mean(&parallel);
        Ok(out)
    }
}

/// The items created from a plan.
fn items<'s>(state: &'s State<'_>, plan: &'s Plan) -> impl Iterator<Item = &'s Item> {
    let uids = plan
        .tasks
        .iter()
        .filter_map(|p| p.item.as_ref()?.uid.as_ref());
    uids.filter_map(|uid| state.item(uid))
        .filter(|item| !item.deleted)
}

/// The outcome of a plan; `None` while any of its work is open.
pub(super) fn outcome(state: &State<'_>, plan: &Plan, epic: &Item) -> Option<Outcome> {
    let of_plan: BTreeMap<&Uid, &Item> = items(state, plan).map(|item| (&item.uid, item)).collect();
    let of_epic: Vec<&Item> = state
        .items()
        .into_iter()
        .filter(|item| {
            let target = item.epic.as_ref().and_then(|epic| epic.uid.as_ref());
            target == Some(&epic.uid)
        })
        .collect();
    let is_over = |item: &&Item| item.status.is_closed();
    if of_epic.is_empty() || !of_epic.iter().all(is_over) {
        return None;
    }
    let spans: Vec<(u64, u64)> = of_epic.iter().filter_map(|item| span(item)).collect();
    let actual: f64 = spans
        .iter()
        .map(|(from, to)| working_hours(*from, *to))
        .sum();
    let estimated: u32 = plan
        .counted()
        .filter(|p| {
            p.item
                .as_ref()
                .and_then(|i| i.uid.as_ref())
                .is_some_and(|u| of_plan.contains_key(u))
        })
        .map(|p| p.task.hours)
        .sum();
    let counted = of_epic
        .iter()
        .filter(|item| item.item_type != "test")
        .count();
    let scope: Option<Scope> = state
        .found_by_path(Family::Plan, &plan.uid)
        .and_then(|loaded| serde_json::from_value(loaded.doc.value("scope").to_json()).ok());
    let recommended = scope.map(|scope| scope.recommendation)?;
    let actual_size = Recommendation::of(counted, actual, plan.milestones.len());
    let streams = plan.streams().len();
    Some(Outcome {
        size_was_right: actual_size == recommended,
        effort_error: (actual > 0.0).then(|| (f64::from(estimated) - actual).abs() / actual),
        grew: of_epic.iter().any(|item| !of_plan.contains_key(&item.uid)),
        parallel: efficiency(&spans, actual, streams),
    })
}

/// The start and end of work on an item, in milliseconds since the Unix epoch.
fn span(item: &Item) -> Option<(u64, u64)> {
    let from = parse_rfc3339(item.started_at.as_deref()?)?;
    let end = item.finished_at.as_deref().or(item.closed_at.as_deref())?;
    let to = parse_rfc3339(end)?;
    (to >= from).then_some((from, to))
}

fn efficiency(spans: &[(u64, u64)], work: f64, streams: usize) -> Option<f64> {
    let from = spans.iter().map(|span| span.0).min()?;
    let to = spans.iter().map(|span| span.1).max()?;
    let wall = working_hours(from, to);
    (wall > 0.0 && streams > 0).then(|| (work / wall / count(streams)).min(1.0))
}

#[expect(
    clippy::cast_precision_loss,
    reason = "times of this age are exact in 53 bits"
)]
fn millis(ms: u64) -> f64 {
    ms as f64
}

fn count(n: usize) -> f64 {
    f64::from(u32::try_from(n).unwrap_or(u32::MAX))
}

fn seconds(from: u64, to: u64) -> f64 {
    millis(to.saturating_sub(from)) / 1_000.0
}
