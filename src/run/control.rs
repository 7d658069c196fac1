//! Requests from other processes to a run, and the views they get of it.

use schemars::JsonSchema;
use serde::Serialize;

use super::candidates::{Candidates, Now};
use super::live;
use super::options::RunOptions;
use super::record::{self, Job, Run, RunStatus, Verb};
use super::routing::Routing;
use super::schedule;
use super::view::{self, JobView, RunView};
use crate::error::{Error, Hint, Reason, Result};
use crate::model::text::excerpt;
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::pm::handles::Runs;
use crate::pm::who_acts::require_human;
use crate::run::agent_names;
use crate::run::lock;
use crate::run::reconcile;
use crate::run::write_record;
use crate::secret;
use crate::store::state::State;
use crate::work::moves;

/// A run in a list.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct RunSummary {
    /// Its id, e.g. `R-k3f9a2`.
    pub id: String,
    /// `running`, `paused`, `completed`, `failed`, `blocked` (it waits for a human) or `stopped`.
    pub status: RunStatus,
    /// True if its process is alive; null if it belongs to another clone.
    pub alive: Option<bool>,
    /// The adapter.
    pub with: String,
    /// The actor who started it.
    pub started_by: String,
    /// RFC 3339.
    pub created_at: String,
    /// The number of tasks it has started.
    pub tasks: usize,
}

/// The forecast of a run, assuming that each task takes as long as its estimate.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct RunPlan {
    /// The tasks, in order of start.
    pub tasks: Vec<PlannedTask>,
    /// The tasks that would not be done, with the reasons.
    pub left: Vec<JobView>,
    /// The minutes until the last task is done.
    pub minutes: u64,
    /// The minutes of the longest chain of tasks.
    pub critical_path_minutes: u64,
    /// The fraction of the agents' time spent working, from 0 to 1.
    pub efficiency: f64,
}

/// A task in the forecast of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PlannedTask {
    /// The item's id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The agent, e.g. `agent-1`.
    pub agent: String,
    /// The start, in minutes from now.
    pub start_minute: u64,
    /// The end, in minutes from now.
    pub end_minute: u64,
}

