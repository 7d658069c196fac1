//! What a document says, by what it means: every list in a section of a kind ends up in that kind's
//! list, with its lines. Sections that stand for one thing (a requirement, a story, a phase) collect
//! what has to hold for it.

use std::collections::{BTreeMap, BTreeSet};

use super::block_text::{self, statement_text};
use super::entities::owned;
use super::{
    Block, Document, Entry, Extract, Lines, Requirement, SectionKind, Statement, author_id,
    heading_shape, tokens, vision,
};

impl Document {
    /// Everything the document states, in its order.
    #[must_use]
    pub fn extract(&self) -> Extract {
        let mut walk = Walk {
            document: self,
            out: Extract::default(),
            things: Vec::new(),
            goal: None,
            mentioned: Vec::new(),
        };
        let place = Place {
            section: None,
            kind: SectionKind::Unknown,
            owner: None,
            in_parts: false,
        };
        walk.blocks(place, &self.preamble);
        let mut owners: Vec<Option<usize>> = Vec::with_capacity(self.sections.len());
        for (at, section) in self.sections.iter().enumerate() {
            let above = section
                .parent
                .and_then(|parent| owners.get(parent).copied().flatten());
            let own = self.is_thing(at).then(|| {
                let text = if section.title.is_empty() {
                    section.raw.clone()
                } else {
                    section.title.clone()
                };
                walk.thing(
                    section.kind,
                    section.id.clone(),
                    text,
                    section.lines,
                    Some(at),
                )
            });
            let owner = own.or(above.filter(|_| owned(section.kind)));
            owners.push(owner);
            let in_parts = self
                .sections
                .get(at + 1)
                .is_some_and(|next| next.parent == Some(at));
            let stated = own.is_none() && owner.is_none() && self.is_statement(at);
            if stated {
                walk.state_section(at);
            }
            let place = Place {
                section: Some(at),
                kind: section.kind,
                owner,
                // What a heading has stated already is only explained below it.
                in_parts: in_parts || stated,
            };
            if own.is_none() && owner.is_some() {
                walk.part(place, section.title.clone(), section.lines, &section.blocks);
            } else {
                walk.blocks(place, &section.blocks);
            }
        }
        walk.finish()
    }
}

/// Where the walk is.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) section: Option<usize>,
    pub(super) kind: SectionKind,
    pub(super) owner: Option<usize>,
    /// Whether what is listed here only introduces the sections below.
    pub(super) in_parts: bool,
}

/// A requirement, story, feature or phase while it is being collected.
pub(super) struct Thing {
    pub(super) kind: SectionKind,
    pub(super) what: Requirement,
    /// What counts as criteria if none are named as such.
    pub(super) parts: Vec<Statement>,
}

pub(super) struct Walk<'a> {
    pub(super) document: &'a Document,
    pub(super) out: Extract,
    pub(super) things: Vec<Thing>,
    pub(super) goal: Option<Statement>,
    /// Requirements and stories that phases and lists of tasks name.
    pub(super) mentioned: Vec<(SectionKind, Requirement)>,
}

