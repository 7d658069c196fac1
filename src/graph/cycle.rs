//! Cycles: found and reported, refused before they are made, and broken if a merge made one.
//!
//! The rule that breaks them gives the same result in every clone.
//!
//! Waiting is a graph with two nodes per item: its start (which waits for the starts of its parents
//! and for the ends of its dependencies) and its end (which waits for its own start and for the
//! ends of its children). The items of a cycle in it could never be started.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use super::adjacency::Lists;
use super::resolve_edges::Arc;
use super::strong_components::{self, Timed};
use super::tie_break::ages;
use super::{Graph, Vertex};
use crate::model::uid::Uid;

/// The cycles of a graph.
#[derive(Debug, Default)]
pub(super) struct Cycles {
    /// One cycle per component, each beginning with its smallest item.
    paths: Vec<Vec<usize>>,
    /// Items in a cycle of waiting.
    pub(super) members: HashSet<usize>,
    /// The ignored edges, by source and target.
    broken: Vec<(usize, Arc)>,
    /// The hard ones among them.
    pub(super) hard: HashSet<(usize, usize)>,
}

impl Cycles {
    /// True if a hard edge is ignored.
    pub(super) fn is_broken(&self, from: usize, to: usize) -> bool {
        !self.hard.is_empty() && self.hard.contains(&(from, to))
    }

    /// The ignored edges of an item.
    pub(super) fn broken_from(&self, i: usize) -> impl Iterator<Item = Arc> {
        let first = self.broken.partition_point(|(from, _)| *from < i);
        let of = self.broken[first..]
            .iter()
            .take_while(move |(from, _)| *from == i);
        of.map(|(_, arc)| *arc)
    }
}

/// The parents without cycles, and the cycles that were found in them.
pub(super) fn forest<V: Vertex>(items: &[&V], parents: Lists<Arc>) -> (Lists<Arc>, Cycles) {
    let targets = Lists::of_each(parents.len(), |each| {
        parents.pairs().for_each(|(from, arc)| each(from, arc.to));
    });
    if !targets.has_cycle() {
        return (parents, Cycles::default());
    }
    let age = ages(items);
    let edges: Vec<Timed> = parents
        .pairs()
        .map(|(from, arc)| Timed {
            from,
            to: arc.to,
            time: age[from],
        })
        .collect();
    let closing = strong_components::closing(parents.len(), &edges);
    let (mut kept, mut cycles) = (Vec::new(), Cycles::default());
    for (pair, closing) in parents.pairs().zip(closing) {
        if closing {
            cycles.broken.push(pair);
        } else {
            kept.push(pair);
        }
    }
    let components = each_component(parents.len(), &targets).into_iter();
    cycles.paths = components.map(|component| component.path).collect();
    (Lists::new(parents.len(), &kept), cycles)
}

/// Finds the cycles of waiting among open items, in addition to those of `nesting`.
pub(super) fn find<V: Vertex>(
    items: &[&V],
    hard: &Lists<Arc>,
    parents: &Lists<Arc>,
    children: &Lists<usize>,
    open: &[bool],
    nesting: Cycles,
) -> Cycles {
    let waiting = Waiting {
        hard,
        parents,
        children,
        open: Some(open),
    };
    let nodes = 2 * hard.len();
    let targets = Lists::of_each(nodes, |each| {
        (0..nodes).for_each(|from| waiting.each(from, |to, _| each(from, to)));
    });
    let mut cycles = nesting;
    if targets.has_cycle() {
        waiting.break_cycles(&ages(items), &targets, &mut cycles);
    }
    cycles.paths.sort();
    cycles.paths.dedup();
    cycles.broken.sort_unstable();
    cycles
}

/// The graph of waiting, whose edges are derived when needed.
struct Waiting<'g> {
    hard: &'g Lists<Arc>,
    parents: &'g Lists<Arc>,
    children: &'g Lists<usize>,
    /// The items that count; `None` for all, to check new edges.
    open: Option<&'g [bool]>,
}

impl Waiting<'_> {
    fn is_open(&self, i: usize) -> bool {
        self.open.is_none_or(|open| open[i])
    }

    /// Visits the nodes that a node waits for, with the hard edge if there is one. The start of
    /// item `i` is node `i`, its end node `i` + the number of items.
    fn each(&self, node: usize, mut visit: impl FnMut(usize, Option<Arc>)) {
        let end = self.hard.len();
        if node < end {
            for parent in self.parents.of(node) {
                visit(parent.to, None);
            }
            for arc in self.hard.of(node) {
                if self.is_open(node) && self.is_open(arc.to) {
                    visit(end + arc.to, Some(*arc));
                }
            }
        } else if self.is_open(node - end) {
            visit(node - end, None);
            for child in self.children.of(node - end) {
                if self.is_open(*child) {
                    visit(end + child, None);
                }
            }
        }
    }

    /// Ignores the edges that close cycles.
    fn break_cycles(&self, age: &[usize], targets: &Lists<usize>, cycles: &mut Cycles) {
        let nodes = 2 * self.hard.len();
        let (mut edges, mut arcs) = (Vec::new(), Vec::new());
        // Hierarchy counts as older than any dependency, so its edges are never dropped here.
        let time = |from: usize, hard: bool| if hard { age[from] + 1 } else { 0 };
        for from in 0..nodes {
            self.each(from, |to, arc| {
                let time = time(from, arc.is_some());
                edges.push(Timed { from, to, time });
                arcs.push(arc);
            });
        }
        let closing = strong_components::closing(nodes, &edges);
        for ((edge, arc), closing) in edges.iter().zip(arcs).zip(closing) {
            if let (true, Some(arc)) = (closing, arc) {
                cycles.hard.insert((edge.from, arc.to));
                cycles.broken.push((edge.from, arc));
            }
        }
        if !cycles.hard.is_empty() {
            for component in each_component(self.hard.len(), targets) {
                cycles.members.extend(component.items);
                cycles.paths.push(component.path);
            }
        }
    }

    /// The items on a shortest path from one node to another.
    fn path(&self, from: usize, to: usize) -> Option<Vec<usize>> {
        let mut path = match from == to {
            true => Vec::new(),
            false => shortest(from, to, |at, visit| self.each(at, |next, _| visit(next)))?,
        };
        path.push(to);
        Some(path.into_iter().map(|n| n % self.hard.len()).collect())
    }
}

