//! A review by agents, as a run: they are started in checkouts of their own, in parallel.
//!
//! With `fix`, what blocks goes back to the agent that works on the task, until a human has to decide.

use schemars::JsonSchema;
use serde::Serialize;

use super::asking::{Asking, Question, require_readable};
use super::checkout::checkout;
use super::control;
use super::options::{RunAgent, RunEvent, RunOptions};
use super::record::RunStatus;
use super::{RunView, lock, reconcile};
use crate::agent::headless::With;
use crate::agent::sandbox::Rules;
use crate::error::{Error, Result};
use crate::model::status::Status;
use crate::model::uid::Uid;
use crate::model::usage::Used;
use crate::pm::Pm;
use crate::pm::handles::Runs;
use crate::review::panel::prompt::FOLDER;
use crate::review::panel::{self, Asked, PanelOptions, Told};
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
        let lock = lock::lock_runs(pm)?;
        reconcile::close_dead_runs(pm)?;
        let mut asking: Option<Asking<'_>> = None;
        let reviewed = panel::review(pm, id, panel, &mut |asked| {
            let asking = match &mut asking {
                Some(asking) => asking,
                none => none.insert(begin(pm, options, id)?),
            };
            let roles = asked.iter().map(|one| one.role.clone()).collect();
            tell(ReviewStep::Asked(asking.run_id(), roles));
            ask(asking, asked, withs)
        });
        let failed = reviewed.as_ref().map(|report| {
            let mut all = report.reviewers.iter();
            all.find(|one| one.failed.is_some()).map(|one| &*one.name)
        });
        let run = asking.map(|asking| end(asking, failed)).transpose()?;
        drop(lock);
        Ok(PanelReview {
            report: reviewed?,
            run: run.map(|run| control::run_view(pm, &run)).transpose()?,
        })
    }
}

/// Refuses agents that cannot be asked about an item, and says what their users have to know first.
pub(super) fn require_askable(
    pm: &Pm,
    id: &str,
    withs: &[With],
    options: &RunOptions,
) -> Result<()> {
    pm.runs().require_agents(withs, options)?;
    for with in withs {
        let state = pm.store.state()?;
        require_readable(pm, &state, state.find(id)?, with)?;
        for warning in Rules::of(pm)?.warnings(pm, with)? {
            pm.notice(warning);
        }
    }
    Ok(())
}

pub(super) fn begin<'p>(pm: &'p Pm, options: &'p RunOptions, id: &str) -> Result<Asking<'p>> {
    let (item, shown, reference) = {
        let state = pm.store.state()?;
        let item = state.find(id)?;
        (item.uid.clone(), state.shown_id(item), item.reference())
    };
    Asking::begin(pm, options, (item, shown, &reference))
}

/// Ends a run that asked agents; `failed` is the one that has no answer.
pub(super) fn end(
    mut asking: Asking<'_>,
    failed: std::result::Result<Option<&str>, &Error>,
) -> Result<Uid> {
    let (status, reason) = match failed {
        _ if asking.is_stopped() => (RunStatus::Stopped, Some("it was stopped".to_string())),
        Err(error) => (RunStatus::Failed, Some(error.message().to_string())),
        Ok(failed) => match (asking.over_budget(), failed) {
            (Some(why), Some(_)) => (RunStatus::Stopped, Some(why)),
            (None, Some(name)) => (RunStatus::Failed, Some(format!("{name} has no answer"))),
            (_, None) => (RunStatus::Completed, None),
        },
    };
    asking.end(status, reason.as_deref())?;
    Ok(asking.run)
}

/// Starts agents, each in a checkout of its own.
pub(super) fn ask(
    asking: &mut Asking<'_>,
    asked: &[Asked<'_>],
    withs: &[With],
) -> Result<Vec<Told>> {
    let refused = match (asking.is_stopped(), asking.over_budget()) {
        (true, _) => Some("it was stopped".to_string()),
        (false, why) => why,
    };
    let model = |with: &With| match with {
        With::Model(name) => name.to_string(),
        other => asking
            .options
            .model
            .clone()
            .unwrap_or_else(|| other.name().into()),
    };
    let turns = asked.iter().zip(withs.iter().cycle());
    let models: Vec<String> = turns.clone().map(|(_, with)| model(with)).collect();
    if let Some(why) = refused {
        let told = |model| Told {
            words: Err(why.clone()),
            file: None,
            model,
            used: Used::default(),
        };
        return Ok(models.into_iter().map(told).collect());
    }
    let (mut places, mut questions) = (Vec::new(), Vec::new());
    for (number, (one, with)) in turns.enumerate() {
        let files = (FOLDER, one.files);
        let place = checkout(asking.pm, (&asking.run, number), one.commit, files)?;
        questions.push(Question {
            label: one.role.clone(),
            role: one.role.clone(),
            round: one.round,
            with: with.clone(),
            prompt: one.prompt.clone(),
            place: place.path().to_path_buf(),
            file: one.answer_file.map(|name| {
                let mut files = one.files.iter();
                let before = files.find(|(known, _)| *known == name);
                let before = before.map_or(String::new(), |(_, text)| text.clone());
                (place.path().join(FOLDER).join(name), before)
            }),
            kept: Some(one.kept.clone()),
        });
        places.push(place);
    }
    let answers = asking.ask(&questions)?;
    let told = answers.into_iter().zip(models).map(|(answer, model)| Told {
        words: match (answer.failed, answer.words) {
            (Some(why), _) => Err(why.to_string()),
            (None, Some(words)) => Ok(words),
            (None, None) => Err("it ended without an answer".into()),
        },
        file: answer.file,
        // What the provider says that it is.
        model: answer.used.model.clone().unwrap_or(model),
        used: answer.used,
    });
    let told = told.collect();
    drop(places);
    Ok(told)
}
