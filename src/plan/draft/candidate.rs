//! Task candidates: the node of the document that may become a task, and the nodes folded into it.

use super::key::key;
use super::node_tree::Origin;
use super::shapes::names_design;
use super::similarity::{normalize, stems};
use super::title;
use super::work::Source;
use crate::plan::document::{LabelKind, Lines, is_story_sentence};
use std::collections::{BTreeMap, BTreeSet};

/// The reason for a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    /// Work that the document describes.
    Work,
    /// Work that comes before everything else.
    First,
    /// A measurable non-functional requirement.
    Verify,
    /// A suspected cause in a debug investigation.
    Suspect,
    /// The whole document.
    Whole,
}

/// A part of the document that may become a task.
#[derive(Clone, Debug)]
pub(super) struct TaskCandidate {
    /// Its node; `None` for the whole document.
    pub node: Option<usize>,
    /// Other nodes that it covers.
    pub folded: Vec<usize>,
    pub title: String,
    pub key: String,
    pub cause: Cause,
    /// The id of the requirement that it fulfills.
    pub requirement: Option<String>,
    /// The index of its phase.
    pub unit: Option<usize>,
    /// The heading or story that it shares with other candidates.
    pub group: Option<String>,
    /// The user and the purpose.
    pub story: Option<String>,
    /// Set if it is an entire phase.
    pub coarse: bool,
    /// The lines that describe it.
    pub lines: Lines,
    /// The stems of its title.
    pub stems: BTreeSet<String>,
}

impl TaskCandidate {
    /// The candidate of a node.
    pub fn of(source: &Source<'_>, node: usize, cause: Cause) -> TaskCandidate {
        let this = &source.tree.nodes[node];
        let story = story(source, node);
        let mut text = label(source, node);
        let nameless = normalize(title::untag(&text)).is_empty()
            || source.tree.is_section(node) && this.id.is_some() && is_bare(&text);
        if nameless {
            if let Some(sentence) = &story {
                text = sentence.clone();
            } else if let Some(line) = this.prose.first() {
                text = line.text.clone();
            }
        }
        if source.tree.is_section(node) && names_design(&text) {
            text.clone_from(&source.document.title);
        }
        let mut title = title::title(&text);
        if title.is_empty() {
            title = this
                .id
                .clone()
                .unwrap_or_else(|| title::finish(&source.document.title));
        }
        if title.is_empty() {
            title = "Untitled".to_owned();
        }
        TaskCandidate {
            node: Some(node),
            folded: Vec::new(),
            stems: stems(&title),
            key: String::new(),
            cause,
            requirement: this
                .id
                .clone()
                .filter(|_| source.requirement[node] || source.story[node]),
            unit: None,
            group: None,
            coarse: false,
            lines: this.lines,
            story,
            title,
        }
    }

    /// All nodes that it covers.
    pub fn nodes(&self) -> impl Iterator<Item = usize> + '_ {
        self.node.iter().chain(&self.folded).copied()
    }
}

/// True for a heading without content: `Requirement 4`, or an id alone.
fn is_bare(text: &str) -> bool {
    let words = normalize(text);
    let mut words = words.split(' ');
    matches!(
        words.next(),
        Some("requirement" | "story" | "user" | "" | "task")
    ) && words.all(|word| word == "story" || word.bytes().all(|b| b.is_ascii_digit()))
}

/// The text to make a title from: only the bold beginning if the whole is too long.
fn label(source: &Source<'_>, node: usize) -> String {
    let this = &source.tree.nodes[node];
    match &this.lead {
        Some(lead)
            if this.origin == Origin::Entry && title::untag(&this.text).chars().count() > 80 =>
        {
            let words = normalize(title::untag(lead));
            if words.split(' ').count() >= 2
                || (!words.is_empty() && !is_bare(lead)) && !is_story_sentence(&this.text)
            {
                lead.clone()
            } else {
                this.text.clone()
            }
        }
        _ => this.text.clone(),
    }
}

