//! `git pm plan`: from a document to tasks that people approve.

mod change;
mod debate;
mod edit;
pub mod progress;
mod with;

use git_pm::plans::{Check, Doubt, Severity};
use git_pm::verbs::plan::{
    Approve, CheckPlan, Decompose, Diff, Keep, ListPlans, New, Of, OutlineOf, Planned, Regenerate,
    Seed, Show, Shown, UpdateDocument, Write,
};

use crate::context::Context;
use crate::failure::{Exit, Outcome};
use crate::render;

/// Turn a document into a plan, edit it and approve it
///
/// A plan is generated from a PRD, a technical specification or a debug investigation, without a
/// language model unless `--with` names an agent. It has tasks with acceptance criteria that refer to
/// lines of the document, dependencies with reasons, effort, risk, tests, streams, planned paths and
/// milestones. It is part of the state: several people can edit it, and it is merged like all other
/// data. Until it is approved its tasks are proposed items: `git pm list is:proposed` lists them, and
/// `task edit`, `task comment`, `task delete`, `dep` and `batch` take their names (`P-0001/3`). An
/// approval creates the epic and its tasks. `git pm plan FILE` is short for `git pm plan new FILE`.
#[derive(clap::Subcommand, Debug)]
#[command(defer = true, disable_help_subcommand = true)]
pub enum PlanCommand {
    New(NewArgs),
    Show(Show),
    List(ListPlans),
    Check(CheckPlan),
    Outline(OutlineOf),
    Write(Write),
    Debate(debate::DebateArgs),
    /// Edit the whole plan as one Markdown text
    ///
    /// Opens git's editor with the text that `plan write` takes. If the saved text has errors, the
    /// editor opens again with your text and the errors at the top. `--print` prints the text.
    #[command(after_help = "\
Examples:
  git pm plan edit
  git pm plan edit --print > plan.md
  git pm plan write P-0001 plan.md")]
    Edit {
        #[command(flatten)]
        plan: Of,
        /// Print the text to edit; its first line names the document and the plan's version.
        #[arg(long)]
        print: bool,
    },
    #[command(flatten)]
    Change(change::ChangeCommand),
    Approve(Approve),
    Diff(Diff),
    Update(UpdateDocument),
    Regenerate(Regenerate),
    Keep(Keep),
    Seed(Seed),
    Decompose(Decompose),
}

// Its texts are those of the request.
#[derive(clap::Args, Debug)]
pub struct NewArgs {
    #[command(flatten)]
    request: New,
    #[command(flatten)]
    agent: with::WithArgs,
}

/// Runs a verb of the group.
pub fn run(context: &Context, command: PlanCommand) -> Outcome {
    match command {
        PlanCommand::New(NewArgs { request, agent }) if agent.with.is_some() => {
            with::run(context, &request, &agent)
        }
        PlanCommand::New(NewArgs { request, .. }) => match context.verb(request)? {
            Planned::Plan(plan) => context.answer(&*plan, render::plan::plan),
            Planned::Task(item) => context.answer(&*item, |page, item| {
                render::item::summary(page, "Created", item);
                page.next(&[format!("git pm start {}", item.id)]);
            }),
            Planned::ByAgent(planned) => context.answer(&*planned, render::plan_report::planned),
        },
        PlanCommand::Show(request) => {
            let graph = request.graph;
            match context.verb(request)? {
                Shown::Coverage(coverage) => {
                    context.paged(&*coverage, render::plan_findings::coverage)
                }
                Shown::Plan(plan) if graph => context.paged(&*plan, render::plan_graph::graph),
                Shown::Plan(plan) => context.paged(&*plan, render::plan::plan),
            }
        }
        PlanCommand::List(request) => context.listed_paged(request, render::plan::list),
        PlanCommand::Check(request) => {
            let checks = context.verb(request)?.items;
            context.list(&checks, render::plan_findings::checks)?;
            let fails = |check: &Check| {
                check.severity == Severity::Error || check.rule == "missing-acceptance"
            };
            let failed = checks.iter().any(fails);
            Ok(Exit::of_if(failed, git_pm::error::Kind::Refused))
        }
        PlanCommand::Edit { plan, print: true } => {
            let text = context.pm()?.plans().text(plan.id())?;
            context.answer(&text, |page, text| {
                page.prose("", &text.text);
            })
        }
        PlanCommand::Outline(request) => context.shown(request, |page, outline| {
            page.prose("", &outline.text);
        }),
        PlanCommand::Write(request) => context.shown(request, render::plan_report::report),
        PlanCommand::Debate(args) => debate::run(context, args),
        PlanCommand::Edit { plan, .. } => edit::edit(context, plan.id()),
        PlanCommand::Change(command) => change::run(context, command),
        PlanCommand::Approve(request) => approve(context, &request),
        PlanCommand::Diff(request) => context.shown(request, render::plan_changes::diff),
        PlanCommand::Update(request) => context.shown(request, render::plan_changes::update),
        PlanCommand::Regenerate(request) => context.shown(request, render::plan::plan),
        PlanCommand::Keep(request) => context.shown(request, |page, plan| {
            page.line(format!("Kept the plan of {} unchanged.", plan.prd));
        }),
        PlanCommand::Seed(request) => context.shown(request, |page, seeded| match &seeded.task {
            Some(item) => render::item::summary(page, "Created", item),
            None => {
                page.line("There are already queued tasks; nothing was created.");
            }
        }),
        PlanCommand::Decompose(request) => context.shown(request, render::plan::plan),
    }
}

fn approve(context: &Context, request: &Approve) -> Outcome {
    let (plans, prd) = (context.pm()?.plans(), request.prd.as_deref());
    let mut options = request.confirmed();
    while let Some((question, asks)) = plans.doubt(prd, &options)? {
        if !context.confirm(&question) {
            break;
        }
        match asks {
            Doubt::Settings => options.settings_meant = true,
            Doubt::Size => options.confirm_large = true,
            Doubt::Uncovered => options.accept_uncovered = true,
            Doubt::Reworded => options.accept_reworded = true,
        }
    }
    context.answer(
        &plans.approve(prd, &options)?,
        render::plan_changes::approved,
    )
}
