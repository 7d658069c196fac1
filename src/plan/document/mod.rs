//! A requirements document as data: what its author wrote, in which section, on which lines. Pure:
//! a text in, values out; nothing here knows tasks or the store.
//!
//! [`Document::parse`] reads Markdown with pulldown-cmark and keeps the source lines of everything,
//! so that whatever is made of a document can be traced back to it.

mod author_id;
mod block_text;
mod blocks;
mod detect;
mod emoji;
mod entities;
mod extract;
#[cfg(test)]
mod extract_tests;
mod heading;
mod heading_shape;
mod inline;
mod label;
mod label_names;
mod line_index;
mod lint;
mod mention;
#[cfg(test)]
mod parse_tests;
mod promote;
#[cfg(test)]
mod properties;
mod section_kinds;
mod section_lexicon;
mod section_tree;
mod source;
mod statements;
mod stems;
mod table_rows;
mod tokens;
mod vision;

pub use author_id::canonical as canonical_id;
pub use lint::Lint;
pub use mention::mentioned_ids;
pub use source::{MAX_BYTES, MAX_SECTIONS, Refused};

use serde::{Deserialize, Serialize};

/// Lines of the source, counted from 1, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Lines {
    /// The first line.
    pub start: u32,
    /// The last line.
    pub end: u32,
}

/// What a document is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DocumentKind {
    /// What a product or feature shall do.
    Prd,
    /// How something shall be built.
    TechSpec,
    /// What is wrong, what was seen, what may be the cause.
    DebugInvestigation,
}

/// What a section is about, by its heading; sections below inherit what has no word of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SectionKind {
    /// What will not be done.
    NonGoal,
    /// What may be done later.
    Future,
    /// What is not decided yet.
    Question,
    /// What may go wrong.
    Risk,
    /// What holds before work begins.
    Ready,
    /// What holds when work is done.
    Done,
    /// How well it has to work: speed, size, safety.
    NonFunctional,
    /// What it has to do.
    Functional,
    /// Who needs what, and why.
    Story,
    /// A phase, sprint, week or release.
    Milestone,
    /// A feature, epic, component or module.
    Feature,
    /// A list of things to tick.
    Checklist,
    /// What is handed over.
    Deliverable,
    /// How success is measured.
    Metric,
    /// What was decided.
    Decision,
    /// What others have to provide.
    Dependency,
    /// What nobody can choose: budget, platform, law.
    Constraint,
    /// What is taken for granted.
    Assumption,
    /// What has to hold for the whole to be accepted.
    Acceptance,
    /// Glossary, references, history of changes.
    Appendix,
    /// Who uses it.
    Persona,
    /// Why: problem, background, vision, goals.
    Context,
    /// How the team works.
    Process,
    /// What is in.
    Scope,
    /// Nothing of the above.
    Unknown,
}

/// A piece of text in a line or a cell.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    /// As it reads, without marks; code spans keep their back-ticks. White space is folded.
    pub plain: String,
    /// What stood in back-ticks, in order.
    pub codes: Vec<String>,
    /// What stood in bold at the beginning, if anything, without a colon at its end.
    pub lead: Option<String>,
}

/// An entry of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its own text, without what is nested.
    pub text: Text,
    /// Of a checkbox: whether it is ticked.
    pub checked: Option<bool>,
    /// The number it shows, in an ordered list.
    pub number: Option<u64>,
    /// Its lines, with what is nested.
    pub lines: Lines,
    /// What is nested in it.
    pub blocks: Vec<Block>,
}

/// What a bold label such as `**Acceptance:**` says about what follows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
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

