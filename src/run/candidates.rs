//! The items that a run works on, as the scheduler sees them, and what holds each: a stop, a budget, a review.
//!
//! They have the state's data on each, and the run's own records.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::RunOptions;
use super::agent_names;
use super::record::{self, Job, MergeRule, RunStatus};
use super::routing::Routing;
use super::schedule::{self, Limits, Other, Reserved, State as Stage, View, Why};
use crate::coordinate::claim::ownership;
use crate::coordinate::here;
use crate::error::Result;
use crate::graph::{Graph, Reason};
use crate::model::id::ItemKind;
use crate::model::item::{Claim, Item};
use crate::model::status::Status;
use crate::model::text::{actor, first_of, is_same_name, one_line};
use crate::model::uid::Uid;
use crate::model::vocabulary::{AutoPolicy, Estimate};
use crate::pm::Pm;
use crate::store::state::State;
use crate::work::cost::Budget;
use crate::work::cost::budget;
use crate::work::plan_notices;
use crate::work::task::merge::contested::contested;
use crate::work::task::readiness::sentence;
use crate::work::task::start::obstacle;

/// The maximum number of items that a reason lists.
const NAMED: usize = 3;

/// An open item of a run.
struct Candidate<'s> {
    item: &'s Item,
    id: String,
    /// The open items that it waits for.
    hard: Vec<Uid>,
    soft: Vec<Uid>,
    /// The agent in this clone that holds it.
    holder: Option<String>,
    /// The reason no agent may be started on it, whatever else happens.
    held: Option<String>,
    /// True if `held` was set because of a budget.
    held_by_budget: bool,
    /// Set while the provider of its agent limits requests.
    is_limited: bool,
    stage: Stage,
}

/// The open items of a run.
pub(super) struct Candidates<'s> {
    state: &'s State<'s>,
    all: Vec<Candidate<'s>>,
    /// The index of each item in `all`.
    places: HashMap<&'s Uid, usize>,
    view: View,
    /// The budgets that apply to some of them.
    pub budgets: Vec<Budget>,
}

/// The run at this moment.
pub(super) struct Now<'n> {
    /// The recorded job of each item.
    pub jobs: &'n BTreeMap<Uid, Job>,
    /// The items that agents work on.
    pub working: BTreeSet<Uid>,
    /// The items that will be retried later.
    pub waiting: &'n BTreeSet<Uid>,
    /// The number of times each was overtaken.
    pub overtaken: &'n BTreeMap<Uid, u32>,
    /// The number of idle agents.
    pub free: usize,
}

/// The decision about one open item.
pub(super) struct Decision {
    /// The item.
    pub item: Uid,
    why_not: Option<Why>,
    /// Set if an item that should have come later started first.
    pub overtaken: bool,
}

impl Decision {
    /// True if it starts now.
    pub(super) fn starts(&self) -> bool {
        self.why_not.is_none()
    }
}

