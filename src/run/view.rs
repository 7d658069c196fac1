//! A run and its tasks as users and other programs see them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::after_attempt::ASKED;
use super::live::Figures;
use super::record::{Job, MergeRule, Run, RunStatus, Spent, Step};
use crate::coordinate::worktree::path::some_of;
use crate::model::id::{ItemKind, ItemRef, rank};
use crate::model::item::Item;
use crate::model::money::usd;
use crate::model::status::Status;
use crate::model::text::excerpt;
use crate::model::uid::Uid;
use crate::store::index::Scan;
use crate::store::state::State;

/// A run.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct RunView {
    /// Its id, e.g. `R-k3f9a2`.
    pub id: String,
    /// Its permanent uid.
    pub uid: String,
    /// `running`, `paused`, `completed`, `failed`, `blocked` (it waits for a human) or `stopped`.
    pub status: RunStatus,
    /// The reason for that status.
    pub reason: Option<String>,
    /// True if its process is alive; null if it belongs to another clone.
    pub alive: Option<bool>,
    /// The adapter, as in `--with`.
    pub with: String,
    /// The maximum number of agents at once.
    pub agents: usize,
    /// The condition on which work is merged.
    pub merge: MergeRule,
    /// The budget in US dollars.
    pub budget_usd: Option<f64>,
    /// The actor who started it.
    pub started_by: String,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339.
    pub ended_at: Option<String>,
    /// Its tasks: those it has started, in order of their ids, then those that wait.
    pub tasks: Vec<JobView>,
    /// The usage of all tasks together.
    pub used: SpentView,
    /// True if a budget is spent (its own, or that of an epic or the day) and tasks remain.
    pub budget_spent: bool,
    /// Set if this clone can continue it: it works on tasks, and was started here. A run that asked agents about one
    /// item is begun again by its command.
    pub continues: bool,
    /// The commands that are needed now; none once it is completed.
    pub next: Vec<String>,
}

/// A task of a run.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct JobView {
    /// The item's id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// `queued`, `running`, `paused`, `completed`, `failed`, `blocked`, `skipped` or `stopped`.
    pub status: RunStatus,
    /// The step of a task that is running.
    pub step: Option<Step>,
    /// The status of the item itself.
    pub item_status: String,
    /// The agent, e.g. `agent-1`.
    pub agent: Option<String>,
    /// The agent program or model of the last attempt, e.g. `claude` or `model:openai/gpt-5`.
    pub with: Option<String>,
    /// The role that it was routed by; null without routes.
    pub role: Option<String>,
    /// The number of times an agent was started on it.
    pub attempt: u32,
    /// The reason for the status.
    pub reason: Option<String>,
    /// The time of the last change, RFC 3339.
    pub since: Option<String>,
    /// The usage of all its attempts that have ended.
    pub used: SpentView,
    /// The start of the current attempt's agent, RFC 3339; null if none is at work.
    pub attempt_since: Option<String>,
    /// That agent's usage so far; null if it has not reported any, or works in another clone.
    pub attempt_used: Option<AttemptUsedView>,
    /// The time of its last output, RFC 3339; null if there is none, or it works in another clone.
    pub last_output_at: Option<String>,
    /// Its last message, on one line, shortened and redacted; null as for `last_output_at`.
    pub last_line: Option<String>,
}

impl JobView {
    /// True if an agent plans a document, rather than works on a task.
    pub fn is_document(&self) -> bool {
        self.id.starts_with("P-")
    }
}

/// Tokens and their cost while an agent is at work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AttemptUsedView {
    /// Tokens that the model read, excluding cached ones.
    pub input_tokens: u64,
    /// Tokens that it read from a cache.
    pub cached_tokens: u64,
    /// Tokens that it wrote.
    pub output_tokens: u64,
    /// US dollars, as reported by the agent or by the price table; null if no price is known.
    pub cost_usd: Option<f64>,
}

/// Tokens and their cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct SpentView {
    /// Tokens that the model read, excluding cached ones.
    pub input_tokens: u64,
    /// Tokens that it read from a cache.
    pub cached_tokens: u64,
    /// Tokens that it wrote.
    pub output_tokens: u64,
    /// US dollars, as far as prices are known; null if no token was reported or none has a known price.
    pub cost_usd: Option<f64>,
    /// Tokens whose price is not known.
    pub unpriced_tokens: u64,
}

