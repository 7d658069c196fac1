//! Views of a plan: plain values for a screen or a script.

pub(crate) mod build_view;

use std::collections::BTreeMap;

use super::approval_checks::Check;
use super::draft::{
    Accounted, BOX_LATER, BOX_REFUSED, Criterion, Disposition, Edge, Milestone, Note, Scope,
    Stream, Task,
};
use super::plan_types::{PlanStatus, ResearchNote};
use super::waves::WaveTask;
use crate::model::status::Status;
use crate::plan::document::Lines;
use crate::pm::shared_views::reads_through;

/// A location in a document.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct SourceView {
    /// The file or PRD.
    pub file: String,
    /// The lines.
    pub lines: Lines,
    /// The id that the author gave.
    pub requirement: Option<String>,
}

/// A criterion of a task.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct CriterionView {
    /// The criterion, whose fields can be read from the view.
    #[serde(flatten)]
    pub criterion: Criterion,
    /// Its location in the document.
    pub source: SourceView,
}

reads_through!(CriterionView, criterion: Criterion);

/// A task of a plan.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct TaskView {
    /// Its number in the plan; 0 for a proposal.
    pub number: u32,
    /// Its name in the plan's text; empty for a proposal.
    pub name: String,
    /// The task, whose fields can be read from the view, except those that the view itself has.
    #[serde(flatten)]
    pub task: Task,
    /// Acceptance criteria.
    pub acceptance: Vec<CriterionView>,
    /// The keys of the tasks that it waits for, by hard edges first.
    pub depends_on: Vec<String>,
    /// Its location in the document.
    pub source: SourceView,
    /// The id of its item.
    pub item: Option<String>,
    /// The status of its item.
    pub item_status: Option<Status>,
    /// Set if it has an item or was written, but is no longer in the document, or done there.
    pub is_gone: bool,
    /// Set if it is done in the document.
    pub is_done: bool,
    /// What the document says about it instead, if it is gone as a task, with the line.
    pub said: Option<String>,
    /// The actor who added it manually.
    pub added_by: Option<String>,
    /// The fields that were set manually.
    pub by_hand: Vec<String>,
    /// Its research notes, the oldest first.
    pub research_notes: Vec<ResearchNote>,
    /// What else its item has, by the names of the fields: `labels`, `assignee`, `due_at`,
    /// `defer_until`, `design`, `acceptance_criteria`, `spec_id`, `external_refs`.
    pub more: BTreeMap<&'static str, String>,
}

reads_through!(TaskView, task: Task);

impl TaskView {
    /// True if its criteria are a person's or an agent's, not the planner's.
    pub fn is_written(&self) -> bool {
        self.added_by.is_some() || self.by_hand.iter().any(|name| name == "acceptance")
    }
}

/// What became of the statements of a document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct StatementCounts {
    /// Statements that tasks carry.
    pub carried: usize,
    /// Statements that were put aside by hand.
    pub put_aside: usize,
    /// Statements that only a heading, or a cell of their row, puts aside: later, ruled out or done.
    pub by_heading: usize,
    /// Statements that apply to all tasks and that none of them contains: in the epic's text.
    pub for_all: usize,
    /// Statements that are no work: done, criteria of a phase, risks, questions, background.
    pub no_work: usize,
    /// Statements that are in no task and were not put aside.
    pub open: usize,
}

impl StatementCounts {
    /// Each statement is counted once.
    pub(super) fn of(statements: &[Accounted]) -> StatementCounts {
        let mut counts = StatementCounts::default();
        for one in statements {
            let to = match one.disposition {
                Disposition::Uncovered => &mut counts.open,
                _ if one.text.is_empty() => continue,
                _ if !one.tasks.is_empty() => &mut counts.carried,
                _ if one.by.is_some() => &mut counts.put_aside,
                _ if is_by_heading(one) => &mut counts.by_heading,
                _ if one.applies_to_all() => &mut counts.for_all,
                _ => &mut counts.no_work,
            };
            *to += 1;
        }
        counts
    }
}

/// True for what only the document puts aside.
fn is_by_heading(one: &Accounted) -> bool {
    one.is_done_by_heading() || one.is_put_aside_by_heading()
}

/// Statements that were put aside by hand, or by the document alone, for one reason.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct AsideView {
    /// Their lines.
    pub lines: Lines,
    /// The first of them.
    pub text: String,
    /// Their number.
    pub count: usize,
    /// Their disposition.
    pub disposition: Disposition,
    /// The reason.
    pub reason: String,
    /// The actor who put them aside; `the document` if only a heading or a mark of it, or a cell of their
    /// row, does.
    pub by: String,
}

impl AsideView {
    /// Who put aside what only the document does.
    const DOCUMENT: &str = "the document";

    /// True if only the document puts them aside.
    #[must_use]
    pub fn is_by_heading(&self) -> bool {
        self.by == AsideView::DOCUMENT
    }

    /// True if such a mark does.
    #[must_use]
    pub fn is_by_box(&self) -> bool {
        let is_box = [BOX_LATER, BOX_REFUSED].contains(&self.reason.as_str());
        self.is_by_heading() && is_box
    }

