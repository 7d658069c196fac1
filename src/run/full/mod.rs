//! From a document to merged work: its steps, and where it stops for a human.
//!
//! The steps are plan, check, approval, work, review and learnings. Each step does what its own
//! command does, with the same records and refusals, and starts from the state, so that a call after
//! a stop, a kill or an approval continues where the last one ended.

mod critics;
mod foresee;
mod learn;
mod view;
mod work;

pub use self::view::{
    FullEvent, FullReview, FullStep, FullStepStatus, FullStepView, FullTask, FullView,
};

use std::collections::{BTreeMap, BTreeSet};

use super::options::RunOptions;
use super::record::{MergeRule, RunStatus};
use crate::agent::headless::With;
use crate::error::{Error, Hint, Result};
use crate::model::status::Status;
use crate::model::text::{counted, excerpt};
use crate::model::uid::Uid;
use crate::model::usage::Recorded;
use crate::plan::Source;
use crate::plan::approval_checks::{Check, Severity};
use crate::plan::approve::{ApproveOptions, Doubt};
use crate::plan::drafting::DraftOptions;
use crate::plan::missing_parts;
use crate::plan::missing_parts::{Need, Standing};
use crate::pm::Pm;
use crate::pm::handles::Runs;
use crate::pm::who_acts::{require_human, require_name};
use crate::run;
use crate::work::cost::{self, UsageView};
use crate::work::moves;
use crate::work::task::approval;

/// The maximum number of agents at once, if the number is not given.
pub const SWARM_MAX: usize = 8;

/// The hint for callers that may not skip approvals.
const WITHOUT: &str = "leave out `--yolo`: the command then stops where a human has to decide";

/// The options for going from a document to merged work.
#[derive(Clone, Debug)]
pub struct FullOptions {
    /// A file, a PRD or an epic.
    pub source: Source,
    /// The options of its runs; `epic`, `only` and `merge` are derived from the plan and `yolo`.
    pub run: RunOptions,
    /// Use as many agents as the plan can, at most [`SWARM_MAX`], instead of `run.agents`.
    pub swarm: bool,
    /// Do not stop for a human: the plan is approved in the name of the caller, who must be human,
    /// and work is merged once it has passed all gates.
    pub yolo: bool,
    /// Accept a document over the size limits.
    pub force: bool,
    /// The agents that debate the plan with the one that works, and review its work; none if empty.
    pub critics: Vec<With>,
}

impl FullOptions {
    /// The options for runs of the plan, without the items.
    fn of_runs(&self) -> RunOptions {
        RunOptions {
            merge: match self.yolo {
                // What agents review is merged after that.
                true if self.critics.is_empty() => MergeRule::Gates,
                _ => MergeRule::Ask,
            },
            agents: match self.swarm {
                true => SWARM_MAX,
                false => self.run.agents,
            },
            epic: None,
            only: Vec::new(),
            ..self.run.clone()
        }
    }

    fn drafting(&self) -> DraftOptions {
        DraftOptions { force: self.force }
    }
}

impl Runs<'_> {
    /// Goes from a document to merged work, as far as that is possible without a human: plans it if
    /// its current text has not been planned yet, checks the plan, has agents work on its tasks
    /// once it is approved, and drafts learnings from those that are done. `tell` receives each
    /// step, and each transition of its runs.
    ///
    /// # Errors
    /// When an agent asks for `yolo`, the document cannot be planned, or as for [`Runs::run`]. Work
    /// done until then is kept, and another call continues from there.
    pub fn full(&self, options: &FullOptions, tell: &mut dyn FnMut(FullEvent)) -> Result<FullView> {
        let pm = self.pm;
        require_full_allowed(pm, options)?;
        require_name(&pm.actor)?;
        run::require_agent(pm, &options.of_runs())?;
        let mut full = Full {
            pm,
            options,
            view: FullView::new(options, false),
            began_ms: pm.now_ms(),
            left_out: BTreeMap::new(),
            commands: BTreeMap::new(),
            spent: None,
            tell,
        };
        full.go()?;
        Ok(full.view)
    }

    /// The steps that [`Runs::full`] would perform. Writes nothing.
    ///
    /// # Errors
    /// As for [`Runs::full`], as far as they can be predicted.
    pub fn full_plan(&self, options: &FullOptions) -> Result<FullView> {
        require_full_allowed(self.pm, options)?;
        let mut full = Full {
            pm: self.pm,
            options,
            view: FullView::new(options, true),
            began_ms: self.pm.now_ms(),
            left_out: BTreeMap::new(),
            commands: BTreeMap::new(),
            spent: None,
            tell: &mut |_| {},
        };
        full.foresee()?;
        Ok(full.view)
    }
}

