//! Joins pieces that state the same work in several places: a story and its requirement, or a line
//! of a roadmap and the section about it.

use super::evidence::asks;
use super::known::Known;
use super::shapes::{Piece, Shape};
use super::terms::Matcher;
use super::work::Source;
use crate::plan::document::{LabelKind, SectionKind};
use std::collections::BTreeSet;

/// A task and the pieces that restate it.
#[derive(Clone, Debug)]
pub(super) struct Joined {
    pub piece: Piece,
    pub restated: Vec<Piece>,
    /// Nodes that are about the task and in no piece.
    pub about: Vec<usize>,
}

/// The least share of its distinctive terms with which a sentence restates a piece of lower rank.
const SENTENCE: f64 = 0.3;

/// The same for a section.
const SECTION: f64 = 0.6;

/// The same for two pieces of the same rank: a step outside of phases, and one in a phase.
const STEP: f64 = 0.6;

/// The number of requirements and stories that is enough to state the work without the tables
/// beside them.
const MANY: usize = 5;

/// The least evidence with which a section beside so many of them is work of its own.
const CERTAIN: i32 = 5;

/// Joins the pieces. The shapes with most of the work are kept; the others are joined to them if
/// they state the same.
pub(super) fn join(source: &Source<'_>, known: &Known, pieces: Vec<Piece>) -> Vec<Joined> {
    let count = |shape: Shape| pieces.iter().filter(|piece| piece.shape == shape).count();
    let [requirements, rich, steps, subjects] = [
        Shape::Requirement,
        Shape::RichStory,
        Shape::Step,
        Shape::Subject,
    ]
    .map(count);
    let weight = |shape: Shape| -> usize {
        let of = pieces.iter().filter(|piece| piece.shape == shape);
        of.map(|piece| piece.weight).sum()
    };
    // A piece is joined to one of the same or a lower rank.
    let rank = |shape: Shape| -> u8 {
        match shape {
            Shape::RichStory
                if rich >= 3 && weight(Shape::RichStory) > weight(Shape::Requirement) =>
            {
                0
            }
            Shape::Requirement => 1,
            Shape::RichStory => 2,
            Shape::Row if requirements + rich >= MANY => 7,
            Shape::Row => 3,
            Shape::Step if steps >= 5 && steps >= subjects => 4,
            Shape::Subject => 5,
            Shape::Step => 6,
            Shape::Story => 7,
        }
    };
    let in_phase = |piece: &Piece| {
        let mut above = source.tree.above(piece.node);
        above.any(|above| known.phases.contains(&above))
    };
    let is_entry = |piece: &Piece| piece.shape == Shape::Row && in_phase(piece);
    let entries = pieces.iter().filter(|piece| is_entry(piece)).count();
    let has_ids = pieces.iter().any(|piece| source.requirement[piece.node]);
    // The rows of phases are the tasks of what lists without ids only outline.
    let outlined = !has_ids && entries >= 2 * requirements;
    // Deliverables sum up the tasks of a phase.
    let rank = |piece: &Piece| {
        let this = &source.tree.nodes[piece.node];
        let delivered = this.role == Some(LabelKind::Deliverables)
            || this.kind == SectionKind::Deliverable && piece.shape == Shape::Step;
        match delivered {
            true => 8,
            false if outlined && is_entry(piece) => 1,
            false if outlined && piece.shape == Shape::Requirement => 5,
            false => rank(piece.shape),
        }
    };
    let mut order: Vec<usize> = (0..pieces.len()).collect();
    // What stands in a phase stays, wherever the phase is.
    order.sort_by_key(|place| {
        let piece = &pieces[*place];
        (rank(piece), !in_phase(piece), *place)
    });
    let mut joined: Vec<Joined> = Vec::new();
    let mut matcher = Matcher::default();
    let mut at = 0;
    while at < order.len() {
        let this = rank(&pieces[order[at]]);
        let end = order[at..]
            .iter()
            .position(|place| rank(&pieces[*place]) != this)
            .map_or(order.len(), |count| at + count);
        let ranked = joined.len();
        let mut kept: Vec<Joined> = Vec::new();
        for place in &order[at..end] {
            let piece = &pieces[*place];
            // Entries of phases do not restate each other, and neither do those of other lists.
            let peers = piece.shape == Shape::Step && !in_phase(piece);
            if peers && kept.first().is_some_and(|one| in_phase(&one.piece)) {
                settle(source, &mut joined, &mut kept, &mut matcher);
            }
            let (title, _) = texts(source, piece);
            let wish = super::imperative::story(&title).unwrap_or_default();
            let best = [title.as_str(), wish.as_str()]
                .into_iter()
                .filter_map(|text| matcher.best(text))
                .max_by(|a, b| a.1.total_cmp(&b.1));
            match best {
                Some((target, score)) if score >= least(piece, target >= ranked) => {
                    joined[target].restated.push(piece.clone());
                }
                // Rows beside requirements only list their interfaces again.
                _ if piece.shape == Shape::Row && requirements + rich >= MANY => {}
                _ if piece.shape == Shape::Subject
                    && requirements + rich >= MANY
                    && piece.evidence < CERTAIN => {}
                _ => kept.push(Joined {
                    piece: piece.clone(),
                    restated: Vec::new(),
                    about: Vec::new(),
                }),
            }
        }
        settle(source, &mut joined, &mut kept, &mut matcher);
        at = end;
    }
    about(source, known, &mut joined, &matcher);
    joined.sort_by_key(|one| one.piece.node);
    joined
}

