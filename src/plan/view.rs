//! What a caller sees of a plan: plain values for a screen or a script.

mod make;

use super::check::Check;
use super::draft::{Part, Scope};
use super::model::PlanStatus;
use crate::plan::document::Lines;

/// Where in a document something comes from.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct SourceView {
    /// The file or PRD.
    pub file: String,
    /// The lines.
    pub lines: Lines,
    /// The id that the author gave it.
    pub requirement: Option<String>,
}

/// A criterion of a task.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct CriterionView {
    /// One line of text.
    pub text: String,
    /// Where it comes from.
    pub source: SourceView,
    /// Words that nobody can check.
    pub vague: Vec<String>,
    /// Whether the document gives no criterion of its own.
    pub derived: bool,
}

/// What a task waits for.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct EdgeView {
    /// The key of the task that waits.
    pub task: String,
    /// The key of the task it waits for.
    pub on: String,
    /// `hard` or `soft`.
    pub class: String,
    /// The rule that drew it.
    pub rule: String,
    /// The line it rests on; 0 where a person drew it.
    pub line: u32,
    /// Why.
    pub reason: String,
}

/// A task of a plan.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct TaskView {
    /// What identifies it.
    pub key: String,
    /// The number by which people name it in the plan; 0 for a proposal.
    pub number: u32,
    /// What to do.
    pub title: String,
    /// What the document says about it, as Markdown.
    pub description: String,
    /// feature, bug, chore, docs, test, spike or story.
    #[serde(rename = "type")]
    pub item_type: String,
    /// What has to hold.
    pub acceptance: Vec<CriterionView>,
    /// The keys of the tasks it waits for, hard ones first.
    pub depends_on: Vec<String>,
    /// XS to XL.
    pub estimate: String,
    /// Hours.
    pub hours: u32,
    /// What the estimate rests on.
    pub estimate_reason: String,
    /// Story points, if the document gives them.
    pub points: Option<u32>,
    /// low, medium or high.
    pub risk: String,
    /// Why.
    pub risk_reason: String,
    /// test-first, test-after, test-parallel or none.
    pub validation: String,
    /// Why.
    pub validation_reason: String,
    /// The stream of work.
    pub stream: String,
    /// Files and folders it is expected to touch.
    pub paths: Vec<String>,
    /// The key of its milestone.
    pub milestone: Option<String>,
    /// Who needs it and why.
    pub story: Option<String>,
    /// The key of the task that it tests.
    pub tests: Option<String>,
    /// The furthest step an agent may take unasked.
    pub auto_policy: String,
    /// Where it comes from.
    pub source: SourceView,
    /// The ids it covers besides.
    pub covers: Vec<String>,
    /// The id of the task that came of it.
    pub item: Option<String>,
    /// Who added it by hand.
    pub added_by: Option<String>,
    /// The fields that somebody set by hand.
    pub by_hand: Vec<String>,
}

/// A task at its place in the order of merging.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct MergeView {
    /// The task's key.
    pub task: String,
    /// `low` where it shares no planned path with a task before it that it does not wait for, `high` where
    /// changes to such a path have conflicted before, else `medium`.
    pub conflict_risk: &'static str,
    /// The keys of the tasks before it with which it shares a planned path.
    pub shares_paths_with: Vec<String>,
}

/// A phase, with its gate.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct MilestoneView {
    /// What identifies it.
    pub key: String,
    /// Its name.
    pub title: String,
    /// Its goal.
    pub goal: Option<String>,
    /// What is handed over.
    pub deliverables: Vec<String>,
    /// What has to hold at its end.
    pub success: Vec<String>,
    /// The keys of its tasks.
    pub tasks: Vec<String>,
    /// The key of the milestone that has to be over first.
    pub after: Option<String>,
    /// Where it stands.
    pub lines: Lines,
}

/// A stream of work.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct StreamView {
    /// Its name.
    pub name: String,
    /// The keys of its tasks, in order.
    pub tasks: Vec<String>,
}

/// Something the document says that is no task.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct NoteView {
    /// One line of text.
    pub text: String,
    /// Where it stands.
    pub lines: Lines,
}

/// A piece of a document that is too large for one plan.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct SplitPart {
    /// The heading it begins with.
    pub title: String,
    /// Where it stands.
    pub lines: Lines,
    /// How many tasks it would make.
    pub tasks: usize,
}

impl SplitPart {
    pub(super) fn of(part: &Part) -> SplitPart {
        SplitPart {
            title: part.title.clone(),
            lines: part.lines,
            tasks: part.tasks,
        }
    }
}

/// A plan.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct PlanView {
    /// The id of its PRD, by which it is named.
    pub prd: String,
    /// The file it came from, or the PRD's id.
    pub file: String,
    /// Its title.
    pub title: String,
    /// `draft` or `approved`.
    pub status: PlanStatus,
    /// SHA-256 of the text it was drawn from.
    pub document: String,
    /// Whether the PRD's text is another one by now.
    pub outdated: bool,
    /// How the document was read.
    pub strategy: String,
    /// How many tasks the document is good for.
    pub threshold: usize,
    /// The pattern of branches.
    pub branches: Option<String>,
    /// How large the work is.
    pub scope: Scope,
    /// How many tasks can be at work at once.
    pub width: usize,
    /// Tasks in levels, by key: those of one wait for none of it.
    pub levels: Vec<Vec<String>>,
    /// The tasks, in their order.
    pub tasks: Vec<TaskView>,
    /// What waits for what.
    pub edges: Vec<EdgeView>,
    /// The order in which branches are merged without waiting for each other, with what may conflict.
    pub merge_order: Vec<MergeView>,
    /// Phases in their order.
    pub milestones: Vec<MilestoneView>,
    /// Streams in the order of their first tasks.
    pub streams: Vec<StreamView>,
    /// Open questions.
    pub questions: Vec<NoteView>,
    /// What is left for later.
    pub deferred: Vec<NoteView>,
    /// What others have to provide.
    pub external: Vec<NoteView>,
    /// What must not be done.
    pub guards: Vec<NoteView>,
    /// What the checks of the plan and of its document found, the worst first.
    pub checks: Vec<Check>,
    /// Tasks that would do better as one: their numbers, and why.
    pub suggestions: Vec<SuggestionView>,
    /// The greatest stamp in it: what `--if-version` compares.
    pub version: String,
    /// How many changes were made by hand before the first approval.
    pub edits: usize,
    /// The epic that came of it.
    pub epic: Option<String>,
    /// When it was approved last, RFC 3339.
    pub approved_at: Option<String>,
    /// Who approved it last.
    pub approved_by: Option<String>,
    /// How: `terminal` or `advisory`.
    pub approval: Option<String>,
}

/// Tasks that would do better as one.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct SuggestionView {
    /// Their numbers.
    pub tasks: Vec<u32>,
    /// Why.
    pub reason: String,
}

/// One plan of a list.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct PlanLine {
    /// The id of its PRD.
    pub prd: String,
    /// Its title.
    pub title: String,
    /// `draft` or `approved`.
    pub status: PlanStatus,
    /// How many tasks it has, without those that a strategy added.
    pub tasks: usize,
    /// How many became items.
    pub made: usize,
    /// The epic that came of it.
    pub epic: Option<String>,
}
