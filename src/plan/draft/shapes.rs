//! Reads each section by its own shape: entries that are each a task, or a subject that is one
//! task.

use super::areas::is_generic;
use super::budget::within;
use super::evidence::{self, is_criterion};
use super::known::Known;
use super::node_tree::Origin;
use super::sentences::sentences;
use super::similarity::{normalize, words};
use super::units;
use super::work::{CLOSED, OPEN, Source};
use crate::plan::document::{LabelKind, SectionKind, words};
use std::collections::BTreeSet;

/// The shape in which the author wrote a piece of work, the most certain first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Shape {
    /// With an id, or below a heading for requirements or features.
    Requirement,
    /// A row of a table of tools, commands or endpoints.
    Row,
    /// A user story with criteria or parts.
    RichStory,
    /// An entry of a phase or checklist.
    Step,
    /// A section about one subject.
    Subject,
    /// A sentence `As a … I want …`.
    Story,
}

/// A part of the document that may be one task.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    pub node: usize,
    pub shape: Shape,
    /// The number of statements in it.
    pub weight: usize,
    /// The evidence that a section is work.
    pub evidence: i32,
    /// Set for a section without the sections below it.
    pub own_part: bool,
}

/// The evidence that makes a subject a task; the second value is used if a document would otherwise
/// have almost no tasks.
const ENOUGH: [i32; 2] = [3, 1];

/// With fewer pieces, the design of the whole is work, too.
const FEW: usize = 4;

/// An entry with no more boxes to tick than this is one task.
const MOST: usize = 6;

/// The pieces of a document in its order.
///
/// If there are more than `budget`, the smallest sections are merged with those beside them.
pub(super) fn pieces(source: &Source<'_>, known: &Known, budget: usize) -> Vec<Piece> {
    if source.tree.is_prose {
        let tree = &source.tree;
        let entry = |node: &usize| {
            let parent = tree.nodes[*node].parent;
            !tree.is_section(*node) && parent.is_none_or(|parent| tree.is_section(parent))
        };
        let entries = (0..tree.nodes.len()).filter(entry);
        return entries
            .map(|node| whole(source, node, Shape::Step))
            .collect();
    }
    let mut found = read(source, ENOUGH[0], known);
    if found.len() <= 1 {
        let lenient = read(source, ENOUGH[1], known);
        if lenient.len() > found.len() {
            found = lenient;
        }
    }
    if found.len() < FEW {
        found.extend(designs(source, &found));
        found.sort_by_key(|piece| piece.node);
    }
    within(source, found, budget)
}

fn read(source: &Source<'_>, enough: i32, known: &Known) -> Vec<Piece> {
    let tree = &source.tree;
    let tops: Vec<usize> = match source.root {
        Some(root) => {
            let mut tops: Vec<usize> = tree.nodes[root].children.clone();
            tops.retain(|node| tree.is_section(*node));
            tops
        }
        None => tree
            .roots
            .iter()
            .copied()
            .filter(|node| tree.is_section(*node))
            .collect(),
    };
    let mut found = Vec::new();
    let loose: Vec<usize> = match source.root {
        Some(root) => entries(source, root),
        None => tree
            .roots
            .iter()
            .copied()
            .filter(|node| !tree.is_section(*node))
            .collect(),
    };
    found.extend(listed(source, &loose, None, known));
    let inner = tops.iter();
    let inner = inner.flat_map(|top| visit(source, *top, enough, known));
    found.extend(with_siblings(source, &tops, inner.collect()));
    found
}

/// The sections that describe the whole in prose, under a heading such as `Design`.
fn designs(source: &Source<'_>, pieces: &[Piece]) -> Vec<Piece> {
    let tree = &source.tree;
    let is_design = |node: &usize| {
        let this = &tree.nodes[*node];
        let sentences = this.prose.iter().flat_map(|line| sentences(&line.text));
        tree.is_section(*node)
            && Some(*node) != source.root
            && names_design(&this.text)
            && !is_closed(source, *node)
            && sentences.count() >= 2
            && pieces.iter().all(|piece| piece.node != *node)
    };
    let found = (0..tree.nodes.len()).filter(is_design);
    let piece = |node| Piece {
        own_part: true,
        ..whole(source, node, Shape::Subject)
    };
    found.map(piece).collect()
}

