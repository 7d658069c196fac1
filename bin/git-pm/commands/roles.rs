//! `git pm planner|taskmaster|develop|reviewer`: the roles of an orchestrator, one step each.

use git_pm::runs::RoleReport;
use git_pm::verbs::roles::{Develop, Planner, Reviewer, Taskmaster};

use crate::render::page::Page;
use crate::render::style::Label;

group! {
    /// The roles.
    RoleCommand, run(context):
    Planner(args: Planner) => context.shown(args, shown),
    Taskmaster(args: Taskmaster) => context.shown(args, shown),
    Develop(args: Develop) => context.shown(args, shown),
    Reviewer(args: Reviewer) => context.shown(args, shown),
}

fn shown(page: &mut Page, report: &RoleReport) {
    if report.steps.is_empty() {
        page.line(format!("{}: nothing to do", report.role));
        return;
    }
    if report.dry_run {
        page.line(format!("{} would do this:", report.role));
    }
    page.rows("  ", 2, &report.steps, |_, step| {
        [
            Label::Id.of(step.id.as_deref().unwrap_or_default()),
            Label::Text.of(&step.action),
            Label::Dim.of(step.detail.as_deref().unwrap_or_default()),
        ]
    });
    if let Some(pull) = &report.pull_request {
        page.gap();
        crate::render::github::pull(page, pull);
    }
}
