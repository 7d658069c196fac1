//! The tasks that a document states: each section is read by its own shape, and pieces that state
//! the same work are joined.

use super::candidate::{Cause, TaskCandidate};
use super::draft_types::Strategy;
use super::evidence;
use super::investigation;
use super::join::{Joined, join};
use super::known::Known;
use super::node_tree::Origin;
use super::shapes::{Shape, pieces};
use super::title;
use super::units::{self, Unit};
use super::work::Source;
use crate::plan::document::{DocumentKind, SectionKind};

/// The tasks that a document states, before additions.
#[derive(Debug)]
pub(super) struct Choice {
    pub strategy: Strategy,
    /// The candidates in the order of the document.
    pub candidates: Vec<TaskCandidate>,
    /// The phases in the order of the document.
    pub units: Vec<Unit>,
    /// The recommended number of tasks.
    pub threshold: usize,
    /// The outermost requirements with an id.
    pub requirements: Vec<usize>,
    /// The outermost user stories.
    pub stories: Vec<usize>,
}

impl Choice {
    /// The nodes of all requirements and stories.
    pub fn demands(&self) -> impl Iterator<Item = usize> + '_ {
        self.requirements.iter().chain(&self.stories).copied()
    }
}

/// Reads the candidates of a document.
pub(super) fn choose(source: &Source<'_>) -> Choice {
    let requirements = topmost(source, &source.requirement, true);
    let stories = topmost(source, &source.story, false);
    let units = units::units(source);
    let threshold = threshold(source, requirements.len());
    let mut choice = Choice {
        strategy: Strategy::Single,
        candidates: Vec::new(),
        units,
        threshold,
        requirements,
        stories,
    };
    let nodes = if source.document.kind == DocumentKind::DebugInvestigation {
        choice.strategy = Strategy::Checklists;
        investigation::candidates(source)
    } else {
        let known = Known::of(source, &mut choice.units);
        let found = pieces(source, &known, source.limits.max_tasks);
        let joined = join(source, &known, found);
        choice.strategy = match source.tree.is_prose {
            true => Strategy::Outline,
            false => main_shape(&joined),
        };
        joined
            .into_iter()
            .map(|one| candidate(source, one))
            .collect()
    };
    choice.candidates = nodes;
    if choice.candidates.is_empty() {
        choice.strategy = Strategy::Single;
    }
    let unit_of = unit_of(source, &choice.units);
    let groups: Vec<Option<String>> = choice
        .candidates
        .iter()
        .map(|candidate| candidate.node.and_then(|node| group(source, &choice, node)))
        .collect();
    for (candidate, group) in choice.candidates.iter_mut().zip(groups) {
        let Some(node) = candidate.node else { continue };
        let unit = candidate.nodes().find_map(|node| unit_of[node]);
        candidate.unit = unit;
        candidate.coarse =
            unit_of[node].is_some_and(|unit| choice.units[unit].nodes.contains(&node));
        candidate.group = group;
    }
    choice
}

/// For each node, the index of its phase.
fn unit_of(source: &Source<'_>, units: &[Unit]) -> Vec<Option<usize>> {
    let mut unit_of = vec![None; source.tree.nodes.len()];
    for (place, unit) in units.iter().enumerate() {
        for node in &unit.nodes {
            unit_of[*node] = Some(place);
        }
    }
    for node in 0..unit_of.len() {
        if unit_of[node].is_none() {
            unit_of[node] = source.tree.nodes[node]
                .parent
                .and_then(|parent| unit_of[parent]);
        }
    }
    unit_of
}

/// The group that a task shares with others: the nearest heading, bold name or story above it that
/// is neither a phase nor just a list.
pub(super) fn group(source: &Source<'_>, choice: &Choice, node: usize) -> Option<String> {
    let tree = &source.tree;
    for above in tree.above(node) {
        let this = &tree.nodes[above];
        if Some(above) == source.root || units::name(&this.text).is_some() {
            return None;
        }
        if source.story[above] {
            return Some(title::title(&this.text));
        }
        if choice
            .units
            .iter()
            .take(64)
            .any(|unit| unit.nodes.contains(&above))
        {
            return None;
        }
        let inside = this.parent.filter(|parent| Some(*parent) != source.root);
        let named = matches!(this.origin, Origin::Group | Origin::Entry)
            || inside.is_some()
            || this.kind == SectionKind::Unknown;
        if named && !super::areas::is_generic(&this.text) {
            return Some(title::title(&this.text));
        }
    }
    None
}

/// The recommended number of tasks for a document.
fn threshold(source: &Source<'_>, requirements: usize) -> usize {
    let by_words = source.document.words.div_ceil(50);
    let wanted = by_words.max(10).max(3 * requirements);
    wanted
        .max(source.limits.min_tasks)
        .min(source.limits.max_tasks)
        .max(1)
}

/// The strategy of the shape that most tasks have.
fn main_shape(joined: &[Joined]) -> Strategy {
    let count = |shape: Shape| joined.iter().filter(|one| one.piece.shape == shape).count();
    let counts = [
        (count(Shape::Requirement), Strategy::Requirements),
        (
            count(Shape::RichStory) + count(Shape::Story),
            Strategy::Stories,
        ),
        (count(Shape::Step), Strategy::Milestones),
        (count(Shape::Subject), Strategy::Outline),
    ];
    let most = counts.into_iter().rev().max_by_key(|(count, _)| *count);
    most.map_or(Strategy::Single, |(_, strategy)| strategy)
}

fn candidate(source: &Source<'_>, one: Joined) -> TaskCandidate {
    let mut candidate = TaskCandidate::of(source, one.piece.node, Cause::Work);
    if one.piece.own_part {
        candidate.lines = evidence::own_part(source, one.piece.node);
    }
    let restated = one.restated.iter().map(|piece| piece.node);
    candidate.folded = restated.chain(one.about).collect();
    candidate
}

/// The outermost nodes of a kind; entries inside headings of the kind are criteria.
fn topmost(source: &Source<'_>, of_kind: &[bool], headings: bool) -> Vec<usize> {
    let tree = &source.tree;
    let mut inside = vec![false; tree.nodes.len()];
    let mut found = Vec::new();
    for node in 0..tree.nodes.len() {
        let above = tree.nodes[node].parent.is_some_and(|parent| inside[parent]);
        inside[node] = above || of_kind[node];
        if of_kind[node] && (!above || (headings && tree.is_section(node))) {
            found.push(node);
        }
    }
    found
}
