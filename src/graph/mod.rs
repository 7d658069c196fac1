//! The graph of items: which edges block, hierarchy and readiness.
//!
//! Pure: it borrows items, and uses no repository, clock or randomness. The same items in any order
//! give the same answers, so all clones agree.

mod adjacency;
mod blocking_chains;
mod children_gates;
mod critical_path;
mod cycle;
mod execution_order;
mod hierarchy;
mod new_edges;
mod ready;
mod reasons;
mod resolve_edges;
mod strong_components;
mod tie_break;
mod unblocks;
mod vertex;
mod waiting_items;

#[cfg(test)]
mod tests;

pub use adjacency::Lists;
pub use blocking_chains::Causes;
pub use critical_path::Slot;
pub use cycle::shortest;
pub use new_edges::{Added, in_cycles};
pub use ready::{is_counted, is_offered, is_under_way};
pub use reasons::{Blocker, Reason};
pub use resolve_edges::{Absence, Missing, Relation};
pub use strong_components::components;
pub use unblocks::Unblocks;
pub use vertex::{Is, Light, Record, Vertex};

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};

use git_pm_model as model;

use crate::model::item::Item;
use crate::model::uid::Uid;
use resolve_edges::Arc;

/// True if an edge of this type blocks its source while the target is open (beads' hard blockers).
pub fn is_blocking(kind: &str) -> bool {
    Relation::blocking(kind).is_some()
}

/// The graph of a set of items.
///
/// # When an item is ready
///
/// *Open* means: not deleted, neither pinned nor a template, and with a status other than done,
/// cancelled, closed, tombstone and pinned. An item is *deferred* if its status is `deferred`, or
/// if its `defer_until` is in the future. *Parents* are the targets of an item's `parent-child`
/// edges and its epic; *ancestors* are its parents, theirs, and so on through every level. An item
/// *waits for* the target of each hard edge: a dependency that is not soft, and an edge of type
/// `blocks`, `conditional-blocks` or `waits-for`. A target that is external, unknown or deleted
/// counts as missing.
///
/// A `waits-for` edge with the gate `all-children` waits, as long as its target is open, for the
/// open children of its target; one with the gate `any-children` does so until one child is no
/// longer open. While the target has no children, both wait for the target itself. (If it has very
/// many open children, the target is named instead of them.)
///
/// An item is ready if and only if
///
/// 1. it is a task, or an issue of a type other than `epic`, `merge-request`, `gate`, `molecule`,
///    `message`, `agent`, `role` and `rig` (not an epic or a PRD), and it is neither pinned, nor
///    ephemeral, nor a template;
/// 2. it is not deleted, its status is `queued` (a task) or `open`, and it is not deferred;
/// 3. it has no open claim, lapsed or not. An assignment alone does not hide it;
/// 4. none of its children is open;
/// 5. no item that it waits for is open;
/// 6. the document of its plan is the one that was approved, or a person has kept the plan
///    ([`Graph::undecided`]);
/// 7. no ancestor is held up. An ancestor is held up if it is a template, or if it is open and
///    waits for an open item, is deferred, or has the status `blocked`. One that is merely open, in
///    progress or in review is not; a closed one only passes on what holds up its own ancestors.
///
/// So a gate (an issue of type `gate`) blocks the items that wait for it and their descendants,
/// and, as an open child, keeps its parent from being offered.
///
/// # Cycles
///
/// Write commands refuse edges that close a cycle ([`Graph::would_cycle`]), but a merge can still
/// make one. Open items wait in three ways: an item for the targets of its hard edges; an item, to
/// be closed, for its children to be closed; a child, to be started, for the items that its
/// ancestors wait for. A hard edge is *ignored* if it closes a cycle of such waits in which no
/// other hard edge starts at a younger item; the *younger* item is the one with the greater uid.
/// (Without hierarchy: of each cycle the edge that starts at its youngest item is dropped.) Of a
/// cycle of parents the edge from the youngest child is dropped in the same way. Dropped edges are
/// reported ([`Graph::cycles`]), and count again once the cycle is gone.
#[derive(Debug)]
pub struct Graph<'a, V = Item> {
    /// In the order of age, so that indices compare like ages.
    items: Vec<&'a V>,
    index: HashMap<&'a Uid, usize>,
    now_ms: u64,
    /// Hard edges between items that are not deleted, closed or not.
    hard: Lists<Arc>,
    /// The hard edges that block: between open items, and not dropped.
    waits: Lists<Arc>,
    /// `waits`, reversed.
    dependents: Lists<usize>,
    /// Soft dependencies without a hard edge to the same target.
    soft: Lists<usize>,
    /// Parents, those by edge before the epic; without cycles.
    parents: Lists<Arc>,
    children: Lists<usize>,
    /// By item: set if an ancestor is held up.
    inherited: Vec<bool>,
    /// The PRDs about whose plans a person has to decide.
    undecided: BTreeSet<Uid>,
    cycles: cycle::Cycles,
    missing: Vec<Missing>,
}

