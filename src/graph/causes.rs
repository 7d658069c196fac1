//! Why items wait, asked of many items at once: what is the same for all of them is found out once,
//! and each answer is cut to a number of entries, so that a chain of ten thousand items does not
//! make ten thousand lists of ten thousand.

use std::collections::HashMap;

use super::Graph;
use super::adjacency::Lists;
use super::resolve_edges::Relation;
use super::why::{Blocker, Link, Reason};
use crate::model::uid::Uid;

/// How many edges to ancestors are followed for each entry that is wanted.
const CLIMB: usize = 10;

/// The graph with what is known about all ways up and down it.
#[derive(Debug)]
pub struct Causes<'g, 'a> {
    graph: &'g Graph<'a>,
    /// By item: the nearest ancestor that is held up, and how far above it is.
    nearest: Vec<Option<(usize, usize)>>,
    /// The open children of each item.
    open_below: Lists<usize>,
    /// Where the way from an item ends, by the item and whether its end is waited for.
    ends: HashMap<(usize, bool), End>,
}

/// The end of a way.
#[derive(Clone, Copy, Debug)]
struct End {
    at: usize,
    /// What the last step is; `None` where there is none.
    via: Option<Relation>,
    /// How many steps lead there.
    steps: usize,
}

impl<'a> Graph<'a> {
    /// Why items wait, and what stands in their way, for many items.
    pub fn causes(&self) -> Causes<'_, 'a> {
        let mut nearest: Vec<Option<(usize, usize)>> = vec![None; self.items.len()];
        for item in self.top_down() {
            let above = self.parents.of(item).iter().filter_map(|parent| {
                if self.is_held_up(parent.to) {
                    return Some((1, parent.to));
                }
                nearest[parent.to].map(|(far, at)| (far + 1, at))
            });
            // Among equals the first parent's, as a search by breadth finds it.
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
    /// Whether an item can be started now.
    pub fn is_ready(&self, uid: &Uid) -> bool {
        self.graph.is_ready(uid)
    }

    /// The way from an item to the root of its waiting, without the item itself; empty if it is
    /// not blocked. Of a long one the first links and the last one, and how many are left out
    /// between them. At each step the blocker with the smallest id is followed, else the nearest
    /// ancestor that is held up, else the first open child of a container. The last link is what
    /// can be acted on. It always ends: edges that close a cycle are not followed.
    pub fn chain(&mut self, uid: &Uid, most: usize) -> (Vec<Link>, usize) {
        let graph = self.graph;
        let mut links = Vec::new();
        let Some(mut at) = graph.find(uid).filter(|i| graph.is_open(*i)) else {
            return (links, 0);
        };
        let link = |at: usize, via| Link {
            uid: graph.uid(at),
            via,
        };
        let mut to_be_closed = false;
        while let Some((next, via)) = self.step(at, to_be_closed, links.is_empty()) {
            to_be_closed = via != Relation::Ancestor;
            links.push(link(next, via));
            at = next;
            // What is known about its end is not found out once more for each that leads there.
            if links.len() >= most {
                let end = self.end(at, to_be_closed);
                links.extend(end.via.map(|via| link(end.at, via)));
                return (links, end.steps.saturating_sub(1));
            }
        }
        (links, 0)
    }

    /// The first of the reasons why an item is ready or not, and whether there are more.
    pub fn reasons(&self, uid: &Uid, most: usize) -> (Vec<Reason>, bool) {
        let Some(i) = self.graph.find(uid) else {
            return (Vec::new(), false);
        };
        let (mut reasons, mut more) = self.graph.first_reasons(i, most, self.stuck(i, most));
        more |= reasons.len() > most;
        reasons.truncate(most);
        (reasons, more)
    }

    /// The first of what stands directly in an item's way, and whether there may be more: what it
    /// waits for, by id, then the ancestors that are held up, nearest first.
    pub fn blockers(&self, uid: &Uid, most: usize) -> (Vec<Blocker>, bool) {
        let Some(i) = self.graph.find(uid) else {
            return (Vec::new(), false);
        };
        let (above, more) = self.stuck(i, most);
        let more = more || self.graph.waits.of(i).len() + above.len() > most;
        (self.graph.direct_and(i, above).take(most).collect(), more)
    }

    /// Ancestors of an item that are held up, nearest first, and whether there may be more.
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

    /// What comes next on the way from an item to the root of its waiting. `to_be_closed`: what
    /// comes before waits for its end, not only for its start.
    fn step(&self, at: usize, to_be_closed: bool, first: bool) -> Option<(usize, Relation)> {
        let graph = self.graph;
        if let Some(arc) = graph.waits.of(at).first() {
            return Some((arc.to, arc.via));
        }
        if !first && (graph.items[at].issue.template || graph.is_stopped(at)) {
            return None;
        }
        if let Some((_, ancestor)) = self.nearest[at] {
            return Some((ancestor, Relation::Ancestor));
        }
        let child = self.open_below.of(at).first().filter(|_| to_be_closed)?;
        Some((*child, Relation::Child))
    }

    /// Where the way from an item that is not the first ends.
    fn end(&mut self, at: usize, to_be_closed: bool) -> End {
        let mut way = Vec::new();
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
            way.push((state, via));
            state = (next, via != Relation::Ancestor);
        };
        while let Some((state, via)) = way.pop() {
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