/// The least share of its distinctive terms with which a piece restates another one; `peer` is set
/// if that one has the same rank.
fn least(piece: &Piece, peer: bool) -> f64 {
    match piece.shape {
        _ if peer => STEP,
        Shape::Subject => SECTION,
        _ => SENTENCE,
    }
}

/// Adds tasks to those that later pieces may restate.
fn settle(
    source: &Source<'_>,
    joined: &mut Vec<Joined>,
    kept: &mut Vec<Joined>,
    matcher: &mut Matcher,
) {
    for one in kept.iter() {
        let (title, below) = texts(source, &one.piece);
        matcher.add(&title, &below);
    }
    joined.append(kept);
}

/// The least share with which a statement outside all tasks is about one: for a statement that asks
/// for something, and for any other.
const ABOUT: [f64; 2] = [0.25, 0.45];

/// Finds the nodes outside all tasks that are about the subject of one.
fn about(source: &Source<'_>, known: &Known, joined: &mut [Joined], matcher: &Matcher) {
    let tree = &source.tree;
    let mut covered = vec![false; tree.nodes.len()];
    let pieces = joined
        .iter()
        .flat_map(|one| one.restated.iter().chain([&one.piece]));
    let mut parts: BTreeSet<usize> = BTreeSet::new();
    for piece in pieces {
        covered[piece.node] = true;
        if piece.own_part {
            parts.insert(piece.node);
        }
    }
    let target = |text: &str, kind: SectionKind| {
        let asks = binds(kind) || asks(text);
        let (task, score) = matcher.best(text)?;
        (score >= ABOUT[usize::from(!asks)]).then_some(task)
    };
    for (node, this) in tree.nodes.iter().enumerate() {
        let inherits =
            |parent: usize| covered[parent] && !(tree.is_section(node) && parts.contains(&parent));
        covered[node] |= this.parent.is_some_and(inherits);
        let closed = covered[node]
            || known.order.contains(&node)
            || this.checked == Some(true)
            || super::work::is_refused(this)
            || super::work::struck(&this.text);
        if closed || tree.is_section(node) || !may_be_about_a_task(this.kind) {
            continue;
        }
        let tags = this.tags.iter().map(|tag| &tag.line);
        let mut text = this.text.clone();
        for line in this.prose.iter().chain(tags) {
            text.push(' ');
            text.push_str(&line.text);
        }
        if let Some(task) = target(&text, this.kind) {
            covered[node] = true;
            joined[task].about.push(node);
        }
    }
}

/// True for kinds of sections whose entries demand something, whatever their words.
fn binds(kind: SectionKind) -> bool {
    matches!(
        kind,
        SectionKind::Constraint
            | SectionKind::NonFunctional
            | SectionKind::Acceptance
            | SectionKind::Functional
            | SectionKind::Feature
            | SectionKind::Checklist
            | SectionKind::Deliverable
            | SectionKind::Story
    )
}

/// True for kinds of sections whose entries may be about a task elsewhere.
fn may_be_about_a_task(kind: SectionKind) -> bool {
    binds(kind)
        || matches!(
            kind,
            SectionKind::Decision
                | SectionKind::Scope
                | SectionKind::Milestone
                | SectionKind::Unknown
        )
}

/// The title of a piece and the text below it.
fn texts(source: &Source<'_>, piece: &Piece) -> (String, String) {
    let tree = &source.tree;
    let this = &tree.nodes[piece.node];
    let mut title = this.text.clone();
    title.push(' ');
    title.push_str(&this.codes.join(" "));
    let mut below = String::new();
    for node in tree.within(piece.node).into_iter().skip(1).take(60) {
        below.push_str(&tree.nodes[node].text);
        below.push(' ');
    }
    for line in &this.prose {
        below.push_str(&line.text);
        below.push(' ');
    }
    (title, below)
}
