//! Renders statistics.

use std::collections::{BTreeMap, BTreeSet};

use git_pm::findings::ReviewStats;
use git_pm::insights::{AgentWork, Health};
use git_pm::plans::PlanStats;

use super::costs;
use super::format::{counted, rest};
use super::page::Page;
use super::style::{Label, statuses};

/// The statistics of the project.
pub fn health(page: &mut Page, health: &Health) {
    let counts = &health.counts;
    let work = counts.not_closed_count + counts.closed;
    let of = |kind: &str| counts.by_kind.get(kind).copied().unwrap_or(0);
    let aside = (of("task") + of("issue")).saturating_sub(work);
    let kinds = "epics, gates, templates, what is pinned";
    let aside = (aside > 0).then(|| format!("; {aside} more that are no work ({kinds})"));
    let (closed, aside) = (counts.closed, aside.unwrap_or_default());
    page.line(format!(
        "{work} tasks and issues, {closed} of them closed{aside}"
    ));
    let open = format!(
        "{}: {} ready to start, {} not ({} in progress, {} blocked before starting{})",
        counts.not_closed_count,
        counts.actionable_count,
        counts.not_actionable_count,
        counts.in_progress_count,
        counts.blocked_count,
        rest(
            counts.deferred_count,
            counts.container_count,
            counts.kept_count
        )
    );
    page.field("open work", Label::Text, open);
    page.field("statuses", Label::Text, statuses(&counts.by_status));
    for (name, set, groups) in [
        ("kinds", "all", &counts.by_kind),
        ("types", "open", &counts.by_type),
        ("priorities", "open", &counts.by_priority),
    ] {
        let words = groups.iter().map(|(word, n)| format!("{n} {word}"));
        let words: Vec<String> = words.collect();
        if !words.is_empty() {
            page.field(name, Label::Text, format!("{set}: {}", words.join(", ")));
        }
    }
    let velocity = &health.velocity;
    let (week, month) = (velocity.closed_last_7_days, velocity.closed_last_30_days);
    let finished = format!("{week} in 7 days, {month} in 30 days");
    page.field("finished", Label::Text, finished);
    if let (Some(mean), Some(median)) = (velocity.avg_days_to_close, velocity.median_days_to_close)
    {
        let text = format!("{mean} days on average (median: {median})");
        page.field("duration", Label::Text, text);
    }
    let stale = health.staleness.count;
    if stale > 0 {
        page.field("stale", Label::Bad, stale.to_string());
    }
    if let Some(work) = &health.agents {
        agents(page, work);
    }
}

/// The work of agents.
fn agents(page: &mut Page, work: &AgentWork) {
    let share = |percent: Option<f64>| {
        let text = percent.map(|percent| format!(" ({percent:.1}%)"));
        text.unwrap_or_default()
    };
    let text = format!(
        "{}: {} done, {} of them as submitted{}, {} failed{}",
        counted(work.tasks, "task"),
        work.done,
        work.accepted,
        share(work.accepted_percent),
        work.failed,
        share(work.failed_percent)
    );
    page.field("agents", Label::Text, text);
    let names = work.gates_passed.keys().chain(work.gates_failed.keys());
    for gate in names.collect::<BTreeSet<_>>() {
        let count = |of: &BTreeMap<String, usize>| of.get(gate).copied().unwrap_or(0);
        let (passed, failed) = (count(&work.gates_passed), count(&work.gates_failed));
        let text = format!("{gate}: {passed} passed, {failed} failed");
        page.field("gate", Label::Text, text);
    }
    page.field("usage", Label::Text, costs::total(&work.used));
}

/// A rate from 0 to 1.
fn rate(rate: Option<f64>) -> String {
    rate.map_or("-".into(), |rate| format!("{:.0}%", rate * 100.0))
}

/// The statistics of reviews.
pub fn review(page: &mut Page, stats: &ReviewStats) {
    let rounds = stats
        .rounds
        .map_or("-".into(), |rounds| format!("{rounds:.1}"));
    let approved = format!(
        "{} ({} of {} decided)",
        rate(stats.approval),
        stats.approved,
        stats.decided
    );
    for (name, value) in [
        ("reviewed items", stats.items.to_string()),
        ("rounds for each", rounds),
        ("approved", approved),
    ] {
        page.put(Label::Dim, format!("  {name:<18} ")).line(&value);
    }
    page.gap();
    page.rows("  ", 4, &stats.reviewers, |_, one| {
        let model = one.model.as_deref().unwrap_or_default();
        [
            Label::Actor.of(&one.reviewer),
            Label::Dim.of(model),
            Label::Text.of(counted(one.findings, "finding")),
            Label::Text.of(format!("{} right", rate(one.precision))),
            Label::Dim.of(format!(
                "{} confirmed, {} fixed, {} dismissed, {} withdrawn, {} undecided",
                one.confirmed, one.fixed, one.dismissed, one.withdrawn, one.undecided
            )),
        ]
    });
}

/// The statistics of planning.
pub fn plan(page: &mut Page, stats: &PlanStats) {
    let span = |seconds: Option<f64>| match seconds {
        None => "-".to_string(),
        Some(s) if s < 120.0 => format!("{s:.0}s"),
        Some(s) if s < 7_200.0 => format!("{:.0}m", s / 60.0),
        Some(s) => format!("{:.1}h", s / 3_600.0),
    };
    let plans = format!("{}, {} approved", stats.plans, stats.approved);
    let edits = stats
        .edits
        .map_or("-".into(), |edits| format!("{edits:.0}"));
    for (name, value) in [
        ("plans", plans),
        ("approved with two edits or fewer", rate(stats.accepted)),
        ("edits before approval", edits),
        ("edits after approval", stats.edits_after.to_string()),
        ("more tasks than justified", rate(stats.over_decomposed)),
        ("planning", span(stats.planning_seconds)),
        ("approval to first start", span(stats.first_start_seconds)),
        ("finished epics", stats.finished.to_string()),
        ("scope unchanged", rate(stats.kept_scope)),
        ("scope recommendation correct", rate(stats.scope_right)),
        ("effort error", rate(stats.effort_error)),
        ("parallel efficiency", rate(stats.parallel_efficiency)),
        ("debated", stats.debated.to_string()),
        (
            "rounds of a debate",
            stats
                .debate_rounds
                .map_or("-".into(), |n| format!("{n:.1}")),
        ),
        ("debated with nothing open", rate(stats.debated_clean)),
    ] {
        page.put(Label::Dim, format!("  {name:<34} ")).line(&value);
    }
}
