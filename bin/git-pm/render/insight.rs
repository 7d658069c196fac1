//! Renders the measures of the graph.

use git_pm::insights::{InsightView, ItemLine, Measure, Scored, Slotted};

use super::format::hours;
use super::page::Page;
use super::style::{self, Label};
use super::table::Table;

/// The number of items of a cycle that are shown.
const CYCLE: usize = 20;

/// Notes that the number of unblocked items is an estimate.
pub fn estimated(page: &mut Page) {
    let why = "the number of unblocked items is an estimate: not all cycles could be followed";
    page.gap().put(Label::Dim, why).end();
}

/// The measures of the graph.
pub fn insight(page: &mut Page, view: &InsightView, limit: usize) {
    page.line(&format!(
        "{} open items, {} edges, density {:.4}",
        view.node_count, view.edge_count, view.density
    ));
    if asked(&view.cycles) {
        page.heading("cycles");
        if view.cycles.items.is_empty() {
            page.line("  none");
        }
        for cycle in &view.cycles.items {
            let first = cycle.first().map_or("", String::as_str);
            let shown = &cycle[..cycle.len().min(CYCLE)];
            let more = match cycle.len() - shown.len() {
                0 => String::new(),
                more => format!(" -> ({more} more)"),
            };
            let line = format!("  {}{more} -> {first}", shown.join(" -> "));
            page.put(Label::Bad, &line).end();
        }
        for edge in &view.broken_edges {
            page.put(
                Label::Dim,
                &format!("  not counted: {} {} {}", edge.from, edge.via, edge.to),
            )
            .end();
        }
    }
    if asked(&view.critical_path) {
        let all = view.critical_path.items.len();
        let total = view.critical_path.parameters.get("hours");
        let total = total.and_then(serde_json::Value::as_u64).unwrap_or(0);
        let width = view.critical_path.parameters.get("width");
        let width = width.and_then(serde_json::Value::as_u64).unwrap_or(0);
        page.heading(&format!(
            "critical path, {} in {all} steps; at most {width} at once",
            hours(total)
        ));
        slotted(page, &view.critical_path.items[..all.min(limit)]);
        page.more(all, limit);
        page.heading("least slack outside of it");
        slotted(page, &view.slack.items);
    }
    scored(page, "pagerank: root of most dependencies", &view.pagerank);
    scored(
        page,
        "betweenness: on most paths between others",
        &view.betweenness,
    );
    let rows = |item: &ItemLine, what: String| (item.clone(), what);
    listed(
        page,
        "articulation points: without them the graph splits",
        &view.articulation_points,
        |item| rows(item, String::new()),
    );
    listed(page, "cores: most densely connected", &view.cores, |c| {
        rows(&c.item, format!("core {}", c.core))
    });
    listed(page, "degree", &view.degree, |d| {
        rows(
            &d.item,
            format!(
                "waits for {}, waited for by {}",
                d.waits_for, d.waited_for_by
            ),
        )
    });
    listed(page, "stale", &view.staleness, |s| {
        rows(&s.item, format!("unchanged for {} days", s.days))
    });
}

/// A score with its significant digits.
fn score(value: f64) -> String {
    if value < 0.001 {
        format!("{value:.2e}")
    } else {
        format!("{value:.4}")
    }
}

fn asked<T>(measure: &Measure<T>) -> bool {
    measure.status != git_pm::insights::Done::Skipped
}

fn slotted(page: &mut Page, items: &[Slotted]) {
    let mut table = Table::new(1);
    for item in items {
        table.row([
            (Label::Id, item.item.id.as_str()),
            (Label::Text, &item.item.title),
            (Label::Dim, &hours(item.hours)),
            (Label::Dim, &format!("after {}", hours(item.start))),
            (
                Label::Dim,
                &if item.slack > 0 {
                    format!("{} slack", hours(item.slack))
                } else {
                    String::new()
                },
            ),
        ]);
    }
    page.table("  ", &table);
}

fn scored(page: &mut Page, title: &str, measure: &Measure<Scored>) {
    let pivots = measure.parameters.get("pivots");
    let title = match pivots {
        Some(n) => format!("{title} (estimated from {n} items)"),
        None => title.to_string(),
    };
    listed(page, &title, measure, |s| (s.item.clone(), score(s.score)));
}

fn listed<T>(
    page: &mut Page,
    title: &str,
    measure: &Measure<T>,
    row: impl Fn(&T) -> (ItemLine, String),
) {
    if !asked(measure) {
        return;
    }
    page.heading(title);
    if measure.items.is_empty() {
        page.line("  none");
    }
    let mut table = Table::new(1);
    for item in &measure.items {
        let (line, what) = row(item);
        table.row([
            (Label::Id, line.id.as_str()),
            (Label::Text, &line.title),
            (style::status(&line.status), &line.status),
            (Label::Dim, &what),
        ]);
    }
    page.table("  ", &table);
}
