//! The work on a plan: what is merged, continued or started next.
//!
//! Items approved by a human are merged, so that tasks waiting for them can start; an interrupted run
//! is continued; and whatever else can start goes to agents in a new run.

use std::collections::BTreeSet;

use super::{Full, FullEvent, FullStep, FullStepStatus, SWARM_MAX, all};
use crate::error::Result;
use crate::model::id::ItemRef;
use crate::model::item::Item;
use crate::model::status::Status;
use crate::model::text::counted;
use crate::model::uid::Uid;
use crate::plan::missing_parts::Standing;
use crate::pm::Pm;
use crate::run::candidates::Candidates;
use crate::run::control;
use crate::run::control::{PlannedTask, RunPlan};
use crate::run::lock;
use crate::run::options::RunOptions;
use crate::run::reconcile;
use crate::run::record::{self, Run, RunStatus};
use crate::run::view::RunView;
use crate::work::task::merge::queue::QueueOptions;

impl Full<'_> {
    pub(super) fn work(&mut self, standing: &Standing) -> Result<()> {
        self.begin(FullStep::Work);
        self.merge_approved(standing)?;
        let mut open = open_of(self.pm, &standing.items)?;
        if let Some(run) =
            interrupted_run(self.pm, &open, self.options.swarm, &self.options.of_runs())?
        {
            let report = &mut |event| (self.tell)(FullEvent::Run(event));
            let interrupt = self.options.run.interrupt.clone();
            let view = self
                .pm
                .runs()
                .continue_run(Some(&run.id()), interrupt, report)?;
            self.view.runs.push(view);
            // Tasks it gave up are not restarted by the same command.
            let its = items_of(&run);
            open.retain(|uid| !its.contains(uid));
        }
        if !self.was_stopped()
            && let Some(options) = self.next_run(&open)?
        {
            let report = &mut |event| (self.tell)(FullEvent::Run(event));
            let view = self.pm.runs().run(&options, report)?;
            self.view.runs.push(view);
        }
        self.sum_up(standing)
    }

    /// Merges the items of the plan that a human has approved, as the merge queue does.
    fn merge_approved(&mut self, standing: &Standing) -> Result<()> {
        let approved = {
            let state = self.pm.store.state()?;
            let mut items = all(standing).filter_map(|uid| state.item(uid));
            items.any(|item| item.status == Status::ReadyForIntegration)
        };
        if !approved {
            return Ok(());
        }
        let report = self.pm.tasks().merge_queue(&QueueOptions {
            only: all(standing).map(Uid::to_string).collect(),
            ..QueueOptions::default()
        })?;
        let merged = report.merged.into_iter().map(|one| one.id);
        self.view.merged.extend(merged);
        let left_out = report.left_out.into_iter().map(|one| (one.id, one.text));
        self.left_out.extend(left_out);
        Ok(())
    }

    /// The options of a run of these items; `None` if it could start nothing.
    fn next_run(&mut self, open: &[Uid]) -> Result<Option<RunOptions>> {
        if open.is_empty() {
            return Ok(None);
        }
        // Items held by the agents of a killed process cannot be started until they are released.
        close_runs_without_process(self.pm)?;
        let (options, plan) = self.run_in_advance(open)?;
        if !plan.tasks.is_empty() {
            return Ok(Some(options));
        }
        self.spent = {
            let state = self.pm.store.state()?;
            Candidates::of(self.pm, &state, &options)?.stopped_by_budget()
        };
        self.view.schedule = Some(plan).filter(|plan| !plan.left.is_empty());
        Ok(None)
    }

    /// The options of a run of these items, and its forecast.
    pub(super) fn run_in_advance(&self, open: &[Uid]) -> Result<(RunOptions, RunPlan)> {
        let mut options = self.options.of_runs();
        options.budget_micro_usd = self.left()?;
        options.only = open.iter().map(Uid::to_string).collect();
        let mut plan = control::plan_run(self.pm, &options)?;
        if self.options.swarm {
            options.agents = used_at_once(&plan.tasks);
            plan = control::plan_run(self.pm, &options)?;
        }
        Ok((options, plan))
    }

    fn was_stopped(&self) -> bool {
        let stopped = |run: &RunView| run.status == RunStatus::Stopped;
        self.view.runs.last().is_some_and(stopped) || self.options.run.interrupted()
    }

    /// Reports the result of the work from the items, as the records of their runs may be outdated.
    fn sum_up(&mut self, standing: &Standing) -> Result<()> {
        let state = self.pm.store.state()?;
        let items: Vec<&Item> = standing
            .items
            .iter()
            .filter_map(|uid| state.item(uid))
            .collect();
        let runs = self.view.runs.iter().flat_map(|run| &run.tasks);
        let given_up = runs.filter(|task| task.status == RunStatus::Failed);
        let given_up: BTreeSet<&str> = given_up.map(|task| task.id.as_str()).collect();
        let count = |wanted: &dyn Fn(&Item) -> bool| items.iter().filter(|i| wanted(i)).count();
        let is_failed = |item: &Item| {
            !item.status.is_closed() && given_up.contains(state.shown_id(item).as_str())
        };
        let is_submitted =
            |item: &Item| matches!(item.status, Status::InReview | Status::ReadyForIntegration);
        let closed = count(&|item| item.status.is_closed());
        let cancelled = count(&|item| item.status == Status::Cancelled);
        let (failed, submitted) = (count(&is_failed), count(&is_submitted));
        let rest = items.len().saturating_sub(closed + failed + submitted);
        let open = items.len() - cancelled;
        let mut text = format!("{} of {} done", closed - cancelled, counted(open, "task"));
        for (count, what) in [
            (cancelled, "cancelled"),
            (failed, "failed"),
            (submitted, "in review"),
            (rest, "not done"),
        ] {
            if count > 0 {
                text.push_str(&format!(", {count} {what}"));
            }
        }
        drop(items);
        drop(state);
        let is_idle = self.view.runs.is_empty() && self.view.merged.is_empty();
        let last = self.view.runs.last();
        let is_stopped = self.was_stopped() || self.spent.is_some();
        let (status, step) = match (is_stopped, failed) {
            (true, _) => (RunStatus::Stopped, FullStepStatus::Stopped),
            (_, 1..) => (RunStatus::Failed, FullStepStatus::Failed),
            _ if closed < standing.items.len() => (RunStatus::Blocked, FullStepStatus::Waits),
            _ if is_idle => (RunStatus::Completed, FullStepStatus::Nothing),
            _ => (RunStatus::Completed, FullStepStatus::Done),
        };
        let reason = last.and_then(|run| run.reason.as_ref());
        if let Some(reason) = self.spent.as_ref().or(reason).filter(|_| is_stopped) {
            text = format!("{reason}; {text}");
        }
        let by_budget = |run: &RunView| run.budget_spent;
        self.view.budget_spent = self.spent.is_some() || last.is_some_and(by_budget);
        self.view.status = status;
        if failed > 0 {
            self.view.next.push("git pm logs".into());
        }
        self.end(FullStep::Work, step, text);
        Ok(())
    }
}