impl SpentView {
    fn of<'j>(jobs: impl IntoIterator<Item = &'j Job>) -> SpentView {
        let (mut spent, mut unpriced) = (Spent::default(), 0u64);
        for job in jobs {
            spent.add(job.spent);
            unpriced = unpriced.saturating_add(job.unpriced());
        }
        // An agent that reports no tokens, as most scripts, says nothing about its cost either.
        let is_counted = spent.input > 0 || spent.cached > 0 || spent.output > 0;
        let is_known = spent.micro_usd > 0 || (is_counted && unpriced == 0);
        SpentView {
            input_tokens: spent.input,
            cached_tokens: spent.cached,
            output_tokens: spent.output,
            cost_usd: is_known.then(|| usd(spent.micro_usd)),
            unpriced_tokens: unpriced,
        }
    }

    /// The cost in words, such as `0.04 USD` or `cost unknown`.
    pub fn cost(&self) -> String {
        match (self.cost_usd, self.unpriced_tokens) {
            (None, _) => "cost unknown".into(),
            (Some(cost), 0) => format!("{cost:.2} USD"),
            (Some(cost), tokens) => {
                format!("{cost:.2} USD, without {tokens} tokens of unknown price")
            }
        }
    }
}

impl JobView {
    /// The view of a job, which need not have been recorded yet.
    pub(super) fn of(state: &State<'_>, item: &Item, job: &Job) -> JobView {
        JobView {
            id: state.shown_id(item),
            title: excerpt(&item.title, 200),
            status: job.status,
            step: job.step,
            item_status: item.status.to_string(),
            agent: job.agent.clone(),
            with: job.with.clone(),
            role: job.role.clone(),
            attempt: job.attempt,
            reason: job.reason.clone(),
            since: job.since.clone(),
            used: SpentView::of([job]),
            attempt_since: job.at_work().and_then(|attempt| attempt.began.clone()),
            attempt_used: None,
            last_output_at: None,
            last_line: None,
        }
    }

    /// The same view with the live figures of the agent at work.
    pub(super) fn with(mut self, figures: Figures) -> JobView {
        self.attempt_used = figures.used;
        self.last_output_at = figures.output_at;
        self.last_line = figures.last_line;
        self
    }

    /// Says what became of the item after the run had left it.
    fn settled(&mut self, item: &Item) {
        let is_known = match self.status {
            RunStatus::Running => true,
            RunStatus::Completed => self.step != Some(Step::Review),
            _ => false,
        };
        match item.status.is_closed() && !is_known {
            true if item.status.is_finished() => {
                (self.status, self.reason) = (RunStatus::Completed, None);
            }
            true => self.reason = Some(format!("it is {}", item.status.word())),
            false => {}
        }
    }

    /// Copies the live figures of the agent at work from an earlier view.
    pub(super) fn take_live(&mut self, before: &JobView) {
        self.attempt_since = before.attempt_since.clone();
        self.attempt_used = before.attempt_used;
        self.last_output_at = before.last_output_at.clone();
        self.last_line = before.last_line.clone();
    }
}

/// What is open of a run, as its reason: what failed, what waits for a human, and what else is not done.
pub(super) fn open_work(
    failed: usize,
    review: usize,
    approved: usize,
    others: &[String],
) -> Option<String> {
    let counts = [
        (failed, "failed".to_string()),
        (review, "in review".to_string()),
        (approved, "approved".to_string()),
        (others.len(), format!("{NOT_DONE} ({})", some_of(others))),
    ];
    let named = counts.iter().filter(|(count, _)| *count > 0);
    let named: Vec<String> = named
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    (!named.is_empty()).then(|| named.join(", "))
}

/// The words in the reason of a run for what neither failed nor is in review.
const NOT_DONE: &str = "not done";

/// The status of a run, with the reason. Of one that ended with open work, by what became of that since.
pub(super) fn present(state: &State<'_>, run: &Run, jobs: &[Job]) -> (RunStatus, Option<String>) {
    let stored = run.reason.as_deref().unwrap_or_default();
    if !matches!(run.status, RunStatus::Blocked | RunStatus::Failed) || !run.is_of_tasks() {
        return (run.status, run.reason.clone());
    }
    let (mut failed, mut review, mut approved, mut others) = (0, 0, 0, Vec::new());
    for job in jobs {
        match state.item(&job.item) {
            Some(item) if item.deleted || item.status.is_closed() => {}
            Some(item) if item.status == Status::InReview => review += 1,
            Some(item) if item.status == Status::ReadyForIntegration => approved += 1,
            Some(_) if job.status == RunStatus::Failed => failed += 1,
            Some(item) => others.push(state.shown_id(item)),
            None => {}
        }
    }
    // What it left alone, of what there was when it ended.
    if stored.contains(NOT_DONE) {
        let uid = |reference: &String| ItemRef::parse(reference).uid;
        let only: Vec<Uid> = run.plan.only.iter().filter_map(uid).collect();
        let epic = run.plan.epic.as_ref().and_then(uid);
        let is_left = |item: &Item| {
            let is_work = matches!(item.kind, ItemKind::Task | ItemKind::Issue);
            let is_named = only.is_empty() && is_work || only.contains(&item.uid);
            let of = item.whole().and_then(|whole| whole.uid.as_ref());
            let was_there = run
                .ended_at
                .as_ref()
                .is_none_or(|at| item.created_at <= *at);
            is_named
                && was_there
                && epic.as_ref().is_none_or(|epic| of == Some(epic))
                && jobs.iter().all(|job| job.item != item.uid)
        };
        let left = state.scan(&Scan::Open(None), is_left, usize::MAX);
        others.extend(left.into_iter().map(|item| state.shown_id(item)));
    }
    let status = match open_work(failed, review, approved, &others) {
        None => RunStatus::Completed,
        Some(_) if failed > 0 => RunStatus::Failed,
        Some(_) => RunStatus::Blocked,
    };
    (status, open_work(failed, review, approved, &others))
}

