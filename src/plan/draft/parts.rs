//! The parts into which a node can be split, as opposed to its criteria.

use super::node_tree::Origin;
use super::similarity::{normalise, words};
use super::work::Source;
use super::workless_headings::plural;
use crate::plan::document::{LabelKind, SectionKind};

impl Source<'_> {
    /// The parts into which a node can be split; empty if its children are criteria.
    pub fn parts(&self, node: usize) -> Vec<usize> {
        let tree = &self.tree;
        let this = &tree.nodes[node];
        let children = || {
            this.children
                .iter()
                .copied()
                .filter(|child| self.work[*child])
        };
        let with_role = |role: LabelKind| {
            children()
                .filter(|child| tree.nodes[*child].role == Some(role))
                .collect::<Vec<_>>()
        };
        let tasks = with_role(LabelKind::Tasks);
        let lists: Vec<usize> = children()
            .filter(|child| {
                tree.is_section(*child) && tree.nodes[*child].kind == SectionKind::Checklist
            })
            .flat_map(|section| self.parts(section))
            .collect();
        if self.is_numbered_task(node) {
            return Vec::new();
        }
        if self.requirement[node] {
            return tasks;
        }
        if self.story[node] {
            return if tasks.is_empty() { lists } else { tasks };
        }
        let mut sections: Vec<usize> = children()
            .filter(|child| tree.is_section(*child) && !self.never(*child))
            .collect();
        sections = sections
            .into_iter()
            .flat_map(|child| {
                let inner = if super::areas::is_generic(&tree.nodes[child].text)
                    && !self.requirement[child]
                    && !self.story[child]
                {
                    self.parts(child)
                } else {
                    Vec::new()
                };
                if inner.is_empty() { vec![child] } else { inner }
            })
            .collect();
        sections.retain(|child| {
            !tree.nodes[*child].children.is_empty() || !tree.nodes[*child].prose.is_empty()
        });
        if !tasks.is_empty() {
            sections.retain(|child| tree.nodes[*child].kind != SectionKind::Unknown);
            return merged(tasks, sections);
        }
        let boxes: Vec<usize> = children()
            .filter(|child| {
                tree.nodes[*child].checked == Some(false)
                    && tree.nodes[*child].role != Some(LabelKind::Scope)
            })
            .collect();
        if this.kind == SectionKind::Milestone
            && sections
                .iter()
                .any(|child| tree.nodes[*child].kind != SectionKind::Deliverable)
        {
            sections.retain(|child| tree.nodes[*child].kind != SectionKind::Deliverable);
        }
        let only_deliverables = this.kind == SectionKind::Milestone
            && sections
                .iter()
                .all(|child| tree.nodes[*child].kind == SectionKind::Deliverable)
            && (!boxes.is_empty()
                || this
                    .children
                    .iter()
                    .any(|child| self.work[*child] && tree.nodes[*child].origin == Origin::Entry));
        if !sections.is_empty() && !only_deliverables {
            return merged(boxes, sections);
        }
        if !boxes.is_empty() {
            let groups = children()
                .filter(|child| tree.nodes[*child].origin == Origin::Group)
                .collect();
            return merged(boxes, groups);
        }
        let feature = matches!(
            this.kind,
            SectionKind::Feature | SectionKind::Functional | SectionKind::Unknown
        );
        let entry = !tree.is_section(node);
        if entry && (feature || !self.grouping(node)) {
            return Vec::new();
        }
        if feature && Some(node) != self.root && !self.names_many(node) {
            return Vec::new();
        }
        self.bullets(node)
    }

    /// True if a heading is a task of a plan that its author numbered (`Task 3: …`).
    pub fn is_numbered_task(&self, node: usize) -> bool {
        self.tree.is_section(node) && task_number(&self.tree.nodes[node].text).is_some()
    }

    /// The entries and rows of a node that would otherwise be a single task.
    pub fn bullets(&self, node: usize) -> Vec<usize> {
        let this = &self.tree.nodes[node];
        let children = || {
            this.children
                .iter()
                .copied()
                .filter(|child| self.work[*child] && !self.tree.is_section(*child))
        };
        for role in [LabelKind::Deliverables, LabelKind::Scope] {
            let some: Vec<usize> = children()
                .filter(|child| self.tree.nodes[*child].role == Some(role))
                .collect();
            if some.len() > 1 {
                return some;
            }
        }
        children()
            .filter(|child| self.tree.nodes[*child].role.is_none())
            .filter(|child| self.tree.nodes[*child].origin != Origin::Row || this.work_table)
            .collect()
    }

    /// True if a heading announces several features, as `Features` does, rather than one.
    fn names_many(&self, node: usize) -> bool {
        let this = &self.tree.nodes[node];
        let Origin::Section(place) = this.origin else {
            return false;
        };
        let section = &self.document.sections[place];
        this.kind != SectionKind::Unknown
            && !section.inherited
            && (plural(&this.text) || words(&this.text).len() <= 2)
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
                .is_some_and(|lead| normalise(lead) == normalise(&this.text));
        nested >= 2 && bare
    }
}

/// The number of a task in its heading.
pub(super) fn task_number(title: &str) -> Option<u64> {
    let head: String = title.chars().take(32).collect();
    let words = words(&head);
    let named = words.first().is_some_and(|word| {
        matches!(
            word.as_str(),
            "task" | "tâche" | "aufgabe" | "tarea" | "ticket"
        )
    });
    words.get(1).filter(|_| named)?.parse().ok()
}

/// Nodes of two lists in the order of the document.
fn merged(mut a: Vec<usize>, b: Vec<usize>) -> Vec<usize> {
    a.extend(b);
    a.sort_unstable();
    a.dedup();
    a
}
