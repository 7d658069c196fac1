//! The items that would become ready if an item were closed, for all items in one pass over the graph.
//!
//! Every obstacle to an item is a condition on closed items: a wait ends when its target is closed,
//! an ancestor no longer blocks once it or the item it waits for is closed. So each item has a set
//! of items any one of which would make it ready, usually with at most two members. Cycles need a
//! second check: an edge that is dropped now may count again when an item of the same cycle is
//! closed. A gate that any one of many children opens has an equally large set. Both have a budget.

use std::collections::HashMap;
use std::rc::Rc;

use super::adjacency::Lists;
use super::resolve_edges::{Arc, Relation};
use super::{Graph, Is, Vertex};
use crate::model::uid::Uid;

/// The budget of steps along edges for all second checks of cycles and for gates that any one of
/// many children opens: about 0.2 s.
pub(super) const STEPS: usize = 10_000_000;
/// The greatest number of recorded pairs of a child and an item behind such a gate.
const PAIRS: usize = 1_000_000;

/// By item, the items that would become ready if it were closed.
#[derive(Debug)]
pub struct Unblocks {
    lists: Lists<usize>,
    /// Set if the budget ran out; the results are then an estimate.
    pub partial: bool,
}

impl<V: Vertex> Graph<'_, V> {
    /// The items that would become ready if an item were closed, for all items.
    pub fn unblocks(&self) -> Unblocks {
        self.unblocks_within(STEPS).0
    }

    /// The same within a budget of steps for cycles and gates, with the number of steps taken: a
    /// measure of work that is the same on every machine.
    pub(super) fn unblocks_within(&self, most: usize) -> (Unblocks, usize) {
        let mut search = Search {
            graph: self,
            wide: HashMap::new(),
            again: HashMap::new(),
            open_below: self.all_open_children(),
            held: vec![None; self.items.len()],
            seen: vec![0; 2 * self.items.len()],
            turn: 0,
            steps: 0,
            left: most,
            partial: false,
        };
        let pairs = search.pairs();
        let unblocks = Unblocks {
            lists: Lists::new(self.items.len(), &pairs),
            partial: search.partial,
        };
        (unblocks, search.steps + (most - search.left))
    }

    /// The items that would become ready if this item were closed, in the order of
    /// [`Graph::ready`].
    pub fn unblocked(&self, unblocks: &Unblocks, uid: &Uid) -> Vec<Uid> {
        let closed = self.find(uid).filter(|i| self.is_open(*i));
        closed.map_or_else(Vec::new, |i| self.in_order(unblocks.lists.of(i).to_vec()))
    }

    /// The number of items that would become ready if this item were closed.
    #[cfg(test)]
    pub fn unblocked_count(&self, unblocks: &Unblocks, uid: &Uid) -> usize {
        let place = self.find(uid);
        place.map_or(0, |place| self.unblocked_count_at(unblocks, place))
    }

    /// The number of items that would become ready if the item at a place in the order of age were closed.
    pub fn unblocked_count_at(&self, unblocks: &Unblocks, place: usize) -> usize {
        match self.is_open(place) {
            true => unblocks.lists.of(place).len(),
            false => 0,
        }
    }
}

/// The items of which any one, when closed, removes an obstacle.
#[derive(Clone, Debug)]
enum Keys {
    /// There is no obstacle.
    Free,
    /// Any of these, sorted; empty if no single item is enough.
    Any(Rc<[usize]>),
}

impl Keys {
    fn none() -> Keys {
        Keys::Any(Rc::from([]))
    }

    fn one(key: usize) -> Keys {
        Keys::Any(Rc::from([key]))
    }

    fn has(&self, key: usize) -> bool {
        match self {
            Keys::Free => true,
            Keys::Any(keys) => keys.binary_search(&key).is_ok(),
        }
    }

    fn is_none(&self) -> bool {
        matches!(self, Keys::Any(keys) if keys.is_empty())
    }
}

/// The number of keys up to which an operation on them costs nothing.
const CHEAP_KEYS: usize = 2;

struct Search<'g, 'a, V> {
    graph: &'g Graph<'a, V>,
    /// By the target of a gate that any child opens: the target and its children.
    wide: HashMap<usize, Keys>,
    /// By the closed item and an item with dropped edges: set if one of these edges would block
    /// then.
    again: HashMap<(usize, usize), bool>,
    /// The open children of each item.
    open_below: Lists<usize>,
    /// By item: the items that end its effect on its descendants, once computed.
    held: Vec<Option<Keys>>,
    /// By node, as in [`super::cycle`]: the last search that reached it.
    seen: Vec<usize>,
    /// The number of searches.
    turn: usize,
    steps: usize,
    /// The rest of the budget.
    left: usize,
    partial: bool,
}

