//! Leftover headings: content directly below a heading that was split into the headings inside it.
//! No task covers it, and it must not be lost.

use super::areas::is_generic;
use super::candidate::{Cause, TaskCandidate};
use super::draft_types::Strategy;
use super::extra::covered;
use super::node_tree::Origin;
use super::strategy::{Choice, group};
use super::work::Source;
use crate::plan::document::SectionKind;

/// Makes leftover headings with entries tasks as well, up to the threshold; beyond it, the first
/// task inside takes the entries.
pub(super) fn entries(source: &Source<'_>, choice: &mut Choice) {
    if choice.strategy != Strategy::Outline {
        return;
    }
    let tree = &source.tree;
    let covered = covered(source, &choice.candidates);
    let mut first_inside: Vec<Option<usize>> = vec![None; tree.nodes.len()];
    for (place, candidate) in choice.candidates.iter().enumerate() {
        for above in candidate.node.into_iter().flat_map(|node| tree.above(node)) {
            if first_inside[above].is_some() {
                break;
            }
            first_inside[above] = Some(place);
        }
    }
    let mut room = choice.threshold.saturating_sub(choice.candidates.len());
    for node in 0..tree.nodes.len() {
        let this = &tree.nodes[node];
        let Some(inside) = first_inside[node].filter(|_| Some(node) != source.root) else {
            continue;
        };
        let open = matches!(
            this.kind,
            SectionKind::Unknown | SectionKind::Feature | SectionKind::Functional
        );
        if !tree.is_section(node) || covered[node] || !source.work[node] || !open {
            continue;
        }
        let own: Vec<usize> = this
            .children
            .iter()
            .copied()
            .filter(|child| {
                tree.nodes[*child].origin == Origin::Entry
                    && tree.nodes[*child].role.is_none()
                    && source.work[*child]
                    && !covered[*child]
            })
            .collect();
        if own.is_empty() || source.never(node) || source.design(node) {
            continue;
        }
        if room > 0 && !is_generic(&this.text) {
            room -= 1;
            let mut candidate = TaskCandidate::of(source, node, Cause::Work);
            candidate.group = group(source, choice, node);
            choice.candidates.push(candidate);
        } else {
            choice.candidates[inside].folded.extend(own);
        }
    }
}
