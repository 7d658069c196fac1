//! A draft plan as plain data: tasks, edges, milestones, streams and findings.
//!
//! Values only; the rules that compute them are in the files beside this one.

use super::defaults::STREAM;
use super::rules::Verdicts;
pub use crate::model::edge_type::EdgeClass;
use crate::model::priority::Priority;
use crate::model::settings::{self, Definition};
pub use crate::model::vocabulary::{AutoPolicy, Estimate, Risk, Strategy, Validation};
use git_pm_document::Lines;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer};

/// The identity of a task across edits of its document: 12 hexadecimal digits of the SHA-256 of its
/// requirement's id, or of the normalized titles of the task and its sections.
pub type Key = String;

/// The type of a task.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "PlannedType")]
pub enum ItemType {
    /// Something new for users.
    Feature,
    /// A correction.
    Bug,
    /// Set-up, configuration, clean-up.
    Chore,
    /// Documentation.
    Docs,
    /// Tests.
    Test,
    /// An investigation with an open result.
    Spike,
    /// A whole user story.
    Story,
}

/// An acceptance criterion. Its place is serialized with the name of the document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Criterion {
    /// One line of text.
    pub text: String,
    /// The lines of the document that state it.
    #[serde(skip)]
    pub lines: Lines,
    /// The id of its requirement or story (`FR-3`).
    #[serde(skip)]
    pub requirement: Option<String>,
    /// Set if the document states no criterion and this one was derived from the description.
    pub derived: bool,
    /// Words in it that cannot be checked (`fast`, `user-friendly`), in lower case.
    pub vague: Vec<String>,
}

/// A planned task. Its place and criteria are serialized with the name of the document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Task {
    /// The key that identifies it in later versions of the document.
    pub key: Key,
    /// An imperative sentence of at most 80 characters.
    pub title: String,
    /// The document's description, as Markdown.
    pub description: String,
    /// Its type.
    #[serde(rename = "type")]
    pub item_type: ItemType,
    /// Acceptance criteria.
    #[serde(skip)]
    pub acceptance: Vec<Criterion>,
    /// Its size.
    pub estimate: Estimate,
    /// Working hours.
    pub hours: u32,
    /// The basis of the estimate.
    pub estimate_reason: String,
    /// Story points, if the document states them.
    pub points: Option<u32>,
    /// Its priority, if the document states it.
    pub priority: Option<Priority>,
    /// Its risk.
    pub risk: Risk,
    /// The reason for the risk.
    pub risk_reason: String,
    /// The time at which its tests are written.
    pub validation: Validation,
    /// The reason for the validation.
    pub validation_reason: String,
    /// The name of its [`Stream`].
    pub stream: String,
    /// Files and folders (with `/` at the end) that it is expected to change, relative to the root.
    pub paths: Vec<String>,
    /// The author's id of the requirement that it fulfills (`FR-3`, `US-1`), in upper case.
    #[serde(skip)]
    pub requirement: Option<String>,
    /// Other ids that it covers.
    pub covers: Vec<String>,
    /// The milestone that it belongs to.
    pub milestone: Option<Key>,
    /// The user and the purpose in the author's words ("As a … I want … so that …").
    pub story: Option<String>,
    /// The lines that describe it.
    #[serde(skip)]
    pub lines: Lines,
    /// For a test task added by a validation strategy, the task it tests. Such tasks do not count
    /// as tasks, and not towards thresholds.
    pub tests: Option<Key>,
    /// The furthest step that an agent may take without approval.
    pub auto_policy: AutoPolicy,
}

impl Task {
    /// A task with only a title; everything else is a default.
    pub fn plain(key: &str, title: &str) -> Task {
        let default = || "default".to_owned();
        Task {
            key: key.to_owned(),
            title: title.to_owned(),
            description: String::new(),
            item_type: ItemType::Feature,
            acceptance: Vec::new(),
            estimate: Estimate::XS,
            hours: Estimate::XS.hours(),
            estimate_reason: default(),
            points: None,
            priority: None,
            risk: Risk::Low,
            risk_reason: default(),
            validation: Validation::TestAfter,
            validation_reason: default(),
            stream: STREAM.to_owned(),
            paths: Vec::new(),
            requirement: None,
            covers: Vec::new(),
            milestone: None,
            story: None,
            lines: Lines { start: 0, end: 0 },
            tests: None,
            auto_policy: AutoPolicy::None,
        }
    }
}

/// A dependency between two tasks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Edge {
    /// The waiting task.
    pub task: Key,
    /// The task that it waits for.
    pub on: Key,
    /// The effect of the edge.
    pub class: EdgeClass,
    /// The rule that added it, such as `explicit`, `arrow`, `shared-file`, `test-first`,
    /// `test-after`.
    pub rule: String,
    /// The line that it is based on.
    pub line: u32,
    /// The reason, in a sentence.
    pub reason: String,
}

