//! Sections that describe one entity (a requirement, story, feature or phase), and the sections
//! inside them that belong to it.

use super::block_text::statement_text;
use super::section_tree::short_ids;
use super::{
    Block, Document, LabelKind, SectionKind, Text, author_id, heading_shape, is_story_sentence,
};

impl Document {
    /// True if a section describes one requirement, story, feature or phase.
    pub(super) fn is_entity(&self, at: usize) -> bool {
        let section = &self.sections[at];
        let parent = section.parent.map(|parent| &self.sections[parent]);
        let shaped = heading_shape::by_shape(&section.title) == Some(section.kind);
        let lists = section
            .blocks
            .iter()
            .any(|block| matches!(block, Block::List { .. } | Block::Table { .. }));
        let accepted = section.blocks.iter().any(|block| {
            matches!(
                block,
                Block::Label {
                    kind: LabelKind::Acceptance | LabelKind::Story,
                    ..
                }
            )
        });
        // Paragraphs that begin with an id are separate requirements.
        let grouped = section.blocks.iter().any(|block| match block {
            Block::Paragraph { text, .. } => {
                author_id::split(statement_text(&text.plain), short_ids(section.kind)).is_some()
            }
            Block::Label { name, .. } => author_id::split(name, short_ids(section.kind)).is_some(),
            _ => false,
        });
        let next = self
            .sections
            .get(at + 1)
            .filter(|next| next.parent == Some(at));
        match section.kind {
            SectionKind::Functional => {
                section.id.is_some()
                    || (section.inherited
                        && !grouped
                        && (accepted
                            || next.is_some_and(|next| next.kind == SectionKind::Acceptance)
                            || (!lists && next.is_none())))
            }
            SectionKind::NonFunctional => section.id.is_some(),
            SectionKind::Story => {
                let listed = section.blocks.iter().any(is_list_of_stories);
                section.id.is_some()
                    || shaped && !listed
                    || (section.inherited
                        && !listed
                        && parent.is_none_or(|above| above.id.is_none()))
            }
            SectionKind::Feature => shaped || section.id.is_some() || section.inherited,
            SectionKind::Milestone => {
                shaped
                    || (section.inherited
                        && parent
                            .is_some_and(|above| heading_shape::by_shape(&above.title).is_none()))
            }
            _ => false,
        }
    }

    /// True if the heading of a section states one risk, question, decision etc.
    pub(super) fn is_statement(&self, at: usize) -> bool {
        let section = &self.sections[at];
        let lists = section
            .blocks
            .iter()
            .any(|block| matches!(block, Block::List { .. } | Block::Table { .. }));
        let next = self
            .sections
            .get(at + 1)
            .is_some_and(|next| next.parent == Some(at));
        let stated = matches!(
            section.kind,
            SectionKind::Risk
                | SectionKind::Question
                | SectionKind::Decision
                | SectionKind::Assumption
                | SectionKind::Constraint
                | SectionKind::NonGoal
        );
        let below = section
            .parent
            .is_some_and(|parent| self.sections[parent].kind == section.kind);
        stated && below && (section.id.is_some() || (!lists && !next))
    }
}

/// True if a section of `kind` inside a requirement, story or phase belongs to it.
pub(super) fn owned(kind: SectionKind) -> bool {
    use SectionKind::{
        Acceptance, Checklist, Deliverable, Done, Feature, Functional, Metric, Milestone, Story,
        Unknown,
    };
    matches!(
        kind,
        Acceptance
            | Done
            | Metric
            | Deliverable
            | Checklist
            | Functional
            | Story
            | Feature
            | Milestone
            | Unknown
    )
}

fn is_list_of_stories(block: &Block) -> bool {
    let story = |text: &Text| {
        let text = statement_text(&text.plain);
        is_story_sentence(text)
            || text
                .get(..6)
                .is_some_and(|head| head.eq_ignore_ascii_case("i want"))
    };
    match block {
        Block::List { entries, .. } => entries.iter().any(|entry| story(&entry.text)),
        Block::Table { rows, .. } => rows.iter().any(|(cells, _)| cells.iter().any(story)),
        _ => false,
    }
}
