//! How plans read: one screen a stream, what can be started first, and what to type next.

use git_pm::plan::PlanStatus;
use git_pm::plan::approve::Approved;
use git_pm::plan::check::{Check, Severity};
use git_pm::plan::document::{Requirement, Statement};
use git_pm::plan::make::{PlanDiff, Update};
use git_pm::plan::prd::PrdView;
use git_pm::plan::scope::ScopeView;
use git_pm::plan::stats::PlanStats;
use git_pm::plan::view::{PlanLine, PlanView, TaskView};

use super::page::Page;
use super::style::Label;
use super::table::{Table, fit};

/// The columns of a screen.
const WIDTH: usize = 80;

/// The columns of a task's title.
const TITLE: usize = 40;

/// How many findings a page shows unless more is asked for.
const FINDINGS: usize = 5;

/// How many tasks a line names.
const NAMED: usize = 4;

/// A plan.
pub fn plan(page: &mut Page, view: &PlanView) {
    head(page, view);
    first(page, view);
    for stream in &view.streams {
        let tasks: Vec<&TaskView> = view
            .tasks
            .iter()
            .filter(|task| task.tests.is_none() && stream.tasks.contains(&task.key))
            .collect();
        if tasks.is_empty() {
            continue;
        }
        let hours: u32 = tasks.iter().map(|task| task.hours).sum();
        page.gap().put(Label::Heading, &stream.name);
        page.put(
            Label::Dim,
            &format!("  {}, {hours}h", counted(tasks.len(), "task")),
        );
        page.end();
        for task in tasks {
            line(page, view, task);
        }
    }
    milestones(page, view);
    findings(page, view);
    next(page, view);
}

fn head(page: &mut Page, view: &PlanView) {
    page.put(Label::Id, &view.prd)
        .text("  ")
        .text(&fit(&view.title, 70).0)
        .end();
    let status = match view.status {
        PlanStatus::Draft => "draft",
        PlanStatus::Approved => "approved",
    };
    let own = view.tasks.iter().filter(|task| task.tests.is_none());
    let tests = view.tasks.len() - own.clone().count();
    let hours: u32 = view.tasks.iter().map(|task| task.hours).sum();
    let with = match tests {
        0 => String::new(),
        n => format!(" + {}", counted(n, "test task")),
    };
    page.text("  ").put(Label::Active, status);
    page.text(&format!(
        ", {}{with}, {hours}h, up to {} at once",
        counted(own.count(), "task"),
        view.width
    ));
    page.end();
    page.text("  ").text(&word(&view.scope.recommendation));
    page.put(
        Label::Dim,
        &format!(" ({} confidence)", word(&view.scope.confidence)),
    );
    page.end();
    if let Some(epic) = &view.epic {
        let by = view.approved_by.as_deref().unwrap_or("somebody");
        let how = match view.approval.as_deref() {
            Some("advisory") => " (advisory)",
            _ => "",
        };
        page.text("  ").put(Label::Id, epic);
        let added = view
            .tasks
            .iter()
            .filter(|t| t.item.is_none() && t.tests.is_none());
        let since = match added.count() {
            0 => String::new(),
            1 => ", before 1 task was added".into(),
            n => format!(", before {n} tasks were added"),
        };
        page.text(&format!(" approved by {by}{how}{since}")).end();
    }
    if view.outdated {
        page.warning("the document changed since; `git pm plan diff` shows what that means");
    }
}

/// What can be started first.
fn first(page: &mut Page, view: &PlanView) {
    let Some(level) = view.levels.first() else {
        return;
    };
    let tasks: Vec<&TaskView> = view
        .tasks
        .iter()
        .filter(|t| level.contains(&t.key))
        .collect();
    page.put(Label::Good, "  first: ");
    let named: Vec<String> = tasks
        .iter()
        .take(NAMED)
        .map(|task| task.number.to_string())
        .collect();
    let mut line = named.join(", ");
    if tasks.len() > NAMED {
        line.push_str(&format!(" and {} more", tasks.len() - NAMED));
    }
    if let Some(task) = tasks.first() {
        line.push_str(&format!("; begin with {}: {}", task.number, task.title));
    }
    page.text(&fit(&line, WIDTH - "  first: ".len()).0);
    page.end();
}

