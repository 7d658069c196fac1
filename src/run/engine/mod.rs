//! The main loop of a run: starts what is ready, collects results, obeys requests, and ends.
//!
//! It ends when nothing is left to do. It alone writes the documents of the run's tasks, and records
//! every start, merge and end before performing it.

mod money;
mod requests;
mod results;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use super::after_attempt::{AttemptCounts, AttemptEnd, AttemptOutcome};
use super::candidates::{Candidates, Now};
use super::merge_work::Merged;
use super::options::{Checkpoint, RunEvent, RunOptions};
use super::record::{Job, MergeRule, RunStatus, Step};
use super::routing::{Pick, Routing};
use super::view;
use super::worker::{self, AttemptOrder};
use crate::agent::route::Agent;
use crate::agent::sandbox::Machine;
use crate::coordinate::sync;
use crate::error::Result;
use crate::model::short_id::{RUN, short_id};
use crate::model::text::first_of;
use crate::model::uid::Uid;
use crate::model::usage::Attempt;
use crate::pm::Pm;
use crate::process::Control;
use crate::run::agent_names;
use crate::run::write_record;
use crate::store::fault;
use crate::store::git::repo::Oid;
use crate::store::state::EveryItem;
use crate::work::cost::Budget;
use crate::work::sync::bring_news;
use crate::work::task::merge::remote_target;
use crate::work::task::start;

/// The interval at which the state's ref is polled for requests from other processes.
const POLL_INTERVAL: Duration = Duration::from_millis(200);

/// The time between two polls of the remote while other clones work on what is left.
const AGAIN: Duration = Duration::from_secs(5);

/// The number of items that a sentence names.
const NAMED: usize = 5;

/// The time between two renewals of the agents' claims.
const RENEW: Duration = Duration::from_secs(600);

/// A report from a thread.
enum ThreadReport {
    /// The work on a task has reached its next step.
    Step(Uid, Step),
    /// A task's agent has ended and its work has been checked.
    Worked(Uid, Box<AttemptOutcome>),
    /// A merge has ended.
    Merged(Uid, Box<Merged>),
}

/// A task that an agent is working on.
struct Working {
    control: Control,
    agent: String,
    /// The program or model.
    with: Agent,
    /// The attempt, recorded once the agent is started.
    attempt: Attempt,
    /// The end that a request asked for; it takes precedence over the thread's report.
    ending: Option<(RunStatus, String)>,
}

/// A run in progress.
pub(super) struct Engine<'p> {
    pm: &'p Pm,
    run: Uid,
    id: String,
    options: &'p RunOptions,
    jobs: BTreeMap<Uid, Job>,
    working: BTreeMap<Uid, Working>,
    merges: VecDeque<Uid>,
    merging: Option<(Uid, Control)>,
    /// The earliest time at which a task is retried.
    not_before: BTreeMap<Uid, Instant>,
    tried: BTreeMap<Uid, AttemptCounts>,
    /// The target's commit with which each task conflicted last.
    conflicted: BTreeMap<Uid, Oid>,
    /// The number of times each task was overtaken, which decides when its turn comes.
    overtaken: BTreeMap<Uid, u32>,
    paused: bool,
    /// The reason, once the run has been asked to end.
    stopping: Option<String>,
    /// Set once the warning about the run's budget has been given.
    budget_told: bool,
    /// The agent for each task, and the providers that are rate-limiting requests.
    routing: Routing,
    /// True if a task waits for its provider's rate limit to end.
    waits_for_provider: bool,
    /// The budgets in the state that apply to open items.
    budgets: Vec<Budget>,
    /// The names of the budgets for which a warning has been given.
    budgets_told: BTreeSet<String>,
    seen: Option<Oid>,
    /// The state at the last decision about what to start.
    decided: Option<Oid>,
    /// The items of that state, so that the next decision reads only those that have changed.
    items: Option<EveryItem>,
    renewed: Instant,
    /// The next time at which the remote is polled for the work of other clones.
    next_look: Option<Instant>,
    /// True if nothing was started since the remote had news.
    looked: bool,
    /// For the sandboxes.
    machine: Arc<Machine>,
    sender: Sender<ThreadReport>,
    receiver: Receiver<ThreadReport>,
    tell: &'p mut dyn FnMut(RunEvent),
}