/// True for a heading that says only that the design of the whole follows.
pub(super) fn names_design(heading: &str) -> bool {
    let said = normalize(heading);
    words!(
        "design, detailed design, technical design, proposal, proposed solution, proposed design, \
         proposed change, proposed changes, solution, implementation, specification, what changes, \
         entwurf, lösung, conception, diseño, solución, solução, 设计, 方案, 設計",
    )
    .contains(said.as_str())
}

fn entries(source: &Source<'_>, node: usize) -> Vec<usize> {
    let children = source.tree.nodes[node].children.iter().copied();
    children
        .filter(|child| !source.tree.is_section(*child))
        .collect()
}

fn subsections(source: &Source<'_>, node: usize) -> Vec<usize> {
    let children = source.tree.nodes[node].children.iter().copied();
    children
        .filter(|child| source.tree.is_section(*child))
        .collect()
}

/// True for a section that is never work, including the sections below it.
fn is_closed(source: &Source<'_>, node: usize) -> bool {
    let this = &source.tree.nodes[node];
    CLOSED.contains(&this.kind) || this.checked == Some(true) || super::work::is_refused(this)
}

/// The pieces of a section.
fn visit(source: &Source<'_>, node: usize, enough: i32, known: &Known) -> Vec<Piece> {
    let tree = &source.tree;
    if is_closed(source, node) {
        let marked = source.requirement[node] || source.story[node];
        return if marked {
            vec![whole(source, node, Shape::Requirement)]
        } else {
            Vec::new()
        };
    }
    let below = subsections(source, node);
    if source.requirement[node] || source.is_numbered_task(node) {
        let inner: Vec<Piece> = below
            .iter()
            .filter(|child| source.requirement[**child] || source.story[**child])
            .flat_map(|child| visit(source, *child, enough, known))
            .collect();
        if inner.is_empty() {
            return vec![whole(source, node, Shape::Requirement)];
        }
        let mut found = Vec::new();
        let own = evidence::own_statements(source, node).len();
        if own > 0 || !tree.nodes[node].prose.is_empty() {
            found.push(Piece {
                own_part: true,
                ..whole(source, node, Shape::Requirement)
            });
        }
        found.extend(inner);
        return found;
    }
    if source.story[node] {
        return vec![story(source, node)];
    }
    if below.is_empty() && !known.phases.contains(&node) && source.is_card(node) {
        return vec![whole(source, node, Shape::Requirement)];
    }
    if evidence::is_testing(&tree.nodes[node].text) {
        let asked = evidence::own_statements(source, node);
        let boxes = tree.within(node);
        let boxes = boxes
            .iter()
            .any(|child| tree.nodes[*child].checked == Some(false));
        let asked = asked.iter().map(|child| tree.nodes[*child].text.as_str());
        let prose = tree.nodes[node].prose.iter().map(|line| line.text.as_str());
        let several = tree.nodes[node].prose.len() >= 3;
        return if several
            || boxes
            || asked
                .chain(prose)
                .filter(|text| evidence::demands(text))
                .count()
                >= 2
        {
            vec![whole(source, node, Shape::Subject)]
        } else {
            Vec::new()
        };
    }
    if known.only_orders(source, node) {
        return Vec::new();
    }
    let mut own = entries(source, node);
    own.retain(|entry| !known.order.contains(entry));
    let mut found = listed(source, &own, Some(node), known);
    let is_list = !found.is_empty();
    let inner: Vec<Piece> = below
        .iter()
        .flat_map(|child| visit(source, *child, enough, known))
        .collect();
    let inner = with_siblings(source, &below, inner);
    if is_list {
        found.extend(inner);
        return found;
    }
    let evidence = evidence::of_section(source, node);
    let heading = &tree.nodes[node].text;
    let statements = evidence::own_statements(source, node).len();
    if inner.is_empty() {
        if known.phases.contains(&node) && (statements > 0 || !tree.nodes[node].prose.is_empty()) {
            // A phase whose author has not named its tasks yet.
            return vec![whole(source, node, Shape::Step)];
        }
        if evidence >= enough {
            return vec![Piece {
                own_part: !below.is_empty(),
                ..whole(source, node, Shape::Subject)
            }];
        }
        return Vec::new();
    }
    let lenient = enough == ENOUGH[1];
    if (evidence >= enough + 2 && statements >= 2 || lenient && statements >= 1)
        && !is_generic(heading)
    {
        found.push(Piece {
            own_part: true,
            ..whole(source, node, Shape::Subject)
        });
    }
    found.extend(inner);
    found
}

