//! A plan by an agent, in a few rounds until the check of its text is clean.
//!
//! The agent reads the outline of a document, writes the plan as one text, and gets back what is
//! wrong with it. They are a run whose only job is the document, so its usage, its log and its end
//! are recorded like those of others.

pub(super) mod folder;
mod prompt;
mod round;

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use schemars::JsonSchema;
use serde::Serialize;

use self::folder::Folder;
use super::RunView;
use super::options::{RunAgent, RunOptions};
use super::record::{self, Job, Plan, Request, RunStatus};
use super::routing::trust;
use super::used::over_budget;
use super::worker::as_agent;
use crate::agent::headless::With;
use crate::agent::route::Trust;
use crate::agent::sandbox::{self, Rules};
use crate::coordinate::hook::guard_status;
use crate::coordinate::privacy::{Privacy, not_local};
use crate::error::{Error, Kind, Result};
use crate::model::id::ItemRef;
use crate::model::item::Item;
use crate::model::short_id::{RUN, short_id};
use crate::model::uid::Uid;
use crate::plan::Source;
use crate::plan::drafting::DraftOptions;
use crate::plan::view::PlanView;
use crate::plan::write::{WriteOptions, WriteReport, header};
use crate::pm::Pm;
use crate::pm::handles::Runs;
use crate::run;
use crate::run::control;
use crate::run::lock;
use crate::run::logs::log_ref;
use crate::run::reconcile;
use crate::run::write_record;
use crate::secret;
use crate::store::state::State;
use crate::store::{beneath, random};

/// The most rounds.
const ROUNDS: u32 = 3;

/// A plan that an agent has written.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PlannedDocument {
    /// The plan as it is now.
    #[serde(flatten)]
    pub plan: PlanView,
    /// The run that records the rounds.
    pub run: RunView,
    /// The rounds, in order.
    pub rounds: Vec<PlanRound>,
}

/// A round of an agent that plans.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct PlanRound {
    /// From 1.
    pub round: u32,
    /// True if its text was written as the plan.
    pub written: bool,
    /// The number of statements that are in no task then.
    pub open: Option<usize>,
    /// Errors and warnings of its plan, or the problems of its text.
    pub findings: Vec<String>,
    /// The reason for which the agent did not end its work.
    pub failed: Option<String>,
    /// Tokens that the model read.
    pub input_tokens: u64,
    /// Tokens that it wrote.
    pub output_tokens: u64,
    /// The price in US dollars, if it is known.
    pub usd: Option<f64>,
}

/// A step of an agent that plans.
#[derive(Clone, Debug)]
pub enum PlanStep<'r> {
    /// The run with this id was begun; the agent starts now.
    Begun(String),
    /// A round has been recorded.
    Round(&'r PlanRound),
}

impl PlanRound {
    /// True if its plan was written, and nothing is wrong with it.
    fn is_clean(&self) -> bool {
        self.written && self.findings.is_empty()
    }
}

impl Runs<'_> {
    /// Lets an agent plan a document, in at most three rounds. `options` name the agent, its model, its
    /// budget and its time; `tell` receives each step. The plan that the
    /// document alone gives is written first, so that nothing is lost if the agent fails.
    ///
    /// # Errors
    /// When the document cannot be planned, the agent cannot be started, or another process works on a
    /// run in this clone. What the agent does wrong is in the answer.
    pub fn plan_document(
        &self,
        source: &Source,
        draft: &DraftOptions,
        options: &RunOptions,
        tell: &mut dyn FnMut(&PlanStep<'_>),
    ) -> Result<PlannedDocument> {
        let pm = self.pm;
        let RunAgent::One(with) = &options.with else {
            return Err(
                Error::usage("`--with auto` chooses an agent for a task, not for a plan")
                    .hint("name the agent, such as `--with claude`"),
            );
        };
        run::require_run_allowed(pm, options)?;
        run::require_agent(pm, options)?;
        let lock = lock::lock_runs(pm)?;
        reconcile::close_dead_runs(pm)?;
        if let Source::Prd(id) = source {
            let state = pm.store.state()?;
            require_readable(pm, &state, state.find(id)?, with)?;
        }
        let drafted = pm.plans().create(source, draft)?;
        let (item, reference) = {
            let state = pm.store.state()?;
            let item = state.find(&drafted.prd)?;
            require_readable(pm, &state, item, with)?;
            (item.uid.clone(), item.reference())
        };
        for warning in Rules::of(pm)?.warnings(pm, with)? {
            pm.notice(warning);
        }
        let run = Uid::from_parts(pm.now_ms(), random::bytes()?);
        let folder = Folder::new(&run)?;
        begin_planning(pm, &run, options, &reference)?;
        let mut planning = Planning {
            pm,
            options,
            with,
            agent: record::agent_name(pm, 1),
            run: run.clone(),
            prd: drafted.prd.clone(),
            document: drafted.document.clone(),
            version: drafted.version.clone(),
            job: Job::new(item),
            files: lock::run_folder(pm, &run),
            folder,
            rounds: Vec::new(),
            invented: Vec::new(),
            is_asked_to_stop: AtomicBool::new(false),
        };
        tell(&PlanStep::Begun(short_id(RUN, &run)));
        let worked = planning.work(&drafted, tell);
        let private = planning.private();
        sandbox::remove_temporary(&private);
        // What cannot be removed only costs space.
        let _ = beneath::remove(&private);
        if let Some(warning) = guard_status::missing_hooks_warning(pm) {
            pm.notice(warning);
        }
        let ended = planning.end(&worked);
        let kept = log_ref::keep_logs(pm, &run);
        drop(lock);
        worked?;
        ended?;
        kept?;
        Ok(PlannedDocument {
            plan: pm.plans().show(Some(&drafted.prd))?,
            run: control::run_view(pm, &run)?,
            rounds: planning.rounds,
        })
    }
}

