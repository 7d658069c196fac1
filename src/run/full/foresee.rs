//! The steps of a dry run: those that would be made. Read-only.

use super::{Full, FullStep, FullStepStatus};
use crate::error::Result;
use crate::model::text::counted;
use crate::plan::missing_parts;
use crate::plan::missing_parts::{Need, Standing};
use crate::run::full::work;

impl Full<'_> {
    /// Fills in the steps that would be made.
    pub(super) fn foresee(&mut self) -> Result<()> {
        let source = &self.options.source;
        let preview = missing_parts::preview_plan(self.pm, source, &self.options.drafting())?;
        let count = counted(preview.new.len(), "task");
        let (status, text) = match preview.need {
            Need::FirstPlan => (FullStepStatus::Planned, count),
            Need::NewText => (FullStepStatus::Planned, format!("{count} would be created")),
            Need::Nothing => (FullStepStatus::Nothing, "already planned".to_string()),
        };
        self.view.prd = preview.prd;
        self.view.new_tasks = preview.new;
        self.end(FullStep::Plan, status, text);
        let prd = self
            .view
            .prd
            .clone()
            .filter(|_| preview.need == Need::Nothing);
        let Some(prd) = prd else {
            self.end(FullStep::Check, FullStepStatus::Planned, "the new plan");
            return self.foresee_approval(None);
        };
        let plan = self.pm.plans().show(Some(&prd))?;
        let standing = missing_parts::standing_of_plan(self.pm, &prd)?;
        self.view.title = Some(plan.title);
        self.view.epic = plan.epic;
        self.view.findings = plan.checks;
        if self.check(&standing) {
            self.foresee_approval(Some(standing))?;
        }
        Ok(())
    }

    fn foresee_approval(&mut self, standing: Option<Standing>) -> Result<()> {
        let waiting = match &standing {
            Some(standing) if !standing.needs_approval => {
                self.end(FullStep::Approve, FullStepStatus::Nothing, "it is approved");
                self.foresee_work(standing)?;
                self.end(
                    FullStep::Review,
                    FullStepStatus::Planned,
                    "work that waits for a human",
                );
                self.end(
                    FullStep::Learn,
                    FullStepStatus::Planned,
                    "from the completed tasks",
                );
                return Ok(());
            }
            Some(standing) => {
                self.foresee_debate();
                self.gate(standing)?
            }
            None if self.options.yolo => {
                self.foresee_debate();
                None
            }
            None => {
                self.foresee_debate();
                Some(("a human has to approve the plan".to_string(), String::new()))
            }
        };
        if let Some((text, command)) = waiting {
            self.end(FullStep::Approve, FullStepStatus::Waits, text);
            self.view
                .next
                .extend(Some(command).filter(|command| !command.is_empty()));
            return Ok(());
        }
        let by = format!("by {}", self.pm.actor.name);
        self.end(FullStep::Approve, FullStepStatus::Planned, by);
        for (step, text) in [
            (
                FullStep::Work,
                "all tasks of the plan, merged once they pass all gates",
            ),
            (FullStep::Review, "work that waits for a human"),
            (FullStep::Learn, "from the completed tasks"),
        ] {
            self.end(step, FullStepStatus::Planned, text);
        }
        Ok(())
    }

    fn foresee_debate(&mut self) {
        if !self.options.critics.is_empty() {
            let text = "until nothing that matters is open";
            self.end(FullStep::Debate, FullStepStatus::Planned, text);
        }
    }

    /// Fills in the run that would be started.
    fn foresee_work(&mut self, standing: &Standing) -> Result<()> {
        self.view.tasks = self.tasks(&standing.items)?;
        let open = work::open_of(self.pm, &standing.items)?;
        if open.is_empty() {
            let text = "all tasks are done";
            self.end(FullStep::Work, FullStepStatus::Nothing, text);
            return Ok(());
        }
        let (options, plan) = self.run_in_advance(&open)?;
        let agents = match options.agents {
            1 => "1 agent".to_string(),
            n => format!("up to {n} agents at once"),
        };
        let (status, text) = match plan.tasks.len() {
            0 => (FullStepStatus::Nothing, "no task can be started".into()),
            n => (
                FullStepStatus::Planned,
                format!("{} by {agents}", counted(n, "task")),
            ),
        };
        self.view.schedule = Some(plan);
        self.end(FullStep::Work, status, text);
        Ok(())
    }
}
