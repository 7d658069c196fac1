//! Renders plans.

use std::collections::BTreeMap;

use git_pm::plans::{
    AsideView, Confidence, Deepened, Disposition, PlanLine, PlanStatus, PlanView, ResearchNote,
    StatementCounts, TaskView, WaveTask,
};
use git_pm::text::first_of;

use super::format::{counted, word};
use super::limits;
use super::page::Page;
use super::plan_findings::open_checks;
use super::style::Label;
use super::table::{fit, wrapped};

/// The width of a line.
pub(super) const WIDTH: usize = 80;

/// The width of a task's title.
pub(super) const TITLE: usize = 52;

/// The least width of a title in a graph.
pub(super) const LEAST: usize = 20;

/// A plan.
pub fn plan(page: &mut Page, view: &PlanView) {
    head(page, view);
    not_work(page, view);
    for (at, wave) in view.waves.iter().enumerate() {
        let of = |planned: &WaveTask| view.tasks.iter().find(|t| t.number == planned.number);
        let has_test = |planned| of(planned).is_some_and(|task| test_first(view, task).is_some());
        match at {
            0 if wave.iter().any(has_test) => {
                page.heading("First: no known prerequisite but own tests (← test first, → unlocks)")
            }
            0 => page.heading("First: no known prerequisite (→ unlocks)"),
            1 => page.heading("Then (← waits for, → unlocks)"),
            _ => page.gap(),
        };
        for planned in wave {
            if let Some(task) = of(planned) {
                line(page, view, task, planned);
            }
        }
    }
    test_tasks(page, view);
    milestones(page, view);
    questions(page, view);
    findings(page, view);
    next(page, view);
}

/// The command of a verb of a plan, by its name: there may be several.
pub(super) fn of_plan(verb: &str, prd: &str) -> String {
    format!("git pm plan {verb} {prd}")
}

/// How the work is best done; unknown where nothing was read as a task.
pub fn recommendation(recommended: String, tasks: usize) -> String {
    match tasks {
        0 => "size unknown".into(),
        _ => recommended,
    }
}

/// The test tasks that follow from the validation of tasks.
fn test_tasks(page: &mut Page, view: &PlanView) {
    let tested = |test: &TaskView| {
        let of = view
            .tasks
            .iter()
            .find(|task| Some(&task.key) == test.tests.as_ref())?;
        Some((
            of.validation.to_string(),
            format!("{} tests {}", test.number, of.number),
        ))
    };
    let new = view.tasks.iter().filter(|task| task.item.is_none());
    let mut rows: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (validation, row) in new.filter_map(tested) {
        rows.entry(validation).or_default().push(row);
    }
    if rows.is_empty() {
        return;
    }
    page.heading("Test tasks, by the validation of what they test");
    let count = if page.verbose() {
        usize::MAX
    } else {
        limits::PLAN_TASKS_MAX
    };
    for (validation, all) in rows {
        page.text("  ").text(format!("{validation}: "));
        page.dim(first_of(&all, count));
    }
    let is_default = view.tasks.iter().any(|task| task.is_tested_by_default());
    if view.status == PlanStatus::Draft && is_default && !page.agent() {
        page.dim("  for none: `git pm config --shared pm.planTests false`");
        page.dim(format!("  and then: `git pm plan regenerate {}`", view.prd));
    }
}

/// The number of test tasks beside the others.
pub fn with_tests(tests: usize) -> String {
    match tests {
        0 => String::new(),
        n => format!(" + {}", counted(n, "test task")),
    }
}

