//! The choice of a strategy, by the structure of a document, and the nodes that become tasks:
//! requirements with ids, phases, stories, checklists, an outline, or just a title.

use super::candidate::{Cause, TaskCandidate};
use super::draft_types::Strategy;
use super::investigation;
use super::level::{Root, cut, cut_flat};
use super::node_tree::Origin;
use super::outline_strategy::{checklists, features, outline};
use super::similarity::words;
use super::title;
use super::units::{self, Unit};
use super::work::Source;
use crate::plan::document::{DocumentKind, SectionKind};

/// The tasks that a document names, before additions.
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
    /// Functional statements without an id.
    pub functional: Vec<usize>,
    /// The outermost user stories.
    pub stories: Vec<usize>,
}

impl Choice {
    /// The nodes of all requirements, functional statements and stories.
    pub fn demands(&self) -> impl Iterator<Item = usize> + '_ {
        let all = self.requirements.iter().chain(&self.functional);
        all.chain(&self.stories).copied()
    }
}

/// Chooses the strategy and the candidates of a document.
pub(super) fn choose(source: &Source<'_>) -> Choice {
    let requirements = topmost(source, &source.requirement, true);
    let stories = stories(source);
    let units = units::units(source);
    let threshold = threshold(source, requirements.len());
    let functional = functional(source, &requirements, threshold);
    let mut choice = Choice {
        strategy: Strategy::Single,
        candidates: Vec::new(),
        units,
        threshold,
        requirements,
        functional,
        stories,
    };
    let nodes = if source.document.kind == DocumentKind::DebugInvestigation {
        choice.strategy = Strategy::Checklists;
        investigation::candidates(source)
    } else {
        let (strategy, nodes) = pick(source, &choice);
        choice.strategy = strategy;
        nodes
            .into_iter()
            .map(|node| TaskCandidate::of(source, node, Cause::Work))
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
        candidate.unit = unit_of[node];
        candidate.coarse = unit_of[node]
            .is_some_and(|unit| choice.units[unit].nodes.contains(&node))
            || (source.tree.is_section(node)
                && units::name(&source.tree.nodes[node].text).is_some()
                && !source.parts(node).is_empty());
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

fn pick(source: &Source<'_>, choice: &Choice) -> (Strategy, Vec<usize>) {
    let tree = &source.tree;
    let headed = choice
        .requirements
        .iter()
        .filter(|node| tree.is_section(**node))
        .count();
    let rich = choice
        .stories
        .iter()
        .filter(|node| !tree.nodes[**node].children.is_empty())
        .count();
    let written_as_stories = |count: usize| rich >= 2 && rich * 5 >= count * 3;
    let ids = choice.requirements.len();
    if ids >= 3 || (ids > 0 && headed == ids && choice.units.len() < 2) {
        if headed * 2 < ids && written_as_stories(ids) {
            return (
                Strategy::Stories,
                cut_flat(source, &choice.stories, choice.threshold),
            );
        }
        return (Strategy::Requirements, requirements(source, choice));
    }
    let tasks: Vec<usize> = tree
        .sections
        .iter()
        .copied()
        .filter(|node| source.work[*node] && source.is_numbered_task(*node))
        .collect();
    if tasks.len() >= 2 && choice.units.len() < 2 {
        return (Strategy::Checklists, tasks);
    }
    if choice.units.len() >= 2 {
        let parts: usize = choice
            .units
            .iter()
            .map(|unit| {
                unit.nodes
                    .iter()
                    .map(|node| source.parts(*node).len())
                    .sum::<usize>()
            })
            .sum();
        let thin = parts * 2 < choice.units.len() * 3;
        if !(thin && (choice.functional.len() >= 3 || rich >= 2)) {
            return (Strategy::Milestones, phases(source, choice));
        }
    }
    if choice.functional.len() + ids >= 2 {
        if written_as_stories(choice.functional.len()) {
            return (
                Strategy::Stories,
                cut_flat(source, &choice.stories, choice.threshold),
            );
        }
        let mut nodes = choice.functional.clone();
        nodes.extend(&choice.requirements);
        nodes.sort_unstable();
        return (Strategy::Requirements, nodes);
    }
    let features = features(source);
    if choice.stories.len() >= 2 && (rich * 2 >= choice.stories.len() || features.len() < 3) {
        return (
            Strategy::Stories,
            cut_flat(source, &choice.stories, choice.threshold),
        );
    }
    let boxes = checklists(source);
    let listed = cut_flat(source, &boxes, choice.threshold);
    if listed.len() >= 3 && listed.len() >= features.len() {
        return (Strategy::Checklists, listed);
    }
    let outline = outline(source, &features, choice.threshold);
    if outline.is_empty() && !listed.is_empty() {
        return (Strategy::Checklists, listed);
    }
    (Strategy::Outline, outline)
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

fn stories(source: &Source<'_>) -> Vec<usize> {
    let tree = &source.tree;
    let mut found = topmost(source, &source.story, false);
    if found.is_empty() {
        // Stories in another language or style: the nodes below a heading for stories.
        for node in 0..tree.nodes.len() {
            let top = tree.nodes[node]
                .parent
                .is_none_or(|parent| tree.nodes[parent].kind != SectionKind::Story);
            if tree.is_section(node)
                && tree.nodes[node].kind == SectionKind::Story
                && top
                && source.work[node]
            {
                found.extend(source.parts(node));
            }
        }
    }
    found
}

/// The requirement nodes. If there are too many, sub-ids are folded into their parents and list
/// entries into the headings above them. A requirement with its own heading is a task by its
/// author's choice; too many of these make the document too large.
fn requirements(source: &Source<'_>, choice: &Choice) -> Vec<usize> {
    let tree = &source.tree;
    let all = &choice.requirements;
    let mut nodes: Vec<usize> = all.clone();
    if nodes.len() > choice.threshold {
        nodes.retain(|node| !tree.above(*node).any(|above| source.requirement[above]));
    }
    let headed = nodes.iter().all(|node| tree.is_section(*node));
    if nodes.len() > choice.threshold && !headed {
        let grouped = grouped(source, &nodes);
        if grouped.len() >= 4 {
            nodes = grouped;
        }
    }
    nodes.sort_unstable();
    nodes.dedup();
    nodes
}

/// The headings directly above requirements, if each contains several.
fn grouped(source: &Source<'_>, nodes: &[usize]) -> Vec<usize> {
    let mut parents: Vec<usize> = Vec::new();
    for node in nodes {
        let parent = source.tree.nodes[*node]
            .parent
            .filter(|parent| source.work[*parent])
            .unwrap_or(*node);
        if parents.last() != Some(&parent) {
            parents.push(parent);
        }
    }
    parents.sort_unstable();
    parents.dedup();
    parents
}

/// The statements in sections of functional requirements without ids.
fn functional(source: &Source<'_>, requirements: &[usize], budget: usize) -> Vec<usize> {
    let tree = &source.tree;
    let mut holds = vec![false; tree.nodes.len()];
    for node in requirements {
        holds[*node] = true;
        for above in tree.above(*node) {
            if std::mem::replace(&mut holds[above], true) {
                break;
            }
        }
    }
    let mut roots = Vec::new();
    for node in 0..tree.nodes.len() {
        let this = &tree.nodes[node];
        let top = this.parent.is_none_or(|parent| {
            tree.nodes[parent].kind != SectionKind::Functional || holds[parent]
        });
        if tree.is_section(node)
            && this.kind == SectionKind::Functional
            && top
            && source.work[node]
            && !holds[node]
        {
            roots.push(node);
        }
    }
    let mut found = Vec::new();
    let share = budget.div_ceil(roots.len().max(1)).max(3);
    for root in roots {
        let root = [Root {
            node: root,
            detailed: false,
            position: None,
        }];
        let mut parts = source.parts(root[0].node);
        if parts.is_empty() {
            parts = source.bullets(root[0].node);
        }
        parts.retain(|node| !source.story[*node]);
        if parts.is_empty() {
            let prose = &tree.nodes[root[0].node];
            if prose.prose.is_empty() {
                continue;
            }
            parts = vec![root[0].node];
        } else if parts.len() < 3 {
            parts = cut_flat(source, &parts, share.max(parts.len()));
        }
        found.extend(parts);
    }
    found
}

/// The tasks of phases.
fn phases(source: &Source<'_>, choice: &Choice) -> Vec<usize> {
    let mut roots = Vec::new();
    for unit in &choice.units {
        let position = unit
            .name
            .as_deref()
            .and_then(|name| name.rsplit(' ').next()?.parse().ok());
        let busiest = unit
            .nodes
            .iter()
            .copied()
            .max_by_key(|node| (source.parts(*node).len(), std::cmp::Reverse(*node)));
        for node in unit.nodes.iter().filter(|node| Some(**node) == busiest) {
            let detailed = source
                .tree
                .within(*node)
                .iter()
                .chain(&unit.nodes)
                .any(|at| is_detailed(&source.tree.nodes[*at].text));
            roots.push(Root {
                node: *node,
                detailed,
                position,
            });
        }
    }
    let mut nodes = cut(source, &roots, choice.threshold).concat();
    nodes.sort_unstable();
    nodes
}

fn is_detailed(text: &str) -> bool {
    text.len() < 120 && {
        let words = words(text);
        words
            .windows(2)
            .any(|pair| (pair[0] == "detailed" || pair[0] == "detail") && pair[1] == "plan")
    }
}
