//! `git pm planner|taskmaster|develop|reviewer`: the roles of an orchestrator, one step each.

use git_pm::runs::RoleReport;
use git_pm::verbs::roles::{Develop, Planner, Reviewer, Taskmaster};

use crate::context::Context;
use crate::failure::Outcome;
use crate::render::page::Page;
use crate::render::style::Label;

/// The roles.
#[derive(clap::Subcommand, Debug)]
pub enum RoleCommand {
    Planner(Planner),
    Taskmaster(Taskmaster),
    Develop(Develop),
    Reviewer(Reviewer),
}

/// Runs a step of a role.
pub fn run(context: &Context, command: RoleCommand) -> Outcome {
    let report = match command {
        RoleCommand::Planner(args) => context.verb(args)?,
        RoleCommand::Taskmaster(args) => context.verb(args)?,
        RoleCommand::Develop(args) => context.verb(args)?,
        RoleCommand::Reviewer(args) => context.verb(args)?,
    };
    context.answer(&report, shown)
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