impl Edge {
    /// True if it follows from a validation strategy, and so is not stored.
    pub fn is_of_test(&self) -> bool {
        self.rule.starts_with("test-")
    }
}

/// A phase, sprint or release with a gate at its end, which blocks the next one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "MilestoneView")]
pub struct Milestone {
    /// The key that identifies it.
    pub key: Key,
    /// Its title.
    pub title: String,
    /// Its lines.
    pub lines: Lines,
    /// Results to deliver at its end.
    #[serde(serialize_with = "texts")]
    #[schemars(with = "Vec<String>")]
    pub deliverables: Vec<Criterion>,
    /// Success criteria at its end.
    #[serde(serialize_with = "texts")]
    #[schemars(with = "Vec<String>")]
    pub success: Vec<Criterion>,
    /// Its goal or strategy, in one line.
    pub goal: Option<String>,
    /// Its tasks, in order.
    pub tasks: Vec<Key>,
    /// The milestone whose gate precedes it.
    pub after: Option<Key>,
}

fn texts<S: Serializer>(criteria: &[Criterion], out: S) -> Result<S::Ok, S::Error> {
    out.collect_seq(criteria.iter().map(|one| &one.text))
}

/// A group of tasks that one person or agent can work on in sequence, independently of other
/// streams.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Stream {
    /// A short name, unique in the plan.
    pub name: String,
    /// Its tasks, in order; never empty.
    pub tasks: Vec<Key>,
}

/// A statement of the document that is not a task of this plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "NoteView")]
pub struct Note {
    /// The key that identifies it in later versions of the document.
    #[serde(skip)]
    pub key: Key,
    /// One line of text.
    pub text: String,
    /// Its lines.
    pub lines: Lines,
}

/// The severity of a finding.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "CheckSeverity")]
pub enum Severity {
    /// The plan cannot be approved.
    Error,
    /// It should be reviewed before the approval.
    Warning,
    /// For information.
    Note,
}

/// An inconsistency in the document or in the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule that found it, such as `undefined-id`.
    pub rule: &'static str,
    /// Its severity.
    pub severity: Severity,
    /// The lines of the document that it concerns.
    pub lines: Lines,
    /// The task that it concerns.
    pub task: Option<Key>,
    /// The problem, in a sentence.
    pub message: String,
}

impl Finding {
    /// A finding about lines.
    pub(super) fn of(
        rule: &'static str,
        severity: Severity,
        at: Lines,
        message: String,
    ) -> Finding {
        Finding {
            rule,
            severity,
            lines: at,
            task: None,
            message,
        }
    }
}

/// A proposal to merge tasks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Consolidation {
    /// The tasks to merge.
    pub tasks: Vec<Key>,
    /// The reason.
    pub reason: String,
}

/// A plan as first computed from a document, before any edits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// The document's title.
    pub title: String,
    /// The structure from which the tasks were read.
    pub strategy: Strategy,
    /// The recommended number of tasks for this document.
    pub threshold: usize,
    /// The tasks in the order of the document, each test task after the task it tests.
    pub tasks: Vec<Task>,
    /// The dependencies.
    pub edges: Vec<Edge>,
    /// The phases, in order.
    pub milestones: Vec<Milestone>,
    /// Open questions, which block nothing.
    pub questions: Vec<Note>,
    /// Work for later.
    pub deferred: Vec<Note>,
    /// Prerequisites that others provide.
    pub external: Vec<Note>,
    /// Work that must not be done.
    pub guards: Vec<Note>,
    /// The definition of ready.
    pub ready: Vec<Note>,
    /// The definition of done.
    pub done: Vec<Note>,
    /// Inconsistencies.
    pub findings: Vec<Finding>,
    /// Proposals to merge tasks.
    pub suggestions: Vec<Consolidation>,
}

impl Draft {
    /// The tasks without the test tasks added by a validation strategy.
    pub fn counted(&self) -> impl Iterator<Item = &Task> {
        self.tasks.iter().filter(|task| task.tests.is_none())
    }

    /// The amount of work in its document.
    pub fn scope(&self, verdicts: &Verdicts) -> Scope {
        let tasks: Vec<&Task> = self.counted().collect();
        super::scope(verdicts, &tasks, self.strategy, self.milestones.len())
    }

    /// The task with this key.
    pub fn task(&self, key: &str) -> Option<&Task> {
        self.tasks.iter().find(|task| task.key == key)
    }
}

/// Limits on the size of a plan and its document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Limits {
    /// The minimum of the task threshold.
    pub min_tasks: usize,
    /// The maximum of the task threshold.
    pub max_tasks: usize,
    /// The number of tasks above which the document has to be split.
    pub max_planned_tasks: usize,
    /// The number of tokens (a quarter of the bytes) above which the document has to be split.
    pub max_tokens: usize,
}

