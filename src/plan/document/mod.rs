//! A requirements document as data: its author's text by section and line. Pure: it uses neither
//! tasks nor the store.
//!
//! [`Document::parse`] reads Markdown with pulldown-cmark and keeps the source lines of everything,
//! so that a plan can be traced back to its document.

mod author_id;
mod blocks;
mod detect;
mod emoji;
mod heading;
mod heading_shape;
mod implicit_blocks;
mod inline;
mod label;
mod label_names;
mod line_index;
mod mention;
#[cfg(test)]
mod parse_tests;
#[cfg(test)]
pub(in crate::plan) mod properties;
mod section_kinds;
mod section_lexicon;
mod section_tree;
mod source;
mod story_sentence;
mod tokens;
mod vision;
pub(in crate::plan) mod word_list;

pub use author_id::canonical as canonical_id;
pub(in crate::plan) use emoji::statement_text;
pub use mention::mentioned_ids;
pub(in crate::plan) use section_kinds::of_id as kind_of_id;
pub(in crate::plan) use story_sentence::{is_story_sentence, story_sentence};
pub(in crate::plan) use tokens::{tokens, whole};
pub(in crate::plan) use vision::find as vision;
pub(in crate::plan) use word_list::{Words, words};

use serde::{Deserialize, Serialize};

/// Lines of the source, counted from 1, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Lines {
    /// The first line.
    pub start: u32,
    /// The last line.
    pub end: u32,
}

impl Lines {
    /// One line.
    pub(in crate::plan) fn at(line: u32) -> Lines {
        Lines {
            start: line,
            end: line,
        }
    }
}

/// The purpose of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum DocumentKind {
    /// Requirements of a product or feature.
    Prd,
    /// Technical design.
    TechSpec,
    /// A defect with its symptoms and possible causes.
    DebugInvestigation,
}

/// The kind of a section, by its heading; a heading without a known word inherits its parent's
/// kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum SectionKind {
    /// Work that will not be done.
    NonGoal,
    /// Work for later.
    Future,
    /// Open questions.
    Question,
    /// Risks.
    Risk,
    /// Conditions before work begins: the definition of ready.
    Ready,
    /// Conditions of finished work: the definition of done.
    Done,
    /// Non-functional requirements: speed, size, safety.
    NonFunctional,
    /// Functional requirements.
    Functional,
    /// User stories.
    Story,
    /// A phase, sprint, week or release.
    Milestone,
    /// A feature, epic, component or module.
    Feature,
    /// A list of boxes to tick.
    Checklist,
    /// Results to deliver.
    Deliverable,
    /// Measures of success.
    Metric,
    /// Decisions.
    Decision,
    /// Prerequisites that others provide.
    Dependency,
    /// Given limits: budget, platform, law.
    Constraint,
    /// Assumptions.
    Assumption,
    /// Acceptance criteria of the whole.
    Acceptance,
    /// Glossary, references, change history.
    Appendix,
    /// Users.
    Persona,
    /// Problem, background, vision, goals.
    Context,
    /// Way of working.
    Process,
    /// The scope.
    Scope,
    /// None of the above.
    Unknown,
}

/// Text of a line or a cell.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Text {
    /// The text without markup; code spans keep their back-ticks. White space is folded.
    pub plain: String,
    /// The code spans, in order.
    pub codes: Vec<String>,
    /// Bold text at the beginning, without a final colon.
    pub lead: Option<String>,
}

/// A list entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Entry {
    /// Its text, without nested blocks.
    pub text: Text,
    /// The state of its checkbox, if it has one.
    pub checked: Option<bool>,
    /// Its number in an ordered list.
    pub number: Option<u64>,
    /// Its lines, including nested blocks.
    pub lines: Lines,
    /// Nested blocks.
    pub blocks: Vec<Block>,
}

/// The meaning of a bold label such as `**Acceptance:**`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum LabelKind {
    /// Acceptance, Acceptance Criteria, Success Criteria, Done when.
    Acceptance,
    /// Tasks, Steps, To do, Implementation.
    Tasks,
    /// Scope, Includes.
    Scope,
    /// Goal, Objective, Purpose.
    Goal,
    /// Deliverables, Critical Deliverables, Outputs.
    Deliverables,
    /// Effort, Estimate, Points, Duration.
    Effort,
    /// Depends on, Dependencies, Requires, Blocked by, After.
    DependsOn,
    /// Risk, Risks.
    Risk,
    /// Mitigation(s).
    Mitigation,
    /// Priority.
    Priority,
    /// Owner, Reviewer, Assignee and other people.
    Actor,
    /// Files, Paths.
    Paths,
    /// As a … I want … so that …, Story.
    Story,
    /// Anything else.
    Other,
}

