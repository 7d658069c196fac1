//! A review by agents, as a run: they are started in checkouts of their own, in parallel.
//!
//! With `fix`, what blocks goes back to the agent that works on the task, until a human has to decide.

use schemars::JsonSchema;
use serde::Serialize;

use super::RunView;
use super::options::{RunAgent, RunEvent, RunOptions};
use super::panel_run::{PanelRun, require_askable, unanswered};
use crate::agent::headless::With;
use crate::error::{Error, Result};
use crate::model::status::Status;
use crate::pm::Pm;
use crate::pm::handles::Runs;
use crate::review::panel::{self, PanelOptions};
use crate::review::{ReviewReport, blocking_text};
use crate::run;

/// A review by agents.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PanelReview {
    /// What stands now.
    #[serde(flatten)]
    pub report: ReviewReport,
    /// The run that records the agents of the last round; null if none was started.
    pub run: Option<RunView>,
}

/// A step of a review by agents.
#[derive(Clone, Debug)]
pub enum ReviewStep<'r> {
    /// The run with this id was begun; agents with these roles start now.
    Asked(String, Vec<String>),
    /// A round has been recorded.
    Round(&'r ReviewReport),
    /// The run in which the task's agent repairs what was found.
    Fix(RunEvent),
}

impl Runs<'_> {
    /// Refuses agents that cannot be started here.
    ///
    /// # Errors
    /// When a program or a model is not there, or the caller may start none.
    pub fn require_agents(&self, withs: &[With], options: &RunOptions) -> Result<()> {
        for with in withs {
            let options = RunOptions {
                with: RunAgent::One(with.clone()),
                ..options.clone()
            };
            run::require_run_allowed(self.pm, &options)?;
            run::require_agent(self.pm, &options)?;
        }
        Ok(())
    }

    /// Reviews the work of an item by rules, tools, and agents. `withs` are the programs or models, which
    /// are asked in turn; `options` have their model, budget and time. With `fix`, findings that block are
    /// given back to the agent of `options`, and the work is reviewed again.
    ///
    /// # Errors
    /// As for [`Findings::review`](crate::pm::handles::Findings::review), and as for [`Runs::run`]. What an
    /// agent does wrong is in the answer.
    pub fn review(
        &self,
        id: &str,
        (panel, fix): (&PanelOptions, bool),
        (withs, options): (&[With], &RunOptions),
        tell: &mut dyn FnMut(ReviewStep<'_>),
    ) -> Result<PanelReview> {
        let pm = self.pm;
        require_askable(pm, id, withs, options)?;
        let mut rounds = None;
        loop {
            let reviewed = self.round(id, panel, (withs, options), tell)?;
            let report = &reviewed.report;
            tell(ReviewStep::Round(report));
            let is_new = rounds != report.round;
            rounds = report.round;
            let failed = report.reviewers.iter().any(|one| one.failed.is_some());
            let todo = blocking_text(report, None).filter(|_| {
                fix && is_new && report.stopped.is_none() && !failed && !options.interrupted()
            });
            let Some(todo) = todo else {
                return Ok(reviewed);
            };
            if !self.is_fixed(id, &todo, options, tell)? {
                return Ok(reviewed);
            }
        }
    }

    /// Has the task's agent repair what was found; true if there is work to review again.
    fn is_fixed(
        &self,
        id: &str,
        todo: &str,
        options: &RunOptions,
        tell: &mut dyn FnMut(ReviewStep<'_>),
    ) -> Result<bool> {
        let pm = self.pm;
        let status = |pm: &Pm| Ok::<_, Error>(pm.store.snapshot()?.find(id)?.status.clone());
        if status(pm)? == Status::InReview {
            pm.tasks().return_work(id, todo)?;
        }
        let options = RunOptions {
            only: vec![id.to_string()],
            ..options.clone()
        };
        self.run(&options, &mut |event| tell(ReviewStep::Fix(event)))?;
        Ok(status(pm)? == Status::InReview)
    }

    fn round(
        &self,
        id: &str,
        panel: &PanelOptions,
        (withs, options): (&[With], &RunOptions),
        tell: &mut dyn FnMut(ReviewStep<'_>),
    ) -> Result<PanelReview> {
        let pm = self.pm;
        let mut run = PanelRun::new(pm, options)?;
        let reviewed = panel::review(pm, id, panel, &mut |asked| {
            run.ask(id, withs, asked, &mut |run, roles| {
                tell(ReviewStep::Asked(run, roles));
            })
        });
        let (report, run) = run.end(reviewed, |report| {
            let all = report.reviewers.iter();
            unanswered(all.map(|one| (&*one.name, &one.failed)))
        })?;
        Ok(PanelReview { report, run })
    }
}
