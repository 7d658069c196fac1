//! Renders the measures of the graph.

use git_pm::insights::{InsightView, ItemLine, Measure, Scored, Slotted};

use super::format::{counted, hours};
use super::page::Page;
use super::style::Label;
use super::table::Cell;

/// The number of items of a cycle that are shown.
const CYCLE: usize = 20;

/// Notes that the number of unblocked items is an estimate.
pub fn estimated(page: &mut Page) {
    let why = "the number of unblocked items is an estimate: not all cycles could be followed";
    page.gap().dim(why);
}

/// The measures of the graph.
pub fn insight(page: &mut Page, view: &InsightView, limit: usize) {
    page.line(format!(
        "{}, {}, density {:.4}",
        counted(view.node_count, "open item"),
        counted(view.edge_count, "edge"),
        view.density
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
            page.dim(format!(
                "  not counted: {} {} {}",
                edge.from, edge.via, edge.to
            ));
        }
    }
    if asked(&view.critical_path) {
        let all = view.critical_path.items.len();
        let parameter = |name| {
            let value = view.critical_path.parameters.get(name);
            value.and_then(serde_json::Value::as_u64).unwrap_or(0)
        };
        page.heading(format!(
            "critical path, {} in {all} steps; at most {} at once",
            hours(parameter("hours")),
            parameter("width")
        ));
        slotted(page, &view.critical_path.items[..all.min(limit)]);
        page.more(all, limit);
        page.heading("least slack outside the critical path");
        slotted(page, &view.slack.items);
    }
    scored(
        page,
        "pagerank: most other work depends on these",
        &view.pagerank,
    );
    scored(
        page,
        "betweenness: on most paths between others",
        &view.betweenness,
    );
    listed(
        page,
        "articulation points: without them the graph splits",
        &view.articulation_points,
        |item| (item, String::new()),
    );
    listed(page, "cores: most densely connected", &view.cores, |c| {
        (&c.item, format!("core {}", c.core))
    });
    listed(page, "degree", &view.degree, |d| {
        let what = format!("waits for {}, {} wait for it", d.waits_for, d.waited_for_by);
        (&d.item, what)
    });
    listed(page, "stale", &view.staleness, |s| {
        (&s.item, format!("unchanged for {} days", s.days))
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
    page.rows("  ", 1, items, |_, item| {
        let slack = (item.slack > 0).then(|| format!("{} slack", hours(item.slack)));
        [
            Label::Id.of(&item.item.id),
            Label::Text.of(&item.item.title),
            Label::Dim.of(hours(item.hours)),
            Label::Dim.of(format!("after {}", hours(item.start))),
            Label::Dim.of(slack),
        ]
    });
}

fn scored(page: &mut Page, title: &str, measure: &Measure<Scored>) {
    let title = match measure.parameters.get("pivots") {
        Some(n) => format!("{title} (estimated from {n} items)"),
        None => title.to_string(),
    };
    listed(page, &title, measure, |s| (&s.item, score(s.score)));
}

fn listed<T>(
    page: &mut Page,
    title: &str,
    measure: &Measure<T>,
    row: impl Fn(&T) -> (&ItemLine, String),
) {
    if !asked(measure) {
        return;
    }
    page.heading(title);
    if measure.items.is_empty() {
        page.line("  none");
    }
    page.rows("  ", 1, &measure.items, |_, item| {
        let (line, what) = row(item);
        [
            Label::Id.of(&line.id),
            Label::Text.of(&line.title),
            Cell::status(&line.status),
            Label::Dim.of(what),
        ]
    });
}
