//! Renders runs of agents.

use git_pm::runs::{
    JobView, LogLine, PublishedLogs, RunEvent, RunPlan, RunStatus, RunSummary, RunView, Verb,
};

use super::format::counted;
use super::limits;
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
    show(page, run, &run.next, &|_| true);
}

/// A run that was asked for something, with what was in flight of it, or of one of its tasks.
pub fn asked(page: &mut Page, run: &RunView, verb: Verb, task: Option<&str>) {
    let is_named = |id: &str| task.is_none_or(|task| task.eq_ignore_ascii_case(id));
    let named = run
        .tasks
        .iter()
        .find(|job| task.is_some() && is_named(&job.id));
    // The status below is that from before; a stop without a process was done here.
    let is_done = verb == Verb::Stop && run.ended_at.is_some();
    if !is_done {
        let of = named.map_or(String::new(), |job| format!(" {}", job.id));
        let when = match run.alive {
            Some(true) => "obeys within a second",
            Some(false) => "obeys when it is continued",
            None => "belongs to another clone, which has to fetch this",
        };
        let id = &run.id;
        page.line(format!("Asked {id} to {verb}{of}; it {when}."));
    }
    let status = ["git pm run status".to_string()];
    let next = match run.alive {
        Some(true) | None if !is_done => &status[..],
        _ => &run.next[..],
    };
    let is_all = named.is_none() || !matches!(verb, Verb::Pause | Verb::Stop);
    show(page, run, next, &|id| is_all || is_named(id));
}

/// True if no process works on a run that has not ended.
fn is_left(status: RunStatus, alive: Option<bool>) -> bool {
    alive == Some(false) && matches!(status, RunStatus::Running | RunStatus::Paused)
}

fn show(page: &mut Page, run: &RunView, next: &[String], concerns: &dyn Fn(&str) -> bool) {
    page.put(Label::Id, &run.id).text("  ");
    page.put(label(run.status), run.status.to_string());
    if let Some(reason) = &run.reason {
        page.text(": ").text(reason);
    }
    page.end();
    let agents = counted(run.agents, "agent");
    page.dim(format!(
        "{}, {agents}, merge {}, started by {} {}",
        run.with,
        run.merge,
        run.started_by,
        page.when(&run.created_at)
    ));
    let used = &run.used;
    if used.input_tokens + used.cached_tokens + used.output_tokens > 0 || run.budget_usd.is_some() {
        let budget = run.budget_usd.map(|usd| format!("; budget {usd:.2} USD"));
        page.dim(format!(
            "tokens: {} input, {} cached, {} output; {}{}",
            used.input_tokens,
            used.cached_tokens,
            used.output_tokens,
            used.cost(),
            budget.unwrap_or_default()
        ));
    }
    if is_left(run.status, run.alive) {
        page.warning(match run.continues {
            true => "its process has ended: `git pm run resume` continues it",
            false => "its process has ended: run the command again that began it",
        });
    }
    page.gap();
    let mut queued = 0;
    let is_shown = |task: &&JobView| {
        queued += usize::from(task.status == RunStatus::Queued);
        task.status != RunStatus::Queued || queued <= limits::QUEUED_MAX
    };
    let shown: Vec<&JobView> = run.tasks.iter().filter(is_shown).collect();
    page.list("No tasks.", 1, &shown, |page, task| row(page, task));
    if queued > limits::QUEUED_MAX {
        let left = queued - limits::QUEUED_MAX;
        page.dim(format!(
            "and {left} more queued; `git pm run status --json` lists them"
        ));
    }
    let at_work = run.tasks.iter().filter(|task| task.attempt_since.is_some());
    let at_work: Vec<&JobView> = at_work.filter(|task| concerns(&task.id)).collect();
    page.section("In flight", IN_FLIGHT_LINE, &at_work, |page, task| {
        in_flight(page, task)
    });
    page.gap();
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

/// The column of what an agent last said, which gives way where the terminal is narrow.
const IN_FLIGHT_LINE: usize = 6;

fn in_flight(page: &Page, task: &JobView) -> [Cell; 7] {
    let when = |what: &str, at: &Option<String>| match at {
        Some(at) => format!("{what} {}", page.when(at)),
        None => String::new(),
    };
    let step = match (task.status, task.step) {
        (RunStatus::Paused, _) | (_, None) => task.status.to_string(),
        (_, Some(step)) => step.to_string(),
    };
    let used = match &task.attempt_used {
        None => "tokens unknown".to_string(),
        Some(used) => {
            let read = used.input_tokens.saturating_add(used.cached_tokens);
            let cost = match used.cost_usd {
                Some(cost) => format!("{cost:.2} USD"),
                None => "cost unknown".to_string(),
            };
            format!(
                "tokens: {read} input, {} output; {cost}",
                used.output_tokens
            )
        }
    };
    [
        Label::Id.of(&task.id),
        Label::Actor.of(task.agent.clone().unwrap_or_default()),
        Label::Dim.of(when("since", &task.attempt_since)),
        label(task.status).of(step),
        Label::Text.of(used),
        Label::Dim.of(when("last output", &task.last_output_at)),
        Label::Text.of(task.last_line.as_deref().unwrap_or_default()),
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
            Label::Text.of(counted(run.tasks, "task")),
            Label::Bad.of(is_left(run.status, run.alive).then_some("its process has ended")),
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
            "{} as estimated; the longest chain takes {}; agents are busy {:.0}% of the time",
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
    let at = page.exact(&line.at);
    let time = at.get(11..19).unwrap_or(&at).to_string();
    page.put(Label::Dim, time).text(" ");
    page.put(Label::Id, &line.task).text(" ");
    page.put(Label::Actor, &line.agent).text(" ");
    if line.stream != "out" {
        page.put(Label::Dim, format!("{}: ", line.stream));
    }
    page.text(&line.text).end();
}