impl<'a, V: Vertex> Graph<'a, V> {
    /// Builds the graph. `now_ms`, in milliseconds since the Unix epoch, decides which items are
    /// deferred, and which claims are described as lapsed.
    pub fn new(items: &[&'a V], now_ms: u64) -> Graph<'a, V> {
        let (items, index) = tie_break::sorted(items);
        let edges = resolve_edges::collect(&items, &index);

        let (parents, nesting) = cycle::forest(&items, edges.parents);
        let children = resolve_edges::backwards(&parents);
        let open: Vec<bool> = items.iter().map(|item| item.is(Is::Open)).collect();
        let cycles = cycle::find(&items, &edges.hard, &parents, &children, &open, nesting);
        let counted = edges
            .hard
            .filter(|from, arc| open[from] && open[arc.to] && !cycles.is_broken(from, arc.to));
        let waits = children_gates::through(counted, &children, &open);
        let mut graph = Graph {
            dependents: resolve_edges::backwards(&waits),
            inherited: Vec::new(),
            undecided: BTreeSet::new(),
            items,
            index,
            now_ms,
            hard: edges.hard,
            waits,
            soft: edges.soft,
            parents,
            children,
            cycles,
            missing: edges.missing,
        };
        let held = (0..graph.items.len()).filter(|i| graph.is_held_up(*i));
        let mut inherited = vec![false; graph.items.len()];
        graph.mark_below(held.collect(), &mut inherited);
        graph.inherited = inherited;
        graph
    }

    /// The same graph, in which no task is ready whose plan is that of one of these PRDs: their
    /// texts changed after the approvals, and a person has to decide.
    #[must_use]
    pub fn undecided(mut self, prds: BTreeSet<Uid>) -> Self {
        self.undecided = prds;
        self
    }

    /// Edges whose target is external, unknown or deleted. They do not block.
    pub fn missing(&self) -> &[Missing] {
        &self.missing
    }

    /// Marks the children of some items, and all their descendants.
    fn mark_below(&self, mut todo: Vec<usize>, marked: &mut [bool]) {
        while let Some(at) = todo.pop() {
            for &child in self.children.of(at) {
                if !std::mem::replace(&mut marked[child], true) {
                    todo.push(child);
                }
            }
        }
    }

    /// An item by its uid.
    pub fn vertex(&self, uid: &Uid) -> Option<&'a V> {
        self.find(uid).map(|i| self.items[i])
    }

    /// The items in the order of age.
    pub fn vertices(&self) -> &[&'a V] {
        &self.items
    }

    /// The place of an item in the order of age.
    pub fn find(&self, uid: &Uid) -> Option<usize> {
        self.index.get(uid).copied()
    }

    fn uid(&self, i: usize) -> Uid {
        self.items[i].uid().clone()
    }

    fn is_open(&self, i: usize) -> bool {
        self.items[i].is(Is::Open)
    }

    fn open_children(&self, i: usize) -> impl Iterator<Item = usize> {
        let children = self.children.of(i).iter().copied();
        children.filter(|child| self.is_open(*child))
    }

    /// By item: its open children. For repeated use, since few of many children may be open.
    fn all_open_children(&self) -> Lists<usize> {
        self.children.filter(|_, child| self.is_open(child))
    }

    /// True if an item, by itself, holds up its descendants.
    fn is_held_up(&self, i: usize) -> bool {
        self.items[i].is(Is::Template)
            || self.is_open(i) && (!self.waits.of(i).is_empty() || self.is_stopped(i))
    }

    /// True if it was stopped by hand, or is deferred.
    fn is_stopped(&self, i: usize) -> bool {
        self.items[i].is(Is::Blocked) || self.is_deferred(i)
    }

    fn is_deferred(&self, i: usize) -> bool {
        let item = self.items[i];
        item.is(Is::Deferred) || item.defer_ms().is_some_and(|until| until > self.now_ms)
    }

    /// All ancestors, nearest first, as [`reach`] returns them.
    fn ancestors(&self, of: Option<usize>) -> impl Iterator<Item = Option<usize>> {
        reach(of, |at| self.parents.of(at).iter().map(|arc| arc.to))
    }
}

/// The nodes reachable from a node, breadth first, without the node itself: one answer for each
/// edge that is followed, `None` if it leads to a node that was already returned. A caller that
/// takes a number of answers thus follows only that number of edges.
fn reach<I: Iterator<Item = usize>>(
    from: Option<usize>,
    next: impl Fn(usize) -> I,
) -> impl Iterator<Item = Option<usize>> {
    let mut seen: HashSet<usize> = from.into_iter().collect();
    let mut todo: VecDeque<usize> = from.into_iter().collect();
    let mut edges: Option<I> = None;
    std::iter::from_fn(move || {
        loop {
            if let Some(to) = edges.as_mut().and_then(Iterator::next) {
                let new = seen.insert(to);
                todo.extend(new.then_some(to));
                return Some(new.then_some(to));
            }
            edges = Some(next(todo.pop_front()?));
        }
    })
}
