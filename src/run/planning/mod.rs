//! A plan by an agent, in a few rounds until the check of its text is clean.
//!
//! The agent reads the outline of a document, writes the plan as one text, and gets back what is
//! wrong with it. They are a run whose only job is the document, so its usage, its log and its end
//! are recorded like those of others.

mod folder;
mod prompt;

use schemars::JsonSchema;
use serde::Serialize;

use self::folder::Folder;
use super::RunView;
use super::ask_agents::{Asking, Question, require_readable};
use super::options::{RunAgent, RunOptions};
use super::panel_run::{PanelRun, require_readers};
use super::record::RunStatus;
use super::worker::as_agent;
use crate::agent::headless::With;
use crate::coordinate::hook::guard_status;
use crate::error::{Error, Kind, Result};
use crate::model::money::usd;
use crate::model::text::counted;
use crate::plan::Source;
use crate::plan::checks::told;
use crate::plan::drafting::DraftOptions;
use crate::plan::view::PlanView;
use crate::plan::write::{WriteOptions, WriteReport, header};
use crate::pm::Pm;
use crate::pm::handles::Runs;
use crate::secret;

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
        self.require_agents(std::slice::from_ref(with), options)?;
        let mut run = PanelRun::new(pm, options)?;
        if let Source::Prd(id) = source {
            let state = pm.store.state()?;
            require_readable(pm, &state, state.find(id)?, with)?;
        }
        let drafted = pm.plans().create(source, draft)?;
        require_readers(pm, &drafted.prd, std::slice::from_ref(with))?;
        let (worked, rounds) = {
            let asking = run.begin(&drafted.prd)?;
            tell(&PlanStep::Begun(asking.run_id()));
            let mut planning = Planning {
                pm,
                with,
                prd: drafted.prd.clone(),
                document: drafted.document.clone(),
                version: drafted.version.clone(),
                folder: Folder::new(&asking.run)?,
                asking,
                rounds: Vec::new(),
                invented: Vec::new(),
            };
            (planning.work(&drafted, tell), planning.rounds)
        };
        if let Some(warning) = guard_status::missing_hooks_warning(pm) {
            pm.notice(warning);
        }
        let ((), run) = run.end(worked, |()| wrong(&rounds))?;
        Ok(PlannedDocument {
            plan: pm.plans().show(Some(&drafted.prd))?,
            run: run.ok_or_else(|| Error::state("the agent was not asked"))?,
            rounds,
        })
    }
}

/// What is wrong with the last round.
fn wrong(rounds: &[PlanRound]) -> Option<(RunStatus, String)> {
    let Some(last) = rounds.last() else {
        return Some((RunStatus::Failed, "the agent was not started".to_owned()));
    };
    if let Some(why) = &last.failed {
        return Some((RunStatus::Failed, why.clone()));
    }
    let findings = counted(last.findings.len(), "finding");
    let reason = format!("{findings} left after {} rounds", last.round);
    (!last.is_clean()).then_some((RunStatus::Blocked, reason))
}

/// The rounds of one agent at one document.
struct Planning<'a, 'p> {
    pm: &'p Pm,
    with: &'a With,
    prd: String,
    /// The hash of the document that the agent reads.
    document: String,
    /// The version of the plan that the agent finds.
    version: String,
    asking: &'a mut Asking<'p>,
    folder: Folder,
    rounds: Vec<PlanRound>,
    /// What its last plan invented, for the next round.
    invented: Vec<String>,
}

impl Planning<'_, '_> {
    fn work(&mut self, drafted: &PlanView, tell: &mut dyn FnMut(&PlanStep<'_>)) -> Result<()> {
        let outline = self.pm.plans().outline(&self.source())?.text;
        let outline = secret::redacted(&outline).0;
        let git = self.pm.store.repo().git().plain();
        self.folder.prepare(&git, &outline)?;
        if drafted.edits > 0 {
            let text = self.edited()?;
            self.folder.give(text)?;
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
                    Some(text) => self.take(text, &mut round)?,
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
            if is_over || self.asking.is_stopped() || self.asking.over_budget().is_some() {
                break;
            }
        }
        Ok(())
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
    fn take(&mut self, text: String, round: &mut PlanRound) -> Result<()> {
        match self.write(&text) {
            Ok(report) => {
                round.written = true;
                round.open = Some(report.statements.open);
                round.findings = told::to_correct(&report.checks);
                self.invented = told::invented(&report.checks);
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
        let own = as_agent(self.pm, &self.asking.agent)?;
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

    /// Runs the agent once, and records it. Also returns its last words.
    fn round(&mut self, number: u32, prompt: String) -> Result<(PlanRound, Option<String>)> {
        let question = Question {
            label: self.asking.agent.clone(),
            role: "planner".into(),
            round: number,
            with: self.with.clone(),
            prompt,
            place: self.folder.path().to_path_buf(),
            file: None,
            kept: None,
        };
        let answers = self.asking.ask(&[question])?;
        let answer = answers.into_iter().next();
        let answer = answer.ok_or_else(|| Error::state("the agent was not asked"))?;
        let (used, spent) = (&answer.used, answer.used.spent);
        let round = PlanRound {
            round: number,
            input_tokens: spent.input.saturating_add(spent.cached),
            output_tokens: spent.output,
            usd: used.price.map(|_| usd(spent.micro_usd)),
            failed: answer.failed.map(|end| end.to_string()),
            ..PlanRound::default()
        };
        Ok((round, answer.words))
    }
}
