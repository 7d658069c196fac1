//! What a planner makes of a document, as plain data: tasks, edges, milestones, streams and what
//! was noticed on the way. Values only; the rules that fill them live in the files beside this one.

use crate::plan::document::{DocumentKind, Lines};
use serde::{Deserialize, Serialize};

/// What stays the same of a task when its document is edited around it: 12 hexadecimal digits of
/// the SHA-256 of its requirement's id, or of its normalised title with those of its sections.
pub type Key = String;

/// Which shape of document the tasks were read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Strategy {
    /// Requirements with ids (`FR-3`): a task for each.
    Requirements,
    /// Phases, sprints, weeks or releases: tasks inside each.
    Milestones,
    /// User stories: a task for each, or for each of their tasks.
    Stories,
    /// Lists of things to tick or to do.
    Checklists,
    /// Headings and lists of no known kind.
    Outline,
    /// Nothing was recognised: one task from the title.
    Single,
}

/// What sort of work a task is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ItemType {
    /// Something new for users.
    Feature,
    /// Something wrong that is put right.
    Bug,
    /// Set-up, configuration, clean-up.
    Chore,
    /// Text for readers.
    Docs,
    /// Tests.
    Test,
    /// Finding something out.
    Spike,
    /// A user story, taken whole.
    Story,
}

/// How much work a task is, coarsely.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Estimate {
    /// Up to an hour.
    XS,
    /// Up to two hours.
    S,
    /// Up to half a day.
    M,
    /// Up to a day.
    L,
    /// More than a day: better split.
    XL,
}

impl Estimate {
    /// Working hours that stand for this size where the document names none.
    pub fn hours(self) -> u32 {
        match self {
            Estimate::XS => 1,
            Estimate::S => 2,
            Estimate::M => 4,
            Estimate::L => 8,
            Estimate::XL => 16,
        }
    }

    /// The smallest size that holds so many working hours.
    pub fn of_hours(hours: u32) -> Estimate {
        match hours {
            0..=1 => Estimate::XS,
            2 => Estimate::S,
            3..=4 => Estimate::M,
            5..=8 => Estimate::L,
            _ => Estimate::XL,
        }
    }
}

/// How likely a task is to go wrong, or to do harm if it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Risk {
    /// Nothing speaks against it.
    Low,
    /// It meets other systems.
    Medium,
    /// Safety, data or concurrency are at stake, or the document says so.
    High,
}

/// When the tests of a task are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Validation {
    /// A test task blocks the task.
    TestFirst,
    /// The task blocks a test task.
    TestAfter,
    /// A test task in the same stream, without an edge.
    TestParallel,
    /// No test task.
    None,
}

/// The furthest step an agent may take unasked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AutoPolicy {
    /// Nothing.
    None,
    /// To plan.
    Plan,
    /// To change files.
    Develop,
    /// To ask for a review.
    Review,
}

/// Something that has to hold for a task to be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Criterion {
    /// One line of text.
    pub text: String,
    /// Where the document says so.
    pub lines: Lines,
    /// The id of the requirement or story it belongs to (`FR-3`), if any.
    pub requirement: Option<String>,
    /// Whether the document gives no criterion and this is what it says of the task itself.
    pub derived: bool,
    /// Words in it that nobody can check (`fast`, `user-friendly`), in lower case.
    pub vague: Vec<String>,
}

/// A piece of work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// What identifies it when the document is read again.
    pub key: Key,
    /// What to do, in at most 80 characters.
    pub title: String,
    /// What the document says about it, as Markdown.
    pub description: String,
    /// What sort of work it is.
    pub item_type: ItemType,
    /// What has to hold when it is done; never empty.
    pub acceptance: Vec<Criterion>,
    /// How much work it is.
    pub estimate: Estimate,
    /// Working hours.
    pub hours: u32,
    /// What the estimate rests on.
    pub estimate_reason: String,
    /// Story points, if the document gives them.
    pub points: Option<u32>,
    /// How likely it is to go wrong.
    pub risk: Risk,
    /// Why.
    pub risk_reason: String,
    /// When its tests are written.
    pub validation: Validation,
    /// Why.
    pub validation_reason: String,
    /// The name of its [`Stream`].
    pub stream: String,
    /// Files and folders (with `/` at the end) that it is expected to touch, relative to the root.
    pub paths: Vec<String>,
    /// The id that the author gave to what it fulfils (`FR-3`, `US-1`), in upper case.
    pub requirement: Option<String>,
    /// Further ids that it covers because they were folded into it.
    pub covers: Vec<String>,
    /// The milestone it belongs to.
    pub milestone: Option<Key>,
    /// Who needs it and why, as the author put it ("As a … I want … so that …").
    pub story: Option<String>,
    /// Where the document describes it.
    pub lines: Lines,
    /// Of a test task that the validation strategy added: the task it tests. Such tasks count
    /// neither towards thresholds nor as tasks.
    pub tests: Option<Key>,
    /// How far an agent may go unasked.
    pub auto_policy: AutoPolicy,
}

/// Whether an edge blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EdgeClass {
    /// The task cannot start before the other is done.
    Hard,
    /// It may start earlier, with a warning.
    Soft,
}

/// That one task waits for another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edge {
    /// Who waits.
    pub task: Key,
    /// For what.
    pub on: Key,
    /// Whether it blocks.
    pub class: EdgeClass,
    /// The rule that drew it, such as `explicit`, `sub-id`, `arrow`, `setup-first`, `spine`,
    /// `mention`, `week-order`, `shared-identifier`, `shared-file`, `test-first`, `test-after`.
    pub rule: String,
    /// The line it rests on.
    pub line: u32,
    /// Why, in a sentence.
    pub reason: String,
}