fn require_full_allowed(pm: &Pm, options: &FullOptions) -> Result<()> {
    let one_write = [
        (pm.options.idempotency_key.is_some(), "--idempotency-key"),
        (pm.options.if_version.is_some(), "--if-version"),
    ];
    if let Some((_, option)) = one_write.into_iter().find(|(given, _)| *given) {
        return Err(Error::usage(format!(
            "{option} applies to a single write, and this command makes several"
        ))
        .hint("leave it out: running the same command again continues with the remaining steps"));
    }
    if options.yolo {
        require_human(
            &pm.actor,
            "continuing without approvals",
            Hint::from(WITHOUT),
        )?;
        let strict = |error: Error| error.hints_where(|_| false).hint(WITHOUT);
        approval::require_gates_suffice(pm).map_err(strict)?;
    }
    run::require_run_allowed(pm, &options.of_runs())
}

/// The progress of one document.
struct Full<'f> {
    pm: &'f Pm,
    options: &'f FullOptions,
    view: FullView,
    /// The reasons approved items were not merged, by id.
    left_out: BTreeMap<String, String>,
    /// What a human does next about submitted work, by id, if it is no approval.
    commands: BTreeMap<String, String>,
    /// The spent budget that kept everything from starting, as a reason.
    spent: Option<String>,
    /// The time of its beginning, in milliseconds since the Unix epoch.
    began_ms: u64,
    tell: &'f mut dyn FnMut(FullEvent),
}

