//! Which nodes of a document may become tasks, and into which parts a node can be taken apart.

use super::draft_types::Limits;
use super::id_mentions;
use super::node_tree::{Node, Origin, Tree};
use super::similarity::{normalise, words};
use super::workless_headings::{DESIGN, NEVER, begins};
use crate::plan::document::{Document, DocumentKind, LabelKind, SectionKind};

/// A document with its tree and with what in it is work.
pub(super) struct Source<'a> {
    /// The document.
    pub document: &'a Document,
    /// Its tree.
    pub tree: Tree,
    /// The limits of a plan.
    pub limits: &'a Limits,
    /// The heading that is the document's title, if it has one above all others.
    pub root: Option<usize>,
    /// For each node, whether it may become a task.
    pub work: Vec<bool>,
    /// For each node, whether it is a requirement with an id of its author.
    pub requirement: Vec<bool>,
    /// For each node, whether it is a user story.
    pub story: Vec<bool>,
}

/// Sections that never hold tasks, whatever is inside them.
const CLOSED: &[SectionKind] = &[
    SectionKind::NonGoal,
    SectionKind::Future,
    SectionKind::Question,
    SectionKind::Risk,
    SectionKind::Appendix,
    SectionKind::Metric,
    SectionKind::Done,
    SectionKind::Ready,
    SectionKind::Persona,
];

/// Sections whose own text may be tasks.
const OPEN: &[SectionKind] = &[
    SectionKind::Functional,
    SectionKind::Story,
    SectionKind::Milestone,
    SectionKind::Feature,
    SectionKind::Checklist,
    SectionKind::Deliverable,
    SectionKind::Unknown,
];

impl<'a> Source<'a> {
    /// Reads what is work in a document.
    pub fn of(document: &'a Document, limits: &'a Limits) -> Source<'a> {
        let tree = Tree::of(document);
        let tops = document
            .sections
            .iter()
            .filter(|section| section.parent.is_none())
            .count();
        let root = (tops == 1 && document.sections.len() > 1).then(|| tree.sections[0]);
        let count = tree.nodes.len();
        let mut source = Source {
            document,
            tree,
            limits,
            root,
            work: vec![false; count],
            requirement: vec![false; count],
            story: vec![false; count],
        };
        let mut closed = vec![false; count];
        let mut muted = vec![false; count];
        for place in 0..count {
            let node = &source.tree.nodes[place];
            let above = node.parent.is_some_and(|parent| closed[parent]);
            closed[place] = above
                || is_refused(node)
                || CLOSED.contains(&node.kind)
                || node.checked == Some(true);
            closed[place] |= source.is_finished(place);
            let told = source.is_told(place);
            muted[place] = told
                || (node.parent.is_some_and(|parent| muted[parent]) && source.takes_after(place));
            let criterion = matches!(node.role, Some(role) if !carries_work(role));
            let inside = node.parent.is_none_or(|parent| {
                source.work[parent]
                    || source.tree.is_section(place)
                    || source.tree.is_section(parent)
            });
            let marked =
                !closed[place] && !criterion && source.is_marked(&source.tree.nodes[place]);
            let node = &source.tree.nodes[place];
            source.work[place] = marked
                || !closed[place]
                    && !muted[place]
                    && inside
                    && !criterion
                    && OPEN.contains(&node.kind)
                    && !struck(&node.text);
            source.requirement[place] = source.work[place] && source.names_requirement(node);
            if Some(place) == source.root {
                source.requirement[place] = false;
                continue;
            }
            source.story[place] =
                source.work[place] && !source.requirement[place] && names_story(node);
        }
        source.leave_references();
        source
    }

    /// Whether a node begins with the id of a requirement or story, wherever it stands.
    fn is_marked(&self, node: &Node) -> bool {
        let prefix = node
            .id
            .as_deref()
            .map(id_mentions::prefix)
            .unwrap_or_default();
        let first = prefix.split('-').next().unwrap_or_default();
        first == "US"
            || (first.len() >= 2
                && first != "AC"
                && self.limits.id_prefixes.iter().any(|known| known == first))
    }

    /// Whether a heading says that what is below it is done already.
    fn is_finished(&self, node: usize) -> bool {
        let Origin::Section(place) = self.tree.nodes[node].origin else {
            return false;
        };
        let raw = &self.document.sections[place].raw;
        let words = words(raw);
        let said = words.last().is_some_and(|word| {
            matches!(
                word.as_str(),
                "complete" | "completed" | "done" | "finished" | "shipped"
            )
        });
        said && (raw.contains(['✅', '✔', '☑']) || raw.trim_end().ends_with(')'))
            && !raw.contains('%')
    }

    /// Whether a heading tells about the document, its people or its data.
    fn is_told(&self, node: usize) -> bool {
        let this = &self.tree.nodes[node];
        let Origin::Section(place) = this.origin else {
            return false;
        };
        let own = this.kind != SectionKind::Unknown && !self.document.sections[place].inherited;
        let timeline = begins(&this.text, &["timeline", "schedule", "zeitplan", "budget"])
            && this.kind != SectionKind::Functional;
        (!own && this.id.is_none() && begins(&this.text, NEVER) && Some(node) != self.root)
            || (timeline && !self.has_phases(node))
    }

    /// Whether a node below a heading that tells is told as well.
    fn takes_after(&self, node: usize) -> bool {
        match self.tree.nodes[node].origin {
            Origin::Section(place) => {
                let section = &self.document.sections[place];
                (section.inherited || section.kind == SectionKind::Unknown) && section.id.is_none()
            }
            _ => true,
        }
    }

    /// Whether something in a node is named as a phase.
    fn has_phases(&self, node: usize) -> bool {
        let kids = &self.tree.nodes[node].children;
        kids.iter()
            .take(50)
            .any(|kid| super::units::name(&self.tree.nodes[*kid].text).is_some())
    }

    /// Whether a node is a requirement with an id.
    fn names_requirement(&self, node: &Node) -> bool {
        let Some(id) = &node.id else { return false };
        let prefix = id_mentions::prefix(id);
        let first = prefix.split('-').next().unwrap_or(prefix);
        let risky = ["R", "F", "AC"].contains(&first) && node.kind != SectionKind::Functional;
        !risky
            && self
                .limits
                .id_prefixes
                .iter()
                .any(|known| known == first || known == prefix)
            || (node.kind == SectionKind::Functional
                && !["NFR", "US", "T", "M", "TASK"].contains(&first))
    }

    /// Whether a heading of unknown kind cannot be work.
    pub fn never(&self, node: usize) -> bool {
        let node = &self.tree.nodes[node];
        node.kind == SectionKind::Unknown && begins(&node.text, NEVER)
    }

    /// Whether a heading of unknown kind describes the design only.
    pub fn design(&self, node: usize) -> bool {
        let node = &self.tree.nodes[node];
        self.document.kind != DocumentKind::TechSpec
            && node.kind == SectionKind::Unknown
            && begins(&node.text, DESIGN)
    }
}