/// Adds the sections beside a subject: they are subjects, too, and need less evidence.
fn with_siblings(source: &Source<'_>, below: &[usize], inner: Vec<Piece>) -> Vec<Piece> {
    let is_subject = |piece: &Piece| piece.shape == Shape::Subject && below.contains(&piece.node);
    if !inner.iter().any(is_subject) {
        return inner;
    }
    let mut has: BTreeSet<usize> = BTreeSet::new();
    for piece in &inner {
        has.insert(piece.node);
        has.extend(source.tree.above(piece.node));
    }
    let mut found = inner;
    for child in below.iter().copied() {
        let evidence = evidence::of_section(source, child);
        let aside = evidence::aside(&source.tree.nodes[child].text) > 0;
        let listed = !evidence::own_statements(source, child).is_empty();
        if !has.contains(&child)
            && !aside
            && evidence >= if listed { 1 } else { 2 }
            && !is_closed(source, child)
        {
            found.push(Piece {
                own_part: !subsections(source, child).is_empty(),
                ..whole(source, child, Shape::Subject)
            });
        }
    }
    found.sort_by_key(|piece| piece.node);
    found
}

pub(super) fn whole(source: &Source<'_>, node: usize, shape: Shape) -> Piece {
    let this = &source.tree.nodes[node];
    let code = match this.origin {
        Origin::Section(place) => {
            evidence::verbatim_lines(&source.document.sections[place].blocks) as usize / 4
        }
        _ => 0,
    };
    Piece {
        node,
        shape,
        evidence: match shape {
            Shape::Subject => evidence::of_section(source, node),
            _ => 0,
        },
        weight: source.tree.within(node).len().saturating_sub(1) + this.prose.len() + code,
        own_part: false,
    }
}

fn story(source: &Source<'_>, node: usize) -> Piece {
    let rich = source.tree.nodes[node].children.len() >= 2;
    whole(
        source,
        node,
        if rich { Shape::RichStory } else { Shape::Story },
    )
}