/// A block of a section.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", tag = "block")]
pub enum Block {
    /// A paragraph or quotation.
    Paragraph {
        /// Its text.
        text: Text,
        /// Its lines.
        lines: Lines,
    },
    /// A list.
    List {
        /// Its entries.
        entries: Vec<Entry>,
        /// Its lines.
        lines: Lines,
    },
    /// A table.
    Table {
        /// The cells of the header.
        header: Vec<Text>,
        /// The rows with their lines.
        rows: Vec<(Vec<Text>, Lines)>,
        /// Its lines.
        lines: Lines,
    },
    /// A bold label with the rest of its line and the blocks that it owns, up to the next label or
    /// the end of its indentation.
    Label {
        /// The text of the label, without markup and colon.
        name: String,
        /// Its meaning.
        kind: LabelKind,
        /// The rest of its line.
        text: Text,
        /// The blocks that it owns.
        blocks: Vec<Block>,
        /// Its lines, including its blocks.
        lines: Lines,
    },
    /// Fenced or indented code, or HTML: no structure is read from it.
    Verbatim {
        /// Its lines.
        lines: Lines,
    },
}

/// A heading and its content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Section {
    /// The heading without marks, numbering and leading emoji.
    pub title: String,
    /// The heading as written, without `#`.
    pub raw: String,
    /// Code spans in the heading.
    pub codes: Vec<String>,
    /// The numbering that was removed (`5.1`).
    pub number: Option<String>,
    /// The id of a requirement or story that the heading begins with (`FR-3.1`, `US-2`, `REQ-7`),
    /// in upper case; not part of the title.
    pub id: Option<String>,
    /// The level of the heading, 1 to 6.
    pub level: u8,
    /// The nearest section before it with a smaller level.
    pub parent: Option<usize>,
    /// Its kind.
    pub kind: SectionKind,
    /// Set if its kind is its parent's.
    pub inherited: bool,
    /// The line of the heading.
    pub line: u32,
    /// All its lines, including sections inside.
    pub lines: Lines,
    /// Its own content, without sections inside.
    pub blocks: Vec<Block>,
}

/// A parsed document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Document {
    /// Its purpose, as detected.
    pub kind: DocumentKind,
    /// The first heading of level 1, the front matter's title, or the first words.
    pub title: String,
    /// The lines of the title.
    pub title_lines: Lines,
    /// Scalar values of the front matter (`key: value`), in order.
    pub front: Vec<(String, String)>,
    /// Number of words, without front matter and code.
    pub words: usize,
    /// Number of lines.
    pub line_count: u32,
    /// Content before the first heading.
    pub preamble: Vec<Block>,
    /// All sections, in order.
    pub sections: Vec<Section>,
}

/// A statement of the document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Statement {
    /// The id given by the author (`FR-3`, `US-1`, `NFR-2`, `R-3`), in upper case.
    pub id: Option<String>,
    /// One line of text.
    pub text: String,
    /// Its lines.
    pub lines: Lines,
    /// The index of its section in `Document::sections`.
    pub section: Option<usize>,
}

/// A requirement or story with its criteria.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Requirement {
    /// Its id, title and lines.
    pub statement: Statement,
    /// Its acceptance criteria.
    pub acceptance: Vec<Statement>,
}

/// The statements of a document by meaning: the output of `prd show` and the basis of a plan.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Extract {
    /// The vision or goal.
    pub vision: Option<Statement>,
    /// Functional requirements.
    pub requirements: Vec<Requirement>,
    /// Non-functional requirements.
    pub non_functional: Vec<Statement>,
    /// User stories.
    pub stories: Vec<Requirement>,
    /// Acceptance criteria of the whole.
    pub acceptance: Vec<Statement>,
    /// Risks.
    pub risks: Vec<Statement>,
    /// Assumptions.
    pub assumptions: Vec<Statement>,
    /// Constraints.
    pub constraints: Vec<Statement>,
    /// Decisions.
    pub decisions: Vec<Statement>,
    /// Open questions.
    pub open_questions: Vec<Statement>,
    /// Work that will not be done.
    pub non_goals: Vec<Statement>,
    /// Measures of success.
    pub metrics: Vec<Statement>,
    /// Phases, sprints and releases, with their deliverables and success criteria as acceptance.
    pub milestones: Vec<Requirement>,
    /// The definition of ready.
    pub ready: Vec<Statement>,
    /// The definition of done.
    pub done: Vec<Statement>,
    /// Prerequisites that others provide.
    pub dependencies: Vec<Statement>,
}