/// The user and purpose of a node, in the author's words.
pub(super) fn story(source: &Source<'_>, node: usize) -> Option<String> {
    let own = |at: usize| {
        let this = &source.tree.nodes[at];
        if is_story_sentence(&this.text) {
            return Some(this.text.clone());
        }
        let labeled = this
            .tags
            .iter()
            .find(|tag| tag.kind == LabelKind::Story || is_story_sentence(&tag.line.text));
        if let Some(tag) = labeled {
            return Some(tag.line.text.clone());
        }
        this.prose
            .iter()
            .find(|line| is_story_sentence(&line.text))
            .map(|line| line.text.clone())
    };
    let below = |at: usize| {
        let children = source.tree.nodes[at].children.iter().take(6);
        children
            .copied()
            .filter(|child| !source.tree.is_section(*child))
            .find_map(|child| {
                is_story_sentence(&source.tree.nodes[child].text)
                    .then(|| source.tree.nodes[child].text.clone())
            })
    };
    own(node)
        .or_else(|| {
            if source.tree.is_section(node) {
                below(node)
            } else {
                None
            }
        })
        .or_else(|| {
            source
                .tree
                .above(node)
                .take(3)
                .filter(|at| source.story[*at])
                .find_map(own)
        })
}

/// Extends equal titles by the headings around them.
pub(super) fn make_titles_unique(source: &Source<'_>, candidates: &mut [TaskCandidate]) {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for candidate in candidates.iter() {
        *counts.entry(normalize(&candidate.title)).or_default() += 1;
    }
    for candidate in candidates.iter_mut() {
        let vague = super::areas::is_generic(&candidate.title)
            && candidate
                .node
                .is_some_and(|node| source.tree.is_section(node));
        if counts
            .get(&normalize(&candidate.title))
            .is_none_or(|count| *count < 2)
            && !vague
        {
            continue;
        }
        let above = candidate.node.and_then(|node| {
            source
                .tree
                .above(node)
                .filter(|at| Some(*at) != source.root)
                .map(|at| title::title(&source.tree.nodes[at].text))
                .find(|text| !super::areas::is_generic(text))
        });
        if let Some(above) = above.filter(|above| *above != candidate.title) {
            let short: String = above.chars().take(38).collect();
            candidate.title = title::finish(&format!("{}: {}", short.trim_end(), candidate.title));
            candidate.stems = stems(&candidate.title);
        }
    }
}

/// Sets the key of every candidate: from its id if it is unique, else from its title and the
/// headings above it. The order of the document has no influence.
pub(super) fn number(source: &Source<'_>, candidates: &mut [TaskCandidate]) {
    let mut owners: BTreeMap<String, usize> = BTreeMap::new();
    let own_id = |candidate: &TaskCandidate| {
        candidate
            .node
            .and_then(|node| source.tree.nodes[node].id.clone())
            .filter(|_| candidate.cause != Cause::Verify)
    };
    for candidate in candidates.iter() {
        if let Some(id) = own_id(candidate) {
            *owners.entry(id).or_default() += 1;
        }
    }
    let mut taken: BTreeMap<String, usize> = BTreeMap::new();
    for candidate in candidates.iter_mut() {
        let id = own_id(candidate);
        let unique = id.as_ref().is_some_and(|id| owners.get(id) == Some(&1));
        let mut parts: Vec<String> = Vec::new();
        match (candidate.node, &id) {
            (_, Some(id)) if unique => parts.extend(["id".to_owned(), id.clone()]),
            (Some(node), _) => {
                parts.push(format!("{:?}", candidate.cause == Cause::Verify));
                parts.extend(id);
                parts.push(source.tree.nodes[node].text.clone());
                for at in source.tree.above(node).take(16) {
                    if Some(at) != source.root {
                        parts.push(source.tree.nodes[at].text.clone());
                    }
                }
            }
            (None, _) => parts.extend(["document".to_owned(), candidate.title.clone()]),
        }
        let refs: Vec<&str> = parts.iter().map(String::as_str).collect();
        let base = key(&refs);
        let seen = taken.entry(base.clone()).or_default();
        *seen += 1;
        candidate.key = base;
        if *seen > 1 {
            let place = seen.to_string();
            candidate.key = key(&refs
                .iter()
                .copied()
                .chain(["again", &place])
                .collect::<Vec<_>>());
        }
    }
}
