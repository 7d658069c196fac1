//! The document as one tree of things that may become tasks or criteria: sections, entries of
//! lists, rows of tables. Which of them do is decided elsewhere.

use super::headings::{group_kind, requirement_number, told_kind};
use super::id_mentions;
use crate::plan::document::{Block, Document, Entry, LabelKind, Lines, Section, SectionKind, Text};

/// Lists nested deeper than this are read as if they were not nested further.
const DEEPEST: usize = 24;

/// What a node was in the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// A heading with what is below it.
    Section(usize),
    /// An entry of a list.
    Entry,
    /// A row of a table.
    Row,
    /// A bold name with a list below it that says what the list is about (`**Login:**`).
    Group,
    /// The text beside a label (`**Acceptance:** it works`).
    Remark,
}

/// A piece of text with its place.
#[derive(Clone, Debug)]
pub(super) struct Line {
    /// One line of text.
    pub text: String,
    /// Where it stands.
    pub lines: Lines,
}

/// A label's text that says something about its node (`**Effort**: 3 points`).
#[derive(Clone, Debug)]
pub(super) struct Tag {
    /// What it says something about.
    pub kind: LabelKind,
    /// The label as written.
    pub name: String,
    /// What it says.
    pub line: Line,
}

/// A section, an entry or a row.
#[derive(Clone, Debug)]
pub(super) struct Node {
    /// What it is in.
    pub parent: Option<usize>,
    /// What is in it, in order.
    pub children: Vec<usize>,
    /// What it was.
    pub origin: Origin,
    /// The section it is in, or is.
    pub section: Option<usize>,
    /// What that section is about.
    pub kind: SectionKind,
    /// The label that owns it, if one does.
    pub role: Option<LabelKind>,
    /// Its own text, without what is in it; of a section, the heading without its id.
    pub text: String,
    /// What stood in bold at its beginning.
    pub lead: Option<String>,
    /// The author's id, in canonical form.
    pub id: Option<String>,
    /// What stood in back-ticks in its own text.
    pub codes: Vec<String>,
    /// Whether it is ticked.
    pub checked: Option<bool>,
    /// Its number in a list.
    pub number: Option<u64>,
    /// Its lines, with what is in it.
    pub lines: Lines,
    /// Paragraphs in it.
    pub prose: Vec<Line>,
    /// What labels say about it.
    pub tags: Vec<Tag>,
    /// Whether tables in it have a heading that speaks of work.
    pub work_table: bool,
}

/// The whole document as nodes; a parent stands before its children.
#[derive(Debug, Default)]
pub(super) struct Tree {
    /// All nodes.
    pub nodes: Vec<Node>,
    /// The nodes without parent.
    pub roots: Vec<usize>,
    /// The node of each section.
    pub sections: Vec<usize>,
    /// Paragraphs before the first heading.
    pub prose: Vec<Line>,
    /// Whether a table before the first heading has a column that speaks of work.
    pub work_table: bool,
}

impl Tree {
    /// Reads the tree of a document.
    pub fn of(document: &Document) -> Tree {
        let mut tree = Tree::default();
        tree.blocks(&document.preamble, None, None, 0);
        for (place, section) in document.sections.iter().enumerate() {
            let parent = section
                .parent
                .filter(|parent| *parent < place)
                .and_then(|parent| tree.sections.get(parent).copied());
            let mut node = Node {
                parent,
                ..of_section(place, section)
            };
            let above = parent.map(|parent| tree.nodes[parent].kind);
            let told = told_kind(&node.text);
            if section.inherited || node.kind == SectionKind::Unknown {
                node.kind = told.or(above).unwrap_or(node.kind);
            } else if node.kind == SectionKind::Milestone {
                node.kind = told.unwrap_or(node.kind);
            }
            let node = tree.push(node);
            tree.sections.push(node);
            tree.blocks(&section.blocks, Some(node), None, 0);
        }
        tree
    }

