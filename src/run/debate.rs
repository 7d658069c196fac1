//! A debate of a plan, as a run: its architect and its critics are started in checkouts of their own.

use schemars::JsonSchema;
use serde::Serialize;

use super::RunView;
use super::agent_names;
use super::options::RunOptions;
use super::panel_run::{PanelRun, require_askable};
use super::record::RunStatus;
use super::worker::as_agent;
use crate::agent::headless::With;
use crate::error::Result;
use crate::plan::Source;
use crate::plan::drafting::DraftOptions;
use crate::plan::missing_parts::plan_what_is_new;
use crate::pm::handles::Runs;
use crate::review::debate::{self, ARCHITECT, DebateOptions, DebateReport, DebateTurn};

/// A debate by agents.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PlanDebate {
    /// Where it stands now.
    #[serde(flatten)]
    pub report: DebateReport,
    /// The run that records the agents; null if none was started.
    pub run: Option<RunView>,
}

/// A step of a debate.
#[derive(Clone, Debug)]
pub enum DebateStep<'r> {
    /// The run with this id was begun; agents with these roles start now.
    Asked(String, Vec<String>),
    /// A turn has been recorded.
    Turn(&'r DebateTurn),
}

impl Runs<'_> {
    /// Has the plan of a document debated until no answer is due, or a human has to decide. A document
    /// without a plan of its present text is planned first. Of `withs` the first is the architect, the
    /// others are the critics in turn; one alone is both. `options` have their model, budget and time.
    ///
    /// # Errors
    /// When the document cannot be planned, its plan is approved, an agent cannot be started, or another
    /// process works on a run in this clone. What an agent does wrong is in the answer.
    pub fn debate(
        &self,
        source: &Source,
        debate: &DebateOptions,
        (withs, options): (&[With], &RunOptions),
        tell: &mut dyn FnMut(DebateStep<'_>),
    ) -> Result<PlanDebate> {
        let pm = self.pm;
        let mut run = PanelRun::new(pm, options)?;
        let (_, plan) = plan_what_is_new(pm, source, &DraftOptions::default())?;
        let id = plan.prd.as_str();
        require_askable(pm, id, withs, options)?;
        let (architect, critics) = match withs.split_first() {
            Some((first, [])) => (first, std::slice::from_ref(first)),
            Some((first, others)) => (first, others),
            None => return Err(crate::Error::usage("no agent is given")),
        };
        let tell = std::cell::RefCell::new(tell);
        let own = || as_agent(pm, &agent_names::agent_name(pm, 1));
        let debated = debate::debate(
            pm,
            &own,
            id,
            debate,
            (
                &mut |asked| {
                    let of_architect = asked.iter().all(|one| one.role == ARCHITECT);
                    let withs = match of_architect {
                        true => std::slice::from_ref(architect),
                        false => critics,
                    };
                    run.ask(id, withs, asked, &mut |run, roles| {
                        (tell.borrow_mut())(DebateStep::Asked(run, roles));
                    })
                },
                &mut |turn| (tell.borrow_mut())(DebateStep::Turn(turn)),
            ),
        );
        let (report, run) = run.end(debated, |report| {
            let blocked = || (RunStatus::Blocked, report.missing.join("; "));
            (!report.airtight).then(blocked)
        })?;
        Ok(PlanDebate { report, run })
    }
}