/// The entries that are each a task; empty if together they describe one task.
fn listed(
    source: &Source<'_>,
    entries: &[usize],
    owner: Option<usize>,
    known: &Known,
) -> Vec<Piece> {
    let tree = &source.tree;
    let mut found = Vec::new();
    let kind = owner.map_or(SectionKind::Unknown, |owner| tree.nodes[owner].kind);
    let inherited = owner.is_some_and(|owner| match tree.nodes[owner].origin {
        Origin::Section(place) => source.document.sections[place].inherited,
        _ => false,
    });
    let bare = !inherited && owner.is_some_and(|owner| names_only_its_kind(source, owner));
    let open = OPEN.contains(&kind) || kind == SectionKind::Decision;
    let phase = kind == SectionKind::Milestone
        || owner.is_some_and(|owner| units::name(&tree.nodes[owner].text).is_some());
    let holds_work = phase
        || matches!(kind, SectionKind::Checklist | SectionKind::Deliverable) && !inherited
        || kind == SectionKind::Story && !inherited
        || matches!(kind, SectionKind::Functional | SectionKind::Feature) && bare;
    for entry in entries.iter().copied() {
        let this = &tree.nodes[entry];
        let rows_are_tasks = open
            && this
                .parent
                .map_or(tree.work_table, |parent| tree.nodes[parent].task_table);
        if known.overview.contains(&entry) {
            continue;
        }
        if known.phases.contains(&entry) {
            found.extend(listed(source, &this.children, Some(entry), known));
            continue;
        }
        if is_criterion(this.role) || this.checked == Some(true) || this.text.trim().len() < 3 {
            continue;
        }
        if known.fields.contains(&entry) {
            continue;
        }
        if this.text.trim_start().starts_with("~~") || super::work::is_refused(this) {
            continue;
        }
        if matches!(
            this.kind,
            SectionKind::NonGoal | SectionKind::Future | SectionKind::Question
        ) || matches!(
            this.kind,
            SectionKind::Risk
                | SectionKind::Context
                | SectionKind::Acceptance
                | SectionKind::Metric
        ) && this.origin == Origin::Group
        {
            continue;
        }
        let is_marked = source.story[entry] || source.requirement[entry];
        if this.kind == SectionKind::Acceptance && !is_marked {
            // Criteria of the whole are not tasks, even with boxes to tick. But one with an id and
            // a demand may be the only statement of its requirement.
            if this.id.is_some() && evidence::demands(&this.text) {
                found.push(whole(source, entry, Shape::Story));
            }
            continue;
        }
        if source.story[entry] {
            found.push(story(source, entry));
        } else if source.requirement[entry] || known.ordered.contains(&entry) {
            found.push(whole(source, entry, Shape::Requirement));
        } else if this.origin == Origin::Row {
            if rows_are_tasks {
                found.push(whole(source, entry, Shape::Row));
            }
        } else if this.origin == Origin::Group || source.grouping(entry) {
            let nested = listed(source, &this.children, owner, known);
            let is_entry = this.origin == Origin::Entry && !phase;
            let certain = nested.iter().any(|piece| is_certain(source, piece));
            let steps = nested.iter().all(|piece| piece.shape == Shape::Step);
            if is_entry && holds_work && !certain {
                found.push(whole(source, entry, Shape::Requirement));
            } else if is_entry && steps && (1..=MOST).contains(&nested.len()) {
                found.push(whole(source, entry, Shape::Step));
            } else if !nested.is_empty() {
                found.extend(nested);
            } else if holds_work {
                found.push(whole(source, entry, Shape::Requirement));
            }
        } else if this.checked == Some(false) || this.role == Some(LabelKind::Tasks) {
            found.push(whole(source, entry, Shape::Step));
        } else if holds_work {
            let shape = match kind {
                SectionKind::Functional | SectionKind::Feature if !phase => Shape::Requirement,
                SectionKind::Story => Shape::Story,
                _ => Shape::Step,
            };
            found.push(whole(source, entry, shape));
        }
    }
    let certain = found
        .iter()
        .any(|piece| piece.shape == Shape::Requirement || is_certain(source, piece));
    let row = owner.is_some_and(|owner| tree.nodes[owner].origin == Origin::Row);
    if found.len() < 2 && !certain && !row {
        found.clear();
    }
    found
}

/// True if the author marked a piece as work, with an id or a box to tick.
fn is_certain(source: &Source<'_>, piece: &Piece) -> bool {
    source.requirement[piece.node]
        || source.story[piece.node]
        || source.tree.nodes[piece.node].checked.is_some()
}

/// True if a heading says only that requirements or features follow, not their subject.
fn names_only_its_kind(source: &Source<'_>, node: usize) -> bool {
    let text = &source.tree.nodes[node].text;
    let said = normalize(text);
    is_generic(text)
        || words(&said).len() <= 2
            && said.chars().count() <= 8
            && !said.is_ascii()
            && !said.contains(|c: char| c.is_ascii_alphabetic())
}