fn line(page: &mut Page, view: &PlanView, task: &TaskView) {
    let (title, pad) = fit(&task.title, TITLE);
    page.put(Label::Id, &format!("{:>4}", task.number));
    page.text(&format!(" {title}{} ", " ".repeat(pad)));
    page.put(Label::Dim, &format!("{:<2} ", task.estimate));
    let risk = match task.risk.as_str() {
        "high" => Label::Bad,
        "medium" => Label::Waiting,
        _ => Label::Dim,
    };
    page.put(risk, &format!("{:<6} ", task.risk));
    page.put(Label::Dim, &format!("{:<13}", task.validation));
    let own: Vec<u32> = task
        .depends_on
        .iter()
        .filter_map(|key| view.tasks.iter().find(|other| other.key == *key))
        .filter(|other| other.tests.is_none())
        .map(|other| other.number)
        .collect();
    if let Some(item) = &task.item {
        page.text(" ").put(Label::Id, item);
    } else if !own.is_empty() {
        let mut named: Vec<String> = own.iter().take(3).map(ToString::to_string).collect();
        if own.len() > 3 {
            named.push("…".into());
        }
        page.put(Label::Dim, &format!(" ← {}", named.join(",")));
    }
    page.end();
    if page.verbose() {
        details(page, view, task);
    }
}

fn details(page: &mut Page, view: &PlanView, task: &TaskView) {
    let lines = format!(
        "{}:{}-{}",
        view.file, task.source.lines.start, task.source.lines.end
    );
    page.put(Label::Dim, "       from ")
        .put(Label::Path, &lines);
    if let Some(id) = &task.source.requirement {
        page.put(Label::Dim, &format!(" ({id})"));
    }
    page.end();
    for criterion in &task.acceptance {
        page.text("       - ").text(&criterion.text);
        page.put(Label::Dim, &format!("  [{}]", criterion.source.lines.start))
            .end();
    }
    for edge in view.edges.iter().filter(|edge| edge.task == task.key) {
        let on = view.tasks.iter().find(|other| other.key == edge.on);
        let on = on.map_or(0, |on| on.number);
        page.put(
            Label::Dim,
            &format!(
                "       waits for {on} ({}, {}, line {}): {}",
                edge.class, edge.rule, edge.line, edge.reason
            ),
        );
        page.end();
    }
    for (what, reason) in [
        ("estimate", &task.estimate_reason),
        ("risk", &task.risk_reason),
        ("validation", &task.validation_reason),
    ] {
        page.put(Label::Dim, &format!("       {what}: {reason}"))
            .end();
    }
    if !task.paths.is_empty() {
        page.put(Label::Dim, "       paths: ");
        page.put(Label::Path, &task.paths.join(", ")).end();
    }
}

fn milestones(page: &mut Page, view: &PlanView) {
    if view.milestones.is_empty() {
        return;
    }
    page.heading("Milestones, one after the other");
    for milestone in &view.milestones {
        let numbers: Vec<u32> = view
            .tasks
            .iter()
            .filter(|t| t.tests.is_none() && milestone.tasks.contains(&t.key))
            .map(|task| task.number)
            .collect();
        let shown: Vec<String> = numbers.iter().take(12).map(ToString::to_string).collect();
        let title = fit(&milestone.title, 44);
        page.text(&format!("  {}{}  ", title.0, " ".repeat(title.1)));
        page.put(Label::Dim, &shown.join(" ")).end();
    }
}

fn findings(page: &mut Page, view: &PlanView) {
    if !view.suggestions.is_empty() {
        page.heading("May be one");
        for suggestion in view.suggestions.iter().take(3) {
            let numbers: Vec<String> = suggestion.tasks.iter().map(ToString::to_string).collect();
            page.text(&format!("  {}: ", numbers.join(" + ")));
            page.text(&fit(&suggestion.reason, 64).0).end();
        }
    }
    if view.checks.is_empty() {
        return;
    }
    page.heading("Look at");
    let most = if page.verbose() { usize::MAX } else { FINDINGS };
    for check in view.checks.iter().take(most) {
        finding(page, check, !page.verbose());
    }
    if view.checks.len() > most {
        let more = view.checks.len() - most;
        page.put(
            Label::Dim,
            &format!("  and {more} more: `git pm plan check`"),
        )
        .end();
    }
}

