//! Renders requirements documents and the scope of their work.

use git_pm::plans::{PrdView, Requirement, ScopeView, Statement};

use super::format::{counted, shell_quoted, word};
use super::page::Page;
use super::plan::recommendation;
use super::style::Label;
use super::table::fit;

/// A PRD with the contents of its text.
pub fn prd(page: &mut Page, view: &PrdView) {
    super::item::full(page, &view.prd);
    page.field("source", Label::Path, &view.source);
    let Some(contents) = &view.says else { return };
    let heads = |list: &[Requirement]| -> Vec<Statement> {
        list.iter().map(|r| r.statement.clone()).collect()
    };
    let vision: Vec<Statement> = contents.vision.iter().cloned().collect();
    for (name, list) in [
        ("Vision", vision),
        ("Requirements", heads(&contents.requirements)),
        ("Non-functional", contents.non_functional.clone()),
        ("Stories", heads(&contents.stories)),
        ("Acceptance", contents.acceptance.clone()),
        ("Milestones", heads(&contents.milestones)),
        ("Risks", contents.risks.clone()),
        ("Assumptions", contents.assumptions.clone()),
        ("Constraints", contents.constraints.clone()),
        ("Decisions", contents.decisions.clone()),
        ("Open questions", contents.open_questions.clone()),
        ("Non-goals", contents.non_goals.clone()),
        ("Success metrics", contents.metrics.clone()),
        ("Ready when", contents.ready.clone()),
        ("Done when", contents.done.clone()),
        ("External dependencies", contents.dependencies.clone()),
    ] {
        if list.is_empty() {
            continue;
        }
        page.heading(name);
        for statement in list {
            page.put(Label::Dim, format!("{:>6}  ", statement.lines.start));
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

/// The scope of the work.
pub fn scope(page: &mut Page, view: &ScopeView, document: &str) {
    page.line(fit(&view.title, 78).0).text("  ");
    let recommended = word(&view.scope.recommendation);
    let recommended = recommendation(recommended, view.scope.drivers.tasks);
    page.put(Label::Heading, recommended);
    let confidence = word(&view.scope.confidence);
    page.dim(format!(" ({confidence} confidence)"));
    let drivers = &view.scope.drivers;
    let effort = match drivers.tasks {
        0 => "unknown".to_string(),
        _ => format!("{}h, without test tasks", drivers.effort_hours),
    };
    for (name, value) in [
        ("components", drivers.components.to_string()),
        ("integrations", drivers.integration_points.to_string()),
        ("risks", drivers.risks.to_string()),
        ("effort", effort),
        ("tasks", format!("{}, without test tasks", drivers.tasks)),
        ("phases", drivers.phases.to_string()),
    ] {
        page.field(name, Label::Text, value);
    }
    for reason in &view.scope.reasons {
        page.put(Label::Dim, "  - ").line(reason);
    }
    if drivers.tasks == 0 {
        page.put(Label::Dim, "  - ");
        page.line("nothing in it was read as a task, so the amount of work is unknown");
    }
    for other in &view.overrides {
        page.text("  decided: ").put(Label::Heading, &other.decided);
        page.text(" by ").put(Label::Actor, &other.by);
        page.line(format!(": {}", other.reason));
    }
    let seen = &view.accuracy;
    if seen.finished > 0 || seen.overridden > 0 {
        let error = seen.effort_error.map_or(String::new(), |error| {
            format!(", effort error {:.0}%", error * 100.0)
        });
        page.dim(format!(
            "  accuracy so far: {} of {} correct, overridden {}{error}",
            seen.right,
            seen.finished,
            counted(seen.overridden, "time")
        ));
    }
    let document = shell_quoted(document);
    let fast = if view.scope.fast_path { " --fast" } else { "" };
    page.next(&[format!("git pm plan new {document}{fast}")]);
}
