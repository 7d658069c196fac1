//! Into which parts a node can be taken apart, and where what is in it are its criteria.

use super::node_tree::Origin;
use super::similarity::{normalise, words};
use super::work::Source;
use super::workless_headings::plural;
use crate::plan::document::{LabelKind, SectionKind};

impl Source<'_> {
    /// The parts that a node can be taken apart into; none where what is in it are its criteria.
    pub fn parts(&self, node: usize) -> Vec<usize> {
        let tree = &self.tree;
        let this = &tree.nodes[node];
        let kids = || this.children.iter().copied().filter(|kid| self.work[*kid]);
        let with_role = |role: LabelKind| {
            kids()
                .filter(|kid| tree.nodes[*kid].role == Some(role))
                .collect::<Vec<_>>()
        };
        let tasks = with_role(LabelKind::Tasks);
        let lists: Vec<usize> = kids()
            .filter(|kid| tree.is_section(*kid) && tree.nodes[*kid].kind == SectionKind::Checklist)
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
        let mut sections: Vec<usize> = kids()
            .filter(|kid| tree.is_section(*kid) && !self.never(*kid))
            .collect();
        sections = sections
            .into_iter()
            .flat_map(|kid| {
                let inner = if super::areas::is_generic(&tree.nodes[kid].text)
                    && !self.requirement[kid]
                    && !self.story[kid]
                {
                    self.parts(kid)
                } else {
                    Vec::new()
                };
                if inner.is_empty() { vec![kid] } else { inner }
            })
            .collect();
        sections.retain(|kid| {
            !tree.nodes[*kid].children.is_empty() || !tree.nodes[*kid].prose.is_empty()
        });
        if !tasks.is_empty() {
            sections.retain(|kid| tree.nodes[*kid].kind != SectionKind::Unknown);
            return merged(tasks, sections);
        }
        let boxes: Vec<usize> = kids()
            .filter(|kid| {
                tree.nodes[*kid].checked == Some(false)
                    && tree.nodes[*kid].role != Some(LabelKind::Scope)
            })
            .collect();
        if this.kind == SectionKind::Milestone
            && sections
                .iter()
                .any(|kid| tree.nodes[*kid].kind != SectionKind::Deliverable)
        {
            sections.retain(|kid| tree.nodes[*kid].kind != SectionKind::Deliverable);
        }
        let only_deliverables = this.kind == SectionKind::Milestone
            && sections
                .iter()
                .all(|kid| tree.nodes[*kid].kind == SectionKind::Deliverable)
            && (!boxes.is_empty()
                || this
                    .children
                    .iter()
                    .any(|kid| self.work[*kid] && tree.nodes[*kid].origin == Origin::Entry));
        if !sections.is_empty() && !only_deliverables {
            return merged(boxes, sections);
        }
        if !boxes.is_empty() {
            let groups = kids()
                .filter(|kid| tree.nodes[*kid].origin == Origin::Group)
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

    /// Whether a heading is one task of a plan that its author numbered (`Task 3: …`).
    pub fn is_numbered_task(&self, node: usize) -> bool {
        self.tree.is_section(node) && task_number(&self.tree.nodes[node].text).is_some()
    }

    /// The entries and rows of a node, for one that would otherwise be a task alone.
    pub fn bullets(&self, node: usize) -> Vec<usize> {
        let this = &self.tree.nodes[node];
        let kids = || {
            this.children
                .iter()
                .copied()
                .filter(|kid| self.work[*kid] && !self.tree.is_section(*kid))
        };
        for role in [LabelKind::Deliverables, LabelKind::Scope] {
            let some: Vec<usize> = kids()
                .filter(|kid| self.tree.nodes[*kid].role == Some(role))
                .collect();
            if some.len() > 1 {
                return some;
            }
        }
        kids()
            .filter(|kid| self.tree.nodes[*kid].role.is_none())
            .filter(|kid| self.tree.nodes[*kid].origin != Origin::Row || this.work_table)
            .collect()
    }

    /// Whether a heading names a list of features, as `Features` does, not one of them.
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

    /// Whether an entry does no more than say what the entries in it are about.
    pub fn grouping(&self, node: usize) -> bool {
        let this = &self.tree.nodes[node];
        if this.origin == Origin::Group {
            return true;
        }
        let nested = this
            .children
            .iter()
            .filter(|kid| self.tree.nodes[**kid].role.is_none())
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