impl Runs<'_> {
    /// All runs, newest first.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn list(&self) -> Result<Vec<RunSummary>> {
        let state = self.pm.store.snapshot()?;
        let runs = state.runs().into_iter().rev();
        let runs: Vec<Run> = runs.filter_map(|uid| record::run(&state, &uid)).collect();
        runs.iter()
            .map(|run| {
                let jobs = record::jobs(&state, &run.uid);
                Ok(RunSummary {
                    id: run.id(),
                    status: view::present(&state, run, &jobs).0,
                    alive: liveness(self.pm, run)?,
                    with: run.plan.with.clone(),
                    started_by: run.author.clone(),
                    created_at: run.created_at.clone(),
                    tasks: jobs.len(),
                })
            })
            .collect()
    }

    /// A run with its tasks; the newest run if none is named.
    ///
    /// # Errors
    /// When there is no such run.
    pub fn status(&self, run: Option<&str>) -> Result<RunView> {
        let found = find_run(self.pm, run)?;
        let view = run_view(self.pm, &found.uid);
        // A process that watches a run must not block others from the index.
        self.pm.store.release_index();
        view
    }

    /// Asks a run, or one of its tasks if `id` is given, to pause, resume, skip, retry or stop. A
    /// run obeys within a second; one without a process obeys when it is continued. The view
    /// returned for a pause or a stop shows what was in flight before it.
    ///
    /// # Errors
    /// When there is no such run or item, or the request needs an item.
    pub fn ask(
        &self,
        run: Option<&str>,
        verb: Verb,
        id: Option<&str>,
        note: Option<&str>,
    ) -> Result<RunView> {
        // A run may be named where a task can be.
        let (run, id) = match (run, id) {
            (None, Some(id)) if id.starts_with("R-") && find_run(self.pm, Some(id)).is_ok() => {
                (Some(id), None)
            }
            named => named,
        };
        let found = find_run(self.pm, run)?;
        if found.agent.is_none() {
            require_human(
                &self.pm.actor,
                "controlling a run that a human started",
                Hint::from("`git pm task comment` and `git pm msg send` reach the human"),
            )?;
        }
        if id.is_none() && matches!(verb, Verb::Skip | Verb::Retry) {
            return Err(Error::usage(format!("`{verb}` needs the id of a task"))
                .hint(Hint::run(["run", "status"], "lists the tasks")));
        }
        let state = self.pm.store.state()?;
        let item = match id {
            Some(id) => Some(state.find(id)?.clone()),
            None => None,
        };
        if matches!(verb, Verb::Resume | Verb::Retry) {
            require_resumable(self.pm, &found, item.as_ref().map(|item| &item.uid))?;
        }
        if let Some(item) = item.as_ref().filter(|item| item.status.is_closed()) {
            let id = state.shown_id(item);
            return Err(Error::refused(format!(
                "{id} is {}, so a run cannot work on it",
                item.status.word()
            ))
            .because(Reason::RunClosed)
            .about(&id)
            .hint(Hint::run(["task", "reopen", &id], "reopens it")));
        }
        if verb == Verb::Stop
            && id.is_none()
            && found.status != RunStatus::Stopped
            && liveness(self.pm, &found)? == Some(false)
        {
            // No process is running that could obey.
            let _lock = lock::lock_runs(self.pm)?;
            write_record::write_request(self.pm, &found.uid, verb, None, note)?;
            reconcile::close_dead_run(self.pm, &found)?;
            return run_view(self.pm, &found.uid);
        }
        let note = note.map(|note| excerpt(note, record::REASON_MAX));
        // The run may obey before its view is read again.
        let in_flight = match verb {
            Verb::Pause | Verb::Stop => run_view(self.pm, &found.uid)?.tasks,
            _ => Vec::new(),
        };
        let item = item.as_ref();
        write_record::write_request(self.pm, &found.uid, verb, item, note.as_deref())?;
        let mut view = run_view(self.pm, &found.uid)?;
        let state = self.pm.store.state()?;
        let concerned = item.map(|item| state.shown_id(item));
        for task in &mut view.tasks {
            let before = in_flight.iter().find(|before| before.id == task.id);
            let is_concerned = concerned.as_ref().is_none_or(|id| *id == task.id);
            if let Some(before) = before.filter(|_| is_concerned) {
                task.take_live(before);
            }
        }
        Ok(view)
    }

    /// Closes a task manually, with the reason as evidence and comment, which also ends its agent.
    ///
    /// # Errors
    /// When there is no such run or item, the caller is an agent, or the status does not allow it.
    pub fn complete(&self, run: Option<&str>, id: &str, reason: &str) -> Result<RunView> {
        require_human(
            &self.pm.actor,
            "completing a task of a run manually",
            Hint::from("finish the work; the run then checks it"),
        )?;
        let found = find_run(self.pm, run)?;
        self.pm.tasks().done(id, Some(reason), true)?;
        let text = format!("{}: completed manually: {reason}", found.id());
        self.pm.tasks().comment(id, &secret::redacted(&text).0)?;
        run_view(self.pm, &found.uid)
    }

    /// True if a process in this clone is working on a run.
    ///
    /// # Errors
    /// When there is no such run.
    pub fn is_alive(&self, run: Option<&str>) -> Result<bool> {
        let found = find_run(self.pm, run)?;
        lock::is_alive(self.pm, &found.uid)
    }
}

/// Refuses to let an agent resume a run, or one of its tasks, that a human halted.
pub(super) fn require_resumable(pm: &Pm, run: &Run, item: Option<&Uid>) -> Result<()> {
    let Some(human) = run.halted_by(item) else {
        return Ok(());
    };
    require_human(
        &pm.actor,
        &format!("resuming what {human} halted in {}", run.id()),
        Hint::run(
            ["run", "resume", "--run", &run.id()],
            "resumes it; ask a human to run this command",
        ),
    )
}

/// The run with this id, or the newest one.
pub(super) fn find_run(pm: &Pm, text: Option<&str>) -> Result<Run> {
    let state = pm.store.state()?;
    if let Some(text) = text {
        let uid = state.find_run(text)?;
        return record::run(&state, &uid).ok_or_else(|| state.no_run(text));
    }
    let uids = state.runs();
    // Another clone's run is returned only for its id, or if this clone has none.
    let here = pm.here().replica;
    let all = || uids.iter().rev().filter_map(|uid| record::run(&state, uid));
    let own = all().find(|run| Some(&run.replica) == here.as_ref());
    own.or_else(|| all().next()).ok_or_else(|| {
        Error::not_found("there is no run yet")
            .because(Reason::RunNotFound)
            .hint(Hint::run(["run", "--dry-run"], "previews a run"))
    })
}

/// True if a run's process is alive; `None` if it belongs to another clone.
fn liveness(pm: &Pm, run: &Run) -> Result<Option<bool>> {
    let here = pm.here().replica;
    match here.as_deref() == Some(run.replica.as_str()) {
        true => lock::is_alive(pm, &run.uid).map(Some),
        false => Ok(None),
    }
}

