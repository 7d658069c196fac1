//! `git pm milestone`, `sprint` and `trace`: what came of plans, and from where.

use git_pm::plan::sprint::CAPACITY;

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Follow the milestones that came of plans
///
/// A milestone is an epic of that type. The tasks of the next one wait for all of its tasks.
#[derive(clap::Subcommand, Debug)]
#[command(disable_help_subcommand = true)]
pub enum MilestoneCommand {
    /// List milestones: how far they are, what comes before them, what has to hold at their end
    List {
        /// Only those of this epic.
        #[arg(long, value_name = "EPIC")]
        epic: Option<String>,
    },
}

/// Plan sprints
#[derive(clap::Subcommand, Debug)]
#[command(disable_help_subcommand = true)]
pub enum SprintCommand {
    Plan(SprintArgs),
}

/// Sum the story points of tasks, and say whether they fit
///
/// Without tasks: what comes first in the recommended order and fits. A task without points counts by
/// its estimate: XS 1, S 2, M 3, L 5, XL 8.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm sprint plan
  git pm sprint plan T-0001 T-0004 T-0007 --capacity 13")]
pub struct SprintArgs {
    /// The tasks' ids.
    #[arg(value_name = "ID")]
    pub ids: Vec<String>,
    /// How many points fit.
    #[arg(long, value_name = "POINTS", default_value_t = CAPACITY)]
    pub capacity: u32,
}

/// Follow the chain from a document to commits, or back
///
/// Of a PRD, an epic, a task, a requirement (FR-3), a line of a document (docs/login.md:54) or a commit:
/// the document, its epic, the tasks with the lines they came from, their criteria, branches, commits
/// (by their `Task:` trailers) and approvals.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm trace T-0003
  git pm trace FR-3
  git pm trace docs/login.md:54
  git pm trace HEAD")]
pub struct TraceArgs {
    /// Where to begin.
    #[arg(value_name = "ID|FILE:LINE|COMMIT")]
    pub what: String,
}

/// Lists milestones.
///
/// # Errors
/// When there is no such epic.
pub fn milestone(context: &Context, command: &MilestoneCommand) -> Outcome {
    let MilestoneCommand::List { epic } = command;
    let milestones = context.pm()?.milestones(epic.as_deref())?;
    context.paged_list(&milestones, render::follow::milestones)
}

/// Plans a sprint.
///
/// # Errors
/// When there is no such task.
pub fn sprint(context: &Context, command: &SprintCommand) -> Outcome {
    let SprintCommand::Plan(args) = command;
    let sprint = context.pm()?.sprint(&args.ids, args.capacity)?;
    context.answer(&sprint, render::follow::sprint)
}

/// Follows a chain.
///
/// # Errors
/// When there is nothing of that name.
pub fn trace(context: &Context, args: &TraceArgs) -> Outcome {
    let trace = context.pm()?.trace(&args.what)?;
    context.paged(&trace, render::follow::trace)
}
