//! How triage, counts and statistics read.

use git_pm::model::text::first_of;
use git_pm::work::insight::{CountView, Done, Health, Severity, TriageView};

use super::page::Page;
use super::style::{self, Label};
use super::table::Table;

/// What to do next.
pub fn triage(page: &mut Page, view: &TriageView) {
    let quick = &view.quick_ref;
    page.line(&format!(
        "{} open: {} ready, {} under way, {} blocked",
        quick.not_closed_count,
        quick.actionable_count,
        quick.in_progress_count,
        quick.blocked_count
    ));
    if quick.top_picks.is_empty() {
        let why = view.idle.as_ref().map_or("", |idle| idle.why.as_str());
        page.line(&format!("Nothing can be started now: {why}."));
        if let Some(idle) = &view.idle {
            super::item::waiting(page, &idle.waiting);
        }
    } else {
        page.heading("best picks");
        let mut table = Table::new(1);
        for pick in &quick.top_picks {
            table.row([
                (Label::Id, pick.id.as_str()),
                (Label::Text, &pick.title),
                (Label::Dim, &format!("{:.2}", pick.score)),
                (Label::Dim, &pick.reasons.join("; ")),
            ]);
        }
        page.table("  ", &table);
    }
    if !view.recommendations.is_empty() {
        page.heading("most important");
        let mut table = Table::new(3);
        for item in &view.recommendations {
            let label = match item.action.as_str() {
                "start" | "continue" => Label::Good,
                "review" | "integrate" => Label::Waiting,
                "ask" => Label::Active,
                _ => Label::Bad,
            };
            table.row([
                (Label::Dim, format!("{:.2}", item.score).as_str()),
                (Label::Id, &item.id),
                (
                    style::priority(item.priority),
                    &format!("P{}", item.priority),
                ),
                (Label::Text, &item.title),
                (label, &item.action),
                (Label::Dim, &item.reasons.join("; ")),
            ]);
        }
        page.table("  ", &table);
    }
    if !view.quick_wins.is_empty() {
        page.heading("quick wins");
        let mut table = Table::new(1);
        for win in &view.quick_wins {
            table.row([
                (Label::Id, win.id.as_str()),
                (Label::Text, &win.title),
                (Label::Dim, &win.reason),
            ]);
        }
        page.table("  ", &table);
    }
    if !view.blockers_to_clear.is_empty() {
        page.heading("in the way of others");
        let mut table = Table::new(1);
        for blocker in &view.blockers_to_clear {
            let own = match blocker.blocked_by.is_empty() {
                true if blocker.actionable => "ready".to_string(),
                true => String::new(),
                false => format!("waits for {}", first_of(&blocker.blocked_by, 5)),
            };
            let label = if blocker.actionable {
                Label::Good
            } else {
                Label::Dim
            };
            table.row([
                (Label::Id, blocker.id.as_str()),
                (Label::Text, &blocker.title),
                (Label::Dim, &format!("frees {}", blocker.unblocks_count)),
                (label, &own),
            ]);
        }
        page.table("  ", &table);
    }
    if !view.alerts.is_empty() {
        page.heading("alerts");
        for alert in &view.alerts {
            let label = match alert.severity {
                Severity::Error => Label::Bad,
                Severity::Warning => Label::Warning,
                Severity::Info => Label::Dim,
            };
            page.text("  ").put(label, &alert.message);
            page.put(Label::Dim, &format!("  {}", alert.command)).end();
        }
    }
    if view.status.get("unblocks") == Some(&Done::Approximated) {
        super::insight::estimated(page);
    }
    page.gap();
    if let Some(idle) = &view.idle {
        page.hints(&idle.hints);
        return;
    }
    let commands = &view.commands;
    let blocked = (quick.blocked_count > 0).then_some(&commands.list_blocked);
    let commands = [
        commands.claim_top.as_ref(),
        commands.show_top.as_ref(),
        blocked,
    ];
    let commands: Vec<&str> = commands.into_iter().flatten().map(String::as_str).collect();
    page.next(&commands);
}

/// The project in numbers.
pub fn health(page: &mut Page, health: &Health) {
    let counts = &health.counts;
    page.line(&format!(
        "{} items, {} of them over",
        counts.total, counts.closed
    ));
    page.field(
        "open work",
        Label::Text,
        &format!(
            "{}: {} ready, {} under way, {} blocked",
            counts.not_closed_count,
            counts.actionable_count,
            counts.in_progress_count,
            counts.blocked_count
        ),
    );
    for (name, groups) in [
        ("kinds", &counts.by_kind),
        ("states", &counts.by_status),
        ("types", &counts.by_type),
        ("priorities", &counts.by_priority),
    ] {
        let words: Vec<String> = groups
            .iter()
            .map(|(word, n)| format!("{n} {word}"))
            .collect();
        page.field(name, Label::Text, &words.join(", "));
    }
    let graph = &health.graph;
    let cycles = if graph.has_cycles {
        ", with cycles"
    } else {
        ""
    };
    page.field(
        "graph",
        Label::Text,
        &format!(
            "{} items, {} edges{cycles}",
            graph.node_count, graph.edge_count
        ),
    );
    let velocity = &health.velocity;
    page.field(
        "finished",
        Label::Text,
        &format!(
            "{} in seven days, {} in thirty",
            velocity.closed_last_7_days, velocity.closed_last_30_days
        ),
    );
    if let (Some(mean), Some(median)) = (velocity.avg_days_to_close, velocity.median_days_to_close)
    {
        let text = format!("{mean} days on average, half within {median}");
        page.field("takes", Label::Text, &text);
    }
    let weeks: Vec<String> = velocity
        .weekly
        .iter()
        .map(|week| week.closed.to_string())
        .collect();
    page.field("weekly", Label::Text, &weeks.join(" "));
    let stale = health.staleness.parameters.get("count");
    let stale = stale.and_then(serde_json::Value::as_u64).unwrap_or(0);
    if stale > 0 {
        page.field("stale", Label::Bad, &stale.to_string());
    }
}

/// Items counted.
pub fn count(page: &mut Page, view: &CountView) {
    let Some(by) = &view.by else {
        page.line(&view.total.to_string());
        return;
    };
    let mut table = Table::new(1);
    for group in &view.groups {
        let count = format!("{:>6}", group.count);
        match &group.value {
            Some(value) if by == "status" => {
                table.row([(Label::Text, count.as_str()), (style::status(value), value)])
            }
            Some(value) => table.row([(Label::Text, count.as_str()), (Label::Text, value)]),
            None => table.row([(Label::Text, count.as_str()), (Label::Dim, "(none)")]),
        };
    }
    page.table("", &table);
    page.put(Label::Dim, &format!("{:>6}  in all", view.total))
        .end();
}
