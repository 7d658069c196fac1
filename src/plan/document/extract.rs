//! The statements of a document by meaning: the lists in a section of a kind go to the list of that
//! kind, with their lines. A section that describes an entity (a requirement, a story, a phase)
//! collects its criteria.

use std::collections::{BTreeMap, BTreeSet};

use super::block_text::{self, statement_text};
use super::entities::owned;
use super::{
    Block, Document, Entry, Extract, Lines, Requirement, SectionKind, Statement, author_id,
    heading_shape, tokens, vision,
};

impl Document {
    /// All statements of the document, in order.
    #[must_use]
    pub fn extract(&self) -> Extract {
        let mut walk = Walk {
            document: self,
            out: Extract::default(),
            entities: Vec::new(),
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
            let own = self.is_entity(at).then(|| {
                let text = if section.title.is_empty() {
                    section.raw.clone()
                } else {
                    section.title.clone()
                };
                walk.entity(
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
                // The blocks below only explain what the heading states.
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

/// The position of the walk.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) section: Option<usize>,
    pub(super) kind: SectionKind,
    pub(super) owner: Option<usize>,
    /// Set if the lists here only introduce the sections below.
    pub(super) in_parts: bool,
}

/// A requirement, story, feature or phase that is being collected.
pub(super) struct Entity {
    pub(super) kind: SectionKind,
    pub(super) what: Requirement,
    /// The criteria, if none are labeled as such.
    pub(super) parts: Vec<Statement>,
}

pub(super) struct Walk<'a> {
    pub(super) document: &'a Document,
    pub(super) out: Extract,
    pub(super) entities: Vec<Entity>,
    pub(super) goal: Option<Statement>,
    /// Requirements and stories that phases and task lists mention.
    pub(super) mentioned: Vec<(SectionKind, Requirement)>,
}

impl Walk<'_> {
    pub(super) fn entity(
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
        self.entities.push(Entity {
            kind,
            what,
            parts: Vec::new(),
        });
        self.entities.len() - 1
    }

    /// A section inside an entity: its criteria, or one of its parts.
    fn part(&mut self, place: Place, title: String, lines: Lines, blocks: &[Block]) {
        let Some(owner) = place.owner else { return };
        match place.kind {
            SectionKind::Acceptance
            | SectionKind::Done
            | SectionKind::Metric
            | SectionKind::Deliverable => {
                let found = block_text::read(blocks, place.section);
                self.entities[owner].what.acceptance.extend(found);
            }
            SectionKind::Checklist => {
                let found = block_text::read(blocks, place.section);
                self.entities[owner].parts.extend(found);
            }
            _ if self.entities[owner].kind == SectionKind::Milestone => {
                let text = statement_text(&title).to_owned();
                self.entities[owner].parts.push(Statement {
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

    /// Reads a list. Inside an entity, its entries belong to that entity, unless they are entities
    /// themselves.
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
            self.entities[owner].parts.extend(found);
        }
    }

    /// A section that is one risk, question or decision.
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
            .entities
            .iter()
            .filter_map(|entity| entity.what.statement.id.as_deref())
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
                self.entities.push(Entity {
                    kind,
                    what,
                    parts: Vec::new(),
                });
            }
        }
        for mut entity in self.entities {
            if entity.what.acceptance.is_empty() {
                entity.what.acceptance = std::mem::take(&mut entity.parts);
            }
            match entity.kind {
                SectionKind::NonFunctional => {
                    self.out.non_functional.push(entity.what.statement);
                    self.out.non_functional.extend(entity.what.acceptance);
                }
                SectionKind::Story => self.out.stories.push(entity.what),
                SectionKind::Milestone => self.out.milestones.push(entity.what),
                SectionKind::Feature => features.push(entity.what),
                _ => self.out.requirements.push(entity.what),
            }
        }
        // A feature that only groups stories or requirements is not itself a requirement.
        let inner: BTreeSet<u32> = (self.out.requirements.iter().chain(&self.out.stories))
            .map(|entity| entity.statement.lines.start)
            .collect();
        features.retain(|feature: &Requirement| {
            let lines = feature.statement.lines;
            lines.start == lines.end || inner.range(lines.start + 1..=lines.end).next().is_none()
        });
        self.out.milestones = phases(std::mem::take(&mut self.out.milestones));
        self.out.requirements = block_text::merged(self.out.requirements);
        self.out.stories = block_text::merged(self.out.stories);
        // In a document without requirements, the features are the requirements.
        if self.out.requirements.is_empty() {
            self.out.requirements = features;
        }
        self.out.vision = vision::find(self.document).or(self.goal);
        self.out
    }
}

/// Merges a phase in an overview with its detailed section.
fn phases(entities: Vec<Requirement>) -> Vec<Requirement> {
    let name = |entity: &Requirement| {
        let numbered =
            heading_shape::by_shape(&entity.statement.text) == Some(SectionKind::Milestone);
        numbered.then(|| {
            tokens::tokens(&entity.statement.text)
                .into_iter()
                .take(2)
                .collect::<Vec<_>>()
        })
    };
    let mut widest: BTreeMap<Vec<String>, u32> = BTreeMap::new();
    let width = |entity: &Requirement| entity.statement.lines.end - entity.statement.lines.start;
    for entity in &entities {
        if let Some(name) = name(entity) {
            let entry = widest.entry(name).or_default();
            *entry = (*entry).max(width(entity));
        }
    }
    entities
        .into_iter()
        .filter(|entity| {
            width(entity) > 0
                || name(entity)
                    .and_then(|name| widest.get(&name))
                    .is_none_or(|most| *most == 0)
        })
        .collect()
}