    /// The nodes above one, the nearest first.
    pub fn above(&self, node: usize) -> impl Iterator<Item = usize> + '_ {
        std::iter::successors(self.nodes[node].parent, |at| self.nodes[*at].parent)
    }

    /// A node and all in it, in order.
    pub fn within(&self, node: usize) -> Vec<usize> {
        let mut all = Vec::new();
        let mut waiting = vec![node];
        while let Some(at) = waiting.pop() {
            all.push(at);
            waiting.extend(self.nodes[at].children.iter().rev());
        }
        all
    }

    /// Whether a node is a section.
    pub fn is_section(&self, node: usize) -> bool {
        matches!(self.nodes[node].origin, Origin::Section(_))
    }

    pub(super) fn push(&mut self, node: Node) -> usize {
        let place = self.nodes.len();
        match node.parent {
            Some(parent) => self.nodes[parent].children.push(place),
            None => self.roots.push(place),
        }
        self.nodes.push(node);
        place
    }

    /// Adds what blocks hold to a node.
    fn blocks(
        &mut self,
        blocks: &[Block],
        owner: Option<usize>,
        role: Option<LabelKind>,
        depth: usize,
    ) {
        let top = owner;
        let mut owner = owner;
        for block in blocks {
            match block {
                Block::Paragraph { text, lines }
                    if role.is_none() && begins_with_id(&text.plain) =>
                {
                    // A paragraph that an id opens is what a heading is elsewhere.
                    let node = self.plain(Origin::Entry, text, *lines, top);
                    owner = Some(self.push(node));
                }
                Block::Paragraph { text, lines } => match role {
                    Some(kind) if owns_text(kind) => self.remark(text, *lines, owner, kind),
                    Some(kind) => self.tag(kind, "", &text.plain, *lines, owner),
                    None => self.prose(text, *lines, owner),
                },
                Block::List { entries, .. } => {
                    for entry in entries {
                        self.entry(entry, owner, role, depth);
                    }
                }
                Block::Table { header, rows, .. } => self.table(header, rows, owner, role),
                Block::Label {
                    name,
                    kind,
                    text,
                    blocks,
                    lines,
                } => {
                    let line = Lines {
                        start: lines.start,
                        end: lines
                            .start
                            .max(first_line(blocks).saturating_sub(1))
                            .min(lines.end),
                    };
                    let listed = blocks
                        .iter()
                        .any(|block| matches!(block, Block::List { .. } | Block::Table { .. }));
                    let marked = id_mentions::leading(name).is_some()
                        || super::similarity::normalise(name).starts_with("story ");
                    if *kind == LabelKind::Other && (listed || marked) {
                        self.group(name, text, blocks, *lines, owner, depth);
                        continue;
                    }
                    if !text.plain.is_empty() {
                        if owns_text(*kind) {
                            self.remark(text, line, owner, *kind);
                        } else {
                            self.tag(*kind, name, &text.plain, line, owner);
                        }
                    }
                    let role = (*kind != LabelKind::Other).then_some(*kind);
                    self.blocks(blocks, owner, role, depth);
                }
                Block::Verbatim { .. } => {}
            }
        }
    }

    /// Adds a bold name that owns a list.
    fn group(
        &mut self,
        name: &str,
        text: &Text,
        blocks: &[Block],
        lines: Lines,
        owner: Option<usize>,
        depth: usize,
    ) {
        let title = Text {
            plain: name.to_owned(),
            codes: text.codes.clone(),
            lead: None,
        };
        let mut node = self.plain(Origin::Group, &title, lines, owner);
        node.kind = group_kind(name).unwrap_or(node.kind);
        let node = self.push(node);
        self.prose(
            text,
            Lines {
                start: lines.start,
                end: lines.start,
            },
            Some(node),
        );
        if depth < DEEPEST {
            self.blocks(blocks, Some(node), None, depth + 1);
        }
    }

    fn prose(&mut self, text: &Text, lines: Lines, owner: Option<usize>) {
        if text.plain.is_empty() {
            return;
        }
        let line = Line {
            text: text.plain.clone(),
            lines,
        };
        match owner {
            Some(owner) => {
                self.nodes[owner].codes.extend(text.codes.iter().cloned());
                self.nodes[owner].prose.push(line);
            }
            None => self.prose.push(line),
        }
    }

    fn tag(&mut self, kind: LabelKind, name: &str, text: &str, lines: Lines, owner: Option<usize>) {
        if let Some(owner) = owner {
            self.nodes[owner].tags.push(Tag {
                kind,
                name: name.to_owned(),
                line: Line {
                    text: text.to_owned(),
                    lines,
                },
            });
        }
    }

    pub(super) fn remark(
        &mut self,
        text: &Text,
        lines: Lines,
        owner: Option<usize>,
        kind: LabelKind,
    ) {
        if !text.plain.is_empty() {
            self.push(Node {
                role: Some(kind),
                ..self.plain(Origin::Remark, text, lines, owner)
            });
        }
    }

    fn entry(
        &mut self,
        entry: &Entry,
        owner: Option<usize>,
        role: Option<LabelKind>,
        depth: usize,
    ) {
        if entry.text.plain.is_empty() && entry.blocks.is_empty() {
            return;
        }
        if entry.text.plain.is_empty() || depth >= DEEPEST {
            // A label alone in its entry (`- **Acceptance**: …`) speaks of what the list is in.
            self.blocks(&entry.blocks, owner, role, depth.min(DEEPEST - 1) + 1);
            if entry.text.plain.is_empty() {
                return;
            }
        }
        let node = self.push(Node {
            role,
            checked: entry.checked,
            number: entry.number,
            ..self.plain(Origin::Entry, &entry.text, entry.lines, owner)
        });
        if depth < DEEPEST {
            self.blocks(&entry.blocks, Some(node), None, depth + 1);
        }
    }

    /// A node with nothing but a text.
    pub(super) fn plain(
        &self,
        origin: Origin,
        text: &Text,
        lines: Lines,
        parent: Option<usize>,
    ) -> Node {
        let (section, kind) = match parent {
            Some(parent) => (self.nodes[parent].section, self.nodes[parent].kind),
            None => (None, SectionKind::Unknown),
        };
        let (id, rest) = match id_mentions::leading(&text.plain) {
            Some((id, rest)) if !rest.is_empty() => (Some(id), rest.to_owned()),
            Some((id, _)) => (Some(id), text.plain.clone()),
            None => (None, text.plain.clone()),
        };
        let lead = text.lead.clone().filter(|lead| {
            id.is_none() || id_mentions::leading(lead).is_none_or(|(_, rest)| !rest.is_empty())
        });
        Node {
            parent,
            children: Vec::new(),
            origin,
            section,
            kind,
            role: None,
            text: rest,
            lead,
            id,
            codes: text.codes.clone(),
            checked: None,
            number: None,
            lines,
            prose: Vec::new(),
            tags: Vec::new(),
            work_table: false,
        }
    }
}

