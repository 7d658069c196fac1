//! `git pm plan`: from a document to tasks that people approve.

mod change;
mod create;

use git_pm::plans::Severity;
use git_pm::plans::{ApproveOptions, Doubt, Problem, with_problems};

use crate::context::Context;
use crate::failure::{Exit, Outcome};
use crate::{editor, render};

/// Turn a document into a plan, edit it and approve it
///
/// A plan is generated from a PRD, a technical specification or a debug investigation, without a
/// language model. It has tasks with acceptance criteria that refer to lines of the document,
/// dependencies with reasons, effort, risk, tests, streams, planned paths and milestones. It is
/// part of the state: several people can edit it, and it is merged like all other data. An approval
/// creates the epic and its tasks. `git pm plan FILE` is short for `git pm plan new FILE`.
#[derive(clap::Subcommand, Debug)]
#[command(disable_help_subcommand = true)]
pub enum PlanCommand {
    New(create::NewArgs),
    /// Show a plan
    ///
    /// Prints streams with their tasks, what can be started first, dependencies, milestones, and
    /// the findings of the checks. `-v` adds criteria and reasons; `--json` has everything.
    Show(PlanArgs),
    /// List all plans
    List,
    /// Check a plan
    ///
    /// Finds cycles, missing fields and criteria, vague words, tasks of more than a day, protected
    /// paths, requirements without a task, and inconsistencies in the document. Exits with 1 if the
    /// plan cannot be approved.
    Check(PlanArgs),
    /// Edit the whole plan as one Markdown document
    ///
    /// Opens git's editor. If the saved text has errors, the editor opens again with your text and
    /// the errors at the top.
    Edit(PlanArgs),
    Add(change::AddArgs),
    Set(change::SetArgs),
    Rm(change::RmArgs),
    Dep(change::DepArgs),
    Order(change::OrderArgs),
    Merge(change::MergeArgs),
    Split(change::SplitArgs),
    Approve(ApproveArgs),
    /// Show the differences between a plan and its document
    ///
    /// Prints the changes that regenerating would make, and the fields that were set by hand.
    Diff(PlanArgs),
    Update(create::UpdateArgs),
    /// Regenerate a plan from its document
    ///
    /// Fields that were set by hand stay, and removed tasks stay removed.
    Regenerate(PlanArgs),
    /// Keep a plan although its document changed
    ///
    /// Tasks of an approved plan cannot be started after its document changed, until the plan is
    /// regenerated or kept.
    Keep(PlanArgs),
    Seed(create::SeedArgs),
    /// Break an epic down: generate a plan from its text
    ///
    /// The text becomes a PRD above the epic; an approval adds the tasks to the existing epic.
    Decompose {
        /// Epic ID.
        #[arg(value_name = "EPIC")]
        epic: String,
    },
}

/// The plan.
#[derive(clap::Args, Debug)]
pub struct PlanArgs {
    /// PRD or epic ID; not needed if there is only one plan.
    #[arg(value_name = "PRD")]
    pub prd: Option<String>,
}

/// Approve a plan: create its epic, milestones and tasks
///
/// Creates all of them in one commit. An agent cannot approve; without a terminal, the approval is
/// recorded as advisory. Items that the plan created before stay unchanged, so approving twice has
/// no effect.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm plan approve
  git pm plan approve P-0001 --confirm-large")]
pub struct ApproveArgs {
    /// PRD ID; not needed if there is only one plan.
    #[arg(value_name = "PRD")]
    pub prd: Option<String>,
    /// Approve a plan with more tasks than its document justifies.
    #[arg(long)]
    pub confirm_large: bool,
    /// Answer yes to all questions.
    #[arg(short, long)]
    pub yes: bool,
}

