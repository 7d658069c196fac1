//! A run in which agents are asked, each in a checkout of its own: from its lock to its end.

use std::fs::File;

use super::ask_agents::{Asking, Question, require_readable};
use super::checkout::checkout;
use super::options::RunOptions;
use super::record::RunStatus;
use super::{RunView, control, lock, reconcile};
use crate::agent::headless::With;
use crate::agent::sandbox::Rules;
use crate::error::{Error, Result};
use crate::model::usage::Used;
use crate::pm::Pm;
use crate::review::panel::prompt::FOLDER;
use crate::review::panel::{Asked, Told};

/// As [`require_readers`]; also refuses agents that cannot be started here.
pub(super) fn require_askable(
    pm: &Pm,
    id: &str,
    withs: &[With],
    options: &RunOptions,
) -> Result<()> {
    pm.runs().require_agents(withs, options)?;
    require_readers(pm, id, withs)
}

/// Refuses agents that may not read an item, and says what their users have to know first.
pub(super) fn require_readers(pm: &Pm, id: &str, withs: &[With]) -> Result<()> {
    for with in withs {
        let state = pm.store.state()?;
        require_readable(pm, &state, state.find(id)?, with)?;
        for warning in Rules::of(pm)?.warnings(pm, with)? {
            pm.notice(warning);
        }
    }
    Ok(())
}

/// A run that begins when its first agent is asked.
pub(super) struct PanelRun<'p> {
    pm: &'p Pm,
    options: &'p RunOptions,
    /// The run, once it was begun.
    asking: Option<Asking<'p>>,
    /// That of the clone's runs.
    lock: File,
}

impl<'p> PanelRun<'p> {
    /// Takes the lock of the clone's runs.
    ///
    /// # Errors
    /// When another process works on a run in this clone.
    pub(super) fn new(pm: &'p Pm, options: &'p RunOptions) -> Result<PanelRun<'p>> {
        let lock = lock::lock_runs(pm)?;
        reconcile::close_dead_runs(pm)?;
        Ok(PanelRun {
            pm,
            options,
            asking: None,
            lock,
        })
    }

    /// The run about an item, begun if it was not.
    pub(super) fn begin(&mut self, id: &str) -> Result<&mut Asking<'p>> {
        Ok(match &mut self.asking {
            Some(asking) => asking,
            none => none.insert(Asking::begin(self.pm, self.options, id)?),
        })
    }

    /// Starts agents. `withs` are the programs or models, which are asked in turn; `tell` receives the id
    /// of the run and the roles before.
    pub(super) fn ask(
        &mut self,
        id: &str,
        withs: &[With],
        asked: &[Asked<'_>],
        tell: &mut dyn FnMut(String, Vec<String>),
    ) -> Result<Vec<Told>> {
        let (pm, options) = (self.pm, self.options);
        let asking = self.begin(id)?;
        let roles = asked.iter().map(|one| one.role.clone()).collect();
        tell(asking.run_id(), roles);
        let refused = match asking.is_stopped() {
            true => Some("it was stopped".to_string()),
            false => asking.over_budget(),
        };
        let model = |with: &With| match (with, &options.model) {
            (With::Model(name), _) => name.to_string(),
            (_, Some(model)) => model.clone(),
            (other, None) => other.name().into(),
        };
        let turns = asked.iter().zip(withs.iter().cycle());
        if let Some(why) = refused {
            let told = turns.map(|(_, with)| Told {
                words: Err(why.clone()),
                file: None,
                model: model(with),
                used: Used::default(),
            });
            return Ok(told.collect());
        }
        let (mut places, mut questions) = (Vec::new(), Vec::new());
        for (number, (one, with)) in turns.clone().enumerate() {
            let files = (FOLDER, one.files);
            let place = checkout(pm, (&asking.run, number), one.commit, files)?;
            questions.push(Question {
                label: one.role.clone(),
                role: one.role.clone(),
                round: one.round,
                with: with.clone(),
                prompt: one.prompt.clone(),
                place: place.path().to_path_buf(),
                file: one.answer_file.map(|name| {
                    let before = one.files.iter().find(|(known, _)| *known == name);
                    let before = before.map_or(String::new(), |(_, text)| text.clone());
                    (place.path().join(FOLDER).join(name), before)
                }),
                kept: Some(one.kept.clone()),
            });
            places.push(place);
        }
        let answers = asking.ask(&questions)?;
        drop(places);
        let told = answers.into_iter().zip(turns);
        let told = told.map(|(answer, (_, with))| Told {
            words: match (answer.failed, answer.words) {
                (Some(why), _) => Err(why.to_string()),
                (None, Some(words)) => Ok(words),
                (None, None) => Err("it ended without an answer".into()),
            },
            file: answer.file,
            // What the provider says that it is.
            model: answer.used.model.clone().unwrap_or_else(|| model(with)),
            used: answer.used,
        });
        Ok(told.collect())
    }

    /// Ends what was begun, and gives the lock back. `wrong` says what is wrong with the result.
    pub(super) fn end<T>(
        self,
        result: Result<T>,
        wrong: impl FnOnce(&T) -> Option<(RunStatus, String)>,
    ) -> Result<(T, Option<RunView>)> {
        let run = self.asking.map(|mut asking| {
            let ended = match &result {
                _ if asking.is_stopped() => Some((RunStatus::Stopped, "it was stopped".into())),
                Err(error) => Some((RunStatus::Failed, error.message().to_string())),
                Ok(result) => wrong(result).map(|wrong| match asking.over_budget() {
                    Some(why) => (RunStatus::Stopped, why),
                    None => wrong,
                }),
            };
            let (status, reason) = ended.unzip();
            asking.end(status.unwrap_or(RunStatus::Completed), reason.as_deref())?;
            Ok::<_, Error>(asking.run)
        });
        let run = run.transpose()?;
        drop(self.lock);
        let result = result?;
        let run = run
            .map(|run| control::run_view(self.pm, &run))
            .transpose()?;
        Ok((result, run))
    }
}

/// What is wrong if an agent has no answer.
pub(super) fn unanswered<'a>(
    mut all: impl Iterator<Item = (&'a str, &'a Option<String>)>,
) -> Option<(RunStatus, String)> {
    let (name, _) = all.find(|(_, failed)| failed.is_some())?;
    Some((RunStatus::Failed, format!("{name} has no answer")))
}
