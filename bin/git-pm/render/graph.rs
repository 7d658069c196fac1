//! Renders `order` and `graph`.

use std::collections::{BTreeMap, HashMap, HashSet};

use git_pm::insights::{GraphView, ItemLine, OrderedItem};
use git_pm::issues::reading;
use git_pm::items::EdgeClass;
use git_pm::text::first_of;
use git_pm::values::status_word;

use super::format::{counted, hours};
use super::limits;
use super::page::Page;
use super::style::Label;
use super::table::{Cell, Table};

/// The open work in order.
pub fn order(page: &mut Page, items: &[OrderedItem]) {
    page.list("No open work.", 4, items, |page, item| {
        let room = match item.slack {
            0 if item.is_critical() => "critical".to_string(),
            0 => String::new(),
            slack => format!("{} slack", hours(slack)),
        };
        let waits = match item.waits_for.is_empty() {
            true => String::new(),
            false => format!("after {}", first_of(&item.waits_for, limits::GRAPH_IDS_MAX)),
        };
        let about = if item.estimated { "" } else { "~" };
        let critical = match item.is_critical() {
            true => Label::Active,
            false => Label::Dim,
        };
        [
            Label::Dim.of(item.position),
            Label::Id.of(&item.item.id),
            Cell::priority(item.item.priority),
            Label::good_if(item.ready).of(word(item.ready, &item.item)),
            Label::Text.of(&item.item.title),
            Label::Dim.of((item.hours > 0).then(|| format!("{about}{}", hours(item.hours)))),
            critical.of(room),
            Label::Dim.of(page.marked(&waits)),
        ]
    });
    let work = items.iter().filter(|item| item.hours > 0);
    let (count, sum) = work.fold((0, 0), |(n, sum), item| (n + 1, sum + item.hours));
    if count > 0 {
        let (items, work) = (counted(count, "item"), hours(sum));
        page.dim(format!(
            "{items} without open parts: {work} of work; ~ without an estimate"
        ));
    }
}

/// The status of an item that may be ready.
fn word(ready: bool, item: &ItemLine) -> String {
    match ready {
        true => "ready".into(),
        false => status_word(&item.status).into_owned(),
    }
}

/// A graph as trees with dependents below each item; the dependents of an item are shown once.
pub fn graph(page: &mut Page, view: &GraphView) {
    if view.nodes.is_empty() {
        page.line("No items.");
        return;
    }
    let mut after: HashMap<&str, Vec<(&str, bool)>> = HashMap::new();
    let mut waiting: HashSet<&str> = HashSet::new();
    for edge in view.edges.iter().filter(|e| e.class == EdgeClass::Hard) {
        after
            .entry(&edge.to)
            .or_default()
            .push((&edge.from, edge.counts));
        waiting.insert(&edge.from);
    }
    let nodes: HashMap<&str, &ItemLine> = view
        .nodes
        .iter()
        .map(|node| (node.item.id.as_str(), &node.item))
        .collect();
    let linked = |id: &str| after.contains_key(id) || waiting.contains(id);
    let ids = || view.nodes.iter().map(|node| node.item.id.as_str());
    let tops = ids().filter(|id| linked(id) && !waiting.contains(id));
    // A cycle has no top: it begins at any of its items, the same in every clone.
    let starts: Vec<&str> = tops.chain(ids().filter(|id| linked(id))).collect();
    let mut seen: HashSet<&str> = HashSet::new();
    let mut table = Table::new(0);
    let mut left_out = 0;
    for start in starts {
        if seen.contains(start) {
            continue;
        }
        let mut todo = vec![(start, 0, true)];
        while let Some((id, depth, counts)) = todo.pop() {
            let Some(item) = nodes.get(id) else { continue };
            if table.len() == limits::GRAPH_LINES_MAX {
                left_out += 1;
                if seen.insert(id) {
                    let below = after.get(id).into_iter().flatten();
                    todo.extend(below.map(|(id, counts)| (*id, 0, *counts)));
                }
                continue;
            }
            let again = !seen.insert(id);
            let below = after.get(id).map_or(&[][..], Vec::as_slice);
            if !again {
                let next = below.iter().rev();
                todo.extend(next.map(|(id, counts)| (*id, depth + 1, *counts)));
            }
            let note = match (again && !below.is_empty(), counts) {
                (true, _) => "(see above)",
                (_, false) => "(does not block now)",
                _ => "",
            };
            let indent = "  ".repeat(depth.min(limits::GRAPH_INDENT_MAX));
            table.row([
                Label::Text.of(format!("{indent}{}  {}", item.id, item.title)),
                Cell::status(&item.status),
                Label::Dim.of(note),
            ]);
        }
    }
    page.table("", &table);
    if left_out > 0 {
        page.dim(format!(
            "and {left_out} more lines; `git pm graph --format mermaid` shows all"
        ));
    }
    let alone: Vec<&&ItemLine> = ids()
        .filter(|id| !linked(id))
        .filter_map(|id| nodes.get(id))
        .collect();
    if !alone.is_empty() {
        page.heading("without dependencies")
            .rows("", 0, &alone, |_, item| {
                [
                    Label::Text.of(format!("{}  {}", item.id, item.title)),
                    Cell::status(&item.status),
                ]
            });
    }
    other_edges(page, view);
}

/// The edges that do not block: parents, and all others.
fn other_edges(page: &mut Page, view: &GraphView) {
    let mut parts: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
    let mut others = Vec::new();
    let ids = view.nodes.iter().enumerate();
    let places: HashMap<&str, usize> = ids.map(|(n, node)| (node.item.id.as_str(), n)).collect();
    for edge in view.edges.iter().filter(|e| e.class != EdgeClass::Hard) {
        match (edge.kind.as_str(), places.get(edge.to.as_str())) {
            ("epic" | "parent-child", Some(whole)) => {
                parts.entry(*whole).or_default().push(&edge.from);
            }
            _ => others.push(edge),
        }
    }
    if !parts.is_empty() {
        page.heading("children");
    }
    for (whole, mut ids) in parts {
        ids.dedup();
        page.put(Label::Id, &view.nodes[whole].item.id);
        page.text(": ").line(ids.join(", "));
    }
    if !others.is_empty() {
        page.heading("other edges");
    }
    for edge in others {
        let kind = match edge.kind.as_str() {
            "blocks" => "should wait for",
            kind => reading(kind),
        };
        page.put(Label::Id, &edge.from).text(" ");
        page.put(Label::Dim, kind).text(" ");
        page.put(Label::Id, &edge.to).end();
    }
}

/// Notes that the number of unblocked items is an estimate.
pub fn estimated(page: &mut Page) {
    let why = "the number of unblocked items is an estimate: not all cycles could be followed";
    page.gap().dim(why);
}
