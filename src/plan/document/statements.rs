//! Assigns the statements of each block (an entry, paragraph, row or label) to a list, by id, form
//! or section.

use super::block_text::{self, statement_text};
use super::extract::{Place, Walk};
use super::section_tree::short_ids;
use super::{
    Block, Entry, LabelKind, Lines, Requirement, SectionKind, Statement, Text, author_id,
    heading_shape, is_story_sentence, section_kinds, table_rows,
};

impl Walk<'_> {
    /// True if an entry inside an entity is itself one.
    pub(super) fn is_own(&self, place: Place, entry: &Entry) -> bool {
        let text = statement_text(&entry.text.plain);
        let owner = place.owner.map(|owner| self.entities[owner].kind);
        if owner == Some(SectionKind::Milestone) {
            return false;
        }
        let own = author_id::split(text, author_id::ShortIds::Plain)
            .and_then(|(id, _)| section_kinds::of_id(&id, place.kind))
            .is_some_and(|kind| kind != SectionKind::Acceptance);
        own || (is_story_sentence(text) && owner != Some(SectionKind::Story))
    }

    /// Records an entry of a phase or task list with an id, in case the id is not defined
    /// elsewhere.
    pub(super) fn mention(&mut self, place: Place, entry: &Entry) {
        let text = statement_text(&entry.text.plain);
        let mentions = matches!(
            place.kind,
            SectionKind::Milestone
                | SectionKind::Checklist
                | SectionKind::Deliverable
                | SectionKind::Scope
        );
        let Some((id, rest)) =
            author_id::split(text, author_id::ShortIds::Plain).filter(|_| mentions)
        else {
            return;
        };
        let Some(kind @ (SectionKind::Functional | SectionKind::Story)) =
            section_kinds::of_id(&id, place.kind)
        else {
            return;
        };
        let nested = block_text::named(&entry.blocks, place.section);
        let statement = Statement {
            id: Some(id),
            text: rest.to_owned(),
            lines: entry.lines,
            section: place.section,
        };
        self.mentioned.push((
            kind,
            Requirement {
                statement,
                acceptance: nested,
            },
        ));
    }

    pub(super) fn paragraph(&mut self, place: Place, text: &Text, lines: Lines, alone: bool) {
        let plain = statement_text(&text.plain);
        if let Some((id, rest)) = author_id::split(plain, short_ids(place.kind))
            && (place.owner.is_none() || section_kinds::of_id(&id, SectionKind::Unknown).is_some())
            && rest != plain
            && block_text::defines(place.kind, &id)
        {
            self.state(
                place,
                Some(id),
                rest.to_owned(),
                lines,
                Vec::new(),
                Vec::new(),
            );
        } else if is_story_sentence(plain) {
            match place.owner {
                Some(owner) if self.entities[owner].kind == SectionKind::Story => {
                    let statement = &mut self.entities[owner].what.statement;
                    if statement.text.is_empty() {
                        statement.text = plain.to_owned();
                    }
                }
                _ => {
                    self.entity(
                        SectionKind::Story,
                        None,
                        plain.to_owned(),
                        lines,
                        place.section,
                    );
                }
            }
        } else if block_text::is_scenario(plain) && place.owner.is_some() {
            let statement = Statement {
                id: None,
                text: plain.to_owned(),
                lines,
                section: place.section,
            };
            self.add_parts(place, vec![statement]);
        } else if alone && place.owner.is_none() && place.kind != SectionKind::Milestone {
            self.state(place, None, plain.to_owned(), lines, Vec::new(), Vec::new());
        }
    }

    pub(super) fn entry(&mut self, place: Place, entry: &Entry) {
        let plain = statement_text(&entry.text.plain);
        let (id, text) = match author_id::split(plain, short_ids(place.kind)) {
            Some((id, rest)) if block_text::defines(place.kind, &id) => (Some(id), rest.to_owned()),
            _ => (None, plain.to_owned()),
        };
        let mut named = Vec::new();
        let mut nested = Vec::new();
        for block in &entry.blocks {
            match block {
                Block::Label {
                    kind: LabelKind::Acceptance,
                    ..
                } => {
                    named.extend(block_text::read(std::slice::from_ref(block), place.section));
                }
                Block::Label {
                    kind: LabelKind::Risk,
                    ..
                } => {
                    let found = block_text::read(std::slice::from_ref(block), place.section);
                    self.out.risks.extend(found);
                }
                Block::Label {
                    kind: LabelKind::Other,
                    ..
                }
                | Block::List { .. }
                | Block::Table { .. } => {
                    nested.extend(block_text::read(std::slice::from_ref(block), place.section));
                }
                _ => {}
            }
        }
        self.state(place, id, text, entry.lines, named, nested);
    }

    /// Adds a statement to the list of its id or section.
    pub(super) fn state(
        &mut self,
        place: Place,
        id: Option<String>,
        text: String,
        lines: Lines,
        named: Vec<Statement>,
        nested: Vec<Statement>,
    ) {
        let of_id = id.as_deref().and_then(|id| {
            let prefix_known = section_kinds::of_id(id, SectionKind::Risk);
            prefix_known.filter(|_| !section_kinds::is_aside(place.kind))
        });
        let story = is_story_sentence(&text)
            && !section_kinds::is_aside(place.kind)
            && place.kind != SectionKind::Acceptance;
        let kind = match of_id {
            Some(kind) => kind,
            None if story => SectionKind::Story,
            None => place.kind,
        };
        if text.is_empty() && id.is_none() {
            return;
        }
        let statement = Statement {
            id,
            text,
            lines,
            section: place.section,
        };
        let shaped = heading_shape::by_shape(&statement.text) == Some(SectionKind::Milestone);
        if kind == SectionKind::Milestone && !shaped && place.in_parts {
            return;
        }
        let list = match kind {
            SectionKind::Functional
            | SectionKind::Story
            | SectionKind::Feature
            | SectionKind::Milestone => {
                let at = self.entity(kind, statement.id, statement.text, lines, place.section);
                self.entities[at].what.acceptance = named;
                self.entities[at].parts = nested;
                return;
            }
            SectionKind::NonFunctional => &mut self.out.non_functional,
            SectionKind::Acceptance => &mut self.out.acceptance,
            SectionKind::Risk => &mut self.out.risks,
            SectionKind::Assumption => &mut self.out.assumptions,
            SectionKind::Constraint => &mut self.out.constraints,
            SectionKind::Decision => &mut self.out.decisions,
            SectionKind::Question => &mut self.out.open_questions,
            SectionKind::NonGoal => &mut self.out.non_goals,
            SectionKind::Metric => &mut self.out.metrics,
            SectionKind::Ready => &mut self.out.ready,
            SectionKind::Done => &mut self.out.done,
            SectionKind::Dependency => &mut self.out.dependencies,
            _ => return,
        };
        list.push(statement);
        if !matches!(
            kind,
            SectionKind::Risk | SectionKind::Question | SectionKind::Decision
        ) {
            list.extend(named);
            list.extend(nested);
        }
    }

    pub(super) fn table(
        &mut self,
        place: Place,
        header: &[Text],
        rows: &[(Vec<Text>, Lines)],
        lines: Lines,
    ) {
        if place.owner.is_some() {
            let block = Block::Table {
                header: header.to_vec(),
                rows: rows.to_vec(),
                lines,
            };
            self.add_parts(place, block_text::read(&[block], place.section));
            return;
        }
        for row in table_rows::read(header, rows, place.kind) {
            let accepted = row
                .acceptance
                .into_iter()
                .map(|text| Statement {
                    id: None,
                    text,
                    lines: row.lines,
                    section: place.section,
                })
                .collect();
            self.state(place, row.id, row.text, row.lines, accepted, Vec::new());
        }
    }

    pub(super) fn label(
        &mut self,
        place: Place,
        head: (&str, LabelKind, &Text),
        blocks: &[Block],
        lines: Lines,
    ) {
        let (name, kind, text) = head;
        let whole = [Block::Label {
            name: name.to_owned(),
            kind,
            text: text.clone(),
            blocks: blocks.to_vec(),
            lines,
        }];
        if let Some((id, rest)) = author_id::split(name, short_ids(place.kind))
            && block_text::defines(place.kind, &id)
        {
            let said = label_text(rest, &text.plain);
            let named = block_text::named(blocks, place.section);
            let nested = if named.is_empty() {
                block_text::read(blocks, place.section)
            } else {
                Vec::new()
            };
            self.state(place, Some(id), said, lines, named, nested);
            return;
        }
        if let (LabelKind::Other, Some(shape)) = (kind, heading_shape::by_shape(name))
            && section_kinds::is_work(shape)
            && place.owner.is_none()
            && !section_kinds::is_aside(place.kind)
        {
            let said = label_text(name, &text.plain);
            let at = self.entity(shape, None, said, lines, place.section);
            self.entities[at].what.acceptance = block_text::named(blocks, place.section);
            self.entities[at].parts = block_text::read(blocks, place.section);
            return;
        }
        match (kind, place.owner) {
            (LabelKind::Acceptance, Some(owner)) => {
                self.entities[owner]
                    .what
                    .acceptance
                    .extend(block_text::read(&whole, place.section));
            }
            (LabelKind::Deliverables, Some(owner))
                if self.entities[owner].kind == SectionKind::Milestone =>
            {
                self.entities[owner]
                    .what
                    .acceptance
                    .extend(block_text::read(&whole, place.section));
            }
            (LabelKind::Tasks, Some(owner)) => {
                self.entities[owner]
                    .parts
                    .extend(block_text::read(&whole, place.section));
            }
            (LabelKind::Acceptance, None) if place.kind == SectionKind::Metric => {
                self.out
                    .metrics
                    .extend(block_text::read(&whole, place.section));
            }
            (LabelKind::Acceptance, None) => self
                .out
                .acceptance
                .extend(block_text::read(&whole, place.section)),
            (LabelKind::Risk, _) => self
                .out
                .risks
                .extend(block_text::read(&whole, place.section)),
            (LabelKind::Goal, _) => {
                let found = block_text::read(&whole, place.section);
                self.goal = self.goal.take().or(found.into_iter().next());
            }
            (LabelKind::Story, _) => self.paragraph(place, text, lines, false),
            (LabelKind::DependsOn, None)
                if place.section.is_none() || place.kind == SectionKind::Dependency =>
            {
                self.out
                    .dependencies
                    .extend(block_text::read(&whole, place.section));
            }
            (LabelKind::Other, None) => {
                let sub = section_kinds::of_heading(name, place.kind, false);
                let inner = Place {
                    kind: sub.unwrap_or(place.kind),
                    ..place
                };
                if place.kind == SectionKind::Milestone && sub.is_none() {
                    return;
                }
                if sub.is_none() && !text.plain.is_empty() {
                    let nested = block_text::read(blocks, place.section);
                    self.state(
                        place,
                        None,
                        format!("{name}: {}", text.plain),
                        lines,
                        Vec::new(),
                        nested,
                    );
                    return;
                }
                if !text.plain.is_empty() {
                    self.state(
                        inner,
                        None,
                        text.plain.clone(),
                        lines,
                        Vec::new(),
                        Vec::new(),
                    );
                }
                self.blocks(inner, blocks);
            }
            (LabelKind::Other, Some(_)) => self.blocks(place, blocks),
            _ => {}
        }
    }
}

/// A label and its text as one statement.
fn label_text(name: &str, text: &str) -> String {
    if name.is_empty() || text.is_empty() {
        return format!("{name}{text}");
    }
    format!("{name}: {text}")
}
