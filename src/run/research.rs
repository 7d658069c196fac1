//! Research by agents, as a run: they are started in checkouts of their own, in parallel.

use schemars::JsonSchema;
use serde::Serialize;

use super::RunView;
use super::agent_names;
use super::options::RunOptions;
use super::panel_run::{PanelRun, require_askable, unanswered};
use super::worker::as_agent;
use crate::agent::headless::With;
use crate::error::{Error, Result};
use crate::plan::deepen::{self, DeepenRequest, Deepened};
use crate::pm::Pm;
use crate::pm::handles::Runs;
use crate::pm::shared_views::ItemView;
use crate::review::research::{self, Notes, Researcher, Subject};
use crate::secret::redacted;

/// Which agents research, and what is told when they start.
pub struct Research<'r> {
    /// The programs or models, which are asked in turn.
    pub withs: &'r [With],
    /// Their model, budget and time.
    pub options: &'r RunOptions,
    /// The names of agents, as `git pm agent list` has them; by default the five that research.
    pub agents: &'r [String],
    /// Receives the id of the run and the names of the agents that start now.
    pub tell: &'r mut dyn FnMut(String, Vec<String>),
}

/// What became of a plan or a document, and who was asked.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Researched<T> {
    /// The tasks with their notes, or the document.
    #[serde(flatten)]
    pub result: T,
    /// The agents, in the order in which they were asked.
    pub researchers: Vec<Researcher>,
    /// The run that records them.
    pub run: RunView,
}

impl Runs<'_> {
    /// Adds notes by agents to the open tasks of a plan. `request` has no note of its own.
    ///
    /// # Errors
    /// If there is no such plan or task, an agent cannot be started, or another process works on a run in
    /// this clone. What an agent does wrong is in the answer.
    pub fn research_plan(
        &self,
        request: &DeepenRequest,
        research: Research<'_>,
    ) -> Result<Researched<Deepened>> {
        let subject = Subject::of_plan(self.pm, request)?;
        self.researched(&subject, research, &|own, notes| {
            deepen::write_notes(own, request, notes)
        })
    }

    /// Adds notes by agents to a document, as a comment: nothing in its text is theirs, so none of them is
    /// a requirement.
    ///
    /// # Errors
    /// As for [`research_plan`](Self::research_plan).
    pub fn research_document(
        &self,
        id: &str,
        research: Research<'_>,
    ) -> Result<Researched<ItemView>> {
        let subject = Subject::of_document(self.pm, id)?;
        self.researched(&subject, research, &|own, notes| {
            let notes = notes.values().flatten();
            let notes: String = notes.map(|note| format!("\n- {}", note.text)).collect();
            match notes.is_empty() {
                true => own.tasks().show(id),
                false => own
                    .tasks()
                    .comment(id, &redacted(&format!("Prior art:\n{notes}")).0),
            }
        })
    }

    fn researched<T>(
        &self,
        subject: &Subject,
        research: Research<'_>,
        write: &dyn Fn(&Pm, &Notes) -> Result<T>,
    ) -> Result<Researched<T>> {
        let pm = self.pm;
        let Research {
            withs,
            options,
            agents,
            tell,
        } = research;
        let mut run = PanelRun::new(pm, options)?;
        let id = subject.prd();
        require_askable(pm, id, withs, options)?;
        run.begin(id)?;
        let researched = research::research(pm, subject, agents, &mut |asked| {
            run.ask(id, withs, asked, tell)
        });
        let written = researched.and_then(|(notes, researchers)| {
            let own = as_agent(pm, &agent_names::agent_name(pm, 1))?;
            let result = write(&own, &notes)?;
            subject.forget(pm);
            Ok((result, researchers))
        });
        let ((result, researchers), run) = run.end(written, |(_, all)| {
            unanswered(all.iter().map(|one| (&*one.name, &one.failed)))
        })?;
        let run = run.ok_or_else(|| Error::state("no agent was asked"))?;
        Ok(Researched {
            result,
            researchers,
            run,
        })
    }
}
