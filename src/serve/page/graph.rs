//! The open work as a graph and as a table, with the critical path.
//!
//! The graph is drawn from left to right in the order of dependencies, with the critical path marked.

use std::collections::{HashMap, HashSet};

use askama::Template;

use super::super::request::{Answer, Call};
use super::super::route::{Parameter, Route, text};
use super::filters;
use super::forms::epics;
use super::frame::{Frame, html};
use super::limits;
use crate::error::Result;
use crate::work::insight::OrderedItem;

/// The size of a box and the distance from one to the next, in SVG units.
const BOX: (usize, usize) = (168, 40);
const STEP: (usize, usize) = (224, 56);

const GRAPH: &[Parameter] = &[text(
    "under",
    "Only what is below this item, such as an epic",
)];

pub(super) fn routes() -> Vec<Route> {
    vec![super::page("/graph", "The dependencies of the open work", graph).with(GRAPH)]
}

/// An item with its position.
pub(super) struct Node {
    pub item: OrderedItem,
    pub x: usize,
    pub y: usize,
}

/// A line from an item to one that waits for it.
pub(super) struct Arrow {
    pub from: (usize, usize),
    pub to: (usize, usize),
    pub critical: bool,
}

impl Arrow {
    fn bend(&self) -> usize {
        (self.from.0 + self.to.0) / 2
    }
}

/// A picture of items and of what waits for what.
#[derive(Template)]
#[template(path = "../src/serve/page/templates/diagram.html")]
pub(super) struct Diagram {
    pub nodes: Vec<Node>,
    pub arrows: Vec<Arrow>,
    pub width: usize,
    pub height: usize,
    /// The address of an item without its id.
    pub to: &'static str,
    /// The number of items that wait for nothing and that nothing waits for.
    pub alone: usize,
    /// The number of items left out.
    pub left_out: usize,
}

/// It is itself a template, which escapes its content.
impl askama::filters::HtmlSafe for Diagram {}

#[derive(Template)]
#[template(path = "../src/serve/page/templates/graph.html")]
pub(super) struct GraphPage {
    pub frame: Frame,
    pub diagram: Diagram,
    /// The item below which all are, if it was asked for one.
    pub under: Option<String>,
    /// The ids and titles of the epics to choose from.
    pub epics: Vec<(String, String)>,
}

fn graph(call: &Call) -> Result<Answer> {
    let under = call.parameter("under");
    let order = call.pm()?.insights().order(under)?;
    html(&GraphPage {
        under: under.map(str::to_string),
        epics: epics(call)?,
        frame: Frame::of(call, "Graph", "/graph"),
        diagram: Diagram::of(order, "/items/"),
    })
}

impl Diagram {
    /// The picture of items, given in an order in which they can be done.
    pub fn of(order: Vec<OrderedItem>, to: &'static str) -> Diagram {
        let awaited: HashSet<String> = order
            .iter()
            .flat_map(|item| item.waits_for.iter().cloned())
            .collect();
        let all = order.len();
        let is_linked =
            |item: &OrderedItem| !item.waits_for.is_empty() || awaited.contains(&item.item.id);
        let mut linked: Vec<OrderedItem> = order.into_iter().filter(is_linked).collect();
        let (alone, left_out) = (
            all - linked.len(),
            linked.len().saturating_sub(limits::GRAPH_ITEMS_MAX),
        );
        linked.truncate(limits::GRAPH_ITEMS_MAX);
        let (mut layers, mut rows): (HashMap<String, usize>, Vec<usize>) = Default::default();
        let mut nodes: Vec<Node> = Vec::with_capacity(linked.len());
        for item in linked {
            // The items that an item waits for come before it, except in a cycle.
            let before = item.waits_for.iter().filter_map(|id| layers.get(id));
            let layer = before.max().map_or(0, |layer| layer + 1);
            layers.insert(item.item.id.clone(), layer);
            if rows.len() <= layer {
                rows.resize(layer + 1, 0);
            }
            nodes.push(Node {
                x: layer * STEP.0 + 8,
                y: rows[layer] * STEP.1 + 8,
                item,
            });
            rows[layer] += 1;
        }
        let places: HashMap<&str, &Node> = nodes
            .iter()
            .map(|node| (node.item.item.id.as_str(), node))
            .collect();
        let arrows = nodes.iter().flat_map(|node| {
            let before = node.item.waits_for.iter();
            let before = before.filter_map(|id| places.get(id.as_str()));
            before.map(|first| Arrow {
                from: (first.x + BOX.0, first.y + BOX.1 / 2),
                to: (node.x, node.y + BOX.1 / 2),
                critical: first.item.is_critical() && node.item.is_critical(),
            })
        });
        Diagram {
            arrows: arrows.collect(),
            width: rows.len() * STEP.0,
            height: rows.iter().max().unwrap_or(&0) * STEP.1 + 8,
            nodes,
            to,
            alone,
            left_out,
        }
    }
}
