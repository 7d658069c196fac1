//! The hierarchy as a tree: each item once, parents before children.

use super::{Graph, Is, Vertex};
use crate::model::uid::Uid;

/// The place of an item in the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    pub uid: Uid,
    /// The item it is shown under; `None` at the top.
    pub parent: Option<Uid>,
    /// 0 at the top.
    pub depth: usize,
    /// The number of items shown directly under it.
    pub children: usize,
    /// Set for the last of its siblings, as needed to draw branches.
    pub last: bool,
}

impl<V: Vertex> Graph<'_, V> {
    /// All items, parents before children; there are no cycles of parents.
    pub(super) fn top_down(&self) -> Vec<usize> {
        let parents = |i: usize| self.parents.of(i).len();
        let before = (0..self.items.len()).map(parents).collect();
        self.children.topological(before)
    }

    /// The hierarchy in the order in which a tree is printed; siblings by id. An item with several
    /// parents is shown under the first one: by parent-child edge, the smallest id, else its epic.
    /// Items without an existing parent are at the top, and so is the youngest item of a cycle. With
    /// a root, only that item and its descendants. Deleted items are omitted.
    pub fn tree(&self, root: Option<&Uid>) -> Vec<Node> {
        let parent = |i: usize| self.parents.of(i).first().map(|arc| arc.to);
        let shown = |at: usize| -> Vec<usize> {
            let children = self.children.of(at).iter().copied();
            children.filter(|c| parent(*c) == Some(at)).collect()
        };
        let top: Vec<usize> = match root {
            Some(uid) => self.find(uid).into_iter().collect(),
            None => (0..self.items.len())
                .filter(|i| parent(*i).is_none())
                .collect(),
        };
        let mut todo: Vec<(usize, usize, bool)> = Vec::new();
        let mut nodes = Vec::new();
        let push = |todo: &mut Vec<_>, siblings: &[usize], depth| {
            let last = siblings.last().copied();
            todo.extend(siblings.iter().rev().map(|i| (*i, depth, last == Some(*i))));
        };
        let top: Vec<usize> = top
            .into_iter()
            .filter(|i| !self.items[*i].is(Is::Deleted))
            .collect();
        push(&mut todo, &top, 0);
        while let Some((at, depth, last)) = todo.pop() {
            let below = shown(at);
            nodes.push(Node {
                uid: self.uid(at),
                parent: parent(at).filter(|_| depth > 0).map(|p| self.uid(p)),
                depth,
                children: below.len(),
                last,
            });
            push(&mut todo, &below, depth + 1);
        }
        nodes
    }
}
