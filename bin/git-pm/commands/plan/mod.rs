//! `git pm plan`: from a document to tasks that people approve.

mod change;
mod create;

use git_pm::plan::approve::{ApproveOptions, Doubt};
use git_pm::plan::check::Severity;
use git_pm::plan::text::{Problem, with_problems};

use crate::context::Context;
use crate::editor;
use crate::failure::{Exit, Outcome};
use crate::render;

/// Turn a document into a plan, edit it and approve it
///
/// A plan is drawn from a PRD, a technical specification or a debug investigation, without a model:
/// tasks with acceptance criteria that lead back to lines of the document, what waits for what and
/// why, effort, risk, tests, streams, planned paths and milestones. It is part of the state: several
/// people can edit it, and it is merged like everything else. An approval makes the epic and its
/// tasks. `git pm plan FILE` is short for `git pm plan new FILE`.
#[derive(clap::Subcommand, Debug)]
#[command(disable_help_subcommand = true)]
pub enum PlanCommand {
    New(create::NewArgs),
    /// Show a plan on a screen
    ///
    /// Streams with their tasks, what can be started first, what waits for what, milestones, and what
    /// the checks found. `-v` also shows criteria and reasons; `--json` has everything.
    Show(PlanArgs),
    /// List all plans
    List,
    /// Check a plan
    ///
    /// Cycles, missing fields and criteria, vague words, work of more than a day, protected paths,
    /// requirements that no task covers, and what does not add up in the document. Exits with 1 where
    /// the plan cannot be approved as it is.
    Check(PlanArgs),
    /// Edit the whole plan as one Markdown document
    ///
    /// Opens in the editor that git uses. What is saved is read again; where something is wrong, the
    /// editor opens once more with what you wrote and the reasons at the top.
    Edit(PlanArgs),
    Add(change::AddArgs),
    Set(change::SetArgs),
    Rm(change::RmArgs),
    Dep(change::DepArgs),
    Order(change::OrderArgs),
    Merge(change::MergeArgs),
    Split(change::SplitArgs),
    Approve(ApproveArgs),
    /// Say what stands between a plan and its document
    ///
    /// What drawing it anew would bring, and what people set by hand.
    Diff(PlanArgs),
    Update(create::UpdateArgs),
    /// Draw a plan anew from its document
    ///
    /// What somebody set by hand stays, and what somebody took out stays out.
    Regenerate(PlanArgs),
    /// Let a plan stand although its document changed
    ///
    /// Nothing of an approved plan is started once its document says something else, until somebody
    /// draws it anew or decides that it stands.
    Keep(PlanArgs),
    Seed(create::SeedArgs),
    /// Break an epic down: draw the plan of its text
    ///
    /// The text becomes a PRD above the epic; an approval makes tasks of the epic that is there.
    Decompose {
        /// The epic's id.
        #[arg(value_name = "EPIC")]
        epic: String,
    },
}

/// Which plan.
#[derive(clap::Args, Debug)]
pub struct PlanArgs {
    /// The PRD's or epic's id; the only plan without.
    #[arg(value_name = "PRD")]
    pub prd: Option<String>,
}

/// Approve a plan: make its epic, milestones and tasks
///
/// As one commit, and never by an agent; without a terminal it is recorded as an advisory approval.
/// What came of the plan before stays as it is, so approving twice makes nothing.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm plan approve
  git pm plan approve P-0001 --confirm-large")]
pub struct ApproveArgs {
    /// The PRD's id; the only plan without.
    #[arg(value_name = "PRD")]
    pub prd: Option<String>,
    /// Also a plan with more tasks than its document is good for.
    #[arg(long)]
    pub confirm_large: bool,
    /// Answers yes to every question.
    #[arg(short, long)]
    pub yes: bool,
}

/// Runs a verb of the group.
///
/// # Errors
/// Whatever the verb reports.
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
                page.line(&format!("The plan of {} stands as it is.", plan.prd));
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
    Ok(if failed { Exit::REFUSED } else { Exit::DONE })
}

fn edit(context: &Context, args: &PlanArgs) -> Outcome {
    let pm = context.pm()?;
    let prd = args.prd.as_deref();
    let before = pm.plans().text(prd)?;
    let mut text = before.text.clone();
    // What was written so far and could not be read: it is kept, whatever comes next.
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

/// Keeps what somebody wrote where it can be found again.
fn keep(context: &Context, text: &str, error: git_pm::Error) -> crate::failure::Failure {
    let kept = context.pm().ok().and_then(|pm| {
        let file = pm.store().folder().join("plan-edit.md");
        std::fs::write(&file, text).ok().map(|()| file)
    });
    match kept {
        Some(file) => error
            .hint(format!("what you wrote is in {}", file.display()))
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
