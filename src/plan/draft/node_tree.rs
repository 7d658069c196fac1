//! The document as one tree of nodes that may become tasks or criteria: sections, list entries,
//! table rows. Other files select among them.

use super::evidence::states_result;
use super::id_mentions;
use super::similarity::{normalize, words};
use super::state_mark::{StateMark, of_note, state_mark};
use crate::plan::document::{Block, Document, Entry, LabelKind, Lines, Section, SectionKind, Text};

/// The depth to which deeper lists are flattened.
const MAX_DEPTH: usize = 24;

/// The origin of a node in the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// A heading with its content.
    Section(usize),
    /// A list entry.
    Entry,
    /// A table row.
    Row,
    /// A bold name with a list below it (`**Login:**`).
    Group,
    /// The text of a label (`**Acceptance:** it works`).
    Remark,
}

/// A line of text with its position.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub text: String,
    pub lines: Lines,
}

/// A label with a property of its node (`**Effort**: 3 points`).
#[derive(Clone, Debug)]
pub(super) struct Tag {
    /// The property.
    pub kind: LabelKind,
    /// The label as written.
    pub name: String,
    /// The value.
    pub line: Line,
}

/// A node of the tree.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub parent: Option<usize>,
    /// The nodes directly inside, in order.
    pub children: Vec<usize>,
    pub origin: Origin,
    /// The index of its section.
    pub section: Option<usize>,
    /// The kind of that section.
    pub kind: SectionKind,
    /// The kind of the label that owns it.
    pub role: Option<LabelKind>,
    /// Its own text, without children; for a section, the heading without its id.
    pub text: String,
    /// Bold text at its beginning.
    pub lead: Option<String>,
    /// The author's id, in canonical form.
    pub id: Option<String>,
    /// The same as its author wrote it, in upper case.
    pub written: Option<String>,
    /// Code spans in its own text.
    pub codes: Vec<String>,
    /// The state of its checkbox, if it has one.
    pub checked: Option<bool>,
    /// Its number in a list.
    pub number: Option<u64>,
    /// Its lines, including children.
    pub lines: Lines,
    /// Its paragraphs.
    pub prose: Vec<Line>,
    /// The labels about it.
    pub tags: Vec<Tag>,
    /// Set if a table in it has a column for work or its ids.
    pub work_table: bool,
    /// Set if a table in it has a column for work.
    pub task_table: bool,
}

impl Node {
    /// Records the state that a mark of its author gives it.
    pub(super) fn marked(&mut self, mark: Option<StateMark>) {
        match mark {
            Some(StateMark::Done) => self.checked = Some(true),
            Some(StateMark::Refused) => self.kind = SectionKind::NonGoal,
            Some(StateMark::Later) => self.kind = SectionKind::Future,
            None => {}
        }
    }
}

/// The whole document as nodes; a parent precedes its children.
#[derive(Debug, Default)]
pub(super) struct Tree {
    pub nodes: Vec<Node>,
    pub roots: Vec<usize>,
    /// The node of each section.
    pub sections: Vec<usize>,
    /// Paragraphs before the first heading.
    pub prose: Vec<Line>,
    /// Set if a table before the first heading has a column for work.
    pub work_table: bool,
    /// Set if the document consists of prose, whose paragraphs are entries.
    pub is_prose: bool,
}