/// A phase, sprint or release, and the gate at its end: nothing of the next begins before it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Milestone {
    /// What identifies it.
    pub key: Key,
    /// Its name.
    pub title: String,
    /// Where it stands.
    pub lines: Lines,
    /// What is handed over at its end.
    pub deliverables: Vec<Criterion>,
    /// What has to hold at its end.
    pub success: Vec<Criterion>,
    /// Its goal or strategy, one line, if the document gives one.
    pub goal: Option<String>,
    /// Its tasks, in order.
    pub tasks: Vec<Key>,
    /// The milestone whose gate is before it.
    pub after: Option<Key>,
}

/// Tasks that one hand can take one after the other, apart from the other streams.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stream {
    /// A short name, unique in the plan.
    pub name: String,
    /// Its tasks, in order; never empty.
    pub tasks: Vec<Key>,
}

/// Something the document says that is no task of this plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// What identifies it when the document is read again.
    pub key: Key,
    /// One line of text.
    pub text: String,
    /// Where it stands.
    pub lines: Lines,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Worth a look.
    Note,
    /// Somebody should decide before approval.
    Warning,
}

/// Something that does not fit in the document or in the plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The check that found it, such as `undefined-id`.
    pub rule: String,
    /// How bad it is.
    pub severity: Severity,
    /// Where in the document.
    pub lines: Lines,
    /// The task it concerns.
    pub task: Option<Key>,
    /// What is wrong, in a sentence.
    pub message: String,
}

/// Tasks that would do better as one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consolidation {
    /// Which.
    pub tasks: Vec<Key>,
    /// Why.
    pub reason: String,
}

/// A plan as first drawn from a document, before anybody edited it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// The document's title.
    pub title: String,
    /// What the document is for.
    pub document_kind: DocumentKind,
    /// Which shape the tasks were read from.
    pub strategy: Strategy,
    /// How many tasks this document is good for.
    pub threshold: usize,
    /// The tasks, those of a strategy after the task they test; in the order of the document.
    pub tasks: Vec<Task>,
    /// What waits for what.
    pub edges: Vec<Edge>,
    /// Phases in their order.
    pub milestones: Vec<Milestone>,
    /// Every task is in exactly one.
    pub streams: Vec<Stream>,
    /// Open questions: decisions that block nothing.
    pub questions: Vec<Note>,
    /// What the document leaves for later.
    pub deferred: Vec<Note>,
    /// What others have to provide.
    pub external: Vec<Note>,
    /// What must not be done.
    pub guards: Vec<Note>,
    /// What holds before work on a task begins.
    pub ready: Vec<Note>,
    /// What holds when any task is done.
    pub done: Vec<Note>,
    /// What does not fit.
    pub findings: Vec<Finding>,
    /// Tasks that may be merged.
    pub suggestions: Vec<Consolidation>,
}

impl Draft {
    /// The tasks that the document asks for, without those that a validation strategy added.
    pub fn counted(&self) -> impl Iterator<Item = &Task> {
        self.tasks.iter().filter(|task| task.tests.is_none())
    }

    /// The task with this key.
    pub fn task(&self, key: &str) -> Option<&Task> {
        self.tasks.iter().find(|task| task.key == key)
    }
}

/// How many tasks a plan may have, and how long its document may be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// The threshold of tasks is never below this.
    pub min_tasks: usize,
    /// The threshold of tasks is never above this.
    pub max_tasks: usize,
    /// More tasks than this, and the document has to be split.
    pub max_planned_tasks: usize,
    /// More tokens than this (a quarter of the bytes), and the document has to be split.
    pub max_tokens: usize,
    /// What ids of requirements begin with, in upper case without the hyphen.
    pub id_prefixes: Vec<String>,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            min_tasks: 10,
            max_tasks: 40,
            max_planned_tasks: 60,
            max_tokens: 20_000,
            id_prefixes: ["FR", "REQ", "AC", "R", "F"].map(String::from).to_vec(),
        }
    }
}

/// What a planner has to know beside the document.
#[derive(Clone, Copy)]
pub struct Inputs<'a> {
    /// Whether there is a file or folder of this name in the tree (`/` between names, none at the
    /// end).
    pub exists: &'a dyn Fn(&str) -> bool,
    /// Paths on which changes have conflicted before.
    pub contested: &'a [String],
    /// How large a plan may be.
    pub limits: &'a Limits,
}

/// Who should do what a document asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Recommendation {
    /// One, in one go.
    SingleAgent,
    /// Several at once.
    MultiAgent,
    /// Nobody before it is broken down.
    DecompositionRequired,
}

/// How far a recommendation can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    /// The document has little structure.
    Low,
    /// Some of it is guessed.
    Medium,
    /// The author said it.
    High,
}

/// What a recommendation rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drivers {
    /// Parts of the product that are touched.
    pub components: usize,
    /// Other systems that it meets.
    pub integration_points: usize,
    /// Risks that the document names, and tasks of high risk.
    pub risks: usize,
    /// Working hours in all.
    pub effort_hours: u32,
    /// Tasks, without those that a validation strategy adds.
    pub tasks: usize,
    /// Phases, sprints or releases.
    pub phases: usize,
}

/// How large the work is that a document asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// Who should do it.
    pub recommendation: Recommendation,
    /// How sure that is.
    pub confidence: Confidence,
    /// What it rests on.
    pub drivers: Drivers,
    /// The same in sentences.
    pub reasons: Vec<String>,
    /// Whether it can go straight to one task.
    pub fast_path: bool,
}

/// A piece of a document that is too large for one plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// The heading it begins with.
    pub title: String,
    /// Where it stands.
    pub lines: Lines,
    /// How many tasks it would make.
    pub tasks: usize,
}
