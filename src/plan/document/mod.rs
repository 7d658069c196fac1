//! A requirements document as data: one tree of its author's statements, with their lines.
//!
//! Pure: it uses neither tasks nor the store, and decides nothing about work.
//!
//! [`Document::parse`] reads Markdown once with pulldown-cmark. All words that mean something stand in
//! `lexicon.toml`.

mod author_id;
mod detect;
mod emoji;
mod heading;
mod inline;
mod label;
mod lexicon;
mod line_index;
mod markdown;
mod mention;
mod node;
mod rewording;
mod section_kind;
mod source;
mod state_mark;
mod story;
mod tree;
mod words;

#[cfg(test)]
#[path = "document_tests.rs"]
mod tests;

pub use author_id::canonical as canonical_id;
pub use author_id::{ShortIds, is_known, is_part_of, split as split_id};
pub use label::{LabelKind, kind_of as label_of};
pub use lexicon::list;
pub use mention::{mentioned_ids, written_ids};
pub use node::{Cell, Form, Node, State};
pub use rewording::{asks_no_more, new_paragraphs, without_tags};
pub use section_kind::by_shape;
pub use source::Refused;
pub use story::is_story;
pub use tree::{ROW, path};
pub use words::{is_glued, normalize, tokens};

use line_index::LineIndex;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Lines of the source, counted from 1, both ends included.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
)]
pub struct Lines {
    /// The first line.
    pub start: u32,
    /// The last line.
    pub end: u32,
}

impl Lines {
    /// The lines from one to another.
    pub fn of(start: u32, end: u32) -> Lines {
        Lines { start, end }
    }

    /// One line.
    pub fn at(line: u32) -> Lines {
        Lines::of(line, line)
    }
}

/// The purpose of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
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
    #[default]
    Unknown,
}

/// A heading and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// The heading without marks, numbering, id and leading emoji.
    pub title: String,
    /// The id that the heading begins with, in upper case.
    pub id: Option<String>,
    /// The level of the heading, 1 to 6.
    pub level: u8,
    /// The nearest section before it with a smaller level.
    pub parent: Option<usize>,
    /// Its kind.
    pub kind: SectionKind,
    /// The line of the heading.
    pub line: u32,
    /// All its lines, including sections inside.
    pub lines: Lines,
}

/// A parsed document.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// All sections, in order.
    pub sections: Vec<Section>,
    /// All statements, in order, each after those it stands below.
    pub nodes: Vec<Node>,
    /// The heading that is the title.
    pub root: Option<usize>,
}

impl Document {
    /// Reads a document.
    ///
    /// # Errors
    /// If the bytes are not a text in UTF-8 with something to read, or too large.
    pub fn parse(bytes: &[u8]) -> Result<Document, Refused> {
        let source = source::read(bytes)?;
        let index = LineIndex::new(&source.text);
        let mut nodes = markdown::read(&source.text, &index);
        tree::nest(&mut nodes);
        let root = tree::root(&nodes);
        let sections = sections(&mut nodes, index.last());
        if let Some(section) = sections.get(source::MAX_SECTIONS) {
            return Err(Refused::TooManySections { line: section.line });
        }
        let said = nodes.iter().filter(|node| node.form != Form::Code);
        let words = said
            .map(|node| words::count(&node.text) + node.lead.as_deref().map_or(0, words::count));
        let mut document = Document {
            kind: DocumentKind::Prd,
            title: String::new(),
            title_lines: Lines::at(1),
            words: words.sum(),
            front: source.front,
            line_count: index.last(),
            sections,
            nodes,
            root,
        };
        (document.title, document.title_lines) = document.name();
        document.kind = detect::kind(&document);
        tree::read(&mut document.nodes, root);
        let headings = document.nodes.iter();
        let headings = headings.filter(|node| matches!(node.form, Form::Heading(_)));
        for (section, node) in document.sections.iter_mut().zip(headings) {
            (section.kind, section.id) = (node.kind, node.id.clone());
        }
        Ok(document)
    }

    /// The innermost statement of each line, by its number.
    pub fn owners(&self) -> Vec<Option<usize>> {
        let mut owners: Vec<Option<usize>> = vec![None; self.line_count as usize + 1];
        for (place, node) in self.nodes.iter().enumerate() {
            let said = node.form != Form::Item || !node.name().is_empty();
            let (start, end) = (node.lines.start.max(1) as usize, node.lines.end as usize);
            let own = owners.iter_mut().take(end + 1).skip(start);
            for owner in own.filter(|owner| said || owner.is_none()) {
                *owner = Some(place);
            }
        }
        owners
    }

    /// The title, and its lines: the main heading, the front matter, the first heading or words.
    fn name(&self) -> (String, Lines) {
        let said = |node: &&Node| node.form != Form::Layout && !node.name().is_empty();
        let titled = |node: &Node| {
            let title = heading::read(node.name(), ShortIds::Plain).title;
            let words = if node.is_heading() { usize::MAX } else { 12 };
            let title = title.split_whitespace().take(words);
            let title = title.collect::<Vec<_>>().join(" ");
            (!title.is_empty()).then_some((title, node.lines))
        };
        let root = self.root.and_then(|root| titled(&self.nodes[root]));
        let mut front = self.front.iter();
        let front = front.find(|(key, _)| key.eq_ignore_ascii_case("title"));
        let stated = root.or(front.map(|(_, title)| (title.clone(), Lines::at(1))));
        let found = stated.or_else(|| self.nodes.iter().filter(said).find_map(titled));
        found.unwrap_or(("Untitled".to_owned(), Lines::at(1)))
    }
}

/// The sections of the headings, without what only the tree tells.
fn sections(nodes: &mut [Node], last: u32) -> Vec<Section> {
    let mut found: Vec<Section> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    for node in nodes {
        if let Form::Heading(level) = node.form {
            let line = node.lines.start;
            while let Some(above) = open.pop_if(|above| found[*above].level >= level) {
                let lines = &mut found[above].lines;
                lines.end = line.saturating_sub(1).max(lines.start);
            }
            let parent = open.last().copied();
            open.push(found.len());
            found.push(Section {
                title: heading::read(&node.text, ShortIds::Plain).title,
                id: None,
                level,
                parent,
                kind: SectionKind::Unknown,
                line,
                lines: Lines::of(line, last.max(line)),
            });
        }
        node.section = found.len().checked_sub(1);
    }
    found
}

/// A statement of the document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Requirement {
    /// Its id, title and lines.
    pub statement: Statement,
    /// Its acceptance criteria.
    pub acceptance: Vec<Statement>,
}

/// The statements of a document by meaning: the output of `prd show` and the basis of a plan.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
    #[serde(rename = "definition_of_ready")]
    pub ready: Vec<Statement>,
    /// The definition of done.
    #[serde(rename = "definition_of_done")]
    pub done: Vec<Statement>,
    /// Prerequisites that others provide.
    pub dependencies: Vec<Statement>,
}