    /// Those of a plan: neighbours with one reason are one.
    pub(in crate::plan) fn all<'s>(
        statements: impl IntoIterator<Item = &'s Accounted>,
    ) -> Vec<AsideView> {
        let mut found: Vec<AsideView> = Vec::new();
        // Two sections with other statements between them are two.
        let mut is_next = false;
        for one in statements {
            let (by, disposition) = match (&one.by, one.aside()) {
                (Some(by), Some(disposition)) => (by.as_str(), disposition),
                _ if is_by_heading(one) || one.is_put_aside_by_box() => {
                    (AsideView::DOCUMENT, one.disposition)
                }
                _ => {
                    is_next &= one.text.is_empty();
                    continue;
                }
            };
            let was_next = std::mem::replace(&mut is_next, true);
            match found.last_mut() {
                Some(last)
                    if last.reason == one.reason
                        && last.by == by
                        && last.disposition == disposition
                        && (was_next || by != AsideView::DOCUMENT) =>
                {
                    last.lines.end = one.lines.end;
                    last.count += usize::from(!one.text.is_empty());
                }
                _ => found.push(AsideView {
                    lines: one.lines,
                    text: one.text.clone(),
                    count: usize::from(!one.text.is_empty()),
                    disposition,
                    reason: one.reason.clone(),
                    by: by.to_string(),
                }),
            }
        }
        found
    }
}

/// A plan.
#[derive(Clone, Debug, PartialEq, serde::Serialize, schemars::JsonSchema)]
pub struct PlanView {
    /// The id of its PRD, which names the plan.
    pub prd: String,
    /// The file of the document, or the PRD's id.
    pub file: String,
    /// Its title.
    pub title: String,
    /// `draft` or `approved`.
    pub status: PlanStatus,
    /// SHA-256 of the text it was drafted from.
    pub document: String,
    /// Set if the PRD's text has changed.
    pub outdated: bool,
    /// Set if it was approved for another text than the one it is of: its tasks wait for an approval.
    pub unapproved: bool,
    /// Set if its document changed after the approval, and a person has to decide: until then none of its tasks is
    /// started.
    pub undecided: bool,
    /// Set if it has to be drafted again before it can be approved: its document changed, or lines of closed tasks did
    /// that no task follows.
    pub is_stale: bool,
    /// Set if the file of the document has a text that was not planned.
    pub file_changed: bool,
    /// Set if the file of the document has a text that the PRD had before.
    pub file_is_older: bool,
    /// What is to be said of the file of the document: that it has changed, is older, or is gone.
    pub file_warning: Option<String>,
    /// The structure from which the tasks were read.
    pub strategy: String,
    /// The recommended number of tasks.
    pub threshold: usize,
    /// The branch pattern.
    pub branches: Option<String>,
    /// The amount of work.
    pub scope: Scope,
    /// The number of tasks that can be done in parallel.
    pub width: usize,
    /// The tasks, without test tasks, in the order in which they can be done.
    pub waves: Vec<Vec<WaveTask>>,
    /// The keys of tasks in levels: tasks of one level do not wait for each other.
    pub levels: Vec<Vec<String>>,
    /// The tasks, in their order.
    pub tasks: Vec<TaskView>,
    /// The edges.
    pub edges: Vec<Edge>,
    /// The phases, in order.
    pub milestones: Vec<Milestone>,
    /// The streams, in the order of their first tasks.
    pub streams: Vec<Stream>,
    /// Open questions.
    pub questions: Vec<Note>,
    /// Work for later.
    pub deferred: Vec<Note>,
    /// Prerequisites that others provide.
    pub external: Vec<Note>,
    /// Work that must not be done.
    pub guards: Vec<Note>,
    /// How much of the document the tasks carry.
    pub statements: StatementCounts,
    /// The statements that were put aside by hand or by the document alone, in its order.
    pub put_aside: Vec<AsideView>,
    /// The findings in the plan and in its document, the most severe first.
    pub checks: Vec<Check>,
    /// Set if an approval now would be refused, or would ask first.
    pub is_refused: bool,
    /// The refusal, or the question.
    pub refusal: Option<String>,
    /// Proposals to merge tasks.
    pub suggestions: Vec<SuggestionView>,
    /// Its version: for `--if-version`, and for the approval of what was seen.
    pub version: String,
    /// Number of manual changes before the first approval.
    pub edits: usize,
    /// The epic that an approval created.
    pub epic: Option<String>,
    /// Time of the last approval, RFC 3339.
    pub approved_at: Option<String>,
    /// Actor of the last approval.
    pub approved_by: Option<String>,
    /// Kind of the last approval: `terminal` or `advisory`.
    pub approval: Option<String>,
}

impl PlanView {
    /// Its status in words.
    #[must_use]
    pub fn standing(&self) -> &'static str {
        self.status.said(self.undecided)
    }

    /// What is said of a file with a text that was not planned: what was decided is about the one before.
    pub(in crate::plan) fn changed_file(&self) -> Option<&String> {
        self.file_warning.as_ref().filter(|_| self.file_changed)
    }

    /// The tasks that the document still asks for, and those that test them.
    #[must_use]
    pub fn present(&self) -> (Vec<&TaskView>, Vec<&TaskView>) {
        let present = self.tasks.iter().filter(|task| !task.is_gone);
        present.partition(|task| task.tests.is_none())
    }
}

/// A proposal to merge tasks.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct SuggestionView {
    /// Their numbers.
    pub tasks: Vec<u32>,
    /// The reason.
    pub reason: String,
}

/// A plan in a list.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct PlanLine {
    /// The id of its PRD.
    pub prd: String,
    /// Its title.
    pub title: String,
    /// `draft` or `approved`.
    pub status: PlanStatus,
    /// Set if its document changed after the approval, and a person has to decide.
    pub undecided: bool,
    /// Number of tasks that the document still asks for, without test tasks added by a strategy.
    pub tasks: usize,
    /// Number of these tasks with items.
    pub made: usize,
    /// The epic that an approval created.
    pub epic: Option<String>,
}

impl PlanLine {
    /// Its status in words.
    #[must_use]
    pub fn standing(&self) -> &'static str {
        self.status.said(self.undecided)
    }
}
