//! What agents say against a plan before its approval, and about work before its merge.

use super::{Full, FullEvent, FullStep, FullStepStatus, all};
use crate::agent::headless::With;
use crate::error::{Kind, Result};
use crate::model::status::Status;
use crate::plan::Source;
use crate::plan::missing_parts::{self, Standing};
use crate::review::debate::DebateOptions;
use crate::review::panel::PanelOptions;
use crate::run::options::{RunAgent, RunOptions};
use crate::run::{DebateStep, ReviewStep};

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
            if let DebateStep::Turn(turn) = step {
                (self.tell)(FullEvent::Turn(turn.clone()));
            }
        };
        let debated = runs.debate(&source, &debate, (&withs, &options), &mut tell)?;
        let report = &debated.report;
        let rounds = match report.rounds {
            1 => "1 round".to_string(),
            n => format!("{n} rounds"),
        };
        let (status, text) = match report.airtight {
            true => (FullStepStatus::Done, format!("airtight after {rounds}")),
            false => (
                FullStepStatus::Waits,
                format!("not airtight after {rounds}: {}", report.missing.join("; ")),
            ),
        };
        let is_airtight = report.airtight;
        self.view.budget_spent |= debated.run.as_ref().is_some_and(|run| run.budget_spent);
        self.view.runs.extend(debated.run);
        self.end(FullStep::Debate, status, text);
        let prd = &standing.prd;
        if is_airtight {
            return missing_parts::standing_of_plan(self.pm, prd).map(Some);
        }
        self.view.next.push(format!("git pm plan debate {prd}"));
        if !self.options.yolo {
            self.view.next.push(format!("git pm plan approve {prd}"));
        }
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
            let reviewed = {
                let mut tell = |step: ReviewStep<'_>| match step {
                    ReviewStep::Fix(event) => (self.tell)(FullEvent::Run(event)),
                    ReviewStep::Round(report) => (self.tell)(FullEvent::Review(report.clone())),
                    ReviewStep::Asked(..) => {}
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
            self.view.runs.extend(reviewed.run);
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
                (true, false) => {}
                (false, _) => {
                    let blocking = report.open.iter().filter(|one| one.blocks).count();
                    let failed = report.reviewers.iter().find(|one| one.failed.is_some());
                    let why = match (report.stopped, failed) {
                        (Some(why), _) => why,
                        (None, Some(failed)) => format!("{} has no answer", failed.name),
                        (None, None) => format!("{blocking} of its findings stop the merge"),
                    };
                    self.left_out.insert(id, why);
                }
            }
        }
        Ok(approved)
    }

    /// The options of agents that are asked, with what is left of the budget.
    fn of_agents(&self) -> Result<RunOptions> {
        Ok(RunOptions {
            budget_micro_usd: self.left()?,
            ..self.options.of_runs()
        })
    }
}