/// The view of a run.
pub(super) fn run_view(pm: &Pm, uid: &Uid) -> Result<RunView> {
    let state = pm.store.state()?;
    let run = record::run(&state, uid).ok_or_else(|| {
        Error::state(format!("the record of run {uid} is damaged"))
            .hint("`git pm fsck` names damaged files")
    })?;
    let jobs = record::jobs(&state, uid);
    let kept = lock::kept(pm, &run).ok();
    let continues = kept.is_some();
    let waiting = kept.map(|options| waiting(pm, &state, &options, &jobs));
    let waiting = waiting.transpose()?.unwrap_or_default();
    let alive = liveness(pm, &run)?;
    let folder = lock::run_folder(pm, uid);
    let live = |job: &Job| {
        let at_work = job.at_work().filter(|_| alive == Some(true))?;
        live::read(&folder, &job.item, at_work.number)
    };
    let step = |id: &str| {
        let item = state.find(id);
        item.map_or("show", |item| moves::step_of(pm, &state, item))
    };
    let mut view = RunView::of(&state, &run, &jobs, alive, waiting, &live, &step);
    view.continues = continues;
    if alive.is_some() && !continues {
        view.next.retain(|command| command != "git pm run resume");
    }
    Ok(view)
}

/// The tasks that a run has not started, with the reasons.
fn waiting(pm: &Pm, state: &State<'_>, options: &RunOptions, jobs: &[Job]) -> Result<Vec<JobView>> {
    let working = jobs.iter().filter(|job| job.status == RunStatus::Running);
    let working: std::collections::BTreeSet<Uid> = working.map(|job| job.item.clone()).collect();
    let known: std::collections::BTreeMap<Uid, Job> = jobs
        .iter()
        .map(|job| (job.item.clone(), job.clone()))
        .collect();
    // Unreadable settings prevent a run from starting, but not a view of it.
    let Ok(routing) = Routing::of(pm, options) else {
        return Ok(Vec::new());
    };
    let candidates = Candidates::of(pm, state, options)?.routed(pm, &routing, &known);
    let now = Now {
        free: options.agents.saturating_sub(working.len()),
        jobs: &known,
        working,
        waiting: &Default::default(),
        overtaken: &Default::default(),
    };
    let decisions = candidates.decide(&now).into_iter();
    let new = decisions.filter(|one| !known.contains_key(&one.item));
    Ok(new
        .filter_map(|one| {
            let item = state.item(&one.item)?;
            let mut job = Job::new(one.item.clone());
            job.reason = candidates.reason(&one, &now);
            Some(JobView::of(state, item, &job))
        })
        .collect())
}

/// The forecast of a run with these options.
pub(super) fn plan_run(pm: &Pm, options: &RunOptions) -> Result<RunPlan> {
    let state = pm.store.state()?;
    let mut routing = Routing::of(pm, options)?;
    routing.check(pm)?;
    let jobs = Default::default();
    let candidates = Candidates::of(pm, &state, options)?.routed(pm, &routing, &jobs);
    let nothing = Default::default();
    let now = Now {
        jobs: &jobs,
        working: Default::default(),
        waiting: &nothing,
        overtaken: &Default::default(),
        free: options.agents,
    };
    let view = candidates.view(&now);
    let timeline = schedule::plan(&view, options.agents);
    let item = |key: &str| Uid::new(key).and_then(|uid| state.item(&uid));
    let tasks = timeline.slots.iter().filter_map(|slot| {
        let item = item(&slot.key)?;
        Some(PlannedTask {
            id: state.shown_id(item),
            title: excerpt(&item.title, 200),
            agent: agent_names::agent_name(pm, slot.agent),
            start_minute: slot.start,
            end_minute: slot.end,
        })
    });
    let tasks: Vec<PlannedTask> = tasks.collect();
    let left = candidates.decide(&now).into_iter().filter_map(|one| {
        let left = timeline.left_over.iter();
        left.into_iter()
            .find(|(key, _)| *key == one.item.as_str())?;
        let mut job = Job::new(one.item.clone());
        job.reason = candidates.reason(&one, &now);
        Some(JobView::of(&state, state.item(&one.item)?, &job))
    });
    Ok(RunPlan {
        tasks,
        left: left.collect(),
        minutes: timeline.makespan,
        critical_path_minutes: timeline.critical_path,
        efficiency: timeline.efficiency(),
    })
}
