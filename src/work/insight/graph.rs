//! A part of the graph as nodes and edges.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};

use schemars::JsonSchema;
use serde::Serialize;

use super::{ItemLine, Survey};
use crate::coordinate::here;
use crate::error::Result;
use crate::graph::{Blocker, is_blocking};
use crate::model::edge_type::EdgeClass;
use crate::model::id;
use crate::model::item::Item;
use crate::model::uid::Uid;
use crate::pm::handles::Insights;
use crate::store::index::Reach;
use crate::store::state::State;
use crate::work::insight;

/// An item of a drawn graph.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct GraphNode {
    /// The item.
    #[serde(flatten)]
    pub item: ItemLine,
    /// True if it can be started now.
    pub ready: bool,
}

/// An edge of a drawn graph.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct GraphEdge {
    /// The id of the item that has the edge: the one that waits, or the child.
    pub from: String,
    /// The id of the other end; where `from` waits for the children of an item, each that is open.
    pub to: String,
    /// The edge's type in beads' words (`blocks`, `parent-child`, `related`, …), or `epic`.
    #[serde(rename = "type")]
    pub kind: String,
    /// `hard`: `from` waits for `to` until it is closed; else `soft`.
    pub class: EdgeClass,
    /// True if it blocks its item now: hard, both ends open, and not ignored because of a cycle.
    pub counts: bool,
}

/// A part of the graph.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct GraphView {
    /// The items, in the order of kind and id.
    pub nodes: Vec<GraphNode>,
    /// The edges between them, ordered by their ends.
    pub edges: Vec<GraphEdge>,
}

impl Insights<'_> {
    /// A part of the graph: all open items; with an id an epic or other container with all its
    /// descendants, or any other item with those reachable from it over at most `depth` edges in
    /// either direction.
    ///
    /// # Errors
    /// When there is no such item.
    pub fn graph(&self, id: Option<&str>, depth: usize) -> Result<GraphView> {
        let state = self.pm.store.snapshot()?;
        let root = match id {
            Some(id) => Some(state.find(id)?.uid.clone()),
            None => None,
        };
        let beside = root.as_ref().map(|root| state.proposed_beside(root));
        let now_ms = self.pm.now_ms();
        let survey = match (beside.filter(|beside| !beside.is_empty()), &root) {
            (Some(beside), _) => Survey::of_items(&state, beside, now_ms),
            (None, Some(root)) => {
                here::tell_damaged(self.pm, &state);
                Survey::near(&state, root, depth, now_ms)
            }
            (None, None) => insight::survey(self.pm, &state),
        };
        let shown: HashSet<&str> = match &root {
            None => survey.open().map(|item| item.uid.as_str()).collect(),
            Some(root) => {
                let tree = survey.graph.tree(Some(root));
                if tree.len() > 1 {
                    let below = tree.iter().filter_map(|node| survey.item(&node.uid));
                    below.map(|item| item.uid.as_str()).collect()
                } else {
                    survey.around(root, depth)
                }
            }
        };
        Ok(survey.view(&shown))
    }
}

impl<'s, 'r> Survey<'s, 'r> {
    /// The items that a graph of one item may show, and those that decide what is said of them.
    fn near(state: &'s State<'r>, root: &Uid, depth: usize, now_ms: u64) -> Self {
        let of = |mut items: Vec<&'s Item>| {
            items.retain(|item| !item.deleted);
            items.sort_by_cached_key(|item| (item.kind, id::rank(&item.id), item.uid.clone()));
            items.dedup_by_key(|item| &item.uid);
            Survey::of_items(state, items, now_ms)
        };
        let below = of(state.around(&[root], Reach::All));
        if below.graph.tree(Some(root)).len() > 1 {
            return below;
        }
        let Some(linked) = state.linked(root, depth) else {
            return Survey::of(state, now_ms);
        };
        let mut items = state.around(&linked.iter().collect::<Vec<_>>(), Reach::Waits);
        items.extend(linked.iter().filter_map(|uid| state.item(uid)));
        of(items)
    }
}

