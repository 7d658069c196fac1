//! Renders the answer to a written plan.

use git_pm::plans::{Check, WriteReport};
use git_pm::runs::{PlanRound, PlannedDocument};
use git_pm::text::first_of;

use super::format::counted;
use super::limits;
use super::page::Page;
use super::plan::{plan, with_tests};
use super::plan_findings::finding;
use super::style::Label;

/// A finding that names its task as the text does.
fn named(check: &Check) -> Check {
    let mut check = check.clone();
    check.task = None;
    if let Some(name) = &check.name
        && !check.message.contains(&format!("`{name}`"))
    {
        check.message = format!("`{name}`: {}", check.message);
    }
    check
}

/// What changed, what the plan carries, and every finding with its fix.
pub fn report(page: &mut Page, report: &WriteReport) {
    page.put(Label::Id, &report.prd);
    page.line(format!(
        "  {}{}: {} carried, {} put aside, {} open",
        counted(report.tasks, "task"),
        with_tests(report.test_tasks),
        counted(report.statements.carried, "statement"),
        report.statements.put_aside,
        report.statements.open
    ));
    for (word, names) in [
        ("added", &report.written.added),
        ("changed", &report.written.changed),
        ("removed", &report.written.removed),
        ("kept, not in the text", &report.written.kept),
        (
            "changed by another actor meanwhile",
            &report.written.meanwhile,
        ),
        (
            "not changed here, exist already (`git pm task edit`)",
            &report.written.fixed,
        ),
    ] {
        if !names.is_empty() {
            page.line(format!(
                "  {word}: {}",
                first_of(names, limits::PLAN_NAMES_MAX)
            ));
        }
    }
    let mut before: Option<&str> = None;
    for check in &report.checks {
        // Equal fixes stand once, below the findings that they mend.
        if let Some(fix) = before.filter(|fix| check.fix.as_deref() != Some(fix)) {
            page.dim(format!("      {fix}"));
        }
        finding(page, &named(check), None);
        before = check.fix.as_deref();
    }
    if let Some(fix) = before {
        page.dim(format!("      {fix}"));
    }
    let id = &report.prd;
    page.next(&match report.statements.open {
        0 => vec![format!("git pm plan show {id}")],
        _ => vec![
            format!("git pm plan outline {id}"),
            format!("git pm plan write {id} - --patch"),
        ],
    });
}

/// A round of an agent that plans.
pub fn round(page: &mut Page, round: &PlanRound) {
    let written = match (round.written, round.open) {
        (true, Some(0)) => "nothing is open".to_owned(),
        (true, Some(open)) => format!("{} open", counted(open, "statement")),
        _ => "no plan was written".to_owned(),
    };
    let tokens = match (round.input_tokens, round.output_tokens) {
        (0, 0) => String::new(),
        (read, said) => format!(", {read} tokens read, {said} written"),
    };
    let price = round
        .usd
        .map_or(String::new(), |usd| format!(", ${usd:.4}"));
    page.line(format!(
        "round {}: {written}, {}{tokens}{price}",
        round.round,
        counted(round.findings.len(), "finding")
    ));
    for text in round
        .failed
        .iter()
        .chain(round.findings.iter().take(limits::PLAN_NAMES_MAX))
    {
        page.dim(format!("  {text}"));
    }
}

/// A plan that an agent has written, and how its run ended.
pub fn planned(page: &mut Page, planned: &PlannedDocument) {
    plan(page, &planned.plan);
    let status = planned.run.status.as_str();
    let reason = planned.run.reason.as_deref();
    let reason = reason.map_or(String::new(), |reason| format!(": {reason}"));
    page.line(format!(
        "{} {status} in {}{reason}; `git pm logs {}` shows what the agent did",
        planned.run.id,
        counted(planned.rounds.len(), "round"),
        planned.run.id
    ));
}