impl<'p> Engine<'p> {
    pub(super) fn new(
        pm: &'p Pm,
        run: Uid,
        options: &'p RunOptions,
        jobs: BTreeMap<Uid, Job>,
        routing: Routing,
        tell: &'p mut dyn FnMut(RunEvent),
    ) -> Engine<'p> {
        let (sender, receiver) = channel();
        let waits = |job: &&Job| job.status == RunStatus::Running && job.step == Some(Step::Review);
        let merges = jobs.values().filter(waits).map(|job| job.item.clone());
        Engine {
            id: short_id(RUN, &run),
            merges: merges.collect(),
            jobs,
            pm,
            run,
            options,
            working: BTreeMap::new(),
            merging: None,
            not_before: BTreeMap::new(),
            tried: BTreeMap::new(),
            conflicted: BTreeMap::new(),
            overtaken: BTreeMap::new(),
            paused: false,
            stopping: None,
            budget_told: false,
            routing,
            waits_for_provider: false,
            budgets: Vec::new(),
            budgets_told: BTreeSet::new(),
            seen: None,
            decided: None,
            items: None,
            renewed: Instant::now(),
            next_look: None,
            looked: false,
            machine: Arc::default(),
            sender,
            receiver,
            tell,
        }
    }

    /// Works until nothing is left to do, and returns the run's final status.
    ///
    /// # Errors
    /// When the state cannot be written; all agents are then ended as well.
    pub(super) fn work(&mut self) -> Result<RunStatus> {
        let worked = self.work_on();
        if worked.is_err() {
            self.end_all();
        }
        worked
    }

    fn work_on(&mut self) -> Result<RunStatus> {
        loop {
            self.obey()?;
            self.renew();
            if self.stopping.is_none() && !self.paused {
                self.merge_next()?;
                self.dispatch()?;
            }
            let next = self.next_try();
            let busy = !self.working.is_empty() || self.merging.is_some();
            // Includes tasks that have become due since the last poll.
            let waits = self.waits_for_provider || !self.not_before.is_empty();
            let idle = !busy && (self.stopping.is_some() || !self.paused && !waits);
            if idle && self.is_over()? {
                return self.end();
            }
            let wait = next.map_or(POLL_INTERVAL, |at| {
                at.saturating_duration_since(Instant::now())
                    .min(POLL_INTERVAL)
            });
            // The agents' hooks need the index.
            self.pm.store.release_index();
            match self.receiver.recv_timeout(wait) {
                Ok(report) => self.take_in(report)?,
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {}
            }
        }
    }

    /// True if nothing more is to be expected where nothing is in progress: the remote has no news,
    /// and no other clone works on a task of this run.
    fn is_over(&mut self) -> Result<bool> {
        if self.stopping.is_some() || self.over_budget().is_some() {
            return Ok(true);
        }
        if self.next_look.is_some_and(|at| Instant::now() < at) {
            return Ok(false);
        }
        let before = self.pm.store.require_tip()?;
        bring_news::bring_news(self.pm)?;
        self.pass_on_notices();
        let is_new = self.pm.store.require_tip()? != before;
        if is_new && !std::mem::replace(&mut self.looked, true) {
            self.decided = None;
            return Ok(false);
        }
        let elsewhere = {
            let state = self.pm.store.state()?;
            Candidates::of(self.pm, &state, self.options)?.elsewhere(self.pm)
        };
        if elsewhere.is_empty() {
            if self.options.merge == MergeRule::Gates {
                // Others may have merged last.
                if let Err(error) = remote_target::follow_default_target(self.pm) {
                    (self.tell)(RunEvent::notice(error.message()));
                }
                self.pass_on_notices();
            }
            return Ok(true);
        }
        if self.next_look.is_none() {
            let named = first_of(&elsewhere, NAMED);
            let text = format!("waits for other clones, which work on {named}");
            (self.tell)(RunEvent::notice(text));
        }
        (self.decided, self.looked) = (None, false);
        self.next_look = Some(Instant::now() + AGAIN);
        Ok(false)
    }

    /// Reports what the library noticed meanwhile.
    fn pass_on_notices(&mut self) {
        for notice in self.pm.take_notices() {
            (self.tell)(RunEvent::notice(notice));
        }
    }

    /// Ends all agents and waits until their processes are gone.
    fn end_all(&mut self) {
        self.stop_all();
        let patience = self.options.grace() * 2 + POLL_INTERVAL;
        while !self.working.is_empty() || self.merging.is_some() {
            match self.receiver.recv_timeout(patience) {
                Ok(ThreadReport::Worked(item, _)) => drop(self.working.remove(&item)),
                Ok(ThreadReport::Merged(..)) => self.merging = None,
                Ok(ThreadReport::Step(..)) => {}
                Err(_) => break,
            }
        }
    }

    /// Ends all agents and the gates of a merge; a merge that has passed its gates is completed.
    fn stop_all(&self) {
        let controls = self.working.values().map(|working| &working.control);
        let merge = self.merging.iter().map(|(_, control)| control);
        controls.chain(merge).for_each(Control::stop);
    }

    /// Renews, every [`RENEW`] or six times in a lease, the agents' claims that were not renewed
    /// recently.
    fn renew(&mut self) {
        let lease = Duration::from_millis(start::agent_lease(self.pm));
        if self.renewed.elapsed() < RENEW.min(lease / 6) {
            return;
        }
        self.renewed = Instant::now();
        for (item, working) in &self.working {
            if let Err(error) = worker::renew(self.pm, item, &working.agent) {
                let who = &working.agent;
                let text = format!("a claim of {who} was not renewed: {}", error.message());
                (self.tell)(RunEvent::notice(text));
            }
        }
    }

    /// The earliest time at which a task that waits only for a time becomes due.
    fn next_try(&self) -> Option<Instant> {
        let now = Instant::now();
        let times = self
            .not_before
            .values()
            .chain(self.routing.limited.values());
        times.copied().filter(|at| *at > now).min()
    }

    fn take_in(&mut self, report: ThreadReport) -> Result<()> {
        match report {
            ThreadReport::Step(item, step) => self.stepped(&item, step),
            ThreadReport::Worked(item, outcome) => self.worked(&item, *outcome),
            ThreadReport::Merged(item, merged) => self.merged(&item, *merged),
        }
    }

    /// Records a task's job, notifies the caller, and stores it.
    fn record(&mut self, job: Job) -> Result<()> {
        write_record::write_job(self.pm, &self.run, &job)?;
        fault::step("run-recorded")?;
        let state = self.pm.store.state()?;
        let id = state.item(&job.item).map(|item| state.shown_id(item));
        (self.tell)(RunEvent::of(id.unwrap_or_default(), &job));
        self.jobs.insert(job.item.clone(), job);
        Ok(())
    }

    /// The job of an item, or a new one if it has none yet.
    fn job(&self, item: &Uid) -> Job {
        let known = self.jobs.get(item).cloned();
        known.unwrap_or_else(|| Job::new(item.clone()))
    }

    /// Starts agents on what is ready.
    fn dispatch(&mut self) -> Result<()> {
        if self.over_budget().is_some() {
            // Nothing will be started any more, so nothing waits for a time.
            self.not_before.clear();
            self.routing.limited.clear();
            self.waits_for_provider = false;
            return Ok(());
        }
        let now = Instant::now();
        let is_due = |at: &Instant| *at <= now;
        let free = self.options.agents.saturating_sub(self.working.len());
        // With a checkpoint after every task, the next one starts once the last one is merged.
        let merges = self.merging.is_some() || !self.merges.is_empty();
        let looks = self.options.checkpoint == Checkpoint::EveryTask && merges;
        if free == 0 || looks {
            return Ok(());
        }
        let tip = self.pm.store.require_tip()?;
        let times = self.not_before.values();
        let any_due = times.chain(self.routing.limited.values()).any(is_due);
        if self.decided == Some(tip) && !any_due {
            return Ok(());
        }
        self.decided = Some(tip);
        self.routing.limited.retain(|_, at| !is_due(at));
        self.not_before.retain(|_, at| !is_due(at));
        let waiting: BTreeSet<Uid> = self.not_before.keys().cloned().collect();
        let (decisions, budgets, waits_for_provider) = {
            let state = self.pm.store.state()?;
            let is_first = self.items.is_none();
            if let Some(items) = self.items.take() {
                state.adopt(items);
            }
            let candidates = Candidates::of(self.pm, &state, self.options)?;
            let candidates = candidates.routed(self.pm, &self.routing, &self.jobs);
            let now = Now {
                jobs: &self.jobs,
                working: self.working.keys().cloned().collect(),
                waiting: &waiting,
                overtaken: &self.overtaken,
                free,
            };
            let waits = candidates.waits_for_provider(&now);
            if self.merges.len() > 1 {
                let order = candidates.merge_order(&now);
                let place = |item: &Uid| order.iter().position(|one| one == item);
                let merges = self.merges.make_contiguous();
                merges.sort_by_cached_key(|item| place(item).unwrap_or(order.len()));
            }
            let decided = (candidates.decide(&now), candidates.budgets, waits);
            self.items = state.into_every();
            if is_first {
                // The whole index was read.
                self.pm.store.rest_index();
            }
            decided
        };
        self.waits_for_provider = waits_for_provider;
        self.note_budgets(budgets);
        for decision in decisions {
            if decision.overtaken {
                *self.overtaken.entry(decision.item.clone()).or_default() += 1;
            }
            if decision.starts() {
                self.start(&decision.item)?;
            }
        }
        Ok(())
    }

    /// Starts an agent on a task.
    fn start(&mut self, item: &Uid) -> Result<()> {
        let mut job = self.job(item);
        let Some(pick) = self.pick(item, &job)? else {
            return Ok(());
        };
        // Work that this run has begun is continued under the same agent name.
        let held = self.held_by(item)?;
        let resume = held.is_some() && held == job.agent;
        let agent = match (
            held,
            agent_names::returned_to(self.pm, item, self.working_agents())?,
        ) {
            (Some(holder), _) if resume => holder,
            (_, Some(author)) => author,
            _ => agent_names::free_name(self.pm, self.working_agents())?,
        };
        job.status = RunStatus::Running;
        job.attempt += 1;
        job.agent = Some(agent.clone());
        let with = Some(pick.agent.name());
        // A session belongs to the agent that began it.
        job.session = job.session.filter(|_| job.with == with);
        job.with = with;
        job.role = pick
            .choice_message
            .is_some()
            .then(|| pick.duty.role.to_string());
        job.reason = None;
        let control = Control::new()?;
        let with = pick.agent.clone();
        let run = (&self.run, self.id.as_str());
        let mut order = AttemptOrder::new(
            self.pm,
            self.options,
            run,
            &job,
            (&control, &self.machine),
            pick,
        )?;
        order.resume = resume;
        order.budget = self.left_to_spend(item)?;
        job.step = Some(Step::Start);
        self.record(job)?;
        let attempt = order.attempt();
        let (sender, uid) = (self.sender.clone(), item.clone());
        std::thread::spawn(move || {
            let step = |step| drop(sender.send(ThreadReport::Step(uid.clone(), step)));
            let worked = catch_unwind(AssertUnwindSafe(|| worker::work(&order, &step)));
            let outcome = worked.unwrap_or_else(|_| {
                let text = "a bug in git pm ended the attempt; please report it";
                AttemptOutcome::without_agent(AttemptEnd::Failed(text.into()))
            });
            // There is no receiver once the run itself has failed.
            let _ = sender.send(ThreadReport::Worked(uid.clone(), Box::new(outcome)));
        });
        let working = Working {
            control,
            agent,
            with,
            attempt,
            ending: None,
        };
        self.working.insert(item.clone(), working);
        (self.next_look, self.looked) = (None, false);
        Ok(())
    }

    /// The agent program or model that takes an item now.
    fn pick(&self, item: &Uid, job: &Job) -> Result<Option<Pick>> {
        let state = self.pm.store.state()?;
        let item = state.item(item);
        Ok(item.and_then(|item| self.routing.pick(self.pm, &state, item, job)))
    }

    /// The names of the run's agents at work.
    fn working_agents(&self) -> impl Iterator<Item = String> + '_ {
        self.working.values().map(|working| working.agent.clone())
    }

    /// The actor in this clone that holds an item.
    fn held_by(&self, item: &Uid) -> Result<Option<String>> {
        let state = self.pm.store.state()?;
        let here = self.pm.here().replica;
        let holder = state.item(item).and_then(|item| item.holder());
        let holder = holder.filter(|holder| Some(&holder.replica) == here.as_ref());
        Ok(holder.map(|holder| holder.actor.clone()))
    }

    /// Records and returns the run's final status.
    fn end(&mut self) -> Result<RunStatus> {
        // What was to be tried again is anybody's now.
        let queued = self
            .jobs
            .values()
            .filter(|job| job.status == RunStatus::Queued);
        let queued = queued.filter_map(|job| Some((job.item.clone(), job.agent.clone()?)));
        for (item, agent) in queued.collect::<Vec<_>>() {
            self.give_back(&item, &agent);
        }
        if let Some(reason) = self.stopping.clone() {
            while let Some(item) = self.merges.pop_front() {
                let mut job = self.job(&item);
                (job.status, job.reason) = (RunStatus::Stopped, Some(reason.clone()));
                self.record(job)?;
            }
            write_record::write_run(self.pm, &self.run, RunStatus::Stopped, Some(&reason))?;
            return Ok(RunStatus::Stopped);
        }
        let (open, stopped) = {
            let state = self.pm.store.state()?;
            let candidates = Candidates::of(self.pm, &state, self.options)?;
            (candidates.open(), candidates.stopped_by_budget())
        };
        let is_failed = |job: &Job| job.status == RunStatus::Failed;
        let is_in_review =
            |job: &Job| job.status == RunStatus::Completed && job.step == Some(Step::Review);
        let count =
            |wanted: &dyn Fn(&Job) -> bool| self.jobs.values().filter(|j| wanted(j)).count();
        let (failed, review) = (count(&is_failed), count(&is_in_review));
        let is_other = |(item, _): &&(Uid, String)| {
            let job = self.jobs.get(item);
            job.is_none_or(|job| !is_failed(job) && !is_in_review(job))
        };
        let others: Vec<String> = open
            .iter()
            .filter(is_other)
            .map(|one| one.1.clone())
            .collect();
        let named = view::open_work(failed, review, 0, &others).unwrap_or_default();
        let (open, others) = (open.len(), others.len());
        let stopped = stopped.or_else(|| self.over_budget());
        let (status, reason) = match (failed, open, stopped) {
            (0, 0, _) => (RunStatus::Completed, None),
            (_, _, Some(why)) if others > 0 => {
                let reason = format!("{why}: {named}");
                write_record::write_out_of_budget(self.pm, &self.run, &reason)?;
                return Ok(RunStatus::Stopped);
            }
            (0, ..) => (RunStatus::Blocked, Some(named)),
            _ => (RunStatus::Failed, Some(named)),
        };
        write_record::write_run(self.pm, &self.run, status, reason.as_deref())?;
        // Other clones may wait for it.
        if self.pm.main_remote().is_some() && self.pm.is_online() {
            sync::try_sync(self.pm);
            self.pass_on_notices();
        }
        Ok(status)
    }
}
