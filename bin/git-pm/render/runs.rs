//! Renders runs of agents.

use git_pm::runs::{
    JobView, LogLine, PublishedLogs, RunEvent, RunPlan, RunStatus, RunSummary, RunView,
};

use super::page::Page;
use super::style::Label;
use super::table::Cell;

/// A transition, while a run works.
pub fn event(page: &mut Page, event: &RunEvent) {
    if let Some(id) = &event.id {
        page.put(Label::Id, id).text("  ");
    }
    if let Some(status) = event.status {
        page.put(label(status), status.to_string());
    }
    if let Some(step) = event.step {
        page.text(format!(" ({step})"));
    }
    if let Some(agent) = &event.agent {
        page.text(", ").put(Label::Actor, agent);
    }
    if let Some(text) = &event.text {
        let before = if event.status.is_some() { ": " } else { "" };
        page.text(before).text(text);
    }
    page.end();
}

fn label(status: RunStatus) -> Label {
    match status {
        RunStatus::Completed => Label::Good,
        RunStatus::Running => Label::Active,
        RunStatus::Failed | RunStatus::Blocked => Label::Bad,
        _ => Label::Waiting,
    }
}

/// A run with its tasks.
pub fn status(page: &mut Page, run: &RunView) {
    page.put(Label::Id, &run.id).text("  ");
    page.put(label(run.status), run.status.to_string());
    if let Some(reason) = &run.reason {
        page.text(": ").text(reason);
    }
    page.end();
    let agents = match run.agents {
        1 => "1 agent".to_string(),
        n => format!("{n} agents"),
    };
    page.dim(format!(
        "{}, {agents}, merge {}, started by {} {}",
        run.with,
        run.merge,
        run.started_by,
        page.when(&run.created_at)
    ));
    let used = &run.used;
    if used.input_tokens + used.cached_tokens + used.output_tokens > 0 || run.budget_usd.is_some() {
        let budget = run.budget_usd.map(|usd| format!(" of {usd:.2}"));
        page.dim(format!(
            "{} tokens read, {} from a cache, {} written, {:.2}{} USD",
            used.input_tokens,
            used.cached_tokens,
            used.output_tokens,
            used.cost_usd,
            budget.unwrap_or_default()
        ));
    }
    if run.alive == Some(false) && matches!(run.status, RunStatus::Running | RunStatus::Paused) {
        page.warning("its process has ended: `git pm run resume` continues it");
    }
    page.gap();
    page.list("No tasks.", 1, &run.tasks, row);
    let next: &[&str] = match run.status {
        RunStatus::Running => &["git pm logs --follow", "git pm run pause"],
        RunStatus::Paused => &["git pm run resume", "git pm run stop"],
        RunStatus::Completed => &["git pm logs"],
        _ => &["git pm run resume", "git pm logs"],
    };
    page.next(next);
}

fn row(page: &Page, task: &JobView) -> [Cell; 5] {
    let status = match task.step {
        Some(step) if task.status == RunStatus::Running => format!("{} ({step})", task.status),
        _ => task.status.to_string(),
    };
    let text = task.reason.as_deref().unwrap_or(&task.title);
    let mut agent = task.agent.clone().unwrap_or_default();
    if let (Some(_), Some(with)) = (&task.role, &task.with) {
        agent.push_str(&format!(" ({with})"));
    }
    let when = task.since.as_deref().map(|since| page.when(since));
    [
        Label::Id.of(&task.id),
        label(task.status).of(status),
        Label::Actor.of(agent),
        Label::Dim.of(when.unwrap_or_default()),
        Label::Text.of(text),
    ]
}

/// Runs as a table.
pub fn list(page: &mut Page, runs: &[RunSummary]) {
    page.list("No runs.", 1, runs, |page, run| {
        [
            Label::Id.of(&run.id),
            label(run.status).of(run.status.to_string()),
            Label::Text.of(&run.with),
            Label::Actor.of(&run.started_by),
            Label::Dim.of(page.when(&run.created_at)),
            Label::Text.of(format!("{} tasks", run.tasks)),
        ]
    });
    if runs.is_empty() {
        page.next(&["git pm run --dry-run"]);
    }
}

/// A run in advance.
pub fn plan(page: &mut Page, plan: &RunPlan) {
    page.list("Nothing is ready.", 1, &plan.tasks, |_, task| {
        [
            Label::Dim.of(hours(task.start_minute)),
            Label::Dim.of(hours(task.end_minute)),
            Label::Actor.of(&task.agent),
            Label::Id.of(&task.id),
            Label::Text.of(&task.title),
        ]
    });
    if !plan.tasks.is_empty() {
        page.dim(format!(
            "{} by estimates; the longest chain takes {}; agents work {:.0} % of the time",
            hours(plan.minutes),
            hours(plan.critical_path_minutes),
            plan.efficiency * 100.0
        ));
    }
    if !plan.left.is_empty() {
        page.gap().heading("Not started");
        page.list("", 1, &plan.left, row);
    }
}

fn hours(minutes: u64) -> String {
    format!("{}:{:02} h", minutes / 60, minutes % 60)
}

/// Published logs.
pub fn published(page: &mut Page, logs: &PublishedLogs) {
    page.line(format!(
        "The logs of {} are published on {} ({}).",
        logs.run, logs.remote, logs.published_ref
    ));
    page.next(&[&format!("git pm logs {} --fetch", logs.run)]);
}

/// A line of a log.
pub fn log_line(page: &mut Page, line: &LogLine) {
    let time = line.at.get(11..19).unwrap_or(&line.at).to_string();
    page.put(Label::Dim, time).text(" ");
    page.put(Label::Id, &line.task).text(" ");
    page.put(Label::Actor, &line.agent).text(" ");
    if line.stream != "out" {
        page.put(Label::Dim, format!("{}: ", line.stream));
    }
    page.text(&line.text).end();
}