/// Whether its author says that it will not be done.
pub(super) fn is_refused(node: &Node) -> bool {
    node.tags.iter().any(|tag| {
        let said = normalise(&tag.line.text);
        tag.kind == LabelKind::Priority
            && (said.starts_with("won t") || said.starts_with("wont") || said == "out")
    })
}

/// Whether what a label owns may be tasks.
fn carries_work(role: LabelKind) -> bool {
    matches!(
        role,
        LabelKind::Tasks | LabelKind::Deliverables | LabelKind::Scope | LabelKind::Other
    )
}

/// Whether a text was struck out or says that there is nothing.
fn struck(text: &str) -> bool {
    let text = text.trim();
    text.starts_with("~~")
        || ["none", "n/a", "tbd", "tba", "-", "nothing", "…", "..."].contains(
            &text
                .split(['(', ',', '.'])
                .next()
                .unwrap_or(text)
                .trim()
                .to_lowercase()
                .as_str(),
        )
}

/// Whether a node is a user story: by its id, its heading, or the way it is told.
fn names_story(node: &Node) -> bool {
    let id = node.id.as_deref().map(id_mentions::prefix);
    if matches!(id, Some("US" | "UC" | "STORY")) {
        return true;
    }
    let tokens: Vec<String> = words(
        node.text
            .get(..node.text.len().min(40))
            .unwrap_or(&node.text),
    );
    let word = |place: usize| tokens.get(place).map_or("", String::as_str);
    let numbered = |place: usize| word(place).starts_with(|c: char| c.is_ascii_digit());
    let titled = (word(0) == "story" && numbered(1))
        || (word(0) == "user" && word(1) == "story" && numbered(2));
    titled || is_story_sentence(&node.text)
}

/// Whether a text is told as `As a … I want …`.
pub(super) fn is_story_sentence(text: &str) -> bool {
    let text = text.trim_start_matches(['*', '_', '"', '“', '>', ' ']);
    let lower: String = text.chars().take(160).collect::<String>().to_lowercase();
    let starts = [
        "as a ",
        "as an ",
        "as the ",
        "als ",
        "en tant que ",
        "en tant qu",
        "como ",
        "como um ",
        "как ",
    ];
    let wants = [
        " i want",
        " i need",
        " i can",
        " i would like",
        " i should",
        " i'd like",
        " we want",
        " we need",
        "möchte",
        "will ich",
        "je veux",
        "je souhaite",
        "quiero",
        "quero",
        "eu quero",
        "хочу",
        " i must",
        " i expect",
    ];
    starts.iter().any(|start| lower.starts_with(start))
        && wants.iter().any(|want| lower.contains(want))
}