/// The nodes on a shortest path of at least one edge, without its end; of several paths, the one
/// whose edges come first.
pub fn shortest(
    from: usize,
    to: usize,
    each: impl Fn(usize, &mut dyn FnMut(usize)),
) -> Option<Vec<usize>> {
    let mut came: HashMap<usize, usize> = HashMap::new();
    let mut todo = VecDeque::from([from]);
    while let Some(at) = todo.pop_front() {
        let mut found = false;
        each(at, &mut |next| {
            found |= next == to;
            if next != from && next != to {
                came.entry(next).or_insert_with(|| {
                    todo.push_back(next);
                    at
                });
            }
        });
        if found {
            let mut path = vec![at];
            while let Some(&before) = path.last().filter(|n| **n != from) {
                path.push(came[&before]);
            }
            path.reverse();
            return Some(path);
        }
    }
    None
}

struct Component {
    items: Vec<usize>,
    path: Vec<usize>,
}

/// The components that contain a cycle. Node `n` belongs to item `n` modulo `items`.
fn each_component(items: usize, graph: &Lists<usize>) -> Vec<Component> {
    let names = strong_components::components(graph);
    let inside = graph.filter(|from, to| names[from] == names[to]);
    let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for node in (0..graph.len()).filter(|node| !inside.of(*node).is_empty()) {
        members.entry(names[node]).or_default().push(node);
    }
    let mut components: Vec<Component> = members
        .into_values()
        .filter_map(|nodes| {
            let start = nodes.iter().copied().min_by_key(|n| (n % items, *n))?;
            let next = |at: usize, visit: &mut dyn FnMut(usize)| {
                inside.of(at).iter().for_each(|to| visit(*to));
            };
            let path = shortest(start, start, next)?;
            let path = path.into_iter().map(|n| n % items).collect();
            Some(Component {
                items: nodes.iter().map(|n| n % items).collect(),
                path: tidy(path),
            })
        })
        .collect();
    components.sort_by(|a, b| a.path.cmp(&b.path));
    components
}

/// A cycle in which each item occurs once, beginning with its smallest item. If an item's start and
/// end are both on the path, the part between them is a cycle, as the end waits for the start.
fn tidy(mut path: Vec<usize>) -> Vec<usize> {
    path.dedup();
    if path.len() > 1 && path.first() == path.last() {
        path.pop();
    }
    let mut place: HashMap<usize, usize> = HashMap::new();
    let twice = path
        .iter()
        .enumerate()
        .find_map(|(i, item)| Some((place.insert(*item, i)?, i)));
    if let Some((first, second)) = twice {
        path = path[first..second].to_vec();
    }
    let smallest = (0..path.len()).min_by_key(|i| path[*i]).unwrap_or(0);
    path.rotate_left(smallest);
    path
}

impl<V: Vertex> Graph<'_, V> {
    /// One cycle for each group of open items that wait for each other, and for each group of items
    /// that are each other's ancestors. Each item waits for the next one, or has it as its parent,
    /// and the last one closes the cycle; the first one has the smallest id.
    pub fn cycles(&self) -> Vec<Vec<Uid>> {
        let paths = self.cycles.paths.iter();
        paths.map(|path| self.uids(path)).collect()
    }

    fn uids(&self, path: &[usize]) -> Vec<Uid> {
        path.iter().map(|i| self.uid(*i)).collect()
    }
}

impl Graph<'_> {
    /// The cycle that a new hard edge would close: it begins with `from`, `to`; each item waits for
    /// the next one, and the last one for the first. Closed items count, since they may be
    /// reopened. An edge to the item itself, an ancestor or a descendant closes one too: a
    /// container is done when its children are.
    pub fn would_cycle(&self, from: &Uid, to: &Uid) -> Option<Vec<Uid>> {
        let (from, to) = (self.find(from)?, self.find(to)?);
        let path = self.waiting().path(self.items.len() + to, from)?;
        Some(self.circle_of(from, path))
    }

    /// The cycle that a new parent or epic would close: through both items, each one waiting for
    /// the next or having it as its parent. An item may not become its own ancestor, nor a
    /// descendant of an item that it waits for or that waits for it.
    pub fn would_nest(&self, child: &Uid, parent: &Uid) -> Option<Vec<Uid>> {
        let (child, parent) = (self.find(child)?, self.find(parent)?);
        let end = self.items.len();
        if let Some(path) = self.waiting().path(parent, child) {
            return Some(self.circle_of(child, path));
        }
        let path = self.waiting().path(end + child, end + parent)?;
        Some(self.circle_of(parent, path))
    }

    fn waiting(&self) -> Waiting<'_> {
        Waiting {
            hard: &self.hard,
            parents: &self.parents,
            children: &self.children,
            open: None,
        }
    }

    /// The cycle that begins at `first`, from a path that ends there.
    fn circle_of(&self, first: usize, mut path: Vec<usize>) -> Vec<Uid> {
        path.insert(0, first);
        path.dedup();
        if path.len() > 1 && path.last() == Some(&first) {
            path.pop();
        }
        self.uids(&path)
    }
}