fn finding(page: &mut Page, check: &Check, short: bool) {
    let label = match check.severity {
        Severity::Error => Label::Error,
        Severity::Warning => Label::Warning,
        Severity::Note => Label::Hint,
    };
    let word = match check.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    };
    let mut place = check
        .task
        .map_or(String::new(), |task| format!(" task {task}"));
    if let Some(lines) = check.lines.filter(|lines| lines.start > 0) {
        place.push_str(&format!(" line {}", lines.start));
    }
    page.text("  ")
        .put(label, word)
        .put(Label::Dim, &place)
        .text(": ");
    let taken = 4 + word.len() + place.chars().count();
    match short {
        true => page.text(&fit(&check.message, 79usize.saturating_sub(taken)).0),
        false => page.text(&check.message),
    };
    page.end();
}

fn next(page: &mut Page, view: &PlanView) {
    page.gap();
    match view.status {
        // An approval is a human's.
        PlanStatus::Draft if page.agent() => {
            page.next(&["git pm plan show -v", "git pm plan edit"])
        }
        PlanStatus::Draft => page.next(&[
            "git pm plan show -v",
            "git pm plan edit",
            "git pm plan approve",
        ]),
        PlanStatus::Approved => page.next(&["git pm ready", "git pm next --claim"]),
    };
}

/// What became of a plan by a change.
pub fn changed(page: &mut Page, view: &PlanView) {
    plan(page, view);
}

/// What an approval made.
pub fn approved(page: &mut Page, view: &Approved) {
    let epic = view.plan.epic.as_deref().unwrap_or_default();
    match (view.created.first(), view.created.last()) {
        (Some(first), Some(last)) => {
            page.text("Approved: ").put(Label::Id, epic);
            page.text(&format!(" with {} new tasks, ", view.created.len()));
            page.put(Label::Id, &format!("{first} to {last}")).end();
        }
        _ => {
            page.text("Nothing new: all of it is in ")
                .put(Label::Id, epic)
                .end();
        }
    }
    page.next(&["git pm ready", "git pm next --claim"]);
}

/// All plans.
pub fn list(page: &mut Page, plans: &[PlanLine]) {
    if plans.is_empty() {
        page.line("There is no plan.");
        page.next(&["git pm plan new FILE"]);
        return;
    }
    let mut table = Table::new(3);
    for plan in plans {
        let status = match plan.status {
            PlanStatus::Draft => "draft",
            PlanStatus::Approved => "approved",
        };
        let tasks = counted(plan.tasks, "task");
        table.row([
            (Label::Id, plan.prd.as_str()),
            (Label::Active, status),
            (Label::Dim, &tasks),
            (Label::Text, &plan.title),
            (Label::Id, plan.epic.as_deref().unwrap_or("")),
        ]);
    }
    page.table("", &table);
}

/// What the checks found.
pub fn checks(page: &mut Page, checks: &[Check]) {
    if checks.is_empty() {
        page.put(Label::Good, "Nothing to say against it.").end();
    }
    for check in checks {
        finding(page, check, false);
    }
}

/// What a changed document would bring, or brought.
pub fn update(page: &mut Page, view: &Update) {
    let verb = if view.written {
        "Brought"
    } else {
        "Would bring"
    };
    let nothing = view.new.is_empty() && view.changed.is_empty() && view.gone.is_empty();
    if nothing {
        page.line("Nothing would change.");
        return;
    }
    page.text(&format!("{verb} to the plan of "))
        .put(Label::Id, &view.prd)
        .end();
    for task in &view.new {
        page.put(Label::Good, "  new      ").line(&task.title);
    }
    if view.more > 0 {
        page.put(
            Label::Dim,
            &format!("  and {} more the next time", view.more),
        )
        .end();
    }
    for title in &view.changed {
        page.put(Label::Active, "  changed  ").line(title);
    }
    for title in &view.gone {
        page.put(Label::Bad, "  gone     ").line(title);
    }
    match view.written {
        true if page.agent() => page.next(&["git pm plan show -v"]),
        true => page.next(&["git pm plan approve"]),
        false => page.next(&["git pm plan update FILE --write"]),
    };
}

/// What stands between a plan and its document.
pub fn diff(page: &mut Page, view: &PlanDiff) {
    if view.outdated {
        page.warning("the document changed since the plan was drawn");
    }
    update(page, &view.document);
    if !view.by_hand.is_empty() {
        page.heading("Set by hand");
        for edit in &view.by_hand {
            page.put(Label::Id, &format!("{:>4} ", edit.task));
            page.text(&fit(&edit.title, TITLE).0);
            page.put(Label::Dim, &format!("  {} by ", edit.field));
            page.put(Label::Actor, &edit.by).end();
        }
    }
}