impl<'s> Candidates<'s> {
    /// The open items that a run with these options works on.
    ///
    /// # Errors
    /// When a named item does not exist.
    pub(super) fn of(
        pm: &Pm,
        state: &'s State<'s>,
        options: &RunOptions,
    ) -> Result<Candidates<'s>> {
        let items = state.items();
        let now = pm.now_ms();
        let graph = Graph::new(&items, now);
        let causes = graph.causes();
        let here = pm.here();
        let epic = match &options.epic {
            Some(epic) => Some(state.find_kind(epic, ItemKind::Epic)?.uid.clone()),
            None => None,
        };
        let mut only = BTreeSet::new();
        for id in &options.only {
            only.insert(state.find(id)?.uid.clone());
        }
        let wanted = |item: &&Item| {
            let of_epic = item.whole().and_then(|epic| epic.uid.as_ref());
            let is_work = match only.is_empty() {
                true => matches!(item.kind, ItemKind::Task | ItemKind::Issue),
                false => only.contains(&item.uid),
            };
            is_work && epic.as_ref().is_none_or(|epic| of_epic == Some(epic))
        };
        let mut budgets = budget::budgets(pm, state)?;
        budgets.retain(|budget| items.iter().any(|item| wanted(item) && budget.bounds(item)));
        // A policy that was raised after the run was started allows no more.
        let pinned = pm.pinned.borrow().clone();
        let policies = |item: &'s Item| {
            let then = pinned.as_ref().and_then(|pins| pins.policy(&item.uid));
            policy(item).into_iter().chain(then)
        };
        let mut all = Vec::new();
        // For each document, the reason its tasks must not be started.
        let mut stands: BTreeMap<&Uid, Option<String>> = BTreeMap::new();
        let open = items.iter().copied();
        let open = open.filter(|item| wanted(item) && !item.status.is_closed());
        'items: for item in open {
            let mut one = Candidate {
                id: state.shown_id(item),
                hard: Vec::new(),
                soft: Vec::new(),
                holder: None,
                held: policies(item).find_map(forbids),
                held_by_budget: false,
                is_limited: false,
                stage: Stage::Waiting,
                item,
            };
            if let Some(prd) = &item.planned_from {
                let refusal = || plan_notices::require_plan_stands(pm, state, prd).err();
                let known = stands.entry(prd);
                let known = known.or_insert_with(|| refusal().map(|e| e.message().to_string()));
                one.held = one.held.or_else(|| known.clone());
            }
            let mut stops = Vec::new();
            for reason in causes.reasons(&item.uid, usize::MAX).0 {
                match &reason {
                    Reason::BlockedBy(by) | Reason::AncestorBlocked { by, .. } => {
                        one.hard.push(by.uid.clone());
                    }
                    Reason::SoftOpen(on) => one.soft.push(on.clone()),
                    Reason::Held { .. } | Reason::Status(_) => {}
                    // Epics of beads, gates and the like are no work.
                    Reason::Type(_) | Reason::Mark(_)
                        if only.is_empty() && item.kind == ItemKind::Issue =>
                    {
                        continue 'items;
                    }
                    other if other.stops_start() => stops.push(sentence(state, &here, item, other)),
                    _ => {}
                }
            }
            let holder = item.holder();
            let own = |holder: &Claim| here.replica.as_deref() == Some(holder.replica.as_str());
            one.holder = holder.filter(|one| own(one)).map(|one| one.actor.clone());
            one.stage = match (&item.status, holder) {
                (Status::InReview | Status::ReadyForIntegration, _) => Stage::InReview,
                (Status::Blocked | Status::Deferred, _) => {
                    one.held
                        .get_or_insert(format!("it is {}", item.status.word()));
                    Stage::Blocked
                }
                // A claim whose lease is over is taken over.
                (_, Some(holder)) if !own(holder) && !holder.may_be_taken_over(now) => {
                    let by = format!("{} is working on it", actor(&holder.actor));
                    one.held.get_or_insert(by);
                    Stage::Elsewhere
                }
                _ => Stage::Waiting,
            };
            if let Some(kept) = item
                .returned
                .as_ref()
                .filter(|one| one.is_kept_for_author(now))
                && !agent_names::is_agent_here(pm, &kept.to)
            {
                let by = actor(&kept.to);
                let text = format!(
                    "it was returned to {by}, who may continue until {}",
                    pm.env().shown_time(&kept.until)
                );
                one.held.get_or_insert(text);
            }
            if !stops.is_empty() {
                one.held.get_or_insert(stops.join("; "));
            }
            if one.stage == Stage::Waiting
                && !only.contains(&item.uid)
                && let Some(other) = assigned_to_another(pm, item)
            {
                one.held
                    .get_or_insert(format!("it is assigned to {}", actor(other)));
            }
            if one.stage == Stage::Waiting
                && !only.contains(&item.uid)
                && let Err(duplicate) = obstacle::require_no_duplicate(state, item)
            {
                one.held.get_or_insert(duplicate.message().to_string());
            }
            let mut bounds = budgets.iter().filter(|budget| budget.bounds(item));
            if one.held.is_none()
                && let Some(stop) = bounds.find_map(Budget::stops)
            {
                (one.held, one.held_by_budget) = (Some(stop), true);
            }
            all.push(one);
        }
        let uids = all.iter().enumerate();
        let places: HashMap<&Uid, usize> = uids.map(|(n, one)| (&one.item.uid, n)).collect();
        let reserved = state.open_reservations(now).into_iter().filter(|one| {
            let task = one.task.as_ref().and_then(|task| task.uid.as_ref());
            let ours = task.is_some_and(|task| places.contains_key(task));
            !one.shared && !one.advisory && !ours
        });
        let reserved = reserved.map(|one| Reserved {
            holder: actor(&one.actor),
            patterns: one.patterns,
            files: one.files,
        });
        Ok(Candidates {
            budgets,
            view: View {
                jobs: Vec::new(),
                contested: contested(state),
                reserved: reserved.collect(),
                case: here::case(pm),
                limits: Limits {
                    wip_review: options.wip_review,
                    ..Limits::default()
                },
            },
            state,
            places,
            all,
        })
    }

    /// The same items, with the restrictions of the agents that may take them.
    pub(super) fn routed(
        mut self,
        pm: &Pm,
        routing: &Routing,
        jobs: &BTreeMap<Uid, Job>,
    ) -> Candidates<'s> {
        for one in &mut self.all {
            let job = jobs.get(&one.item.uid);
            let (held, is_limited) = routing.holds(pm, self.state, one.item, job);
            one.held = one.held.take().or(held);
            one.is_limited = is_limited;
        }
        self
    }

    /// The items that are not done, with their ids.
    pub(super) fn open(&self) -> Vec<(Uid, String)> {
        let all = self.all.iter();
        all.map(|one| (one.item.uid.clone(), one.id.clone()))
            .collect()
    }

    /// The ids of items on which other clones work, or whose work a run there may merge.
    pub(super) fn elsewhere(&self, pm: &Pm) -> Vec<String> {
        let runs = self.state.runs().into_iter();
        let runs = runs.filter_map(|run| record::run(self.state, &run));
        let merging = runs.filter(|run| {
            let is_at_work = matches!(run.status, RunStatus::Running | RunStatus::Queued);
            is_at_work
                && run.plan.merge == MergeRule::Gates
                && !ownership::is_here(pm, &run.replica)
        });
        let clones: BTreeSet<String> = merging.map(|run| run.replica).collect();
        let now = pm.now_ms();
        let is_merged_there = |item: &Item| {
            let holder = item.holder().filter(|one| !one.may_be_taken_over(now));
            holder.is_some_and(|one| clones.contains(&one.replica))
        };
        let all = self.all.iter();
        let elsewhere = all.filter(|one| match one.stage {
            Stage::Elsewhere => one.holder.is_none(),
            Stage::InReview => is_merged_there(one.item),
            _ => false,
        });
        elsewhere.map(|one| one.id.clone()).collect()
    }

    /// The budget that keeps items from starting, as a reason.
    pub(super) fn stopped_by_budget(&self) -> Option<String> {
        let mut held = self.all.iter().filter(|one| one.held_by_budget);
        let stopped = |one: &Candidate<'_>| !matches!(one.stage, Stage::InReview);
        held.find(|one| stopped(one))?.held.clone()
    }

    /// The items that agents are working on or can still be started on.
    pub(super) fn left(&self, jobs: &BTreeMap<Uid, Job>) -> Vec<&'s Item> {
        let is_left = |one: &&Candidate| {
            let job = jobs.get(&one.item.uid).map(|job| job.status);
            one.held.is_none()
                && match job {
                    None => one.stage == Stage::Waiting,
                    Some(RunStatus::Queued | RunStatus::Running | RunStatus::Paused) => true,
                    Some(_) => false,
                }
        };
        let left = self.all.iter().filter(is_left);
        left.map(|one| one.item).collect()
    }

    /// The scheduler's view of the run.
    pub(super) fn view(&self, now: &Now<'_>) -> View {
        let mut view = self.view.clone();
        view.limits.free_agents = now.free;
        for one in &self.all {
            let uid = &one.item.uid;
            let job = now.jobs.get(uid);
            let files = job.into_iter().flat_map(|job| job.contested.iter());
            view.contested.extend(files.cloned());
            view.jobs.push(schedule::Job {
                key: uid.to_string(),
                id: one.id.clone(),
                priority: one.item.priority,
                minutes: minutes(one.item),
                stream: one.item.stream.clone(),
                epic: one
                    .item
                    .whole()
                    .and_then(|epic| epic.uid.as_ref())
                    .map(Uid::to_string),
                patterns: one.item.paths.clone(),
                files: Vec::new(),
                hard: one.hard.iter().map(Uid::to_string).collect(),
                soft: one.soft.iter().map(Uid::to_string).collect(),
                state: stage(one, job, now),
                overtaken: now.overtaken.get(uid).copied().unwrap_or(0),
            });
        }
        view.contested.sort();
        view.contested.dedup();
        view
    }

    /// True if a task waits only for its provider's rate limit to end.
    pub(super) fn waits_for_provider(&self, now: &Now<'_>) -> bool {
        self.all.iter().any(|one| {
            let job = now.jobs.get(&one.item.uid);
            let is_open = job
                .is_none_or(|job| matches!(job.status, RunStatus::Queued | RunStatus::Completed));
            let is_held = one.held.is_none() && stage(one, job, now) == Stage::Held;
            one.is_limited && is_open && is_held
        })
    }

    /// The decision about each open item that no agent is working on.
    pub(super) fn decide(&self, now: &Now<'_>) -> Vec<Decision> {
        let choices = schedule::choose(&self.view(now)).into_iter();
        choices
            .filter_map(|choice| {
                Some(Decision {
                    item: Uid::new(&choice.key)?,
                    why_not: choice.why_not,
                    overtaken: choice.overtaken,
                })
            })
            .collect()
    }

    /// The items whose work is to be merged, in the best order.
    pub(super) fn merge_order(&self, now: &Now<'_>) -> Vec<Uid> {
        let keys = schedule::merge_order(&self.view(now)).into_iter();
        keys.filter_map(|key| Uid::new(&key)).collect()
    }

    /// The reason an item does not start, as a phrase; `None` if it does.
    pub(super) fn reason(&self, decision: &Decision, now: &Now<'_>) -> Option<String> {
        let id = |key: &String| {
            let item = Uid::new(key).and_then(|uid| self.state.item(&uid));
            item.map_or_else(|| key.clone(), |item| self.state.shown_id(item))
        };
        let named = |keys: &[String]| {
            let mut ids: Vec<String> = keys.iter().map(id).collect();
            ids.dedup();
            first_of(&ids, NAMED)
        };
        let other = |other: &Other| match other {
            Other::Job(key) => id(key),
            Other::Reservation(holder) => format!("a reservation held by {holder}"),
        };
        Some(match decision.why_not.as_ref()? {
            Why::NoFreeAgent => "no agent is free".into(),
            Why::Overlaps(by) => format!("its files overlap with {}", other(by)),
            Why::Contested(file, by) => {
                format!(
                    "{file}, which has had merge conflicts, is in use by {}",
                    other(by)
                )
            }
            Why::GivesWay(key) => format!("gives way to {}, which has waited longer", id(key)),
            Why::WaitsFor(keys) => format!("waits for {}", named(keys)),
            Why::ReviewLimit => "too many tasks are in review".into(),
            Why::Held => {
                let one = self.places.get(&decision.item).map(|n| &self.all[*n]);
                let held = one.and_then(|one| one.held.as_ref());
                let job = now.jobs.get(&decision.item);
                let limit = one.filter(|one| one.is_limited);
                if held.is_none() && limit.is_some() {
                    return Some("its provider is rate-limiting requests".into());
                }
                let reason = held.or_else(|| job?.reason.as_ref());
                reason.cloned().unwrap_or_else(|| "it is on hold".into())
            }
        })
    }
}

