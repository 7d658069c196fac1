//! Renders `order`, `graph` and `tracks`.

use std::collections::{BTreeMap, HashMap, HashSet};

use git_pm::insights::{GraphView, ItemLine, OrderedItem, TracksView};
use git_pm::text::first_of;

use super::format::hours;
use super::page::Page;
use super::style::{self, Label};
use super::table::Table;

/// The maximum indent: terminals are not wider, and a hostile state could have any depth.
const DEEPEST: usize = 40;
/// The number of ids in a cell.
const NAMED: usize = 10;
/// The maximum number of lines.
const LINES: usize = 20_000;

/// The open work in order.
pub fn order(page: &mut Page, items: &[OrderedItem]) {
    if items.is_empty() {
        page.line("No open work.");
    }
    let mut table = Table::new(4);
    for item in items {
        let room = match item.slack {
            0 if item.hours > 0 => "critical".to_string(),
            0 => String::new(),
            slack => format!("{} slack", hours(slack)),
        };
        let waits = match item.waits_for.is_empty() {
            true => String::new(),
            false => format!("after {}", first_of(&item.waits_for, NAMED)),
        };
        let ready = if item.ready { Label::Good } else { Label::Dim };
        table.row([
            (Label::Dim, item.position.to_string().as_str()),
            (Label::Id, &item.item.id),
            (
                style::priority(item.item.priority),
                &format!("P{}", item.item.priority),
            ),
            (
                ready,
                if item.ready {
                    "ready"
                } else {
                    &item.item.status
                },
            ),
            (Label::Text, &item.item.title),
            (
                Label::Dim,
                &if item.hours > 0 {
                    hours(item.hours)
                } else {
                    String::new()
                },
            ),
            (
                if item.slack == 0 {
                    Label::Active
                } else {
                    Label::Dim
                },
                &room,
            ),
            (Label::Dim, &waits),
        ]);
    }
    page.table("", &table);
}

/// A graph as trees with dependents below each item; the dependents of an item are shown once.
pub fn graph(page: &mut Page, view: &GraphView) {
    if view.nodes.is_empty() {
        page.line("No items.");
        return;
    }
    let mut after: HashMap<&str, Vec<(&str, bool)>> = HashMap::new();
    let mut waiting: HashSet<&str> = HashSet::new();
    for edge in view.edges.iter().filter(|e| e.class == "hard") {
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
            if table.len() == LINES {
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
                todo.extend(
                    below
                        .iter()
                        .rev()
                        .map(|(id, counts)| (*id, depth + 1, *counts)),
                );
            }
            let note = match (again && !below.is_empty(), counts) {
                (true, _) => "(see above)",
                (_, false) => "(does not block now)",
                _ => "",
            };
            let indent = "  ".repeat(depth.min(DEEPEST));
            table.row([
                (
                    Label::Text,
                    format!("{indent}{}  {}", item.id, item.title).as_str(),
                ),
                (style::status(&item.status), &item.status),
                (Label::Dim, note),
            ]);
        }
    }
    page.table("", &table);
    if left_out > 0 {
        let more = format!("and {left_out} more lines; `git pm graph --format dot` has all");
        page.put(Label::Dim, &more).end();
    }
    let alone: Vec<&&ItemLine> = ids()
        .filter(|id| !linked(id))
        .filter_map(|id| nodes.get(id))
        .collect();
    if !alone.is_empty() {
        page.heading("without dependencies");
        let mut table = Table::new(0);
        for item in alone {
            table.row([
                (Label::Text, format!("{}  {}", item.id, item.title).as_str()),
                (style::status(&item.status), &item.status),
            ]);
        }
        page.table("", &table);
    }
    other_edges(page, view);
}

/// The edges that do not block: parents, and all others.
fn other_edges(page: &mut Page, view: &GraphView) {
    let mut parts: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
    let mut others = Vec::new();
    let ids = view.nodes.iter().enumerate();
    let places: HashMap<&str, usize> = ids.map(|(n, node)| (node.item.id.as_str(), n)).collect();
    for edge in view.edges.iter().filter(|e| e.class != "hard") {
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
        page.text(": ").line(&ids.join(", "));
    }
    if !others.is_empty() {
        page.heading("other edges");
    }
    for edge in others {
        let kind = if edge.kind == "blocks" {
            "should wait for"
        } else {
            &edge.kind
        };
        page.put(Label::Id, &edge.from)
            .text(" ")
            .put(Label::Dim, kind);
        page.text(" ").put(Label::Id, &edge.to).end();
    }
}

/// Lanes of work.
pub fn tracks(page: &mut Page, view: &TracksView) {
    if view.tracks.is_empty() {
        page.line("No open work.");
    }
    for track in &view.tracks {
        page.heading(&format!("lane {}: {}", track.track_id, track.reason));
        let mut table = Table::new(3);
        for item in &track.items {
            let frees = match item.unblocks.len() {
                0 => String::new(),
                n => format!("unblocks {n}"),
            };
            table.row([
                (Label::Id, item.item.id.as_str()),
                (
                    style::priority(item.item.priority),
                    &format!("P{}", item.item.priority),
                ),
                (
                    if item.ready {
                        Label::Good
                    } else {
                        style::status(&item.item.status)
                    },
                    if item.ready {
                        "ready"
                    } else {
                        &item.item.status
                    },
                ),
                (Label::Text, &item.item.title),
                (Label::Dim, &frees),
            ]);
        }
        page.table("  ", &table);
    }
    if view.partial {
        super::insight::estimated(page);
    }
    if view.tracks.len() < view.total_tracks {
        page.gap();
        page.line(&format!(
            "{} more lanes",
            view.total_tracks - view.tracks.len()
        ));
    }
    if let (Some(id), Some(reason)) = (&view.summary.highest_impact, &view.summary.impact_reason) {
        page.gap();
        page.put(Label::Id, id).text(": ").line(reason);
    }
}
