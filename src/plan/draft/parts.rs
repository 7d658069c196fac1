//! Nodes that are one task, and nodes that only group others.

use super::node_tree::Origin;
use super::similarity::{normalize, words};
use super::work::Source;

impl Source<'_> {
    /// True if a heading is a task of a plan that its author numbered (`Task 3: …`).
    pub fn is_numbered_task(&self, node: usize) -> bool {
        self.tree.is_section(node) && task_number(&self.tree.nodes[node].text).is_some()
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
    let named = words.first().is_some_and(|word| {
        matches!(
            word.as_str(),
            "task" | "tâche" | "aufgabe" | "tarea" | "ticket"
        )
    });
    words.get(1).filter(|_| named)?.parse().ok()
}
