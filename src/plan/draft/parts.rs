//! Nodes that are numbered tasks, and nodes that only group others.

use super::node_tree::{Node, Origin};
use super::similarity::{normalize, words};
use super::work::Source;
use crate::plan::document::{LabelKind, words};
use std::collections::BTreeSet;

/// A section with more steps than this is more than one task.
const MOST_STEPS: usize = 6;

impl Source<'_> {
    /// True if a heading is a task that its author numbered (`Task 3: …`).
    pub fn is_numbered_task(&self, node: usize) -> bool {
        self.tree.is_section(node) && task_number(&self.tree.nodes[node].text).is_some()
    }

    /// True for a section that describes one task by labels (`Steps`, `Files`, `Done when`).
    pub fn is_card(&self, node: usize) -> bool {
        // A label right below a list is read as a part of its last entry.
        let inside: Vec<&Node> = self
            .tree
            .within(node)
            .iter()
            .map(|at| &self.tree.nodes[*at])
            .collect();
        let steps = inside
            .iter()
            .filter(|one| one.role == Some(LabelKind::Tasks))
            .count();
        let tags = inside.iter().flat_map(|one| &one.tags).map(|tag| tag.kind);
        let labels: BTreeSet<&str> = tags
            .chain(inside.iter().filter_map(|one| one.role))
            .filter_map(|kind| match kind {
                LabelKind::Acceptance => Some("acceptance"),
                LabelKind::DependsOn => Some("depends on"),
                LabelKind::Effort => Some("effort"),
                LabelKind::Goal => Some("goal"),
                LabelKind::Paths => Some("paths"),
                LabelKind::Tasks => Some("tasks"),
                _ => None,
            })
            .collect();
        labels.len() >= 3 && steps <= MOST_STEPS
    }

    /// True if an entry only introduces its nested entries.
    pub fn grouping(&self, node: usize) -> bool {
        let this = &self.tree.nodes[node];
        if this.origin == Origin::Group {
            return true;
        }
        let nested = this
            .children
            .iter()
            .filter(|child| self.tree.nodes[**child].role.is_none())
            .count();
        let bare = this.text.ends_with([':', '：'])
            || this
                .lead
                .as_deref()
                .is_some_and(|lead| normalize(lead) == normalize(&this.text));
        nested >= 2 && bare
    }
}

/// The number of a task in its heading.
pub(super) fn task_number(title: &str) -> Option<u64> {
    let head: String = title.chars().take(32).collect();
    let words = words(&head);
    let named = words
        .first()
        .is_some_and(|word| words!("task, tâche, aufgabe, tarea, ticket").contains(word));
    words.get(1).filter(|_| named)?.parse().ok()
}