impl Walk<'_> {
    pub(super) fn thing(
        &mut self,
        kind: SectionKind,
        id: Option<String>,
        text: String,
        lines: Lines,
        section: Option<usize>,
    ) -> usize {
        let statement = Statement {
            id,
            text: statement_text(&text).to_owned(),
            lines,
            section,
        };
        let what = Requirement {
            statement,
            acceptance: Vec::new(),
        };
        self.things.push(Thing {
            kind,
            what,
            parts: Vec::new(),
        });
        self.things.len() - 1
    }

    /// A section inside a thing: its criteria, or one of its parts.
    fn part(&mut self, place: Place, title: String, lines: Lines, blocks: &[Block]) {
        let Some(owner) = place.owner else { return };
        match place.kind {
            SectionKind::Acceptance
            | SectionKind::Done
            | SectionKind::Metric
            | SectionKind::Deliverable => {
                let found = block_text::read(blocks, place.section);
                self.things[owner].what.acceptance.extend(found);
            }
            SectionKind::Checklist => {
                let found = block_text::read(blocks, place.section);
                self.things[owner].parts.extend(found);
            }
            _ if self.things[owner].kind == SectionKind::Milestone => {
                let text = statement_text(&title).to_owned();
                self.things[owner].parts.push(Statement {
                    id: None,
                    text,
                    lines,
                    section: place.section,
                });
                self.blocks(
                    Place {
                        owner: None,
                        kind: SectionKind::Unknown,
                        ..place
                    },
                    blocks,
                );
            }
            _ => self.blocks(place, blocks),
        }
    }

    pub(super) fn blocks(&mut self, place: Place, blocks: &[Block]) {
        let listed = blocks
            .iter()
            .any(|block| !matches!(block, Block::Paragraph { .. } | Block::Verbatim { .. }));
        for block in blocks {
            match block {
                Block::Paragraph { text, lines } => {
                    let alone = !listed && !place.in_parts && !text.plain.ends_with([':', '：']);
                    self.paragraph(place, text, *lines, alone);
                }
                Block::List { entries, lines } => self.list(place, entries, *lines),
                Block::Table {
                    header,
                    rows,
                    lines,
                } => self.table(place, header, rows, *lines),
                Block::Label {
                    name,
                    kind,
                    text,
                    blocks,
                    lines,
                } => {
                    self.label(place, (name, *kind, text), blocks, *lines);
                }
                Block::Verbatim { .. } => {}
            }
        }
    }

    /// Inside a thing a list says what belongs to it, but for entries that are things of their own.
    fn list(&mut self, place: Place, entries: &[Entry], lines: Lines) {
        entries.iter().for_each(|entry| self.mention(place, entry));
        let owned: Vec<Entry> = entries
            .iter()
            .filter(|entry| place.owner.is_some() && !self.is_own(place, entry))
            .cloned()
            .collect();
        for entry in entries.iter().filter(|_| owned.len() < entries.len()) {
            if place.owner.is_none() || self.is_own(place, entry) {
                self.entry(place, entry);
            }
        }
        if !owned.is_empty() {
            let list = Block::List {
                entries: owned,
                lines,
            };
            self.add_parts(place, block_text::read(&[list], place.section));
        }
    }

    pub(super) fn add_parts(&mut self, place: Place, found: Vec<Statement>) {
        if let Some(owner) = place.owner {
            self.things[owner].parts.extend(found);
        }
    }

    /// A risk, question or decision that has a section of its own.
    fn state_section(&mut self, at: usize) {
        let section = &self.document.sections[at];
        let place = Place {
            section: Some(at),
            kind: section.kind,
            owner: None,
            in_parts: true,
        };
        self.state(
            place,
            section.id.clone(),
            section.title.clone(),
            section.lines,
            Vec::new(),
            Vec::new(),
        );
    }

    fn finish(mut self) -> Extract {
        let mut features = Vec::new();
        let mut defined: BTreeSet<String> = self
            .things
            .iter()
            .filter_map(|thing| thing.what.statement.id.as_deref())
            .map(author_id::canonical)
            .collect();
        for (kind, what) in std::mem::take(&mut self.mentioned) {
            let form = what
                .statement
                .id
                .as_deref()
                .map(author_id::canonical)
                .unwrap_or_default();
            if defined.insert(form) {
                self.things.push(Thing {
                    kind,
                    what,
                    parts: Vec::new(),
                });
            }
        }
        for mut thing in self.things {
            if thing.what.acceptance.is_empty() {
                thing.what.acceptance = std::mem::take(&mut thing.parts);
            }
            match thing.kind {
                SectionKind::NonFunctional => {
                    self.out.non_functional.push(thing.what.statement);
                    self.out.non_functional.extend(thing.what.acceptance);
                }
                SectionKind::Story => self.out.stories.push(thing.what),
                SectionKind::Milestone => self.out.milestones.push(thing.what),
                SectionKind::Feature => features.push(thing.what),
                _ => self.out.requirements.push(thing.what),
            }
        }
        // A feature that only groups stories or requirements is no requirement itself.
        let inner: BTreeSet<u32> = (self.out.requirements.iter().chain(&self.out.stories))
            .map(|thing| thing.statement.lines.start)
            .collect();
        features.retain(|feature: &Requirement| {
            let lines = feature.statement.lines;
            lines.start == lines.end || inner.range(lines.start + 1..=lines.end).next().is_none()
        });
        self.out.milestones = phases(std::mem::take(&mut self.out.milestones));
        self.out.requirements = block_text::merged(self.out.requirements);
        self.out.stories = block_text::merged(self.out.stories);
        // Without requirements of its own a document's features are its requirements.
        if self.out.requirements.is_empty() {
            self.out.requirements = features;
        }
        self.out.vision = vision::find(self.document).or(self.goal);
        self.out
    }
}

/// One entry for a phase that stands in an overview and again with its details.
fn phases(things: Vec<Requirement>) -> Vec<Requirement> {
    let name = |thing: &Requirement| {
        let numbered =
            heading_shape::by_shape(&thing.statement.text) == Some(SectionKind::Milestone);
        numbered.then(|| {
            tokens::tokens(&thing.statement.text)
                .into_iter()
                .take(2)
                .collect::<Vec<_>>()
        })
    };
    let mut widest: BTreeMap<Vec<String>, u32> = BTreeMap::new();
    let width = |thing: &Requirement| thing.statement.lines.end - thing.statement.lines.start;
    for thing in &things {
        if let Some(name) = name(thing) {
            let entry = widest.entry(name).or_default();
            *entry = (*entry).max(width(thing));
        }
    }
    things
        .into_iter()
        .filter(|thing| {
            width(thing) > 0
                || name(thing)
                    .and_then(|name| widest.get(&name))
                    .is_none_or(|most| *most == 0)
        })
        .collect()
}
