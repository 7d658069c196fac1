//! Documents without requirements, phases and stories: features, checklists, and otherwise the
//! headings themselves.

use super::level::cut_flat;
use super::node_tree::Origin;
use super::similarity::words;
use super::work::Source;
use crate::plan::document::{LabelKind, SectionKind};

/// The outermost sections of features and deliverables, split if they only contain others.
pub(super) fn features(source: &Source<'_>) -> Vec<usize> {
    let tree = &source.tree;
    let kinds = [
        SectionKind::Feature,
        SectionKind::Deliverable,
        SectionKind::Milestone,
        SectionKind::Functional,
        SectionKind::Checklist,
    ];
    let mut tops = Vec::new();
    for node in 0..tree.nodes.len() {
        let this = &tree.nodes[node];
        let top = this.parent.is_none_or(|parent| {
            Some(parent) == source.root || !kinds.contains(&tree.nodes[parent].kind)
        });
        if tree.is_section(node)
            && Some(node) != source.root
            && source.work[node]
            && kinds.contains(&this.kind)
            && top
        {
            tops.push(node);
        }
    }
    tops.iter()
        .flat_map(|node| {
            let parts = source.parts(*node);
            if parts.is_empty() { vec![*node] } else { parts }
        })
        .filter(|node| !source.story[*node])
        .collect()
}

/// The sections and labels that contain checkboxes, or the checkboxes themselves.
pub(super) fn checklists(source: &Source<'_>) -> Vec<usize> {
    let tree = &source.tree;
    let mut owners = Vec::new();
    for node in 0..tree.nodes.len() {
        let this = &tree.nodes[node];
        if !source.work[node] || tree.is_section(node) || this.origin == Origin::Group {
            continue;
        }
        let listed = this.checked == Some(false)
            || this.role == Some(LabelKind::Tasks)
            || (this.kind == SectionKind::Checklist && this.role.is_none());
        let nested = tree
            .above(node)
            .take_while(|above| !tree.is_section(*above))
            .any(|above| source.work[above] && tree.nodes[above].origin == Origin::Entry);
        if listed && !nested {
            owners.push(node);
        }
    }
    owners
}

/// Headings with lists in them, or else the list itself.
pub(super) fn outline(source: &Source<'_>, features: &[usize], budget: usize) -> Vec<usize> {
    let tree = &source.tree;
    let named = substantial(source, cut_flat(source, features, budget));
    if named.len() >= 2 {
        return named;
    }
    let tops: Vec<usize> = match source.root {
        Some(root) => tree.nodes[root].children.clone(),
        None => tree.roots.clone(),
    };
    let sections = |design: bool| -> Vec<usize> {
        let mut found = Vec::new();
        let mut waiting: Vec<usize> = tops
            .iter()
            .rev()
            .copied()
            .filter(|node| tree.is_section(*node))
            .collect();
        while let Some(node) = waiting.pop() {
            let closed =
                !source.work[node] || source.never(node) || (source.design(node) && !design);
            if closed {
                // A heading on the background may still contain one on work.
                let own = |child: &usize| {
                    tree.is_section(*child) && tree.nodes[*child].kind != tree.nodes[node].kind
                };
                waiting.extend(tree.nodes[node].children.iter().rev().copied().filter(own));
            } else {
                found.push(node);
            }
        }
        found
    };
    for design in [false, true] {
        let found = substantial(source, cut_flat(source, &sections(design), budget));
        if !found.is_empty()
            && (found.len() > 1 || design || !tree.nodes[found[0]].children.is_empty())
        {
            return found;
        }
    }
    if !named.is_empty() {
        return named;
    }
    let loose: Vec<usize> = tops
        .iter()
        .copied()
        .filter(|node| {
            !tree.is_section(*node)
                && source.work[*node]
                && tree.nodes[*node].role.is_none()
                && (tree.nodes[*node].origin != Origin::Row || tree.work_table)
        })
        .collect();
    if loose.len() >= 2 {
        cut_flat(source, &loose, budget)
    } else {
        Vec::new()
    }
}

/// Headings that can be a task: with entries below, or worded as an action.
fn substantial(source: &Source<'_>, nodes: Vec<usize>) -> Vec<usize> {
    nodes
        .into_iter()
        .filter(|node| {
            let this = &source.tree.nodes[*node];
            let known = matches!(
                this.kind,
                SectionKind::Feature
                    | SectionKind::Deliverable
                    | SectionKind::Functional
                    | SectionKind::Checklist
                    | SectionKind::Milestone
            );
            let listed = this.children.iter().any(|child| source.work[*child]);
            let demanded = this.prose.iter().any(|line| {
                words(&line.text).iter().any(|word| {
                    ["must", "shall", "should", "will", "needs"].contains(&word.as_str())
                })
            });
            !source.tree.is_section(*node)
                || listed
                || demanded
                || (known && !this.prose.is_empty())
                || super::work_kinds::begins_with_verb(&this.text)
        })
        .collect()
}