/// What a section holds, in order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "block")]
pub enum Block {
    /// A paragraph or quotation.
    Paragraph {
        /// Its text.
        text: Text,
        /// Where it stands.
        lines: Lines,
    },
    /// A list.
    List {
        /// Its entries.
        entries: Vec<Entry>,
        /// Where it stands.
        lines: Lines,
    },
    /// A table.
    Table {
        /// The cells of the header.
        header: Vec<Text>,
        /// The rows, with the line of each.
        rows: Vec<(Vec<Text>, Lines)>,
        /// Where it stands.
        lines: Lines,
    },
    /// A bold label with what it owns: the rest of its line and the blocks until the next label or
    /// the end of its indentation.
    Label {
        /// As written, without marks and colon.
        name: String,
        /// What it says about what follows.
        kind: LabelKind,
        /// The rest of its line.
        text: Text,
        /// What it owns.
        blocks: Vec<Block>,
        /// Where it stands, with what it owns.
        lines: Lines,
    },
    /// Fenced or indented code, or HTML: no structure is read from it.
    Verbatim {
        /// Where it stands.
        lines: Lines,
    },
}

/// A heading and what stands below it, up to the next heading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    /// The heading without marks, numbering and leading emoji.
    pub title: String,
    /// The heading as written, without `#`.
    pub raw: String,
    /// What stood in back-ticks in the heading.
    pub codes: Vec<String>,
    /// The numbering that was taken off (`5.1`).
    pub number: Option<String>,
    /// The id of a requirement or story that the heading begins with (`FR-3.1`, `US-2`, `REQ-7`),
    /// in upper case; it is no longer part of the title.
    pub id: Option<String>,
    /// 1 to 6, as written.
    pub level: u8,
    /// The section it is in: the nearest one before it of a smaller level.
    pub parent: Option<usize>,
    /// What it is about.
    pub kind: SectionKind,
    /// Whether its kind is its parent's.
    pub inherited: bool,
    /// The line of the heading.
    pub line: u32,
    /// The heading and all below it, with the sections inside.
    pub lines: Lines,
    /// What stands in it, without the sections inside.
    pub blocks: Vec<Block>,
}

/// A document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// What it is for, as detected.
    pub kind: DocumentKind,
    /// The first heading of level 1, the front matter's title, or the first words.
    pub title: String,
    /// Where the title stands.
    pub title_lines: Lines,
    /// Scalar values of the front matter (`key: value`), in order.
    pub front: Vec<(String, String)>,
    /// Words of the text, without front matter and code.
    pub words: usize,
    /// Lines of the source.
    pub line_count: u32,
    /// What stands before the first heading.
    pub preamble: Vec<Block>,
    /// All sections in the order of the document.
    pub sections: Vec<Section>,
}

/// A statement of the document with where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// The id that the author gave it (`FR-3`, `US-1`, `NFR-2`, `R-3`), if any, in upper case.
    pub id: Option<String>,
    /// One line of text.
    pub text: String,
    /// Where it stands.
    pub lines: Lines,
    /// The place of its section in [`Document::sections`].
    pub section: Option<usize>,
}

/// A requirement or story with what has to hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requirement {
    /// What it says: id, title, lines.
    pub statement: Statement,
    /// Its acceptance criteria.
    pub acceptance: Vec<Statement>,
}

/// What a document says, by what it means: what `prd show` prints and a plan rests on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extract {
    /// The vision or goal, if there is one.
    pub vision: Option<Statement>,
    /// Functional requirements.
    pub requirements: Vec<Requirement>,
    /// Non-functional requirements.
    pub non_functional: Vec<Statement>,
    /// User stories.
    pub stories: Vec<Requirement>,
    /// What has to hold for the whole.
    pub acceptance: Vec<Statement>,
    /// What may go wrong.
    pub risks: Vec<Statement>,
    /// What is taken for granted.
    pub assumptions: Vec<Statement>,
    /// What nobody can choose.
    pub constraints: Vec<Statement>,
    /// What was decided.
    pub decisions: Vec<Statement>,
    /// What is not decided yet.
    pub open_questions: Vec<Statement>,
    /// What will not be done.
    pub non_goals: Vec<Statement>,
    /// How success is measured.
    pub metrics: Vec<Statement>,
    /// Phases, sprints, releases, each with its deliverables and success criteria as acceptance.
    pub milestones: Vec<Requirement>,
    /// What holds before work on a task begins.
    pub ready: Vec<Statement>,
    /// What holds when a task is done.
    pub done: Vec<Statement>,
    /// What others have to provide.
    pub dependencies: Vec<Statement>,
}
