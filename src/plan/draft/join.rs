//! Joins pieces that state the same work in several places: a story and its requirement, a line of a
//! roadmap and the section about it.

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
    /// Entries and rows that are about it, and in no piece.
    pub about: Vec<usize>,
}

/// The share of distinctive terms with which a sentence restates a piece, and a section does.
const SAME: [f64; 2] = [0.3, 0.6];

/// So many requirements and stories say what is to be done without the tables beside them.
const MANY: usize = 5;

/// The evidence with which a section is work of its own beside them.
const CERTAIN: i32 = 5;

/// Joins the pieces. The shapes that hold most of the work stay; the others join them where they say
/// the same.
pub(super) fn join(source: &Source<'_>, pieces: Vec<Piece>) -> Vec<Joined> {
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
    // The lower, the more it stays.
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
    // Deliverables sum up the tasks of a phase.
    let rank = |piece: &Piece| match source.tree.nodes[piece.node].role {
        Some(LabelKind::Deliverables) => 8,
        _ => rank(piece.shape),
    };
    let mut order: Vec<usize> = (0..pieces.len()).collect();
    order.sort_by_key(|place| (rank(&pieces[*place]), *place));
    let mut joined: Vec<Joined> = Vec::new();
    let mut matcher = Matcher::default();
    let mut at = 0;
    while at < order.len() {
        let this = rank(&pieces[order[at]]);
        let end = order[at..]
            .iter()
            .position(|place| rank(&pieces[*place]) != this)
            .map_or(order.len(), |count| at + count);
        let mut kept = Vec::new();
        for place in &order[at..end] {
            let piece = &pieces[*place];
            let (title, _) = texts(source, piece);
            let inside = |place: usize| !overlaps(source, &joined[place].piece, piece);
            let wish = super::imperative::story(&title).unwrap_or_default();
            let best = [title.as_str(), wish.as_str()]
                .into_iter()
                .filter_map(|text| matcher.best(text, inside))
                .max_by(|a, b| a.1.total_cmp(&b.1));
            match best {
                Some((target, score))
                    if score >= SAME[usize::from(piece.shape == Shape::Subject)] =>
                {
                    joined[target].restated.push(piece.clone())
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
        for one in &kept {
            let (title, below) = texts(source, &one.piece);
            matcher.add(&title, &below);
        }
        joined.extend(kept);
        at = end;
    }
    about(source, &mut joined, &matcher);
    joined.sort_by_key(|one| one.piece.node);
    joined
}

/// The share with which an entry that is no task joins one.
const ABOUT: f64 = 0.45;

/// Finds the entries and rows outside all tasks that are about the subject of one.
fn about(source: &Source<'_>, joined: &mut [Joined], matcher: &Matcher) {
    let tree = &source.tree;
    let mut covered = vec![false; tree.nodes.len()];
    for piece in joined
        .iter()
        .flat_map(|one| one.restated.iter().chain([&one.piece]))
    {
        covered[piece.node] = true;
    }
    let parts: BTreeSet<usize> = joined
        .iter()
        .filter(|one| one.piece.own_part)
        .map(|one| one.piece.node)
        .collect();
    for (node, this) in tree.nodes.iter().enumerate() {
        covered[node] |= this.parent.is_some_and(|parent| covered[parent])
            && !(tree.is_section(node)
                && this.parent.is_some_and(|parent| tree.is_section(parent)));
        let own_part = this.parent.is_some_and(|parent| parts.contains(&parent));
        let closed = tree.is_section(node)
            || covered[node]
            || own_part
            || this.checked == Some(true)
            || super::work::is_refused(this)
            || super::work::struck(&this.text);
        if closed || !may_be_about_a_task(this.kind) {
            continue;
        }
        let mut text = this.text.clone();
        for line in this
            .prose
            .iter()
            .chain(this.tags.iter().map(|tag| &tag.line))
        {
            text.push(' ');
            text.push_str(&line.text);
        }
        if let Some((task, score)) = matcher.best(&text, |_| true)
            && score >= ABOUT
        {
            covered[node] = true;
            joined[task].about.push(node);
        }
    }
}

/// Kinds of sections whose entries may be about a task elsewhere.
fn may_be_about_a_task(kind: SectionKind) -> bool {
    matches!(
        kind,
        SectionKind::Constraint
            | SectionKind::NonFunctional
            | SectionKind::Acceptance
            | SectionKind::Decision
            | SectionKind::Scope
            | SectionKind::Functional
            | SectionKind::Feature
            | SectionKind::Milestone
            | SectionKind::Checklist
            | SectionKind::Deliverable
            | SectionKind::Story
            | SectionKind::Unknown
    )
}

/// True if one piece is inside the other.
fn overlaps(source: &Source<'_>, a: &Piece, b: &Piece) -> bool {
    let inside = |a: usize, b: usize| source.tree.above(a).any(|above| above == b);
    inside(a.node, b.node) || inside(b.node, a.node)
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
