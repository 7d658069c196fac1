//! Renders what an approval makes of a plan, and what a changed document does to it.

use git_pm::plans::{Approved, LeftTask, PlanDiff, TaskChanges, TaskView, Update};

use super::format::{counted, shell_quoted};
use super::page::Page;
use super::plan::{LEAST, TITLE, WIDTH, by_heading, of_plan, range};
use super::plan_findings::{finding, open_checks};
use super::style::Label;
use super::table::fit;
use super::task_changes::{changes, command, said};

/// The report of an approval.
pub fn approved(page: &mut Page, view: &Approved) {
    let epic = view.plan.epic.as_deref().unwrap_or_default();
    match (view.created.first(), view.created.last()) {
        (Some(first), Some(last)) => {
            page.text("Approved: ").put(Label::Id, epic);
            page.text(format!(
                " with {}, ",
                counted(view.created.len(), "new task")
            ));
            let ids = match first == last {
                true => first.clone(),
                false => format!("{first} to {last}"),
            };
            page.put(Label::Id, ids).end();
        }
        _ if view.changes.updated.is_empty() => {
            page.text("Nothing new: all tasks are in ");
            page.put(Label::Id, epic).end();
        }
        _ => {
            page.text("Approved: ").put(Label::Id, epic);
            page.line(" with no new tasks");
        }
    }
    if !view.created.is_empty() {
        let present = || view.plan.tasks.iter().filter(|task| !task.is_gone);
        let of = |fits: &dyn Fn(&TaskView) -> bool| present().filter(|t| fits(t)).count();
        let invented =
            of(&|task| task.is_written() && task.acceptance.iter().any(|one| one.derived));
        let told = [
            (of(&|task| task.tests.is_some()), "test task", ""),
            (invented, "task", " with invented criteria"),
            (view.plan.statements.put_aside, "statement", " put aside"),
            (view.plan.statements.open, "open statement", ""),
        ];
        let told = told.iter().filter(|(count, _, _)| *count > 0);
        let told = told.map(|(count, what, more)| format!("{}{more}", counted(*count, what)));
        let told: Vec<String> = told.collect();
        if !told.is_empty() {
            page.dim(format!("  in all: {}", told.join(", ")));
        }
    }
    by_heading(page, &view.plan.prd, &view.plan.put_aside);
    changes(page, &view.changes, "updated");
    left(page, &view.left);
    open_checks(page, &view.plan.prd, &view.plan.checks);
    page.next(&["git pm ready", "git pm next --claim"]);
}

/// The tasks that an approval left.
fn left(page: &mut Page, left: &[LeftTask]) {
    if left.is_empty() {
        return;
    }
    page.heading("Not approved");
    for task in left {
        page.put(Label::Id, format!("{:>4} ", task.number));
        page.text(fit(&task.title, TITLE).0);
        page.dim(format!("  {}", task.reason));
    }
}

/// The effect of a changed document, with the text that was compared.
pub fn update(page: &mut Page, view: &Update) {
    let file = view.read.as_ref().map(|file| format!("the file {file}"));
    let text = file.unwrap_or_else(|| format!("the stored text of {}", view.prd));
    page.dim(format!("Compared: {text}"));
    effect(page, view);
}

/// The effect of a changed document.
fn effect(page: &mut Page, view: &Update) {
    if view.is_older {
        page.warning(format!(
            "{} here is based on an older version that {} had; the newer one was not pulled",
            view.file, view.prd
        ));
        return;
    }
    let verb = if view.written { "Added" } else { "Would add" };
    let nothing = view.new.is_empty() && view.changed.is_empty() && view.over.is_empty();
    let nothing = nothing && view.gone.is_empty() && view.aside.is_empty() && view.done.is_empty();
    changed_lines(page, view);
    for reference in &view.references {
        finding(page, reference, None);
    }
    by_heading(page, &view.prd, &view.put_aside);
    if nothing {
        page.line(match view.is_changed {
            false => "No changes.",
            true => "The document's own structure adds no task and changes none.",
        });
        if view.is_changed && !(view.written && view.stands) {
            after_update(page, view);
        }
        return;
    }
    page.text(format!("{verb} to the plan of "));
    page.put(Label::Id, &view.prd).end();
    for task in &view.new {
        page.put(Label::Good, "  new      ").line(&task.title);
    }
    if view.more > 0 {
        page.dim(format!("  and {} more next time", view.more));
    }
    for title in &view.changed {
        page.put(Label::Active, "  changed  ").line(title);
    }
    for task in &view.over {
        page.put(Label::Dim, "  over     ").line(&task.title);
        said(page, Some(&task.said));
    }
    for title in &view.gone {
        page.put(Label::Bad, "  gone     ").line(title);
    }
    for task in &view.aside {
        page.put(Label::Warning, "  no task  ").line(&task.title);
        said(page, Some(&task.said));
    }
    for task in &view.done {
        page.put(Label::Good, "  done in the document: ");
        page.put(Label::Id, &task.item);
        page.text(if task.item.is_some() { "  " } else { "" });
        page.line(&task.title);
        command(page, task.command.as_deref());
    }
    after_update(page, view);
}

