//! Runs: agents work on the task graph, their work is checked and merged; which options are refused.
//!
//! They work in parallel, and their work is checked and merged in order. A main thread decides what
//! starts, collects the results and obeys requests; each task has a thread for its agent, and merges
//! have one of their own. The state is the record of a run, one document for it and one for each
//! task, so that another process can follow or continue it. What a run does is not read from the
//! state, which anyone who can push can write: program, rule of merging, limits and pinned rules are
//! kept in the clone.

mod after_attempt;
mod agent_names;
mod ask_agents;
mod attempts;
pub(crate) mod budget_level;
mod candidates;
mod checkout;
mod control;
mod debate;
mod engine;
mod full;
pub(crate) mod hand_over;
mod listener;
mod live;
mod lock;
mod logs;
mod merge_work;
mod model_agent;
mod options;
mod panel_run;
mod planning;
mod private_folder;
pub(crate) mod reconcile;
mod record;
mod requests;
mod research;
mod review;
pub(crate) mod roles;
mod route_views;
mod routing;
mod schedule;
mod start_agent;
mod task_commands;
mod task_git;
mod used;
mod view;
mod worker;
mod write_record;

pub use self::control::{PlannedTask, RunPlan, RunSummary};
pub use self::debate::{DebateStep, PlanDebate};
pub use self::full::{
    FullEvent, FullOptions, FullReview, FullStep, FullStepStatus, FullStepView, FullTask, FullView,
    SWARM_MAX,
};
pub use self::logs::{LogLine, LogOptions, PublishedLogs};
pub use self::options::{Checkpoint, RunAgent, RunEvent, RunOptions};
pub use self::planning::{PlanRound, PlanStep, PlannedDocument};
pub use self::record::{MergeRule, Step, Verb};
pub use self::research::{Research, Researched};
pub use self::review::{PanelReview, ReviewStep};
pub use self::route_views::{
    ExcludedAgent, RoleRow, RouteAgent, RouteTable, RouteView, SpecialtyRow,
};
pub use self::view::{AttemptUsedView, JobView, RunView, SpentView};

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use self::engine::Engine;
use self::record::Plan;
use self::routing::Routing;
use self::used::Prices;
use crate::agent::headless::With;
use crate::agent::sandbox::Rules;
use crate::coordinate::claim::ownership;
use crate::coordinate::gate::gates_to_run;
use crate::coordinate::hook::guard_status;
use crate::coordinate::rules::unauthorized_changes;
use crate::coordinate::worktree::target;
use crate::error::{Error, Hint, Result};
use crate::model::id::ItemKind;
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::pm::handles::Runs;
use crate::pm::pins::{Pins, TARGET};
use crate::pm::who_acts::require_human;
use crate::run::logs::log_ref;
use crate::store::beneath;
use crate::store::random;
use crate::work::task::approval;
use crate::work::task::decided;

impl Runs<'_> {
    /// Works on the task graph with agents until nothing is left to do, and returns the result.
    /// `tell` receives each transition after it has been recorded.
    ///
    /// # Errors
    /// When an item does not exist, an agent asks to merge by gates, another process works on a run
    /// in this clone, or the state cannot be written.
    pub fn run(&self, options: &RunOptions, tell: &mut dyn FnMut(RunEvent)) -> Result<RunView> {
        let pm = self.pm;
        require_run_allowed(pm, options)?;
        if let Ok(last) = control::find_run(pm, None)
            && last.agent.is_some()
            && ownership::is_here(pm, &last.replica)
        {
            control::require_resumable(pm, &last, None)?;
        }
        let mut plan = plan_of(pm, options)?;
        require_agent(pm, options)?;
        let lock = lock::lock_runs(pm)?;
        reconcile::close_dead_runs(pm)?;
        let uid = Uid::from_parts(pm.now_ms(), random::bytes()?);
        let pins = pins_now(pm)?;
        plan.pinned = Some(pins.hash());
        // Stored before the record: a run without options could not be continued.
        lock::keep_options(pm, &uid, options, &pins)?;
        write_record::begin_run(pm, &uid, &plan)?;
        drive(pm, &uid, options, pins, tell)?;
        drop(lock);
        control::run_view(pm, &uid)
    }

    /// Continues a run whose process has ended: ends what is left of its agents, picks up what they
    /// have done, and works until nothing is left to do.
    ///
    /// # Errors
    /// As for [`Runs::run`]; also when the run belongs to another clone, or its process is alive.
    pub fn continue_run(
        &self,
        run: Option<&str>,
        interrupt: Option<Arc<AtomicBool>>,
        tell: &mut dyn FnMut(RunEvent),
    ) -> Result<RunView> {
        let pm = self.pm;
        let found = control::find_run(pm, run)?;
        control::require_resumable(pm, &found, None)?;
        let mut options: RunOptions = lock::kept(pm, &found)?;
        options.interrupt = interrupt;
        if options.merge != found.plan.merge {
            return Err(Error::state(format!(
                "the options of {} in this clone differ from those it was started with",
                found.id()
            ))
            .hint("start another run"));
        }
        require_run_allowed(pm, &options)?;
        require_agent(pm, &options)?;
        let lock = lock::lock_runs(pm)?;
        if found.halted_by(None).is_some() {
            write_record::write_request(pm, &found.uid, Verb::Resume, None, None)?;
        }
        reconcile::drop_old_requests(pm, &control::find_run(pm, Some(found.uid.as_str()))?)?;
        let pins = lock::kept_pins(pm, &found)?;
        drive(pm, &found.uid, &options, pins, tell)?;
        drop(lock);
        control::run_view(pm, &found.uid)
    }

    /// The forecast of a run with these options: the order, the agents and the expected times.
    ///
    /// # Errors
    /// When an item does not exist or the state cannot be read.
    pub fn plan(&self, options: &RunOptions) -> Result<RunPlan> {
        require_run_allowed(self.pm, options)?;
        control::plan_run(self.pm, options)
    }
}

