//! An additional task for work that comes before everything else.

use super::candidate::{Cause, TaskCandidate};
use super::similarity::{normalize, stems};
use super::strategy::Choice;
use super::title;
use super::work::Source;
use crate::plan::document::words;

/// For each node, true if a task covers it.
pub(super) fn covered(source: &Source<'_>, candidates: &[TaskCandidate]) -> Vec<bool> {
    let mut covered = vec![false; source.tree.nodes.len()];
    for candidate in candidates {
        for node in candidate.nodes() {
            covered[node] = true;
            // A story that was split into tasks is covered by them.
            for above in source
                .tree
                .above(node)
                .take_while(|_| candidate.node == Some(node))
            {
                if source.story[above] || source.requirement[above] {
                    covered[above] = true;
                }
            }
        }
    }
    for node in 0..covered.len() {
        covered[node] = covered[node]
            || source.tree.nodes[node]
                .parent
                .is_some_and(|parent| covered[parent]);
    }
    covered
}

/// Adds a task for a section with work that comes before everything else.
pub(super) fn first(source: &Source<'_>, choice: &mut Choice) {
    let tree = &source.tree;
    let covered = covered(source, &choice.candidates);
    let named = |node: &&usize| {
        let title = normalize(&tree.nodes[**node].text);
        words!("first task, initial task, task zero, task 0, first step, bootstrap task")
            .contains(title.as_str())
    };
    let Some(node) = tree
        .sections
        .iter()
        .find(named)
        .copied()
        .filter(|node| source.work[*node] && !covered[*node])
    else {
        return;
    };
    let mut candidate = TaskCandidate::of(source, node, Cause::First);
    let text = tree.nodes[node].prose.first().map(|line| line.text.clone());
    let text = text.or_else(|| {
        tree.nodes[node]
            .children
            .first()
            .map(|child| tree.nodes[*child].text.clone())
    });
    let Some(text) = text else { return };
    let head = text
        .split(':')
        .next()
        .filter(|head| head.len() < text.len() && (4..=60).contains(&head.len()));
    candidate.title = title::title(head.unwrap_or(&text));
    candidate.stems = stems(&candidate.title);
    candidate.unit = if choice.units.is_empty() {
        None
    } else {
        Some(0)
    };
    choice.candidates.push(candidate);
}