impl<V: Vertex> Search<'_, '_, V> {
    /// Pairs of a closed item and one that becomes ready.
    fn pairs(&mut self) -> Vec<(usize, usize)> {
        let graph = self.graph;
        let above = self.above();
        let dropped = self.dropped();
        let (mut pairs, mut wide) = (Vec::new(), 0);
        for item in 0..graph.items.len() {
            if !graph.is_candidate(item) || graph.is_ready_at(item) {
                continue;
            }
            let own = self.own(item);
            let keys = self.both(above[item].clone(), own);
            let keys = match *self.open_below.of(item) {
                [] => keys,
                [child] => self.both(keys, Keys::one(child)),
                _ => Keys::none(),
            };
            let Keys::Any(keys) = keys else { continue };
            if keys.len() > CHEAP_KEYS {
                wide += keys.len();
                if wide > PAIRS {
                    self.partial = true;
                    continue;
                }
            }
            let mut found = keys.to_vec();
            found.retain(|key| *key != item);
            found.retain(|key| !dropped[item] || self.stays_free(item, *key));
            pairs.extend(found.into_iter().map(|key| (key, item)));
        }
        pairs
    }

    /// By item: the items that remove all obstacles of its ancestors.
    fn above(&mut self) -> Vec<Keys> {
        let graph = self.graph;
        let mut above = vec![Keys::Free; graph.items.len()];
        for item in graph.top_down() {
            if !graph.inherited[item] {
                continue;
            }
            let mut keys = Keys::Free;
            for parent in graph.parents.of(item) {
                self.steps += 1;
                let held = self.held(parent.to);
                keys = self.both(keys, above[parent.to].clone());
                keys = self.both(keys, held);
                if keys.is_none() {
                    break;
                }
            }
            above[item] = keys;
        }
        above
    }

    /// The items that end an item's effect on its descendants.
    fn held(&mut self, item: usize) -> Keys {
        if let Some(known) = &self.held[item] {
            return known.clone();
        }
        let keys = self.holding(item);
        self.held[item] = Some(keys.clone());
        keys
    }

    fn holding(&mut self, item: usize) -> Keys {
        let graph = self.graph;
        if !graph.is_held_up(item) {
            return Keys::Free;
        }
        if graph.items[item].is(Is::Template) {
            return Keys::none();
        }
        let own = match graph.is_stopped(item) {
            true => Keys::none(),
            false => self.own(item),
        };
        match own {
            Keys::Free => Keys::Free,
            // Once it is closed, the items that it waits for do not matter.
            Keys::Any(keys) => self.any([&keys[..], &[item]].concat()),
        }
    }

    /// The items that end all waits of the item itself.
    fn own(&mut self, item: usize) -> Keys {
        let graph = self.graph;
        if graph.waits.of(item).is_empty() {
            return Keys::Free;
        }
        let mut keys = Keys::Free;
        for arc in graph.hard.of(item) {
            self.steps += 1;
            let counts = graph.is_open(arc.to) && !graph.cycles.is_broken(item, arc.to);
            if counts {
                let edge = self.of_edge(*arc);
                keys = self.both(keys, edge);
                if keys.is_none() {
                    break;
                }
            }
        }
        keys
    }

    /// The items that end the wait of one edge to an open item.
    fn of_edge(&mut self, arc: Arc) -> Keys {
        let graph = self.graph;
        let below = graph.children.of(arc.to);
        if !arc.via.is_gate() || below.is_empty() {
            return Keys::one(arc.to);
        }
        let open = self.open_below.of(arc.to);
        if arc.via == Relation::AnyChild {
            if open.len() < below.len() {
                return Keys::Free;
            }
            if let Some(keys) = self.wide.get(&arc.to) {
                return keys.clone();
            }
            let keys = self.any([below, &[arc.to]].concat());
            self.wide.insert(arc.to, keys.clone());
            return keys;
        }
        match *open {
            [] => Keys::Free,
            [child] => self.any(vec![arc.to, child]),
            _ => Keys::one(arc.to),
        }
    }