/// Runs a verb of the group.
pub fn run(context: &Context, command: PlanCommand) -> Outcome {
    match command {
        PlanCommand::New(args) => create::new(context, &args),
        PlanCommand::Show(args) => {
            let plan = context.pm()?.plans().show(args.prd.as_deref())?;
            context.paged(&plan, render::plan::plan)
        }
        PlanCommand::List => context.paged_list(&context.pm()?.plans().list()?, render::plan::list),
        PlanCommand::Check(args) => check(context, &args),
        PlanCommand::Edit(args) => edit(context, &args),
        PlanCommand::Add(args) => change::add(context, args),
        PlanCommand::Set(args) => change::set(context, &args),
        PlanCommand::Rm(args) => change::rm(context, &args),
        PlanCommand::Dep(args) => change::dep(context, &args),
        PlanCommand::Order(args) => change::order(context, args),
        PlanCommand::Merge(args) => change::merge(context, args),
        PlanCommand::Split(args) => change::split(context, args),
        PlanCommand::Approve(args) => approve(context, &args),
        PlanCommand::Diff(args) => {
            let diff = context.pm()?.plans().diff(args.prd.as_deref())?;
            context.answer(&diff, render::plan::diff)
        }
        PlanCommand::Update(args) => create::update(context, &args),
        PlanCommand::Regenerate(args) => {
            let plan = context.pm()?.plans().regenerate(args.prd.as_deref())?;
            context.answer(&plan, render::plan::plan)
        }
        PlanCommand::Keep(args) => {
            let plan = context.pm()?.plans().keep(args.prd.as_deref())?;
            context.answer(&plan, |page, plan| {
                page.line(format!("Kept the plan of {} unchanged.", plan.prd));
            })
        }
        PlanCommand::Seed(args) => create::seed(context, &args),
        PlanCommand::Decompose { epic } => {
            let plan = context.pm()?.plans().decompose(&epic)?;
            context.answer(&plan, render::plan::plan)
        }
    }
}

fn check(context: &Context, args: &PlanArgs) -> Outcome {
    let checks = context.pm()?.plans().check(args.prd.as_deref())?;
    context.list(&checks, render::plan::checks)?;
    let failed = checks.iter().any(|check| check.severity == Severity::Error);
    Ok(Exit::of_if(failed, git_pm::error::Kind::Refused))
}

fn edit(context: &Context, args: &PlanArgs) -> Outcome {
    let pm = context.pm()?;
    let prd = args.prd.as_deref();
    let before = pm.plans().text(prd)?;
    let mut text = before.text.clone();
    // The user's last text that could not be read; it is saved if an error ends the command.
    let mut written: Option<String> = None;
    loop {
        let edited = match (editor::edited(context, &text), &written) {
            (Ok(edited), _) => edited,
            (Err(error), Some(written)) => return Err(keep(context, written, error)),
            (Err(error), None) => return Err(error.into()),
        };
        if edited.trim().is_empty() || edited == text {
            let nothing = git_pm::Error::refused("nothing was changed");
            return Err(match &written {
                Some(written) => keep(context, written, nothing),
                None => nothing.into(),
            });
        }
        let problems = match before.read(&edited) {
            Ok(changes) if changes.is_empty() => {
                return Err(git_pm::Error::refused("nothing was changed").into());
            }
            Ok(changes) => match pm.plans().change(prd, &changes) {
                Ok(plan) => return context.answer(&plan, render::plan::plan),
                Err(error) if context.env.interactive => vec![Problem {
                    line: 1,
                    message: error.message().to_string(),
                    hint: error
                        .hints()
                        .iter()
                        .map(ToString::to_string)
                        .collect::<Vec<_>>()
                        .join("; "),
                }],
                Err(error) => return Err(keep(context, &edited, error)),
            },
            Err(problems) => problems,
        };
        if !context.env.interactive {
            let mut error = git_pm::Error::usage("the plan could not be read");
            for problem in problems.iter().take(10) {
                error = error.hint(format!("line {}: {}", problem.line, problem.message));
            }
            return Err(keep(context, &edited, error));
        }
        text = with_problems(&edited, &problems);
        written = Some(edited);
    }
}

/// Saves the user's text to a file that the error names.
fn keep(context: &Context, text: &str, error: git_pm::Error) -> crate::failure::Failure {
    let kept = context.pm().ok().and_then(|pm| {
        let file = pm.store().folder().join("plan-edit.md");
        std::fs::write(&file, text).ok().map(|()| file)
    });
    match kept {
        Some(file) => error
            .hint(format!("your text was saved to {}", file.display()))
            .into(),
        None => error.into(),
    }
}

fn approve(context: &Context, args: &ApproveArgs) -> Outcome {
    let pm = context.pm()?;
    let mut options = ApproveOptions {
        confirm_large: args.confirm_large || args.yes,
        settings_meant: args.yes,
    };
    while let Some((question, asks)) = pm.plans().size_question(args.prd.as_deref(), &options)? {
        if !context.confirm(&question) {
            break;
        }
        match asks {
            Doubt::Settings => options.settings_meant = true,
            Doubt::Size => options.confirm_large = true,
        }
    }
    let approved = pm.plans().approve(args.prd.as_deref(), &options)?;
    context.answer(&approved, render::plan::approved)
}