fn head(page: &mut Page, view: &PlanView) {
    page.put(Label::Id, &view.prd).text("  ");
    page.line(fit(&view.title, 70).0);
    let (own, tests) = view.present();
    let hours: u32 = own.iter().chain(&tests).map(|task| task.hours).sum();
    let with = with_tests(tests.len());
    page.text("  ").put(Label::Active, view.standing());
    page.line(format!(
        ", {}{with}, {hours}h, up to {} at once",
        counted(own.len(), "task"),
        view.width
    ));
    statements(page, &view.statements);
    let scope = &view.scope;
    let recommended = recommendation(word(&scope.recommendation), scope.drivers.tasks);
    page.text("  ").text(recommended);
    let why = view.scope.reasons.last().map_or("", String::as_str);
    let confidence = word(&view.scope.confidence);
    page.dim(format!(", {confidence} confidence: {why}"));
    if view.scope.confidence == Confidence::Low && view.status == PlanStatus::Draft {
        let show = of_plan("show", &view.prd);
        page.dim(format!(
            "  `{show} --coverage` shows what became of each line"
        ));
        by_hand(page, view);
    }
    if let Some(epic) = &view.epic {
        let how = match view.approval.as_deref() {
            Some("advisory") => " (advisory)",
            _ => "",
        };
        page.text("  ").put(Label::Id, epic);
        let new = |task: &&TaskView| task.item.is_none() && task.tests.is_none();
        let since = match view.tasks.iter().filter(new).count() {
            0 => String::new(),
            1 => ", before 1 task was added".into(),
            n => format!(", before {n} tasks were added"),
        };
        page.line(match &view.approved_by {
            Some(by) => format!(" approved by {by}{how}{since}"),
            None => " not approved yet".to_string(),
        });
    }
    if view.outdated {
        let diff = of_plan("diff", &view.prd);
        page.warning(format!(
            "the document has changed; `{diff}` shows the effect"
        ));
    }
    if let Some(warning) = &view.file_warning {
        page.warning(warning);
    }
}

/// How a document that marks no tasks is planned: by an agent, or without one.
fn by_hand(page: &mut Page, view: &PlanView) {
    let prd = &view.prd;
    if page.agent() || view.tasks.iter().any(TaskView::is_written) {
        return;
    }
    page.dim(format!(
        "  `git pm plan new {prd} --with AGENT` lets an agent plan it"
    ));
    if !view.tasks.is_empty() {
        return;
    }
    page.dim(format!(
        "  `git pm plan edit {prd}` lists the open statements, to write tasks for them"
    ));
    page.dim(format!(
        "  `git pm plan add --plan {prd} \"TITLE\" --accept \"CRITERION\"` adds one task"
    ));
}

/// What became of the statements of a document: each is counted once.
fn statements(page: &mut Page, counts: &StatementCounts) {
    page.line(format!(
        "  statements: {} in tasks, {} put aside by hand, {} open, {} no work",
        counts.carried, counts.put_aside, counts.open, counts.no_work
    ));
    if counts.for_all > 0 {
        page.line(format!(
            "  apply to all tasks: {}, in their epic and briefings",
            counts.for_all
        ));
    }
    if counts.by_heading > 0 {
        page.line(format!("  {} put aside by the document", counts.by_heading));
    }
}

/// What only the document puts aside, with the command that plans it nevertheless.
pub(super) fn by_heading(page: &mut Page, prd: &str, aside: &[AsideView]) {
    let all = aside.iter().filter(|one| one.is_by_heading());
    let all: Vec<&AsideView> = all.collect();
    if all.is_empty() {
        return;
    }
    page.heading("Put aside by the document");
    for one in all.iter().take(shown(page)) {
        put_aside(page, one);
    }
    more(page, prd, all.len());
    page.dim(format!(
        "  `git pm plan edit {prd}` lists them, to write tasks"
    ));
}

/// What an approver has to look at first: statements that were put aside, and criteria that the
/// document does not state.
fn not_work(page: &mut Page, view: &PlanView) {
    if view.status == PlanStatus::Approved {
        by_heading(page, &view.prd, &view.put_aside);
        return;
    }
    if !view.put_aside.is_empty() {
        page.heading("Put aside");
    }
    for aside in view.put_aside.iter().take(shown(page)) {
        put_aside(page, aside);
    }
    more(page, &view.prd, view.put_aside.len());
    if view.put_aside.iter().any(AsideView::is_by_heading) {
        let edit = format!("git pm plan edit {}", view.prd);
        page.dim(format!(
            "  `{edit}` lists what the document puts aside, to write tasks"
        ));
    }
    let invented = view.tasks.iter().filter(|task| task.tests.is_none());
    let invented: Vec<(&TaskView, &str)> = invented
        .flat_map(|task| task.acceptance.iter().map(move |one| (task, one)))
        .filter(|(task, one)| one.derived && task.is_written())
        .map(|(task, one)| (task, one.text.as_str()))
        .collect();
    if !invented.is_empty() {
        page.heading("Invented: the document does not state these criteria");
    }
    for (task, text) in invented.iter().take(shown(page)) {
        page.put(Label::Id, format!("{:>4}", task.number));
        page.text(" ").line(fit(text, WIDTH - 6).0);
    }
    more(page, &view.prd, invented.len());
}

