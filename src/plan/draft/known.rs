//! Facts about parts that only the whole document shows: the phases, the entries that are a
//! property of the node above them, and those that state the order of others.

use super::node_tree::Origin;
use super::similarity::normalize;
use super::units::{self, Unit};
use super::work::Source;
use crate::plan::document::LabelKind;
use std::collections::{BTreeMap, BTreeSet};

/// Facts about parts that only the whole document shows.
pub(super) struct Known {
    /// The nodes of phases.
    pub phases: BTreeSet<usize>,
    /// Rows that sum up a phase with a section of its own.
    pub overview: BTreeSet<usize>,
    /// Rows and entries that name a property of what they are below (`Path: …`).
    pub fields: BTreeSet<usize>,
    /// Rows of tables of dependencies, about entries or sections elsewhere.
    pub order: BTreeSet<usize>,
    /// The entries and sections that these rows name.
    pub ordered: BTreeSet<usize>,
}

impl Known {
    /// Reads the whole document. A phase that only states the order of others is removed from
    /// `units`.
    pub fn of(source: &Source<'_>, units: &mut Vec<Unit>) -> Known {
        let mut known = Known {
            phases: BTreeSet::new(),
            overview: overview(source, units),
            fields: fields(source),
            order: BTreeSet::new(),
            ordered: BTreeSet::new(),
        };
        known.read_order(source);
        let orders = |node: &usize| known.only_orders(source, *node);
        units.retain(|unit| !unit.nodes.iter().all(orders));
        known.phases = units.iter().flat_map(|unit| &unit.nodes).copied().collect();
        known
    }
}

/// The name of an entry, row or section: the text before its description.
fn name(text: &str) -> String {
    normalize(
        text.split([':', '(', '—', '–', '（', '：'])
            .next()
            .unwrap_or(text),
    )
}

impl Known {
    /// True if a section has nothing but rows about the order of others.
    pub fn only_orders(&self, source: &Source<'_>, node: usize) -> bool {
        let children = &source.tree.nodes[node].children;
        !children.is_empty() && children.iter().all(|child| self.order.contains(child))
    }

    /// Finds the tables of dependencies, and the nodes that they order.
    fn read_order(&mut self, source: &Source<'_>) {
        let tree = &source.tree;
        let states_order = |node: usize| {
            let this = &tree.nodes[node];
            this.origin == Origin::Row
                && (this.tags.iter()).any(|tag| tag.kind == LabelKind::DependsOn)
        };
        let rows: Vec<usize> = (0..tree.nodes.len()).filter(|n| states_order(*n)).collect();
        if rows.is_empty() {
            return;
        }
        let mut named: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (node, this) in tree.nodes.iter().enumerate() {
            named.entry(name(&this.text)).or_default().push(node);
        }
        for row in rows {
            let elsewhere = |node: &&usize| tree.nodes[**node].parent != tree.nodes[row].parent;
            let others = named
                .get(&name(&tree.nodes[row].text))
                .into_iter()
                .flatten();
            let others: Vec<usize> = others.filter(elsewhere).copied().collect();
            if others.is_empty() {
                continue;
            }
            self.order.insert(row);
            self.ordered.extend(others);
            let needs = tree.nodes[row]
                .tags
                .iter()
                .filter(|t| t.kind == LabelKind::DependsOn);
            for part in needs.flat_map(|tag| tag.line.text.split([',', ';', '+', '&'])) {
                let others = named.get(&name(part)).into_iter().flatten();
                self.ordered.extend(others.filter(elsewhere));
            }
        }
    }
}

/// The rows about a phase that a heading names, too, or about several phases of the document.
fn overview(source: &Source<'_>, units: &[Unit]) -> BTreeSet<usize> {
    let tree = &source.tree;
    let named = |node: usize| units::name(&tree.nodes[node].text);
    let (sections, rows): (Vec<usize>, Vec<usize>) = (0..tree.nodes.len())
        .filter(|node| tree.is_section(*node) || tree.nodes[*node].origin == Origin::Row)
        .partition(|node| tree.is_section(*node));
    let headings: BTreeSet<String> = sections.into_iter().filter_map(named).collect();
    let of_sections = units
        .iter()
        .flat_map(|unit| &unit.nodes)
        .any(|node| tree.is_section(*node));
    let known =
        |row: &usize| named(*row).is_some_and(|name| of_sections || headings.contains(&name));
    rows.into_iter().filter(known).collect()
}

/// So many lists or tables with an entry of one name make it a property.
const REPEATED: usize = 3;

/// The rows and entries whose names occur in several lists or tables.
fn fields(source: &Source<'_>) -> BTreeSet<usize> {
    let tree = &source.tree;
    let mut by_name: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (node, this) in tree.nodes.iter().enumerate() {
        let name = match this.origin {
            Origin::Row => Some(this.text.split(':').next().unwrap_or_default()),
            Origin::Entry => this.text.split_once(':').map(|(name, _)| name),
            _ => None,
        };
        if let Some(name) = name
            && this.checked.is_none()
            && !source.requirement[node]
            && !source.story[node]
        {
            by_name.entry(normalize(name)).or_default().push(node);
        }
    }
    let repeated = by_name.into_values().filter(|nodes| {
        let parents: BTreeSet<Option<usize>> =
            nodes.iter().map(|node| tree.nodes[*node].parent).collect();
        parents.len() >= REPEATED
    });
    repeated.flatten().collect()
}