impl Full<'_> {
    fn go(&mut self) -> Result<()> {
        let prd = self.plan()?;
        if self.is_interrupted() {
            return Ok(());
        }
        let standing = missing_parts::standing_of_plan(self.pm, &prd)?;
        if !self.check(&standing) {
            return Ok(());
        }
        let Some(standing) = self.debate(standing)? else {
            return Ok(());
        };
        let Some(standing) = self.approve(standing)? else {
            return Ok(());
        };
        self.view.epic = standing.epic.clone();
        if self.is_interrupted() {
            return Ok(());
        }
        self.work(&standing)?;
        // Work that is merged lets other work start.
        while !self.options.critics.is_empty()
            && !self.is_over()
            && self.review_by_agents(&standing)? > 0
        {
            self.work(&standing)?;
        }
        self.view.tasks = self.tasks(&standing.items)?;
        self.view.spent = self.spent_on(&standing)?;
        if self.is_over() && !self.view.budget_spent {
            return Ok(());
        }
        self.review(&standing)?;
        self.learn(&standing)
    }

    /// True if the work was stopped, or its budget is spent.
    fn is_over(&self) -> bool {
        self.view.status == RunStatus::Stopped
    }

    /// What is left of the budget after what agents used since this began, in millionths of a US dollar.
    fn left(&self) -> Result<Option<u64>> {
        let Some(budget) = self.options.run.budget_micro_usd else {
            return Ok(None);
        };
        let state = self.pm.store.state()?;
        let all = cost::attempts_between(self.pm, &state, self.began_ms, u64::MAX);
        let used = all.iter().map(|one| one.attempt.used.spent.micro_usd);
        Ok(Some(
            budget.saturating_sub(used.fold(0, u64::saturating_add)),
        ))
    }

    /// Plans the document unless that is done, and returns the id of the PRD.
    fn plan(&mut self) -> Result<String> {
        self.begin(FullStep::Plan);
        let options = self.options.drafting();
        let (need, plan) =
            missing_parts::plan_what_is_new(self.pm, &self.options.source, &options)?;
        let count = counted(plan.tasks.len(), "task");
        let (status, text) = match need {
            Need::FirstPlan => (FullStepStatus::Done, format!("{}: {count}", plan.prd)),
            Need::NewText => {
                let new = plan.tasks.iter().filter(|task| task.item.is_none());
                let new = new.count();
                let text = format!("{}: {count}, {new} of them new", plan.prd);
                (FullStepStatus::Done, text)
            }
            Need::Nothing => {
                let text = format!("{}: {count}, already planned", plan.prd);
                (FullStepStatus::Nothing, text)
            }
        };
        self.view.prd = Some(plan.prd.clone());
        self.view.title = Some(plan.title);
        self.view.findings = plan.checks;
        self.end(FullStep::Plan, status, text);
        Ok(plan.prd)
    }

    /// Reports the findings. Returns false if an approval is missing and they do not permit it.
    fn check(&mut self, standing: &Standing) -> bool {
        self.begin(FullStep::Check);
        let (errors, text) = findings(&self.view.findings);
        let stops = errors > 0 && standing.needs_approval;
        let status = match stops {
            true => FullStepStatus::Failed,
            false => FullStepStatus::Done,
        };
        self.end(FullStep::Check, status, text);
        if stops {
            let edit = format!("git pm plan edit {}", standing.prd);
            self.view.next.push(edit);
        }
        !stops
    }

    /// Approves the plan if allowed. Returns its standing, or `None` if a human has to approve it.
    fn approve(&mut self, standing: Standing) -> Result<Option<Standing>> {
        self.begin(FullStep::Approve);
        let prd = standing.prd.clone();
        if !standing.needs_approval {
            self.end(FullStep::Approve, FullStepStatus::Nothing, "it is approved");
            return Ok(Some(standing));
        }
        if let Some((text, command)) = self.gate(&standing)? {
            self.end(FullStep::Approve, FullStepStatus::Waits, text);
            self.view.next.push(command);
            return Ok(None);
        }
        let plans = self.pm.plans();
        let approved = plans.approve(Some(&prd), &ApproveOptions::default())?;
        let by = approved.plan.approved_by.unwrap_or_default();
        let mut text = format!("by {by}: {}", counted(approved.created.len(), "task"));
        let gone = &approved.changes.gone;
        let done = gone.iter().filter(|task| task.is_done).count();
        let differ = format!("kept although they differ from the plan (`git pm plan check {prd}`)");
        for (count, what) in [
            (approved.changes.updated.len(), "updated"),
            (approved.changes.kept.len(), differ.as_str()),
            (gone.len() - done, "no longer in the plan"),
            (done, "done in the document"),
        ] {
            if count > 0 {
                text.push_str(&format!(", {count} {what}"));
            }
        }
        self.view.created = approved.created;
        self.end(FullStep::Approve, FullStepStatus::Done, text);
        Ok(Some(missing_parts::standing_of_plan(self.pm, &prd)?))
    }

    /// The reason a human has to approve a plan, with the command.
    fn gate(&self, standing: &Standing) -> Result<Option<(String, String)>> {
        let prd = &standing.prd;
        let plans = self.pm.plans();
        if plans.show(Some(prd))?.is_stale {
            let command = format!("git pm plan regenerate {prd}");
            let text =
                format!("the plan has to be drafted again: `{command}`; then run this again");
            return Ok(Some((text, command)));
        }
        let command = format!("git pm plan approve {prd}");
        let what = match (standing.new_tasks, &standing.epic) {
            (0, _) => "the plan's new text".to_string(),
            (_, None) => "the plan".to_string(),
            (n, Some(_)) => counted(n, "new task"),
        };
        if !self.options.yolo {
            let text = format!("a human has to approve {what}: `{command}`; then run this again");
            return Ok(Some((text, command)));
        }
        let question = plans.doubt(Some(prd), &ApproveOptions::default())?;
        Ok(question.map(|(question, doubt)| {
            let option = match doubt {
                Doubt::Settings => "--yes",
                Doubt::Size => "--confirm-large",
                Doubt::Uncovered => "--accept-uncovered",
                Doubt::Reworded => "--accept-reworded",
            };
            let command = format!("{command} {option}");
            let text = format!("a human has to confirm the plan with `{command}`: {question}");
            (text, command)
        }))
    }

    /// Lists the work that waits for a human.
    fn review(&mut self, standing: &Standing) -> Result<()> {
        self.begin(FullStep::Review);
        let state = self.pm.store.state()?;
        let mut waiting = Vec::new();
        for item in all(standing).filter_map(|uid| state.item(uid)) {
            let id = state.shown_id(item);
            let step = || format!("git pm {} {id}", moves::step_of(self.pm, &state, item));
            let (reason, default, command) = match item.status {
                Status::InReview => (
                    self.left_out.get(&id).or(self.reason_of_run(&id)),
                    "a human has to approve it",
                    self.commands.get(&id).cloned().unwrap_or_else(step),
                ),
                Status::ReadyForIntegration => (self.left_out.get(&id), "it is approved", step()),
                _ => continue,
            };
            // A gate's reason includes lines of its output.
            let first = reason.and_then(|reason| reason.lines().next());
            waiting.push(FullReview {
                reason: excerpt(first.unwrap_or(default), 400),
                title: excerpt(&item.title, 200),
                command,
                id,
            });
        }
        drop(state);
        let commands = waiting.iter().map(|one| one.command.clone());
        self.view.next.extend(commands);
        let (status, text) = match waiting.len() {
            0 => (
                FullStepStatus::Nothing,
                "nothing waits for a human".to_string(),
            ),
            n => (FullStepStatus::Waits, format!("{} for a human", waits(n))),
        };
        self.view.review = waiting;
        self.end(FullStep::Review, status, text);
        Ok(())
    }

    /// The reason that the latest run gives for a task.
    fn reason_of_run(&self, id: &str) -> Option<&String> {
        let tasks = self.view.runs.iter().rev().flat_map(|run| &run.tasks);
        tasks
            .filter(|task| task.id == id)
            .find_map(|task| task.reason.as_ref())
    }

    /// The tasks of the plan in their current status.
    fn tasks(&self, items: &[Uid]) -> Result<Vec<FullTask>> {
        let state = self.pm.store.state()?;
        let items = items.iter().filter_map(|uid| state.item(uid));
        let used = cost::attempts_between(self.pm, &state, 0, u64::MAX);
        let tasks = items.map(|item| {
            let own: Vec<Recorded> = (used.iter())
                .filter(|one| one.item.as_ref() == Some(&item.uid))
                .cloned()
                .collect();
            let names = item.claims.iter().filter_map(|claim| claim.agent.clone());
            let names: BTreeSet<String> = names.collect();
            FullTask {
                id: state.shown_id(item),
                title: excerpt(&item.title, 200),
                status: item.status.to_string(),
                agents: names.into_iter().collect(),
                used: cost::used_in(&own),
                merged_commit: item.merged_commit.clone(),
            }
        });
        Ok(tasks.collect())
    }

    /// What agents used for the plan and its items, in all runs.
    fn spent_on(&self, standing: &Standing) -> Result<UsageView> {
        let state = self.pm.store.state()?;
        let prd = state.find(&standing.prd)?.uid.clone();
        let mut used = cost::attempts_between(self.pm, &state, 0, u64::MAX);
        used.retain(|one| {
            let item = one.item.as_ref();
            item.is_some_and(|item| *item == prd || all(standing).any(|uid| uid == item))
        });
        Ok(cost::used_in(&used))
    }

    /// True once the caller asked to stop, which takes effect between two steps.
    fn is_interrupted(&mut self) -> bool {
        let asked = self.options.run.interrupted();
        if asked {
            self.view.status = RunStatus::Stopped;
        }
        asked
    }

    fn begin(&mut self, step: FullStep) {
        if !self.view.dry_run {
            (self.tell)(FullEvent::Begun(step));
        }
    }

    fn end(&mut self, step: FullStep, status: FullStepStatus, text: impl Into<String>) {
        let ended = FullStepView {
            step,
            status,
            text: Some(text.into()),
        };
        for one in self.view.steps.iter_mut().filter(|one| one.step == step) {
            *one = ended.clone();
        }
        (self.tell)(FullEvent::Ended(ended));
    }
}

/// All items of a plan, including those of tasks no longer in its document.
fn all(standing: &Standing) -> impl Iterator<Item = &Uid> {
    standing.items.iter().chain(&standing.gone)
}

fn waits(count: usize) -> String {
    match count {
        1 => "1 task waits".to_string(),
        n => format!("{n} tasks wait"),
    }
}

/// The number of findings that prevent approval, and a summary of all.
fn findings(checks: &[Check]) -> (usize, String) {
    let stops = |check: &&Check| check.severity == Severity::Error;
    let errors = checks.iter().filter(stops).count();
    let all = match checks.len() {
        0 => "no findings".to_string(),
        n => counted(n, "finding"),
    };
    let text = match errors {
        0 => all,
        n => format!("{all} ({n} preventing approval)"),
    };
    (errors, text)
}