/// Statements that were put aside for one reason: the first of them, with its lines.
fn put_aside(page: &mut Page, aside: &AsideView) {
    let lines = range(aside.lines.start, aside.lines.end);
    // Later and ruled out say it all.
    let is_said = aside.is_by_heading() && !aside.is_by_box();
    let is_said = is_said && aside.disposition != Disposition::Done;
    let reason = match aside.reason.as_str() {
        "" => String::new(),
        _ if is_said => String::new(),
        reason => format!(": {reason}"),
    };
    page.text("  ").put(Label::Dim, format!("{lines:>7} "));
    let more = match aside.count {
        0 | 1 => String::new(),
        count => format!(" (+{})", count - 1),
    };
    let by = format!(
        "{more}  {}{reason} ({})",
        called(aside.disposition),
        aside.by
    );
    let room = WIDTH.saturating_sub(12 + by.chars().count()).max(LEAST);
    page.text(fit(&aside.text, room).0);
    page.dim(by);
}

/// What a statement is called that was put aside, as the plan's text names it.
pub(super) fn called(disposition: Disposition) -> String {
    match disposition {
        Disposition::Context => "not work".to_owned(),
        Disposition::NonGoal => "not to be done".to_owned(),
        other => word(&other),
    }
}

/// Lines of the document: `7`, or `7-9`.
pub(super) fn range(start: u32, end: u32) -> String {
    match start == end {
        true => start.to_string(),
        false => format!("{start}-{end}"),
    }
}

/// The number of rows of a list that are shown.
fn shown(page: &Page) -> usize {
    match page.verbose() {
        true => usize::MAX,
        false => limits::PLAN_RULES_MAX,
    }
}

fn more(page: &mut Page, prd: &str, count: usize) {
    let left = count.saturating_sub(shown(page));
    if left > 0 {
        page.dim(format!("  and {left} more: `{} -v`", of_plan("show", prd)));
    }
}

/// A task with its whole title, what it waits for and what it unlocks.
fn line(page: &mut Page, view: &PlanView, task: &TaskView, planned: &WaveTask) {
    // A plan that was written as text is spoken of by the names in it.
    let named = match view.tasks.iter().any(TaskView::is_written) {
        true => format!("{}. {}", task.name, task.title),
        false => task.title.clone(),
    };
    let mut title = wrapped(&named, TITLE).into_iter();
    let first = title.next().unwrap_or_default();
    let pad = " ".repeat(fit(&first, TITLE).1);
    page.put(Label::Id, format!("{:>4}", task.number));
    page.text(format!(" {first}{pad} "));
    page.put(Label::Dim, task.estimate.as_str());
    let room = WIDTH - TITLE - 8;
    let high = task.risk.as_str() == "high";
    let room = room - if high { 10 } else { 0 };
    let urgency = task.priority.map(|stated| format!(" P{stated}"));
    let room = room - urgency.as_ref().map_or(0, String::len);
    let test = test_first(view, task);
    let links = fit(&links(test, planned), room).0;
    let gap = " ".repeat(2usize.saturating_sub(task.estimate.as_str().len()));
    if high || urgency.is_some() || task.item.is_some() || !links.is_empty() {
        page.text(gap);
    }
    page.put(Label::Dim, urgency.unwrap_or_default());
    if high {
        page.put(Label::Bad, " high risk");
    }
    match &task.item {
        Some(item) => {
            page.text(" ").put(Label::Id, item);
            // There is no room for it beside "high risk".
            let first = test.filter(|_| !high);
            let first = first.map(|test| format!(" ← {}", test.number));
            page.put(Label::Dim, first.unwrap_or_default())
        }
        None => page.put(Label::Dim, links),
    };
    if let Some(status) = task
        .item_status
        .as_ref()
        .filter(|status| status.is_closed())
    {
        page.put(Label::Dim, format!(" {}", status.word()));
    }
    match (task.is_gone, task.is_done) {
        (true, true) => page.put(Label::Dim, " done in the document"),
        (true, false) if task.said.is_some() => page.put(Label::Dim, " no task in the document"),
        (true, false) => page.put(Label::Dim, " not in the document"),
        _ => page,
    };
    page.end();
    for rest in title {
        page.text("     ").line(rest);
    }
    if page.verbose() {
        details(page, view, task);
    }
}