/// A PRD with what its text says.
pub fn prd(page: &mut Page, view: &PrdView) {
    super::item::full(page, &view.prd);
    if let Some(source) = &view.source {
        page.field("source", Label::Path, source);
    }
    let Some(says) = &view.says else { return };
    let heads = |list: &[Requirement]| -> Vec<Statement> {
        list.iter().map(|r| r.statement.clone()).collect()
    };
    let vision: Vec<Statement> = says.vision.iter().cloned().collect();
    for (name, list) in [
        ("Vision", vision),
        ("Requirements", heads(&says.requirements)),
        ("How well", says.non_functional.clone()),
        ("Stories", heads(&says.stories)),
        ("Acceptance", says.acceptance.clone()),
        ("Milestones", heads(&says.milestones)),
        ("Risks", says.risks.clone()),
        ("Assumptions", says.assumptions.clone()),
        ("Constraints", says.constraints.clone()),
        ("Decisions", says.decisions.clone()),
        ("Open questions", says.open_questions.clone()),
        ("Not part of it", says.non_goals.clone()),
        ("Success is measured by", says.metrics.clone()),
        ("Ready when", says.ready.clone()),
        ("Done when", says.done.clone()),
        ("Provided by others", says.dependencies.clone()),
    ] {
        if list.is_empty() {
            continue;
        }
        page.heading(name);
        for statement in list {
            page.put(Label::Dim, &format!("{:>6}  ", statement.lines.start));
            if let Some(id) = &statement.id {
                page.put(Label::Id, id).text(" ");
            }
            page.line(&statement.text);
        }
    }
    if !view.has_plan {
        page.gap()
            .next(&[&format!("git pm plan new {}", view.prd.id)]);
    }
}

/// How large the work is.
pub fn scope(page: &mut Page, view: &ScopeView) {
    page.text(&fit(&view.title, 78).0).end();
    page.text("  ")
        .put(Label::Heading, &word(&view.scope.recommendation));
    page.put(
        Label::Dim,
        &format!(" ({} confidence)", word(&view.scope.confidence)),
    );
    page.end();
    let drivers = &view.scope.drivers;
    for (name, value) in [
        ("components", drivers.components.to_string()),
        ("integrations", drivers.integration_points.to_string()),
        ("risks", drivers.risks.to_string()),
        ("effort", format!("{}h", drivers.effort_hours)),
        ("tasks", drivers.tasks.to_string()),
        ("phases", drivers.phases.to_string()),
    ] {
        page.field(name, Label::Text, &value);
    }
    for reason in &view.scope.reasons {
        page.put(Label::Dim, "  - ").line(reason);
    }
    for other in &view.overrides {
        page.text("  decided: ").put(Label::Heading, &other.decided);
        page.text(" by ").put(Label::Actor, &other.by);
        page.text(&format!(": {}", other.reason)).end();
    }
    let seen = &view.accuracy;
    if seen.finished > 0 || seen.overridden > 0 {
        let error = seen.effort_error.map_or(String::new(), |error| {
            format!(", effort off by {:.0} %", error * 100.0)
        });
        page.put(
            Label::Dim,
            &format!(
                "  so far right {} of {} times, overridden {}{error}",
                seen.right,
                seen.finished,
                counted(seen.overridden, "time")
            ),
        );
        page.end();
    }
    let document = view.prd.as_deref().unwrap_or("FILE");
    match view.scope.fast_path {
        true => page.next(&[&format!("git pm plan new {document} --fast")]),
        false => page.next(&[&format!("git pm plan new {document}")]),
    };
}

/// How planning goes.
pub fn stats(page: &mut Page, stats: &PlanStats) {
    let rate = |rate: Option<f64>| rate.map_or("-".into(), |rate| format!("{:.0} %", rate * 100.0));
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
        ("more tasks than due", rate(stats.over_decomposed)),
        ("planning", span(stats.planning_seconds)),
        ("approval to first start", span(stats.first_start_seconds)),
        ("finished epics", stats.finished.to_string()),
        ("scope was kept", rate(stats.kept_scope)),
        ("recommended size was right", rate(stats.scope_right)),
        ("effort was off by", rate(stats.effort_error)),
        ("parallel efficiency", rate(stats.parallel_efficiency)),
    ] {
        page.put(Label::Dim, &format!("  {name:<34} ")).line(&value);
    }
}

fn counted(number: usize, word: &str) -> String {
    let s = if number == 1 { "" } else { "s" };
    format!("{number} {word}{s}")
}

/// A word of a closed list, as JSON has it.
fn word<T: serde::Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(text)) => text,
        _ => String::new(),
    }
}
