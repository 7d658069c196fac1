//! The nodes of a document that may become tasks.

use super::draft_types::Limits;
use super::id_mentions;
use super::node_tree::{Node, Origin, Tree};
use super::similarity::{normalize, words};
use super::terms::Matcher;
use crate::plan::document::{Document, LabelKind, SectionKind, is_story_sentence};
use std::collections::{BTreeMap, BTreeSet};

/// A document with its tree and its work nodes.
pub(super) struct Source<'a> {
    pub document: &'a Document,
    pub tree: Tree,
    pub limits: &'a Limits,
    /// The only top-level heading, which is the document's title.
    pub root: Option<usize>,
    /// For each node, true if it may become a task.
    pub work: Vec<bool>,
    /// For each node, true if it is a requirement with an id from its author.
    pub requirement: Vec<bool>,
    /// For each node, true if it is a user story.
    pub story: Vec<bool>,
}

/// Sections that never contain tasks.
pub(super) const CLOSED: &[SectionKind] = &[
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
pub(super) const OPEN: &[SectionKind] = &[
    SectionKind::Functional,
    SectionKind::Story,
    SectionKind::Milestone,
    SectionKind::Feature,
    SectionKind::Checklist,
    SectionKind::Deliverable,
    SectionKind::Unknown,
];

/// The least share of an excluded entry with which a line of a phase repeats it.
const REPEATED: f64 = 0.8;

/// Marks a phase as later work if the document excludes at least two, and at least half, of its
/// lines in another section.
fn postpone_excluded_phases(tree: &mut Tree) {
    let is_line = |node: &Node| !matches!(node.origin, Origin::Section(_));
    let excluded: Vec<usize> = (0..tree.nodes.len())
        .filter(|node| {
            let this = &tree.nodes[*node];
            is_line(this) && matches!(this.kind, SectionKind::NonGoal | SectionKind::Future)
        })
        .collect();
    if excluded.is_empty() {
        return;
    }
    let mut lines: Vec<usize> = Vec::new();
    let mut matcher = Matcher::default();
    for (place, node) in tree.nodes.iter().enumerate() {
        if is_line(node) && node.kind == SectionKind::Milestone {
            matcher.add(&node.text, "");
            lines.push(place);
        }
    }
    let mut repeated: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for node in excluded {
        let text = &tree.nodes[node].text;
        let head = text.split(['(', '—', ':', '（', '：']).next();
        if let Some((place, share)) = matcher.best(head.unwrap_or(text))
            && share >= REPEATED
            && let Some(phase) = tree.nodes[lines[place]].parent
        {
            repeated.entry(phase).or_default().insert(lines[place]);
        }
    }
    for (phase, found) in repeated {
        let children = tree.nodes[phase].children.len();
        if found.len() >= 2 && 2 * found.len() >= children {
            for node in tree.within(phase) {
                tree.nodes[node].kind = SectionKind::Future;
            }
        }
    }
}

impl<'a> Source<'a> {
    /// Finds the work in a document.
    pub fn of(document: &'a Document, limits: &'a Limits) -> Source<'a> {
        let mut tree = Tree::of(document);
        postpone_excluded_phases(&mut tree);
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
        for place in 0..count {
            let node = &source.tree.nodes[place];
            let above = node.parent.is_some_and(|parent| closed[parent]);
            closed[place] = above
                || is_refused(node)
                || CLOSED.contains(&node.kind)
                || node.checked == Some(true);
            let inside = node.parent.is_none_or(|parent| {
                source.work[parent]
                    || source.tree.is_section(place)
                    || source.tree.is_section(parent)
            });
            source.work[place] =
                !closed[place] && inside && OPEN.contains(&node.kind) && !struck(&node.text);
            source.requirement[place] = source.work[place] && source.names_requirement(node);
            if Some(place) == source.root {
                source.requirement[place] = false;
                continue;
            }
            source.story[place] =
                source.work[place] && !source.requirement[place] && names_story(node);
        }
        source.unmark_references();
        source
    }

    /// True if a node is a requirement with an id.
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
}

/// True if the author says that a node will not be done.
pub(super) fn is_refused(node: &Node) -> bool {
    node.tags.iter().any(|tag| {
        let said = normalize(&tag.line.text);
        tag.kind == LabelKind::Priority
            && (said.starts_with("won t") || said.starts_with("wont") || said == "out")
    })
}

/// True if a text is struck out or says that there is nothing.
pub(super) fn struck(text: &str) -> bool {
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

/// True if a node is a user story, by its id, heading or form.
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