impl RunView {
    pub(super) fn of(
        state: &State<'_>,
        run: &Run,
        jobs: &[Job],
        alive: Option<bool>,
        waiting: Vec<JobView>,
        live: &dyn Fn(&Job) -> Option<Figures>,
        step: &dyn Fn(&str) -> &'static str,
    ) -> RunView {
        let micro_usd = jobs.iter().map(|job| job.spent.micro_usd);
        let micro_usd = micro_usd.fold(0, u64::saturating_add);
        let mut tasks: Vec<JobView> = jobs
            .iter()
            .filter_map(|job| {
                let item = state.item(&job.item)?;
                let mut view = JobView::of(state, item, job);
                if run.is_of_tasks() {
                    view.settled(item);
                }
                // No agent is at work without the process of the run.
                view.attempt_since = view.attempt_since.filter(|_| alive != Some(false));
                Some(match live(job) {
                    Some(figures) => view.with(figures),
                    None => view,
                })
            })
            .collect();
        tasks.sort_by_key(|task| rank(&task.id));
        tasks.extend(waiting);
        let budget_spent = run.status == RunStatus::Stopped
            && (run.budget_spent
                || run
                    .plan
                    .budget_micro_usd
                    .is_some_and(|most| micro_usd >= most));
        let (status, reason) = present(state, run, jobs);
        RunView {
            id: run.id(),
            uid: run.uid.to_string(),
            status,
            reason,
            alive,
            with: run.plan.with.clone(),
            agents: run.plan.agents,
            merge: run.plan.merge,
            budget_usd: run.plan.budget_micro_usd.map(usd),
            started_by: run.author.clone(),
            created_at: run.created_at.clone(),
            ended_at: run.ended_at.clone(),
            continues: false,
            next: match (alive, status) {
                // Nothing would obey a pause.
                (Some(false), RunStatus::Running) => {
                    next(run, RunStatus::Paused, &tasks, budget_spent, step)
                }
                _ => next(run, status, &tasks, budget_spent, step),
            },
            tasks,
            budget_spent,
            used: SpentView::of(jobs),
        }
    }
}

/// The commands that a run needs now: for the first task of each kind that waits for a human. `step` says which
/// command brings the work on a task on.
fn next(
    run: &Run,
    status: RunStatus,
    tasks: &[JobView],
    budget_spent: bool,
    step: &dyn Fn(&str) -> &'static str,
) -> Vec<String> {
    // A run that plans a document is not continued; a person goes on with its plan.
    let plans = tasks.iter().find(|job| job.is_document());
    let commands: &[&str] = match status {
        RunStatus::Running | RunStatus::Paused if plans.is_some() => {
            &["git pm logs --follow", "git pm run stop"]
        }
        RunStatus::Running => &["git pm logs --follow", "git pm run pause"],
        RunStatus::Paused => &["git pm run resume", "git pm run stop"],
        RunStatus::Completed => &[],
        _ if let Some(job) = plans => return vec![format!("git pm plan edit {}", job.id)],
        _ => {
            let first = |wanted: &dyn Fn(&JobView) -> Option<String>| tasks.iter().find_map(wanted);
            let waits = |status: Status, words: &dyn Fn(&str) -> &'static str, job: &JobView| {
                let is_in = job.item_status == status.as_str();
                is_in.then(|| format!("git pm {} {}", words(&job.id), job.id))
            };
            let failed = |job: &JobView| {
                let asks = job
                    .reason
                    .as_ref()
                    .is_some_and(|text| text.starts_with(ASKED));
                let note = if asks { " --note ANSWER" } else { "" };
                let command = format!("git pm run retry {}{note}", job.id);
                (job.status == RunStatus::Failed).then_some(command)
            };
            let budget = format!("git pm run --with {} --budget USD", run.plan.with);
            let needed = [
                first(&|job| waits(Status::InReview, &|_| "task diff", job)),
                first(&|job| waits(Status::InReview, step, job)),
                first(&|job| waits(Status::ReadyForIntegration, step, job)),
                first(&failed),
                budget_spent.then_some(budget),
            ];
            let mut needed: Vec<String> = needed.into_iter().flatten().collect();
            if !budget_spent {
                needed.push("git pm run resume".into());
            }
            return needed;
        }
    };
    commands.iter().map(ToString::to_string).collect()
}