impl Tree {
    /// The tree of a document.
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
            if node.kind == SectionKind::NonGoal && names_goals(&node.text) {
                node.kind = SectionKind::Context;
            }
            let above = parent.map(|parent| tree.nodes[parent].kind);
            if section.inherited || node.kind == SectionKind::Unknown {
                node.kind = above.unwrap_or(node.kind);
            }
            let node = tree.push(node);
            tree.sections.push(node);
            tree.blocks(&section.blocks, Some(node), None, 0);
        }
        for place in 0..tree.sections.len() {
            if is_finished(&document.sections[place].raw) {
                for node in tree.within(tree.sections[place]) {
                    tree.nodes[node].checked = Some(true);
                }
            }
        }
        tree.split_prose();
        tree
    }

    /// The ancestors of a node, the nearest first.
    pub fn above(&self, node: usize) -> impl Iterator<Item = usize> + '_ {
        std::iter::successors(self.nodes[node].parent, |at| self.nodes[*at].parent)
    }

    /// A node and all its descendants, in order.
    pub fn within(&self, node: usize) -> Vec<usize> {
        let mut all = Vec::new();
        let mut waiting = vec![node];
        while let Some(at) = waiting.pop() {
            all.push(at);
            waiting.extend(self.nodes[at].children.iter().rev());
        }
        all
    }

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

    /// Adds the content of blocks to a node.
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
                    // A paragraph that begins with an id is like a heading.
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
                        || normalize(name).starts_with("story ");
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
        let node = self.plain(Origin::Group, &title, lines, owner);
        let node = self.push(node);
        self.prose(text, Lines::at(lines.start), Some(node));
        if depth < MAX_DEPTH {
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
        if entry.text.plain.is_empty() || depth >= MAX_DEPTH {
            // A label alone in its entry (`- **Acceptance**: …`) refers to the owner of the list.
            self.blocks(&entry.blocks, owner, role, depth.min(MAX_DEPTH - 1) + 1);
            if entry.text.plain.is_empty() {
                return;
            }
        }
        let phase = owner.is_some_and(|owner| self.nodes[owner].kind == SectionKind::Milestone);
        let states_result = phase && entry.blocks.is_empty() && states_result(&entry.text.plain);
        let mut node = Node {
            role: role.or(states_result.then_some(LabelKind::Acceptance)),
            checked: entry.checked,
            number: entry.number,
            ..self.plain(Origin::Entry, &entry.text, entry.lines, owner)
        };
        node.marked(state_mark(&entry.text.plain));
        if owner.is_some_and(|owner| names_goals(&self.nodes[owner].text))
            && names_non_goal(&entry.text.plain)
        {
            node.kind = SectionKind::NonGoal;
        }
        let node = self.push(node);
        if depth < MAX_DEPTH {
            self.blocks(&entry.blocks, Some(node), None, depth + 1);
        }
    }

    /// Adds a node with only a text.
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
        let written = id.is_some().then(|| id_mentions::written(&text.plain));
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
            written,
            codes: text.codes.clone(),
            checked: None,
            number: None,
            lines,
            prose: Vec::new(),
            tags: Vec::new(),
            work_table: false,
            task_table: false,
        }
    }
}

fn of_section(place: usize, section: &Section) -> Node {
    let id = section.id.as_deref().map(id_mentions::canonical);
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
        written: section.id.clone(),
        codes: section.codes.clone(),
        checked: None,
        number: section
            .number
            .as_deref()
            .and_then(|number| number.parse().ok()),
        lines: section.lines,
        prose: Vec::new(),
        tags: Vec::new(),
        work_table: false,
        task_table: false,
    }
}

/// True if a heading says that its content is done already: `Done`, `Login — shipped`.
fn is_finished(raw: &str) -> bool {
    let says = |note: &str| of_note(note) == Some(StateMark::Done);
    let words = words(raw);
    let last = words.last().is_some_and(|word| says(word));
    let noted = state_mark(raw) == Some(StateMark::Done)
        || raw.rsplit_once(": ").is_some_and(|(_, note)| says(note));
    !raw.contains('%') && (noted || last && (words.len() == 1 || raw.contains(['✅', '✔', '☑'])))
}

/// True for a heading that names both goals and what is not one.
fn names_goals(heading: &str) -> bool {
    let text = normalize(heading);
    let rest = text.replace("non goal", "").replace("nongoal", "");
    rest.len() < text.len() && rest.contains("goal")
}

/// True for an entry of such a section that is a non-goal.
fn names_non_goal(text: &str) -> bool {
    let text = normalize(text);
    ["non goal", "nongoal", "not ", "no ", "won t "]
        .iter()
        .any(|start| text.starts_with(start))
}

/// True if a paragraph begins with an id and a mark after it (`REQ-7: …`).
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

/// True if the text of such a label is a node, not a remark on its owner.
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