/// The open test of a task that has to be written before the task starts.
fn test_first<'v>(view: &'v PlanView, task: &TaskView) -> Option<&'v TaskView> {
    let is_closed = |test: &TaskView| test.item_status.as_ref().is_some_and(|s| s.is_closed());
    view.tasks.iter().find(|test| {
        let mut edges = view.edges.iter();
        test.tests.as_ref() == Some(&task.key)
            && !(test.is_gone || is_closed(test))
            && edges.any(|edge| edge.task == task.key && edge.on == test.key)
    })
}

/// The numbers of the tasks before and after a task, its own test included if that comes first.
fn links(test: Option<&TaskView>, planned: &WaveTask) -> String {
    let test = test.iter().map(|test| test.number);
    let after: Vec<u32> = test.chain(planned.after.iter().copied()).collect();
    let short = |sign: &str, numbers: &[u32]| match numbers {
        [] => String::new(),
        numbers => {
            let mut named: Vec<String> = numbers.iter().take(3).map(u32::to_string).collect();
            if numbers.len() > 3 {
                named.push("…".into());
            }
            format!(" {sign} {}", named.join(","))
        }
    };
    short("←", &after) + &short("→", &planned.unlocks)
}

fn details(page: &mut Page, view: &PlanView, task: &TaskView) {
    let (file, lines) = (&view.file, &task.source.lines);
    match (lines.start, &task.added_by) {
        // It is not in the document.
        (0, Some(by)) => {
            page.put(Label::Dim, format!("       added by {by}"));
        }
        (0, None) => {
            page.put(Label::Dim, "       not in the document now");
        }
        (start, _) => {
            page.put(Label::Dim, "       from ");
            page.put(Label::Path, format!("{file}:{start}-{}", lines.end));
        }
    }
    if let Some(id) = &task.source.requirement {
        page.put(Label::Dim, format!(" ({id})"));
    }
    page.end();
    if task.by_hand.iter().any(|name| name == "description") {
        for line in task.description.trim().lines() {
            page.text("       > ").line(line);
        }
    }
    for criterion in &task.acceptance {
        page.text("       - ").text(&criterion.text);
        page.dim(match criterion.source.lines.start {
            0 => String::new(),
            line => format!("  [{line}]"),
        });
    }
    for edge in view.edges.iter().filter(|edge| edge.task == task.key) {
        let on = view.tasks.iter().find(|other| other.key == edge.on);
        if on.is_some_and(|on| on.tests.as_ref() == Some(&task.key)) {
            // Its own test is a part of it, and listed with the other tests.
            continue;
        }
        let on = on.map_or(0, |on| on.number);
        let line = match edge.line {
            0 => String::new(),
            line => format!(", line {line}"),
        };
        page.dim(format!(
            "       waits for {on} ({}, {}{line}): {}",
            edge.class, edge.rule, edge.reason
        ));
    }
    for (what, value, reason) in [
        ("estimate", task.estimate.as_str(), &task.estimate_reason),
        ("risk", task.risk.as_str(), &task.risk_reason),
        (
            "validation",
            task.validation.as_str(),
            &task.validation_reason,
        ),
    ] {
        page.dim(format!("       {what} {value}: {reason}"));
    }
    if !task.paths.is_empty() {
        page.put(Label::Dim, "       paths: ");
        page.put(Label::Path, &task.paths).end();
    }
    for (name, value) in &task.more {
        let mut lines = value.lines();
        page.line(format!(
            "       {name}: {}",
            lines.next().unwrap_or_default()
        ));
        for line in lines {
            page.text("         ").line(line);
        }
    }
    research_notes(page, &task.research_notes);
}

/// The research notes of a task, with their numbers.
fn research_notes(page: &mut Page, notes: &[ResearchNote]) {
    for (n, note) in notes.iter().enumerate() {
        page.text(format!("       note {}: ", n + 1));
        let mut lines = note.text.lines();
        page.line(lines.next().unwrap_or_default());
        for line in lines {
            page.text("         ").line(line);
        }
    }
}