impl<'s> Survey<'s, '_> {
    /// The items reachable from an item over at most that many edges.
    fn around(&self, root: &Uid, depth: usize) -> HashSet<&'s str> {
        let mut near: HashMap<&str, Vec<&'s str>> = HashMap::new();
        for item in &self.items {
            for (_, target, _) in self.edges_of(item) {
                near.entry(item.uid.as_str()).or_default().push(target);
                near.entry(target).or_default().push(item.uid.as_str());
            }
        }
        let Some(root) = self.item(root) else {
            return HashSet::new();
        };
        let mut seen = HashSet::from([root.uid.as_str()]);
        let mut todo = VecDeque::from([(root.uid.as_str(), 0)]);
        while let Some((at, far)) = todo.pop_front() {
            for next in near.get(at).into_iter().flatten() {
                if far < depth && seen.insert(next) {
                    todo.push_back((next, far + 1));
                }
            }
        }
        seen
    }

    /// The edges of an item to existing items: type, target, and whether they are hard.
    pub(super) fn edges_of<'i>(
        &'i self,
        item: &'i Item,
    ) -> impl Iterator<Item = (&'i str, &'s str, bool)> {
        let depends = item
            .depends_on
            .iter()
            .map(|d| ("blocks", &d.target, !d.soft));
        let edges = item.edges.iter();
        let typed = edges.map(|e| (e.kind.as_str(), &e.target, is_blocking(&e.kind)));
        let epic = item.epic.iter().map(|target| ("epic", target, false));
        let all = depends.chain(typed).chain(epic);
        all.filter_map(|(kind, target, hard)| {
            let other = self.item(target.uid.as_ref()?)?;
            (other.uid != item.uid).then_some((kind, other.uid.as_str(), hard))
        })
    }

    /// The children of an item for which another one waits instead of it.
    fn awaited_below(&self, target: &str, waits: &[Blocker]) -> Vec<&'s str> {
        let gated = waits.iter().filter(|wait| wait.via.is_gate());
        let children = gated.filter_map(|wait| self.item(&wait.uid));
        let is_part = |child: &&'s Item| {
            let mut edges = self.edges_of(child);
            edges.any(|(kind, of, _)| of == target && matches!(kind, "epic" | "parent-child"))
        };
        let below = children.filter(is_part);
        below.map(|child| child.uid.as_str()).collect()
    }

    fn view(&self, shown: &HashSet<&str>) -> GraphView {
        let items = self.items.iter().filter(|i| shown.contains(i.uid.as_str()));
        let items: Vec<&Item> = items.copied().collect();
        let places = items.iter().enumerate();
        let places: HashMap<&str, usize> = places.map(|(n, i)| (i.uid.as_str(), n)).collect();
        let mut edges: Vec<GraphEdge> = Vec::new();
        for item in &items {
            let waits: Vec<Blocker> = self.graph.waits_for(&item.uid).collect();
            let awaited: HashSet<&str> = waits.iter().map(|wait| wait.uid.as_str()).collect();
            let mut own: BTreeSet<(usize, GraphEdge)> = BTreeSet::new();
            for (kind, target, hard) in self.edges_of(item) {
                let below = match hard && !awaited.contains(target) {
                    true => self.awaited_below(target, &waits),
                    false => Vec::new(),
                };
                let shown: Vec<&str> = (below.iter().copied())
                    .filter(|child| places.contains_key(*child))
                    .collect();
                let counts = hard && (awaited.contains(target) || !below.is_empty());
                let ends = match shown.is_empty() {
                    true => vec![target],
                    false => shown,
                };
                for end in ends {
                    let Some(&place) = places.get(end) else {
                        continue;
                    };
                    let edge = GraphEdge {
                        from: self.state.shown_id(item),
                        to: self.state.shown_id(items[place]),
                        kind: kind.to_string(),
                        class: EdgeClass::of(hard),
                        counts,
                    };
                    own.insert((place, edge));
                }
            }
            edges.extend(own.into_iter().map(|(_, edge)| edge));
        }
        let nodes = items.into_iter().map(|item| GraphNode {
            item: self.line(item),
            ready: self.graph.is_ready(&item.uid),
        });
        GraphView {
            nodes: nodes.collect(),
            edges,
        }
    }
}
