//! A task before it is one: the node of the document it grows from, and what was folded into it.

use super::key::key;
use super::node_tree::Origin;
use super::similarity::{normalise, stems};
use super::title;
use super::work::{Source, is_story_sentence};
use crate::plan::document::{LabelKind, Lines};
use std::collections::{BTreeMap, BTreeSet};

/// Why a task is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    /// The document describes it as work.
    Work,
    /// The document says that it is done before anything else.
    First,
    /// A requirement, story or item that no other task covers.
    Gap,
    /// A non-functional requirement that can be measured.
    Verify,
    /// A marker (`TODO`) in the text.
    Marker,
    /// A suspicion of a debug investigation.
    Suspect,
    /// The document as a whole.
    Whole,
}

/// A task in the making.
#[derive(Clone, Debug)]
pub(super) struct TaskCandidate {
    /// The node it grows from; none for the document as a whole.
    pub node: Option<usize>,
    /// Further nodes that it fulfils.
    pub folded: Vec<usize>,
    /// Its title.
    pub title: String,
    /// Its fingerprint.
    pub key: String,
    /// Why it is there.
    pub cause: Cause,
    /// The id it fulfils.
    pub requirement: Option<String>,
    /// The place of its phase.
    pub unit: Option<usize>,
    /// The heading or story it belongs to, among others.
    pub group: Option<String>,
    /// Who needs it and why.
    pub story: Option<String>,
    /// Whether it is a phase as a whole.
    pub coarse: bool,
    /// Where the document describes it.
    pub lines: Lines,
    /// What its title is about.
    pub stems: BTreeSet<String>,
}

impl TaskCandidate {
    /// The task of a node.
    pub fn of(source: &Source<'_>, node: usize, cause: Cause) -> TaskCandidate {
        let this = &source.tree.nodes[node];
        let story = story(source, node);
        let mut text = label(source, node);
        let nameless = normalise(title::untag(&text)).is_empty()
            || source.tree.is_section(node) && this.id.is_some() && is_bare(&text);
        if nameless {
            if let Some(told) = &story {
                text = told.clone();
            } else if let Some(line) = this.prose.first() {
                text = line.text.clone();
            }
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
                .filter(|_| source.requirement[node] || source.story[node])
                .or_else(|| nearest_id(source, node)),
            unit: None,
            group: None,
            coarse: false,
            lines: this.lines,
            story,
            title,
        }
    }

    /// All nodes it fulfils.
    pub fn nodes(&self) -> impl Iterator<Item = usize> + '_ {
        self.node.iter().chain(&self.folded).copied()
    }
}

/// `Requirement 4` or an id alone says nothing.
fn is_bare(text: &str) -> bool {
    let words = normalise(text);
    let mut words = words.split(' ');
    matches!(
        words.next(),
        Some("requirement" | "story" | "user" | "" | "task")
    ) && words.all(|word| word == "story" || word.bytes().all(|b| b.is_ascii_digit()))
}

/// The text a title is made from: a bold beginning alone where the whole is too long.
fn label(source: &Source<'_>, node: usize) -> String {
    let this = &source.tree.nodes[node];
    match &this.lead {
        Some(lead)
            if this.origin == Origin::Entry && title::untag(&this.text).chars().count() > 80 =>
        {
            let words = normalise(title::untag(lead));
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

/// The id of the requirement or story that a node is inside of.
fn nearest_id(source: &Source<'_>, node: usize) -> Option<String> {
    source
        .tree
        .above(node)
        .find(|at| source.requirement[*at] || source.story[*at])
        .and_then(|at| source.tree.nodes[at].id.clone())
}

/// Who needs a node and why, in its author's words.
pub(super) fn story(source: &Source<'_>, node: usize) -> Option<String> {
    let own = |at: usize| {
        let this = &source.tree.nodes[at];
        if is_story_sentence(&this.text) {
            return Some(this.text.clone());
        }
        let labelled = this
            .tags
            .iter()
            .find(|tag| tag.kind == LabelKind::Story || is_story_sentence(&tag.line.text));
        if let Some(tag) = labelled {
            return Some(tag.line.text.clone());
        }
        this.prose
            .iter()
            .find(|line| is_story_sentence(&line.text))
            .map(|line| line.text.clone())
    };
    let below = |at: usize| {
        let kids = source.tree.nodes[at].children.iter().take(6);
        kids.copied()
            .filter(|kid| !source.tree.is_section(*kid))
            .find_map(|kid| {
                is_story_sentence(&source.tree.nodes[kid].text)
                    .then(|| source.tree.nodes[kid].text.clone())
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

/// Titles that several tasks have are told apart by what they stand in.
pub(super) fn tell_apart(source: &Source<'_>, candidates: &mut [TaskCandidate]) {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for candidate in candidates.iter() {
        *counts.entry(normalise(&candidate.title)).or_default() += 1;
    }
    for candidate in candidates.iter_mut() {
        let vague = super::areas::is_generic(&candidate.title)
            && candidate
                .node
                .is_some_and(|node| source.tree.is_section(node));
        if counts
            .get(&normalise(&candidate.title))
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

/// Gives every candidate its fingerprint: from its id if no other has it, else from its title and the
/// headings above it. The order of the document makes no difference.
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