/// The assignee of an item whom the agents of this run leave it to, as `next` does: neither one of a run nor the human
/// who started this one.
fn assigned_to_another<'i>(pm: &Pm, item: &'i Item) -> Option<&'i str> {
    let other = item.assignee.as_deref()?;
    let is_own = agent_names::is_agent_name(other) || is_same_name(other, &pm.actor.name);
    (!is_own).then_some(other)
}

/// The reason a policy of an item keeps agents away. Without a policy, the human who starts the run
/// decides.
fn forbids(policy: &str) -> Option<String> {
    let allowed = matches!(
        AutoPolicy::parse(policy),
        Some(AutoPolicy::Develop | AutoPolicy::Review)
    );
    (!allowed).then(|| format!("its auto_policy is {}", one_line(policy)))
}

/// True if passing its gates is enough to merge an item.
pub(super) fn may_merge_by_gates(item: &Item) -> bool {
    policy(item).is_none_or(|policy| AutoPolicy::parse(policy) == Some(AutoPolicy::Review))
}

fn policy(item: &Item) -> Option<&str> {
    (!item.auto_policy_is_open).then_some(item.auto_policy.as_str())
}

fn stage(one: &Candidate, job: Option<&Job>, now: &Now<'_>) -> Stage {
    let uid = &one.item.uid;
    if now.working.contains(uid) {
        return Stage::Running;
    }
    if one.stage == Stage::InReview && job.is_some_and(|job| job.status == RunStatus::Running) {
        return Stage::Merging;
    }
    // Work that came back from review, or from a gate on the result of its merge.
    let returned = one.stage == Stage::InReview
        && job.is_some_and(|job| job.status == RunStatus::Queued && job.attempt > 0);
    if one.stage != Stage::Waiting && !returned {
        return one.stage;
    }
    // Of this clone's claims, only those of this run's own agents can be continued.
    let own = job.and_then(|job| job.agent.as_ref());
    if one.holder.is_some() && one.holder.as_ref() != own {
        return Stage::Elsewhere;
    }
    if one.held.is_some() || now.waiting.contains(uid) {
        return Stage::Held;
    }
    match job.map(|job| job.status) {
        None | Some(RunStatus::Queued | RunStatus::Completed) if one.is_limited => Stage::Held,
        None | Some(RunStatus::Queued | RunStatus::Completed) => Stage::Waiting,
        Some(RunStatus::Running) => Stage::Running,
        Some(RunStatus::Paused) => Stage::Paused,
        Some(RunStatus::Failed) => Stage::Failed,
        Some(RunStatus::Blocked) => Stage::Blocked,
        Some(RunStatus::Skipped) => Stage::Skipped,
        Some(RunStatus::Stopped) => Stage::Held,
    }
}

/// The minutes that an item is expected to take, by its estimate.
fn minutes(item: &Item) -> u32 {
    let known = item.estimated_minutes();
    let known = known.map(|minutes| u32::try_from(minutes).unwrap_or(u32::MAX));
    known.unwrap_or(Estimate::M.hours() * 60)
}
