//! How milestones, sprints, traces and the definition of ready read.

use git_pm::plan::dor::Unready;
use git_pm::plan::milestone::{EpicView, MilestoneLine};
use git_pm::plan::sprint::SprintView;
use git_pm::plan::trace::{Link, Place, TraceView};

use super::page::Page;
use super::style::{self, Label};
use super::table::Table;

/// Milestones with what has to hold at their end.
pub fn milestones(page: &mut Page, milestones: &[MilestoneLine]) {
    if milestones.is_empty() {
        page.line("There is no milestone.");
        page.next(&["git pm plan new FILE"]);
    }
    for milestone in milestones {
        page.gap()
            .put(Label::Id, &milestone.id)
            .text("  ")
            .text(&milestone.title);
        page.text("  ").put(
            style::status(&milestone.status),
            &format!("{} of {} tasks", milestone.done, milestone.total),
        );
        if !milestone.after.is_empty() {
            page.put(
                Label::Dim,
                &format!("  after {}", milestone.after.join(", ")),
            );
        }
        page.end();
        for outcome in &milestone.acceptance {
            let tick = if outcome.done { "x" } else { " " };
            page.text(&format!("  [{tick}] {}", outcome.text)).end();
        }
    }
}

/// An epic with its tasks.
pub fn epic(page: &mut Page, epic: &EpicView) {
    super::item::full(page, &epic.epic);
    if epic.total == 0 {
        return;
    }
    page.heading(&format!("Tasks, {} of {} closed", epic.done, epic.total));
    let mut table = Table::new(2);
    for task in &epic.tasks {
        table.row([
            (Label::Id, task.id.as_str()),
            (style::status(&task.status), &task.status),
            (Label::Text, &task.title),
        ]);
    }
    page.table("  ", &table);
}

/// A sprint.
pub fn sprint(page: &mut Page, sprint: &SprintView) {
    let mut table = Table::new(2);
    for task in &sprint.tasks {
        let points = match task.given {
            true => task.points.to_string(),
            false => format!("~{}", task.points),
        };
        table.row([
            (Label::Id, task.id.as_str()),
            (Label::Text, &points),
            (Label::Text, &task.title),
        ]);
    }
    page.table("", &table);
    page.line(&format!("{} of {} points", sprint.points, sprint.capacity));
    if sprint.over {
        page.warning(&format!(
            "that is {} more than fits",
            sprint.points - sprint.capacity
        ));
    }
    for task in &sprint.left_out {
        page.put(Label::Dim, "  does not fit: ")
            .put(Label::Id, &task.id);
        page.text(" ").line(&task.title);
    }
}

/// Tasks that are not ready by definition.
pub fn unready(page: &mut Page, tasks: &[Unready]) {
    if tasks.is_empty() {
        page.put(
            Label::Good,
            "Every queued task meets the definition of ready.",
        )
        .end();
    }
    let mut table = Table::new(1);
    for task in tasks {
        table.row([
            (Label::Id, task.id.as_str()),
            (Label::Text, &task.title),
            (
                Label::Waiting,
                &format!("no {}", task.missing.join(", no ")),
            ),
        ]);
    }
    page.table("", &table);
}

/// A chain from a document to commits.
pub fn trace(page: &mut Page, view: &TraceView) {
    let mut indent = String::new();
    for link in [&view.prd, &view.epic].into_iter().flatten() {
        page.text(&indent);
        linked(page, link);
        indent.push_str("  ");
    }
    for task in &view.tasks {
        page.text(&indent);
        linked(page, &task.task);
        if let Some(source) = &task.source {
            page.text(&indent).put(Label::Dim, "  from ");
            place(page, source);
            page.end();
        }
        for criterion in &task.acceptance {
            let tick = if criterion.done { "x" } else { " " };
            page.text(&format!("{indent}  [{tick}] {}", criterion.text));
            if let Some(source) = &criterion.source {
                page.put(Label::Dim, &format!("  [{}]", source.lines.start));
            }
            page.end();
        }
        for commit in &task.commits {
            page.text(&indent)
                .text("  ")
                .put(Label::Active, commit.id.get(..10).unwrap_or(&commit.id));
            page.text(" ").text(&commit.subject);
            page.put(
                Label::Dim,
                &format!("  {}, {}", commit.author, page.when(&commit.at)),
            );
            page.end();
        }
        let other = view.commit.as_ref().filter(|commit| !commit.approved);
        if let Some(commit) = other {
            let short = commit.id.get(..10).unwrap_or(&commit.id);
            let mut said = format!("  {short} names {}", commit.names);
            if task.approved_by.is_some() {
                said += "; not what was approved";
            }
            page.text(&indent).put(Label::Waiting, &said).end();
        } else if let Some(by) = &task.approved_by {
            page.text(&indent)
                .put(Label::Dim, "  approved by ")
                .put(Label::Actor, by)
                .end();
        }
    }
    if view.tasks.is_empty() {
        page.line("No task came of it.");
    }
}

fn linked(page: &mut Page, link: &Link) {
    page.put(Label::Id, &link.id).text("  ");
    page.put(style::status(&link.status), &link.status)
        .text("  ");
    page.line(&link.title);
}

fn place(page: &mut Page, place: &Place) {
    page.put(
        Label::Path,
        &format!("{}:{}", place.file, place.lines.start),
    );
    if let Some(id) = &place.requirement {
        page.put(Label::Dim, &format!(" ({id})"));
    }
}
