//! Renders triage.

use git_pm::insights::{Done, Severity, TriageView};
use git_pm::text::first_of;

use super::page::Page;
use super::style::{self, Label};
use super::table::Table;

/// The recommendations.
pub fn triage(page: &mut Page, view: &TriageView) {
    let quick = &view.quick_ref;
    page.line(&format!(
        "{} open: {} ready, {} in progress, {} blocked",
        quick.not_closed_count,
        quick.actionable_count,
        quick.in_progress_count,
        quick.blocked_count
    ));
    if quick.top_picks.is_empty() {
        let why = view.idle.as_ref().map_or("", |idle| idle.why.as_str());
        page.line(&format!("Nothing can be started now: {why}."));
        if let Some(idle) = &view.idle {
            super::ready::waiting(page, &idle.waiting);
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
        page.heading("blocking others");
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
                (Label::Dim, &format!("unblocks {}", blocker.unblocks_count)),
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
