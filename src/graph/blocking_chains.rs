//! The chain of blockers of an item down to the root blocker, and its direct blockers, in bounded lists.
//!
//! Shared work is done once, and each answer is limited to a number of entries, so that a chain of
//! 10,000 items does not result in 10,000 lists of 10,000 items.

use std::collections::HashMap;

use super::adjacency::Lists;
use super::reasons::{Blocker, Reason};
use super::resolve_edges::Relation;
use super::{Graph, Is, Vertex};
use crate::model::item::Item;
use crate::model::uid::Uid;

/// The number of edges to ancestors that are followed for each requested entry.
const CLIMB: usize = 10;

/// The graph with cached results about paths through it.
#[derive(Debug)]
pub struct Causes<'g, 'a, V = Item> {
    graph: &'g Graph<'a, V>,
    /// By item: the distance to the nearest ancestor that is held up, and that ancestor.
    nearest: Vec<Option<(usize, usize)>>,
    /// The open children of each item.
    open_below: Lists<usize>,
    /// The end of the path from an item, by the item and whether the one before waits for its end.
    ends: HashMap<(usize, bool), End>,
}

/// The end of a path.
#[derive(Clone, Copy, Debug)]
struct End {
    at: usize,
    /// The relation of the last step; `None` for a path without steps.
    via: Option<Relation>,
    /// The number of steps to it.
    steps: usize,
}

impl<'a, V: Vertex> Graph<'a, V> {
    /// The reasons and blockers of many items.
    pub fn causes(&self) -> Causes<'_, 'a, V> {
        let mut nearest: Vec<Option<(usize, usize)>> = vec![None; self.items.len()];
        for item in self.top_down() {
            let above = self.parents.of(item).iter().filter_map(|parent| {
                if self.is_held_up(parent.to) {
                    return Some((1, parent.to));
                }
                nearest[parent.to].map(|(far, at)| (far + 1, at))
            });
            // At equal distance the first parent's, as in a breadth-first search.
            nearest[item] = above.min_by_key(|(far, _)| *far);
        }
        Causes {
            graph: self,
            nearest,
            open_below: self.all_open_children(),
            ends: HashMap::new(),
        }
    }
}

impl Causes<'_, '_> {
    /// The first reasons why an item is ready or not, and whether there are more.
    pub fn reasons(&self, uid: &Uid, most: usize) -> (Vec<Reason>, bool) {
        let Some(i) = self.graph.find(uid) else {
            return (Vec::new(), false);
        };
        let (mut reasons, mut more) = self.graph.first_reasons(i, most, self.stuck(i, most));
        more |= reasons.len() > most;
        reasons.truncate(most);
        (reasons, more)
    }
}

impl<V: Vertex> Causes<'_, '_, V> {
    /// True if an item can be started now.
    pub fn is_ready(&self, uid: &Uid) -> bool {
        self.graph.is_ready(uid)
    }

    /// The path from an item to its root blocker, without the item itself; empty if it is not
    /// blocked. A long path is reduced to its first links and the last one, with the number of
    /// links omitted between them. Each step follows the blocker with the smallest id, else the
    /// nearest ancestor that is held up, else the first open child of a container. The last link is
    /// the item to act on. The path always ends: edges that close a cycle are not followed.
    pub fn chain(&mut self, uid: &Uid, most: usize) -> (Vec<Blocker>, usize) {
        let graph = self.graph;
        let mut links = Vec::new();
        let Some(mut at) = graph.find(uid).filter(|i| graph.is_open(*i)) else {
            return (links, 0);
        };
        let link = |at: usize, via| Blocker {
            uid: graph.uid(at),
            via,
        };
        let mut to_be_closed = false;
        while let Some((next, via)) = self.step(at, to_be_closed, links.is_empty()) {
            to_be_closed = via != Relation::Ancestor;
            links.push(link(next, via));
            at = next;
            // The end of a path is computed once for all paths that lead to it.
            if links.len() >= most {
                let end = self.end(at, to_be_closed);
                links.extend(end.via.map(|via| link(end.at, via)));
                return (links, end.steps.saturating_sub(1));
            }
        }
        (links, 0)
    }

    /// The first direct blockers of an item, and whether there may be more: the items that it waits
    /// for, by id, then the ancestors that are held up, nearest first.
    pub fn blockers(&self, uid: &Uid, most: usize) -> (Vec<Blocker>, bool) {
        let Some(i) = self.graph.find(uid) else {
            return (Vec::new(), false);
        };
        let (above, more) = self.stuck(i, most);
        let more = more || self.graph.waits.of(i).len() + above.len() > most;
        (self.graph.direct_and(i, above).take(most).collect(), more)
    }

    /// The ancestors of an item that are held up, nearest first, and whether there may be more.
    fn stuck(&self, i: usize, most: usize) -> (Vec<usize>, bool) {
        let graph = self.graph;
        let mut all = graph.ancestors(graph.inherited[i].then_some(i));
        let near = all.by_ref().take(most.saturating_mul(CLIMB)).flatten();
        let mut stuck: Vec<usize> = near.filter(|a| graph.is_held_up(*a)).collect();
        let mut more = all.next().is_some();
        if stuck.is_empty() {
            stuck.extend(self.nearest[i].map(|(_, at)| at));
        }
        more |= stuck.len() > most;
        stuck.truncate(most);
        (stuck, more)
    }

    /// The next step on the path from an item to its root blocker. `to_be_closed` is set if the
    /// previous item waits for its end, not only for its start.
    fn step(&self, at: usize, to_be_closed: bool, first: bool) -> Option<(usize, Relation)> {
        let graph = self.graph;
        if let Some(arc) = graph.waits.of(at).first() {
            return Some((arc.to, arc.via));
        }
        if !first && (graph.items[at].is(Is::Template) || graph.is_stopped(at)) {
            return None;
        }
        if let Some((_, ancestor)) = self.nearest[at] {
            return Some((ancestor, Relation::Ancestor));
        }
        let child = self.open_below.of(at).first().filter(|_| to_be_closed)?;
        Some((*child, Relation::Child))
    }

    /// The end of a path, continued from an item that is not its first.
    fn end(&mut self, at: usize, to_be_closed: bool) -> End {
        let mut path = Vec::new();
        let mut state = (at, to_be_closed);
        let mut end = loop {
            if let Some(known) = self.ends.get(&state) {
                break *known;
            }
            let Some((next, via)) = self.step(state.0, state.1, false) else {
                let end = End {
                    at: state.0,
                    via: None,
                    steps: 0,
                };
                self.ends.insert(state, end);
                break end;
            };
            path.push((state, via));
            state = (next, via != Relation::Ancestor);
        };
        while let Some((state, via)) = path.pop() {
            end = End {
                at: end.at,
                via: end.via.or(Some(via)),
                steps: end.steps + 1,
            };
            self.ends.insert(state, end);
        }
        end
    }
}
