//! What agents say against a plan before its approval, and about work before its merge.

use std::collections::BTreeSet;

use super::{Full, FullEvent, FullStep, FullStepStatus, all};
use crate::agent::headless::With;
use crate::coordinate::finding::record::FAILED;
use crate::coordinate::finding::rounds;
use crate::error::{Hint, Kind, Result};
use crate::model::status::Status;
use crate::model::text::{counted, one_line};
use crate::model::uid::Uid;
use crate::plan::Source;
use crate::plan::missing_parts::{self, Standing};
use crate::review::debate::DebateOptions;
use crate::review::panel::PanelOptions;
use crate::run::options::{RunAgent, RunOptions};
use crate::run::{DebateStep, ReviewStep, control, record};

impl Full<'_> {
    /// Has the plan debated, if there are critics and it waits for an approval. Returns its standing, or
    /// `None` if it is not airtight, and a human has to decide.
    pub(super) fn debate(&mut self, standing: Standing) -> Result<Option<Standing>> {
        let critics = &self.options.critics;
        if critics.is_empty() {
            return Ok(Some(standing));
        }
        if self.is_interrupted() {
            return Ok(None);
        }
        self.begin(FullStep::Debate);
        if !standing.needs_approval {
            self.end(
                FullStep::Debate,
                FullStepStatus::Nothing,
                "the plan is approved",
            );
            return Ok(Some(standing));
        }
        let architect = match &self.options.run.with {
            RunAgent::One(with) => with.clone(),
            RunAgent::Auto => critics[0].clone(),
        };
        let withs: Vec<With> = [&[architect][..], critics].concat();
        let options = self.of_agents()?;
        let source = Source::Prd(standing.prd.clone());
        let runs = self.pm.runs();
        let debate = DebateOptions::default();
        let mut tell = |step: DebateStep<'_>| {
            (self.tell)(match step {
                DebateStep::Turn(turn) => FullEvent::Turn(turn.clone()),
                DebateStep::Asked(run, names) => FullEvent::Asked(run, names),
            });
        };
        let debated = runs.debate(&source, &debate, (&withs, &options), &mut tell)?;
        let report = &debated.report;
        let rounds = counted(report.rounds as usize, "round");
        let (status, text) = match report.airtight {
            true => (FullStepStatus::Done, format!("airtight after {rounds}")),
            false => {
                let last = report.turns.last().filter(|turn| turn.verdict == FAILED);
                let why = last.and_then(|turn| turn.changed.as_deref());
                let missing = report.missing.iter().map(String::as_str);
                let all: Vec<&str> = why.into_iter().chain(missing).collect();
                let text = format!("not airtight after {rounds}: {}", all.join("; "));
                (FullStepStatus::Waits, text)
            }
        };
        let is_airtight = report.airtight;
        let (blocking, is_stopped) = (report.concerns.blocking, report.stopped.is_some());
        self.view.budget_spent |= debated.run.as_ref().is_some_and(|run| run.budget_spent);
        self.view.runs.extend(debated.run);
        self.end(FullStep::Debate, status, text);
        let prd = &standing.prd;
        if is_airtight {
            // The text is another one now.
            self.view.findings = self.pm.plans().show(Some(prd))?.checks;
            let standing = missing_parts::standing_of_plan(self.pm, prd)?;
            return Ok(self.check(&standing).then_some(standing));
        }
        self.view.next.push(match (blocking, is_stopped) {
            (_, false) => with_agents(&["plan", "debate", prd], &withs, &[]),
            (0, true) => format!("git pm plan approve {prd}"),
            (_, true) => format!("git pm finding list {prd}"),
        });
        Ok(None)
    }

    /// Has submitted work reviewed, and repaired by its agent. Returns the number of items that were approved
    /// because nothing stops them, which only `yolo` does.
    pub(super) fn review_by_agents(&mut self, standing: &Standing) -> Result<usize> {
        let submitted: Vec<String> = {
            let state = self.pm.store.state()?;
            let items = all(standing).filter_map(|uid| state.item(uid));
            items
                .filter(|item| item.status == Status::InReview)
                .map(|item| state.shown_id(item))
                .collect()
        };
        let mut approved = 0;
        for id in submitted {
            if self.is_interrupted() {
                break;
            }
            let options = self.of_agents()?;
            let runs = self.pm.runs();
            let before: BTreeSet<Uid> = self.pm.store.state()?.runs().into_iter().collect();
            let reviewed = {
                let mut tell = |step: ReviewStep<'_>| match step {
                    ReviewStep::Fix(event) => (self.tell)(FullEvent::Run(event)),
                    ReviewStep::Round(report) => (self.tell)(FullEvent::Review(report.clone())),
                    ReviewStep::Asked(run, names) => (self.tell)(FullEvent::Asked(run, names)),
                };
                let how = (&PanelOptions::default(), true);
                runs.review(&id, how, (&self.options.critics, &options), &mut tell)
            };
            let reviewed = match reviewed {
                // It has no work here, say; the others have.
                Err(error) if error.kind() == Kind::Refused => {
                    self.left_out.insert(id, error.message().to_string());
                    continue;
                }
                other => other?,
            };
            self.add_runs(&before, &id)?;
            let report = reviewed.report;
            match (report.passed, self.options.yolo) {
                (true, true) => match self.pm.tasks().approve(&id, Some(&report.commit), None) {
                    Ok(_) => approved += 1,
                    // A human changed it meanwhile, say: it waits, and is not tried again.
                    Err(error) if [Kind::Refused, Kind::Conflict].contains(&error.kind()) => {
                        self.left_out.insert(id, error.message().to_string());
                    }
                    Err(error) => return Err(error),
                },
                (true, false) => {
                    let why =
                        "its reviewers found nothing that stops it: a human has to approve it";
                    self.left_out.insert(id, why.into());
                }
                (false, _) => {
                    let blocking = report.open.iter().filter(|one| one.blocks).count();
                    let failed = report.reviewers.iter();
                    let mut failed =
                        failed.filter_map(|one| Some((&one.name, one.failed.as_ref()?)));
                    let stops = |more: &str| match blocking {
                        0 => String::new(),
                        n => format!(
                            "{more}{} of its findings {} the merge",
                            n,
                            if n == 1 { "stops" } else { "stop" }
                        ),
                    };
                    let again =
                        |more: &[&str]| with_agents(&["review", &id], &self.options.critics, more);
                    let (why, command) = match (report.stopped, failed.next_back()) {
                        (Some(why), _) if blocking == 0 => {
                            let rounds = report.round.unwrap_or(rounds::ROUNDS) + 1;
                            (
                                format!("{why}: its present work is not reviewed"),
                                again(&["--rounds", &rounds.to_string()]),
                            )
                        }
                        (Some(why), _) => (why, format!("git pm finding list {id}")),
                        (None, Some((name, why))) => (
                            format!("{name} has no answer: {}{}", one_line(why), stops("; ")),
                            again(&[]),
                        ),
                        (None, None) => (stops(""), format!("git pm finding list {id}")),
                    };
                    self.commands.insert(id.clone(), command);
                    self.left_out.insert(id, why);
                }
            }
        }
        Ok(approved)
    }

    /// Adds the runs on an item that there were not before.
    fn add_runs(&mut self, before: &BTreeSet<Uid>, id: &str) -> Result<()> {
        let new: Vec<Uid> = {
            let state = self.pm.store.state()?;
            let item = &state.find(id)?.uid;
            let is_its = |run: &Uid| {
                record::jobs(&state, run)
                    .iter()
                    .any(|job| job.item == *item)
            };
            let new = state.runs().into_iter().filter(|run| !before.contains(run));
            new.filter(is_its).collect()
        };
        for run in new {
            self.view.runs.push(control::run_view(self.pm, &run)?);
        }
        Ok(())
    }

    /// The options of agents that are asked, with what is left of the budget.
    fn of_agents(&self) -> Result<RunOptions> {
        Ok(RunOptions {
            budget_micro_usd: self.left()?,
            ..self.options.of_runs()
        })
    }
}

/// A command line with agents.
fn with_agents(command: &[&str], withs: &[With], more: &[&str]) -> String {
    let names: Vec<String> = withs.iter().map(ToString::to_string).collect();
    let names = names.iter().map(String::as_str);
    let words = command.iter().copied().chain(["--with"]).chain(names);
    let line = Hint::run(words.chain(more.iter().copied()), "").command;
    line.map_or_else(String::new, |line| line.to_string())
}
