//! A node of the tree that a document is read into: one statement of its author, with what stands below it.

use super::label::LabelKind;
use super::{Lines, SectionKind};

/// The form in which something is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Form {
    /// A heading of a level.
    Heading(u8),
    /// A bold line, a label, or the sentence before a list: it owns what follows.
    Label,
    /// A list entry.
    Item,
    /// A row of a table.
    Row,
    /// A paragraph, or a part of one.
    #[default]
    Paragraph,
    /// A block of code or a figure.
    Code,
    /// The header of a table, a comment: nothing that is said.
    Layout,
}

/// What the author notes about a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It exists already.
    Done,
    /// It will not be done.
    Refused,
    /// It may be done after this plan.
    Later,
    /// An open box in a finished section without any ticked one, or at a note that it is done: its author may
    /// have forgotten it.
    Doubtful,
}

/// A cell of a row, with the meaning of its column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// The heading of the column.
    pub header: String,
    /// The meaning of that heading.
    pub kind: LabelKind,
    /// Its text without markup.
    pub text: String,
}

/// A statement.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Node {
    /// What it is in the Markdown.
    pub form: Form,
    /// The position of the statement that it stands in.
    pub parent: Option<usize>,
    /// The positions of those in it, in the order of the document.
    pub children: Vec<usize>,
    /// The lines of its own text.
    pub lines: Lines,
    /// The last line of everything inside.
    pub end: u32,
    /// Its text without markup, box, id and decoration; the code of a block of code.
    pub text: String,
    /// The id that its author gave, in upper case.
    pub id: Option<String>,
    /// The state of its box.
    pub checked: Option<bool>,
    /// Its number in an ordered list or a numbered heading.
    pub number: Option<u64>,
    /// What a heading has in back-ticks, which its text does not show.
    pub codes: Vec<String>,
    /// The bold text that it begins with, or the name of the label.
    pub lead: Option<String>,
    /// The meaning of that name.
    pub label: LabelKind,
    /// The cells of a row.
    pub cells: Vec<Cell>,
    /// The kind of what it says, by itself or by what it stands in.
    pub kind: SectionKind,
    /// True if its own words determine the kind.
    pub own_kind: bool,
    /// The author's note, at it or above it.
    pub state: Option<State>,
    /// True if nothing but a heading says that it is done, later or ruled out.
    pub by_heading: bool,
    /// True if a mark in the place of its box says so: `[-]`, `[>]`.
    pub marked: bool,
    /// The section that it is, or is in.
    pub section: Option<usize>,
    /// True for the heading of a command or endpoint: `` `stat` ``, `POST /users`.
    pub command: bool,
    /// True for a sentence that only introduces what follows.
    pub intro: bool,
}

impl Node {
    /// All its lines.
    pub fn span(&self) -> Lines {
        Lines::of(self.lines.start, self.end.max(self.lines.end))
    }

    /// True for a heading or a bold line that stands for one.
    pub fn is_heading(&self) -> bool {
        let bare = self.text.is_empty() && self.label == LabelKind::Other;
        matches!(self.form, Form::Heading(_)) || self.form == Form::Label && bare && !self.intro
    }

    /// True for a statement of a list or a table.
    pub fn is_listed(&self) -> bool {
        matches!(self.form, Form::Item | Form::Row)
    }

    /// What it is called: its name if it has no other text.
    pub fn name(&self) -> &str {
        let lead = self.lead.as_deref().filter(|_| self.text.is_empty());
        lead.unwrap_or(&self.text)
    }

    /// Changes what it is called.
    pub(super) fn rename(&mut self, name: String) {
        match self.text.is_empty() && self.lead.is_some() {
            true => self.lead = Some(name),
            false => self.text = name,
        }
    }
}