/// The tasks of a plan with their research notes.
pub fn deepened(page: &mut Page, deepened: &Deepened) {
    for task in &deepened.tasks {
        page.put(Label::Id, format!("{:>3}", task.number))
            .text("  ");
        page.line(&task.title);
        research_notes(page, &task.research_notes);
    }
    page.line(match (deepened.added, deepened.removed) {
        (0, 0) => "No note was added.".to_string(),
        (0, removed) => format!("{} removed.", counted(removed, "note")),
        (added, _) => format!("{} added.", counted(added, "note")),
    });
}

fn milestones(page: &mut Page, view: &PlanView) {
    if view.milestones.is_empty() {
        return;
    }
    page.heading("Milestones, in order");
    for milestone in &view.milestones {
        let own = |t: &&TaskView| t.tests.is_none() && milestone.tasks.contains(&t.key);
        let numbers = view.tasks.iter().filter(own).map(|t| t.number.to_string());
        let shown: Vec<String> = numbers.take(12).collect();
        let title = fit(&milestone.title, 44);
        page.text(format!("  {}{}  ", title.0, " ".repeat(title.1)));
        page.dim(shown.join(" "));
    }
}

/// The open questions of the document.
fn questions(page: &mut Page, view: &PlanView) {
    if !view.questions.is_empty() {
        page.heading("Open questions");
    }
    for one in view.questions.iter().take(shown(page)) {
        let lines = range(one.lines.start, one.lines.end);
        page.text("  ").put(Label::Dim, format!("{lines:>7} "));
        page.line(fit(&one.text, WIDTH - 10).0);
    }
    more(page, &view.prd, view.questions.len());
}

fn findings(page: &mut Page, view: &PlanView) {
    if !view.suggestions.is_empty() {
        page.heading("Tasks that could be merged");
        for suggestion in view.suggestions.iter().take(3) {
            let numbers: Vec<String> = suggestion.tasks.iter().map(ToString::to_string).collect();
            page.text(format!("  {}: ", numbers.join(" + ")));
            page.line(fit(&suggestion.reason, 64).0);
        }
    }
    open_checks(page, &view.prd, &view.checks);
}

fn next(page: &mut Page, view: &PlanView) {
    page.gap();
    // What is open has to be planned first, and what an approval would refuse.
    let outlined = view.statements.open > view.statements.carried;
    let of = |verb: &str| of_plan(verb, &view.prd);
    let approve = format!("{} --expect {}", of("approve"), view.version);
    let [check, edit] = &["check", "edit"].map(of);
    let look = &match outlined {
        true => of("outline"),
        false if page.verbose() => format!("{} --coverage", of("show")),
        false => format!("{} -v", of("show")),
    };
    let is_new = |task: &TaskView| task.item.is_none() && !task.is_gone;
    let is_due = view.unapproved || view.tasks.iter().any(is_new);
    let is_written = view.tasks.iter().any(TaskView::is_written);
    match view.status {
        PlanStatus::Approved if is_due && page.agent() => page.next(&[look]),
        _ if view.is_stale && !page.agent() => page.next(&[of("regenerate")]),
        PlanStatus::Approved if is_due && view.is_refused => page.next(&[check, edit]),
        PlanStatus::Approved if is_due => page.next(&[&approve]),
        // Only a human can approve.
        PlanStatus::Draft if page.agent() => page.next(&[look, edit]),
        // A document of prose has no tasks to be read from it: a person writes them, or an agent.
        PlanStatus::Draft if view.tasks.is_empty() => page.next(&[look, edit]),
        PlanStatus::Draft if view.scope.confidence == Confidence::Low && !is_written => {
            page.next(&[look, edit])
        }
        PlanStatus::Draft if view.is_refused => {
            page.next(&[if outlined { look } else { check }, edit])
        }
        // On lines of their own: together they are longer than a line.
        PlanStatus::Draft => page.next(&[look]).next(&[&approve]),
        PlanStatus::Approved => page.next(&["git pm ready", "git pm next --claim"]),
    };
}

/// All plans.
pub fn list(page: &mut Page, plans: &[PlanLine]) {
    page.list("No plans.", 3, plans, |_, plan| {
        [
            Label::Id.of(&plan.prd),
            Label::Active.of(plan.standing()),
            Label::Dim.of(counted(plan.tasks, "task")),
            Label::Text.of(&plan.title),
            Label::Id.of(&plan.epic),
        ]
    });
    if plans.is_empty() {
        page.next(&["git pm plan new FILE"]);
    }
}
