//! Renders a trace from a document to commits.

use git_pm::items::LinkView;
use git_pm::plans::{Place, TraceView};

use super::format::short;
use super::page::Page;
use super::style::Label;

/// A trace from a document to commits.
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
            page.text(format!("{indent}  [{tick}] {}", criterion.text));
            if let Some(source) = criterion.source.as_ref().filter(|one| one.text.is_some()) {
                page.put(Label::Dim, format!("  [{}]", source.lines.start));
            }
            page.end();
        }
        for commit in &task.commits {
            page.text(&indent).text("  ");
            page.put(Label::Active, short(&commit.id)).text(" ");
            let when = page.when(&commit.at);
            page.text(&commit.subject);
            page.dim(format!("  {}, {when}", commit.author));
        }
        let other = view.commit.as_ref().filter(|commit| !commit.approved);
        if let Some(commit) = other {
            let short = short(&commit.id);
            let mut text = format!("  {short} mentions {}", commit.names);
            if task.approved_by.is_some() {
                text += "; it is not the approved commit";
            }
            page.text(&indent).put(Label::Waiting, &text).end();
        } else if let Some(by) = &task.approved_by {
            page.text(&indent).put(Label::Dim, "  approved by ");
            page.put(Label::Actor, by).end();
        }
    }
    if view.tasks.is_empty() {
        page.line("No tasks.");
    }
}

fn linked(page: &mut Page, link: &LinkView) {
    super::item::line(page, &link.id, link.status.as_str(), &link.title);
}

fn place(page: &mut Page, place: &Place) {
    let (file, line) = (&place.file, place.lines.start);
    let now = format!("{file}:{line}");
    let planned = || format!("line {line} of the version of {file} that was planned");
    page.put(
        Label::Path,
        place.text.as_ref().map_or_else(planned, |_| now),
    );
    if let Some(id) = &place.requirement {
        page.put(Label::Dim, format!(" ({id})"));
    }
}