/// Refuses an agent that may not read a private document.
fn require_readable(pm: &Pm, state: &State<'_>, prd: &Item, with: &With) -> Result<()> {
    let privacy = Privacy::of(pm)?;
    let trust = trust(pm, with, &privacy.local_agents);
    match privacy.reason(state, prd) {
        Some(why) if trust != Trust::Local => Err(Error::refused(not_local(&why))),
        _ => Ok(()),
    }
}

fn begin_planning(pm: &Pm, run: &Uid, options: &RunOptions, prd: &ItemRef) -> Result<()> {
    let plan = Plan {
        with: options.with.name().to_string(),
        agents: 1,
        merge: options.merge,
        budget_micro_usd: options.budget_micro_usd,
        epic: None,
        only: vec![prd.to_string()],
        pinned: None,
    };
    write_record::begin_run(pm, run, &plan)?;
    lock::mark_alive(pm, run)
}

/// The rounds of one agent at one document.
struct Planning<'p> {
    pm: &'p Pm,
    options: &'p RunOptions,
    with: &'p With,
    agent: String,
    run: Uid,
    prd: String,
    /// The hash of the document that the agent reads.
    document: String,
    /// The version of the plan that the agent finds.
    version: String,
    job: Job,
    /// The folder of the run's own files.
    files: PathBuf,
    folder: Folder,
    rounds: Vec<PlanRound>,
    /// What its last plan invented, for the next round.
    invented: Vec<String>,
    /// Set when a person asks to stop or pause the run.
    is_asked_to_stop: AtomicBool,
}

/// The text that left the fewest statements open.
struct Best {
    open: usize,
    text: String,
}