/// Those of the items that are not closed.
pub(super) fn open_of(pm: &Pm, items: &[Uid]) -> Result<Vec<Uid>> {
    let state = pm.store.state()?;
    let is_open = |uid: &&Uid| state.item(uid).is_some_and(|item| !item.status.is_closed());
    Ok(items.iter().filter(is_open).cloned().collect())
}

/// The newest run of this clone with these items, if it was stopped or its process has ended,
/// and its options are the same. With `swarm`, the numbers of agents are not compared.
fn interrupted_run(
    pm: &Pm,
    open: &[Uid],
    swarm: bool,
    options: &RunOptions,
) -> Result<Option<Run>> {
    let here = pm.here().replica;
    let newest = {
        let state = pm.store.state()?;
        let runs = state.runs().into_iter().rev();
        let mut runs = runs.filter_map(|uid| record::run(&state, &uid));
        runs.find(|run| {
            let its = items_of(run);
            Some(&run.replica) == here.as_ref() && open.iter().any(|uid| its.contains(uid))
        })
    };
    Ok(newest.filter(|run| {
        let is_open = matches!(
            run.status,
            RunStatus::Running | RunStatus::Paused | RunStatus::Stopped
        );
        // A run without stored options cannot be continued.
        let kept = lock::kept(pm, run).ok();
        is_open && kept.is_some_and(|kept| is_same(&kept, options, swarm))
    }))
}

/// Releases what is held by the agents of runs whose process has ended.
fn close_runs_without_process(pm: &Pm) -> Result<()> {
    let mut dead = false;
    for run in &reconcile::open_runs_here(pm)? {
        dead |= !lock::is_alive(pm, &run.uid)?;
    }
    if dead {
        let _lock = lock::lock_runs(pm)?;
        reconcile::close_dead_runs(pm)?;
    }
    Ok(())
}

/// The items named when a run was started.
fn items_of(run: &Run) -> BTreeSet<Uid> {
    let items = run.plan.only.iter();
    items.filter_map(|item| ItemRef::parse(item).uid).collect()
}

/// True if two runs have the same options apart from their items.
fn is_same(kept: &RunOptions, wanted: &RunOptions, swarm: bool) -> bool {
    let plain = |options: &RunOptions| {
        let options = RunOptions {
            only: Vec::new(),
            agents: if swarm { 1 } else { options.agents },
            // What was spent before it began is not in it.
            budget_micro_usd: None,
            ..options.clone()
        };
        serde_json::to_value(options).ok()
    };
    plain(kept) == plain(wanted)
}

/// The number of agents that a plan with at most [`SWARM_MAX`] uses at the same time.
fn used_at_once(tasks: &[PlannedTask]) -> usize {
    let agents: BTreeSet<&str> = tasks.iter().map(|task| task.agent.as_str()).collect();
    agents.len().clamp(1, SWARM_MAX)
}