/// Rejects options that only a human may give, or that cannot work here.
fn require_run_allowed(pm: &Pm, options: &RunOptions) -> Result<()> {
    if options.agents == 0 {
        return Err(Error::usage("a run needs at least one agent")
            .hint("use `--agents N` with N at least 1"));
    }
    if options.merge == MergeRule::Gates {
        require_human(
            &pm.actor,
            "merging by gates",
            Hint::from("leave out `--merge gates`: the work then waits for a human's approval"),
        )?;
        approval::require_gates_suffice(pm)?;
    }
    let rules = Rules::of(pm)?;
    if let RunAgent::One(with) = &options.with {
        rules.check(with)?;
    }
    Ok(())
}

/// Rejects an agent that cannot be started.
fn require_agent(pm: &Pm, options: &RunOptions) -> Result<()> {
    worker::mcp_servers(pm)?;
    let RunAgent::One(with) = &options.with else {
        if options.model.is_some() {
            return Err(
                Error::usage("`--model` cannot be combined with `--with auto`")
                    .hint("leave out `--model`: each route names its model; pm.route sets others"),
            );
        }
        return Routing::of(pm, options)?.check(pm).map(drop);
    };
    if options.budget_micro_usd.is_some() {
        Prices::of(pm, with, options.model.as_deref()).require_known()?;
    }
    if let With::Model(name) = with {
        if options.model.is_some() {
            return Err(Error::usage("`--model` and `--with` both name a model")
                .hint("leave out `--model`: `--with model:PROVIDER/NAME` names it"));
        }
        return model_agent::require(pm, name);
    }
    with.require_program(&pm.store.env().vars)
}

/// The plan that is recorded for a run.
fn plan_of(pm: &Pm, options: &RunOptions) -> Result<Plan> {
    let state = pm.store.state()?;
    let epic = match &options.epic {
        Some(epic) => Some(state.find_kind(epic, ItemKind::Epic)?),
        None => None,
    };
    let mut only = Vec::new();
    for id in &options.only {
        only.push(state.find(id)?.reference().to_string());
    }
    Ok(Plan {
        // Not the command line, which may contain keys.
        with: options.with.name().to_string(),
        agents: options.agents,
        merge: options.merge,
        budget_micro_usd: options.budget_micro_usd,
        epic: epic.map(|epic| epic.reference().to_string()),
        only,
        pinned: None,
    })
}

/// What decides the merges of all open items now.
fn pins_now(pm: &Pm) -> Result<Pins> {
    unauthorized_changes::hold_rules(pm)?;
    let state = pm.store.state()?;
    let mut pins = Pins::default();
    let mut of_epics: BTreeMap<(Option<Uid>, Option<&str>), String> = BTreeMap::new();
    for item in state.items() {
        if item.status.is_closed() {
            continue;
        }
        let epic = item.epic.as_ref().and_then(|epic| epic.uid.clone());
        let target = match of_epics.entry((epic, target::own_target(&state, item))) {
            Entry::Occupied(known) => known.get().clone(),
            Entry::Vacant(new) => new
                .insert(target::target_of(pm, &state, item, None)?)
                .clone(),
        };
        let own = decided::decided_by_item(pm, item, &target);
        if let Some(name) = own.0.get(TARGET)
            && !pins.targets.contains_key(name)
        {
            let of_target = gates_to_run::decided_by_target(pm, &target)?;
            pins.targets.insert(name.clone(), of_target);
        }
        pins.items.insert(item.uid.to_string(), own);
    }
    Ok(pins)
}

/// Works on a run as its only process.
fn drive(
    pm: &Pm,
    run: &Uid,
    options: &RunOptions,
    pins: Pins,
    tell: &mut dyn FnMut(RunEvent),
) -> Result<()> {
    lock::mark_alive(pm, run)?;
    pm.pinned.replace(Some(Arc::new(pins)));
    if let RunAgent::One(with) = &options.with {
        for warning in Rules::of(pm)?.warnings(pm, with)? {
            tell(RunEvent::notice(warning));
        }
        let prices = Prices::of(pm, with, options.model.as_deref());
        let warning = prices
            .warning()
            .filter(|_| options.budget_micro_usd.is_some());
        warning
            .into_iter()
            .for_each(|warning| tell(RunEvent::notice(warning)));
    }
    let mut routing = Routing::of(pm, options)?;
    for warning in routing.check(pm)? {
        tell(RunEvent::notice(warning));
    }
    if gates_to_run::gates(pm, &target::default_target(pm)?)?.is_empty()
        && options.merge == MergeRule::Gates
    {
        tell(RunEvent::notice(
            "no gates are configured: whatever is committed and accepted will be merged",
        ));
    }
    let jobs = reconcile::reconcile(pm, run, options, tell)?;
    let worked = Engine::new(pm, run.clone(), options, jobs, routing, tell).work();
    pm.pinned.replace(None);
    // Agents run with the user's permissions, and may have removed the hooks.
    if let Some(warning) = guard_status::missing_hooks_warning(pm) {
        tell(RunEvent::notice(warning));
    }
    let kept = log_ref::keep_logs(pm, run);
    worked?;
    kept?;
    task_commands::remove_private_folders(pm, run)
}