fn after_update(page: &mut Page, view: &Update) {
    if let Some(refused) = &view.refused {
        page.line(format!("An approval asks first: {refused}"));
    }
    match view.written {
        true if page.agent() => page.next(&[of_plan("show", &view.prd) + " -v"]),
        true if view.refused.is_some() => page.next(&[of_plan("show", &view.prd)]),
        true => page.next(&[of_plan("approve", &view.prd)]),
        false => page.next(&[of_plan("update", &shell_quoted(&view.file)) + " --write"]),
    };
}

/// The lines of the document that changed, with the tasks that carried them.
fn changed_lines(page: &mut Page, view: &Update) {
    let of = |numbers: &[u32]| {
        let numbers: Vec<String> = numbers.iter().map(u32::to_string).collect();
        match numbers.as_slice() {
            [] => String::new(),
            [one] => format!("  task {one}"),
            all => format!("  tasks {}", all.join(", ")),
        }
    };
    if !view.lines.is_empty() {
        page.heading("New or reworded lines");
    }
    for one in &view.lines {
        let tasks = match (one.tasks.as_slice(), one.new.len()) {
            (tasks, 0) => of(tasks),
            ([], 1) => "  new task".to_owned(),
            ([], new) => format!("  {new} new tasks"),
            (tasks, 1) => of(tasks) + " → new task",
            (tasks, new) => format!("{} → {new} new tasks", of(tasks)),
        };
        let lines = range(one.lines.start, one.lines.end);
        page.put(Label::Dim, format!("{lines:>7} "));
        let room = WIDTH.saturating_sub(8 + tasks.chars().count()).max(LEAST);
        page.text(fit(&one.text, room).0);
        page.dim(tasks);
    }
    if !view.lost.is_empty() {
        page.line(format!("Lines are gone of {}", of(&view.lost).trim_start()));
    }
    if !view.lines.is_empty() || !view.lost.is_empty() {
        page.gap();
    }
}

/// The differences between a plan and its document.
pub fn diff(page: &mut Page, view: &PlanDiff) {
    if view.outdated {
        page.warning("the document has changed since the plan was generated");
    }
    if let Some(warning) = &view.file_warning {
        page.warning(warning);
    } else if view.reworded.is_empty() || view.document.is_changed {
        effect(page, &view.document);
    }
    for check in &view.reworded {
        finding(page, check, None);
    }
    if view.unapproved {
        page.line("The plan is of the present text, and was approved for another one.");
        // Only a human can approve, and not what is refused.
        let is_open = !(view.is_refused || page.agent());
        let verb = if is_open { "approve" } else { "show" };
        page.next(&["check", verb].map(|verb| of_plan(verb, &view.document.prd)));
    }
    if !view.by_hand.is_empty() {
        page.heading("Set by hand");
        for edit in &view.by_hand {
            page.put(Label::Id, format!("{:>4} ", edit.task));
            page.text(fit(&edit.title, TITLE).0);
            page.put(Label::Dim, format!("  {} by ", edit.field));
            page.put(Label::Actor, &edit.by).end();
        }
    }
    if view.tasks != TaskChanges::default() {
        page.heading("Tasks that differ from the plan");
        changes(page, &view.tasks, "behind");
        if !view.tasks.updated.is_empty() {
            page.dim("  an approval updates the tasks that are behind");
        }
    }
}