    /// The items that remove both of two obstacles.
    fn both(&mut self, a: Keys, b: Keys) -> Keys {
        match (a, b) {
            (Keys::Free, keys) | (keys, Keys::Free) => keys,
            (Keys::Any(a), Keys::Any(b)) if Rc::ptr_eq(&a, &b) => Keys::Any(a),
            (Keys::Any(a), Keys::Any(b)) => {
                let (few, more) = if a.len() < b.len() { (a, b) } else { (b, a) };
                if few.len() > CHEAP_KEYS && !self.pay(few.len()) {
                    return Keys::none();
                }
                let has = |key: &usize| more.binary_search(key).is_ok();
                Keys::Any(few.iter().copied().filter(has).collect())
            }
        }
    }

    /// Any one of some items, in any order.
    fn any(&mut self, mut keys: Vec<usize>) -> Keys {
        if keys.len() > CHEAP_KEYS && !self.pay(keys.len()) {
            return Keys::none();
        }
        keys.sort_unstable();
        keys.dedup();
        Keys::Any(keys.into())
    }

    /// Takes steps from the budget; returns whether it had enough.
    fn pay(&mut self, steps: usize) -> bool {
        let enough = steps <= self.left;
        self.left = self.left.saturating_sub(steps);
        self.partial |= !enough;
        enough
    }

    /// Returns for each item whether it, or an ancestor, has a hard edge that is dropped.
    fn dropped(&self) -> Vec<bool> {
        let graph = self.graph;
        let mut dropped = vec![false; graph.items.len()];
        let mut todo: Vec<usize> = graph.cycles.hard.iter().map(|(from, _)| *from).collect();
        todo.retain(|i| !std::mem::replace(&mut dropped[*i], true));
        graph.mark_below(todo, &mut dropped);
        dropped
    }

    /// True if no dropped edge that counts again when `closed` is closed blocks an item.
    fn stays_free(&mut self, item: usize, closed: usize) -> bool {
        let graph = self.graph;
        if !graph.cycles.members.contains(&closed) {
            return true;
        }
        let above = graph.ancestors(Some(item));
        for at in std::iter::once(Some(item)).chain(above) {
            if !self.pay(1) {
                return true;
            }
            let Some(at) = at else { continue };
            // A closed ancestor waits for nothing.
            if at != closed && self.counts_again(at, closed) {
                return false;
            }
        }
        true
    }

    /// True if a dropped edge of an item counts when `closed` is closed, and is not satisfied by
    /// it.
    fn counts_again(&mut self, item: usize, closed: usize) -> bool {
        if let Some(known) = self.again.get(&(closed, item)) {
            return *known;
        }
        let graph = self.graph;
        let edges: Vec<Arc> = graph.cycles.broken_from(item).collect();
        let mut found = false;
        for arc in edges {
            if !graph.cycles.is_broken(item, arc.to) || self.of_edge(arc).has(closed) {
                continue;
            }
            if !self.still_closes(item, arc.to, closed) {
                found = true;
                break;
            }
        }
        if !self.partial {
            self.again.insert((closed, item), found);
        }
        found
    }

    /// True if an edge closes a cycle even without `closed`: if its target's end leads back to the
    /// item's start over edges of items that are not younger. Also true if the budget runs out.
    fn still_closes(&mut self, item: usize, target: usize, closed: usize) -> bool {
        let graph = self.graph;
        let ends = graph.items.len();
        let open = |i: usize| i != closed && graph.is_open(i);
        let youngest = graph.items[item].uid();
        self.turn += 1;
        let (turn, mut todo) = (self.turn, vec![ends + target]);
        while let Some(node) = todo.pop() {
            if node == item {
                return true;
            }
            let seen = &mut self.seen;
            let mut visit = |next: usize| {
                if std::mem::replace(&mut seen[next], turn) != turn {
                    todo.push(next);
                }
            };
            let mut steps = 1;
            if node < ends {
                let parents = graph.parents.of(node);
                parents.iter().for_each(|parent| visit(parent.to));
                steps += parents.len();
                if open(node) && graph.items[node].uid() <= youngest {
                    let waits = graph.hard.of(node);
                    let open_targets = waits.iter().filter(|arc| open(arc.to));
                    open_targets.for_each(|arc| visit(ends + arc.to));
                    steps += waits.len();
                }
            } else if open(node - ends) {
                visit(node - ends);
                let children = graph.children.of(node - ends);
                let open_children = children.iter().filter(|child| open(**child));
                open_children.for_each(|child| visit(ends + child));
                steps += children.len();
            }
            if !self.pay(steps) {
                return true;
            }
        }
        false
    }
}