fn of_section(place: usize, section: &Section) -> Node {
    let numbered = requirement_number(&section.title);
    let id = section
        .id
        .as_deref()
        .map(id_mentions::canonical)
        .or(numbered);
    Node {
        parent: None,
        children: Vec::new(),
        origin: Origin::Section(place),
        section: Some(place),
        kind: section.kind,
        role: None,
        text: section.title.clone(),
        lead: None,
        id,
        codes: section.codes.clone(),
        checked: None,
        number: None,
        lines: section.lines,
        prose: Vec::new(),
        tags: Vec::new(),
        work_table: false,
    }
}

/// Whether a paragraph opens with an id and a mark after it (`REQ-7: …`).
fn begins_with_id(text: &str) -> bool {
    text.len() < 400
        && id_mentions::leading(text).is_some_and(|(id, rest)| {
            let head = text[..text.len() - rest.len()].trim_end();
            !rest.is_empty()
                && id.contains('-')
                && id_mentions::prefix(&id).len() >= 2
                && head.ends_with([':', '–', '—'])
        })
}

/// Whether what stands beside such a label is something of its own, not a remark on its owner.
pub(super) fn owns_text(kind: LabelKind) -> bool {
    matches!(
        kind,
        LabelKind::Acceptance | LabelKind::Tasks | LabelKind::Deliverables
    )
}

fn first_line(blocks: &[Block]) -> u32 {
    match blocks.first() {
        Some(
            Block::Paragraph { lines, .. }
            | Block::List { lines, .. }
            | Block::Table { lines, .. }
            | Block::Label { lines, .. }
            | Block::Verbatim { lines },
        ) => lines.start,
        None => 0,
    }
}