impl Planning<'_> {
    fn work(&mut self, drafted: &PlanView, tell: &mut dyn FnMut(&PlanStep<'_>)) -> Result<()> {
        let outline = self.pm.plans().outline(&self.source())?.text;
        let outline = secret::redacted(&outline).0;
        let git = self.pm.store.repo().git().plain();
        self.folder.prepare(&git, &outline)?;
        let mut best = None;
        if drafted.edits > 0 {
            let text = self.edited()?;
            self.folder.give(text.clone())?;
            let open = drafted.statements.open;
            best = Some(Best { open, text });
        }
        let mut findings: Vec<String> = Vec::new();
        for number in 1..=ROUNDS {
            let mut all = findings.clone();
            if !all.is_empty() {
                all.append(&mut self.invented);
            }
            let asked = prompt::write(&outline, &all, self.folder.has_plan())?;
            let (mut round, words) = self.round(number, asked)?;
            if round.failed.is_none() {
                match self.folder.plan(words) {
                    Some(text) => self.take(text, &mut round, &mut best)?,
                    None => {
                        round.findings = vec![format!("{} has no plan: write it", prompt::PLAN)];
                    }
                }
            }
            let is_over = round.failed.is_some()
                || round.is_clean()
                || !findings.is_empty() && findings == round.findings;
            findings.clone_from(&round.findings);
            tell(&PlanStep::Round(&round));
            self.rounds.push(round);
            if is_over || self.is_stopped() || self.over_budget().is_some() {
                break;
            }
        }
        // A later round may have dropped what an earlier one had.
        let last = self.rounds.iter().rev().find_map(|round| round.open);
        match best.filter(|best| last.is_some_and(|open| open > best.open)) {
            Some(best) => self.write(&best.text).map(drop),
            None => Ok(()),
        }
    }

    /// The plan that a person or an agent has edited.
    fn edited(&self) -> Result<String> {
        let text = self.pm.plans().text(Some(&self.prd))?.text;
        match secret::redacted(&text).1.is_empty() {
            true => Ok(text),
            // Without it the agent's plan would lose it.
            false => Err(Error::refused(format!(
                "the plan of {} has a passage that looks like a secret, which no agent may read",
                self.prd
            ))
            .hint(format!("`git pm plan edit {}` removes it", self.prd))),
        }
    }

    /// Writes the agent's text as the plan, and notes what is wrong with it.
    fn take(&mut self, text: String, round: &mut PlanRound, best: &mut Option<Best>) -> Result<()> {
        match self.write(&text) {
            Ok(report) => {
                let open = report.statements.open;
                round.written = true;
                round.open = Some(open);
                round.findings = prompt::findings(&report.checks);
                self.invented = prompt::invented(&report.checks);
                if best.as_ref().is_none_or(|best| open <= best.open) {
                    let text = text.clone();
                    *best = Some(Best { open, text });
                }
            }
            Err(error) if error.kind() == Kind::Usage => {
                let hints = error.hints().iter().map(ToString::to_string);
                let all = std::iter::once(error.message().to_owned()).chain(hints);
                round.findings = all.map(|text| secret::redacted(&text).0).collect();
            }
            // A person or another agent changed the plan, or its document, meanwhile.
            Err(error) if error.kind() == Kind::Conflict => {
                round.failed = Some(error.message().to_owned());
            }
            Err(error) => return Err(error),
        }
        self.folder.give(text)
    }

    /// Writes a text, in the agent's name, for the document and the version of the plan that it has
    /// read. The last line that names them counts.
    fn write(&mut self, text: &str) -> Result<WriteReport> {
        let header = header(&self.document, Some(&self.version));
        let own = as_agent(self.pm, &self.agent)?;
        let text = format!("{}\n\n{header}", text.trim_end());
        let written = own
            .plans()
            .write(&self.source(), &text, &WriteOptions::default())?;
        self.version.clone_from(&written.version);
        Ok(written)
    }

    fn source(&self) -> Source {
        Source::Prd(self.prd.clone())
    }

    fn private(&self) -> PathBuf {
        self.files.join("planning")
    }

    /// What may still be spent, in millionths of a US dollar.
    fn left(&self) -> Option<u64> {
        let budget = self.options.budget_micro_usd?;
        Some(budget.saturating_sub(self.job.spent.micro_usd))
    }

    /// The reason for which the budget lets nothing more start.
    fn over_budget(&self) -> Option<String> {
        let budget = self.options.budget_micro_usd?;
        over_budget(budget, self.job.spent.micro_usd, self.job.unpriced())
    }

    fn is_stopped(&self) -> bool {
        self.options.interrupted() || self.is_asked_to_stop.load(Ordering::SeqCst)
    }

    /// Records how it ended.
    fn end(&mut self, worked: &Result<()>) -> Result<()> {
        let (status, reason) = self.ended(worked);
        (self.job.status, self.job.step) = (status, None);
        self.job.reason.clone_from(&reason);
        write_record::write_job(self.pm, &self.run, &self.job)?;
        for request in self.requests()? {
            write_record::write_obeyed(self.pm, &self.run, &request)?;
        }
        match (status, &reason) {
            (RunStatus::Stopped, Some(reason)) if self.over_budget().is_some() => {
                write_record::write_out_of_budget(self.pm, &self.run, reason)
            }
            _ => write_record::write_run(self.pm, &self.run, status, reason.as_deref()),
        }
    }

    fn ended(&self, worked: &Result<()>) -> (RunStatus, Option<String>) {
        if let Err(error) = worked {
            return (RunStatus::Failed, Some(error.message().to_owned()));
        }
        if self.is_stopped() {
            return (RunStatus::Stopped, Some("it was stopped".to_owned()));
        }
        let Some(last) = self.rounds.last() else {
            return (
                RunStatus::Failed,
                Some("the agent was not started".to_owned()),
            );
        };
        if let Some(why) = &last.failed {
            return (RunStatus::Failed, Some(why.clone()));
        }
        if last.is_clean() {
            return (RunStatus::Completed, None);
        }
        if let Some(why) = self.over_budget() {
            return (RunStatus::Stopped, Some(why));
        }
        let count = last.findings.len();
        let findings = if count == 1 { "finding" } else { "findings" };
        let reason = format!("{count} {findings} left after {} rounds", last.round);
        (RunStatus::Blocked, Some(reason))
    }

    /// The requests that ended it.
    fn requests(&self) -> Result<Vec<Request>> {
        if !self.is_asked_to_stop.load(Ordering::SeqCst) {
            return Ok(Vec::new());
        }
        let state = self.pm.store.state()?;
        let run = record::run(&state, &self.run);
        let requests = run.map_or_else(Vec::new, |run| run.requests);
        Ok(requests.into_iter().filter(|one| !one.done).collect())
    }
}