impl Default for Limits {
    fn default() -> Self {
        let default = |setting: Definition| setting.number(None) as usize;
        Limits {
            min_tasks: default(settings::PLAN_MIN_TASKS),
            max_tasks: default(settings::PLAN_MAX_TASKS),
            max_planned_tasks: default(settings::PLAN_MAX_PLANNED),
            max_tokens: default(settings::PLAN_MAX_TOKENS),
        }
    }
}

/// The planner's inputs besides the document.
#[derive(Clone, Copy)]
pub struct Inputs<'a> {
    /// Returns true if the tree has a file or folder of this name (`/` between names, none at the
    /// end).
    pub exists: &'a dyn Fn(&str) -> bool,
    /// Paths on which changes have conflicted before.
    pub contested: &'a [String],
    /// The limits of a plan.
    pub limits: &'a Limits,
}

/// The recommended way to do the work of a document.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "PlanRecommendation")]
pub enum Recommendation {
    /// One agent, in one session.
    #[default]
    SingleAgent,
    /// Several agents in parallel.
    MultiAgent,
    /// Decomposition first.
    DecompositionRequired,
}

/// The confidence in a recommendation.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    /// The document has little structure.
    #[default]
    Low,
    /// Parts of it are inferred.
    Medium,
    /// The author stated it.
    High,
}

/// The basis of a recommendation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Drivers {
    /// Number of affected components.
    pub components: usize,
    /// Number of other systems involved.
    pub integration_points: usize,
    /// Number of risks in the document and of tasks with high risk.
    pub risks: usize,
    /// Total working hours.
    pub effort_hours: u32,
    /// Number of tasks, without test tasks added by a validation strategy.
    pub tasks: usize,
    /// Number of phases, sprints or releases.
    pub phases: usize,
}

/// The amount of work that a document requires.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Scope {
    /// The recommended way to do it.
    pub recommendation: Recommendation,
    /// The confidence in the recommendation.
    pub confidence: Confidence,
    /// The basis of the recommendation.
    pub drivers: Drivers,
    /// The basis in sentences.
    pub reasons: Vec<String>,
    /// Set if the document can directly become one task.
    pub fast_path: bool,
}

/// A part of a document that is too large for one plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Part {
    /// Its first heading.
    pub title: String,
    /// Its lines.
    pub lines: Lines,
    /// The number of tasks that it would produce.
    pub tasks: usize,
}

/// The disposition of a statement of the document.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Disposition {
    /// It is the beginning of a task.
    Task,
    /// It is a criterion of the task whose text it is part of.
    Criterion,
    /// It is part of a task's text, and none of its criteria.
    Text,
    /// It states the work of a task in another place, and is one of its criteria.
    Restatement,
    /// It holds for all tasks, or for the whole: a given limit, an acceptance criterion of the
    /// document, the definition of done.
    Constraint,
    /// Already done.
    Done,
    /// For later.
    Deferred,
    /// Not to be done.
    NonGoal,
    /// An open question.
    Question,
    /// A risk.
    Risk,
    /// Nothing to do.
    Context,
    /// Nothing says that it is not work, and no task covers it.
    Uncovered,
}

/// A statement of the document with its disposition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Accounted {
    /// Its lines.
    pub lines: Lines,
    /// Its beginning; empty for code and blank lines.
    pub text: String,
    /// Its disposition.
    pub disposition: Disposition,
    /// The keys of the tasks and milestones that cover it.
    pub tasks: Vec<Key>,
    /// The reason, if it is not covered.
    pub reason: String,
    /// What it was called by hand, if tasks cover it nevertheless.
    pub called: Option<Disposition>,
    /// The actor who called it that, or put it aside.
    pub by: Option<String>,
}

/// A task or milestone that covers statements of the document.
#[derive(Clone, Debug)]
pub struct Carrier<'a> {
    /// Its key.
    pub key: &'a str,
    /// The lines that describe it: those of each task that was merged into it, too.
    pub lines: Vec<Lines>,
    /// The lines of its criteria.
    pub criteria: Vec<Lines>,
}

impl Carrier<'_> {
    /// A task, which carries its own lines and those of its criteria.
    #[must_use]
    pub fn of(task: &Task) -> Carrier<'_> {
        Carrier {
            key: &task.key,
            lines: vec![task.lines],
            // A criterion about all of them, or that the document does not state, is about none of
            // their statements.
            criteria: (task.acceptance.iter())
                .filter(|one| !one.derived && one.lines != task.lines)
                .map(|one| one.lines)
                .collect(),
        }
    }
}
