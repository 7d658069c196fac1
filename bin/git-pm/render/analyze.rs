//! Renders `triage`, `suggest`, `impact` and `forecast`.

use git_pm::insights::{
    DuplicateHint, ForecastView, ImpactView, Percentiles, Severity, TriageView,
};
use git_pm::text::first_of;

use super::format::{counted, rest};
use super::page::Page;
use super::style::Label;
use super::table::Cell;

/// The recommendations.
pub fn triage(page: &mut Page, view: &TriageView) {
    let (picks, counts) = (&view.quick_ref.top_picks, &view.project_health.counts);
    page.line(format!(
        "{} open: {} ready, {} in progress, {} blocked before starting{}",
        counts.not_closed_count,
        counts.actionable_count,
        counts.in_progress_count,
        counts.blocked_count,
        rest(
            counts.deferred_count,
            counts.container_count,
            counts.kept_count
        )
    ));
    if picks.is_empty() {
        let why = view.idle.as_ref().map_or("", |idle| idle.why.as_str());
        page.line(format!("Nothing can be started now: {why}."));
        if let Some(idle) = &view.idle {
            super::ready::waiting(page, &idle.waiting);
        }
    }
    page.section("best picks", 1, picks, |_, pick| {
        [
            Label::Id.of(&pick.id),
            Label::Text.of(&pick.title),
            Label::Dim.of(format!("{:.2}", pick.score)),
            Label::Dim.of(pick.reasons.join("; ")),
        ]
    });
    page.section("most important", 3, &view.recommendations, |_, item| {
        let label = match item.action.as_str() {
            "start" | "continue" => Label::Good,
            "review" | "integrate" => Label::Waiting,
            "ask" => Label::Active,
            _ => Label::Bad,
        };
        [
            Label::Dim.of(format!("{:.2}", item.score)),
            Label::Id.of(&item.id),
            Cell::priority(item.priority),
            Label::Text.of(&item.title),
            label.of(&item.action),
            Label::Dim.of(item.reasons.join("; ")),
        ]
    });
    page.section("quick wins", 1, &view.quick_wins, |_, win| {
        [
            Label::Id.of(&win.id),
            Label::Text.of(&win.title),
            Label::Dim.of(&win.reason),
        ]
    });
    page.section(
        "blocking others",
        1,
        &view.blockers_to_clear,
        |_, blocker| {
            let own = match blocker.blocked_by.is_empty() {
                true if blocker.actionable => "ready".to_string(),
                true => String::new(),
                false => format!("waits for {}", first_of(&blocker.blocked_by, 5)),
            };
            [
                Label::Id.of(&blocker.id),
                Label::Text.of(&blocker.title),
                Label::Dim.of(format!("unblocks {}", blocker.unblocks_count)),
                Label::good_if(blocker.actionable).of(own),
            ]
        },
    );
    if !view.alerts.is_empty() {
        page.heading("alerts");
        for alert in &view.alerts {
            let label = match alert.severity {
                Severity::Error => Label::Bad,
                Severity::Warning => Label::Warning,
                Severity::Info => Label::Dim,
            };
            page.text("  ").put(label, &alert.message);
            page.dim(format!("  {}", alert.command));
        }
    }
    if view.partial {
        super::graph::estimated(page);
    }
    page.gap();
    if let Some(idle) = &view.idle {
        page.hints(&idle.hints);
        return;
    }
    let commands = &view.commands;
    let blocked = (counts.blocked_count > 0).then_some("git pm blocked");
    let (claim, show) = (commands.claim_top.as_deref(), commands.show_top.as_deref());
    let commands: Vec<&str> = [claim, show, blocked].into_iter().flatten().collect();
    page.next(&commands);
}

/// The suggestions of duplicates.
pub fn suggest(page: &mut Page, hints: &[DuplicateHint]) {
    page.list("No suggestions.", 1, hints, |_, hint| {
        [
            Label::Id.of(format!("{} = {}", hint.id, hint.of)),
            Label::Text.of(&hint.title),
            Label::Dim.of(format!("{:.0}%", hint.similarity * 100.0)),
            Label::Command.of(&hint.command),
        ]
    });
}

/// The items of each path.
pub fn impact(page: &mut Page, views: &[ImpactView]) {
    for view in views {
        page.gap().put(Label::Path, &view.path).end();
        if view.items.is_empty() {
            page.line("  no items");
        }
        page.rows("  ", 2, &view.items, |page, item| {
            let commits = (item.commits > 0).then(|| counted(item.commits, "commit"));
            let plans = match item.planned.is_empty() {
                true => String::new(),
                false => format!("plans {}", item.planned.join(", ")),
            };
            [
                Label::Id.of(&item.item.id),
                Cell::status(&item.item.status),
                Label::Text.of(&item.item.title),
                Label::Dim.of(commits),
                Label::Dim.of(item.last_commit_at.as_deref().map(|at| page.when(at))),
                Label::Path.of(plans),
            ]
        });
    }
}

/// A forecast.
pub fn forecast(page: &mut Page, view: &ForecastView) {
    match (&view.id, &view.title) {
        (Some(id), Some(title)) => page.put(Label::Id, id).text("  ").line(title),
        _ => page.line("All open items"),
    };
    let items = counted(view.remaining, "item");
    let (work, hours) = (view.work_hours, view.critical_path_hours);
    page.field(
        "to finish",
        Label::Text,
        format!("{items} without open parts: {work}h of work, at least {hours}h one after another"),
    );
    let (label, finished) = match &view.days {
        Some(points) => (Label::Good, days(points)),
        None if view.confidence == "none" => {
            (Label::Waiting, "unknown: too few finished items".into())
        }
        None => (Label::Bad, "more than ten years at the current pace".into()),
    };
    page.field("finished in", label, finished);
    if let Some(dates) = &view.dates {
        let dates = [&dates.p50, &dates.p80, &dates.p95];
        let dates = dates.map(|date| page.exact(date).chars().take(10).collect::<String>());
        page.field("dates", Label::Text, dates.join(", "));
    }
    let sure = format!(
        "{} ({} finished in {})",
        view.confidence,
        counted(view.samples, "item"),
        counted(view.window_days, "day")
    );
    page.field("confidence", Label::Text, sure);
}

fn days(points: &Percentiles) -> String {
    format!(
        "{} with 50% probability, {} with 80%, {} with 95%",
        counted(points.p50, "day"),
        points.p80,
        points.p95
    )
}
