//! `git pm milestone`, `sprint` and `trace`: what comes of plans.

use git_pm::plans::CAPACITY;

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// The commands, in the order of the help.
#[derive(clap::Subcommand, Debug)]
#[command(defer = true)]
pub enum ProgressCommand {
    #[command(subcommand)]
    Milestone(MilestoneCommand),
    #[command(subcommand)]
    Sprint(SprintCommand),
    /// Trace from a document to commits, or back
    ///
    /// Starts from a PRD, epic, task, requirement (FR-3), line of a document (docs/login.md:54) or
    /// commit. Prints the document, its epic, and the tasks with their source lines, criteria,
    /// branches, commits (by their `Task:` trailers) and approvals.
    #[command(after_help = "\
Examples:
  git pm trace T-0003
  git pm trace FR-3
  git pm trace docs/login.md:54
  git pm trace HEAD")]
    Trace {
        /// Starting point.
        #[arg(value_name = "ID|FILE:LINE|COMMIT")]
        what: String,
    },
}

/// Track the milestones of plans
///
/// A milestone is an epic of type milestone. All tasks of a milestone must be closed before those
/// of the next one can start.
#[derive(clap::Subcommand, Debug)]
#[command(defer = true, disable_help_subcommand = true)]
pub enum MilestoneCommand {
    /// List milestones with progress, predecessors and acceptance criteria
    List {
        /// Filter by epic.
        #[arg(long)]
        epic: Option<String>,
    },
}

/// Plan sprints
#[derive(clap::Subcommand, Debug)]
#[command(defer = true, disable_help_subcommand = true)]
pub enum SprintCommand {
    /// Sum the story points of tasks and check whether they fit into a sprint
    ///
    /// Without tasks, selects the first tasks of the recommended order that fit. A task without
    /// points counts by its estimate: XS 1, S 2, M 3, L 5, XL 8; without an estimate, 3.
    #[command(after_help = "\
Examples:
  git pm sprint plan
  git pm sprint plan T-0001 T-0004 T-0007 --capacity 13")]
    Plan {
        /// Task IDs.
        #[arg(value_name = "ID")]
        ids: Vec<String>,
        /// Points that fit into the sprint.
        #[arg(long, value_name = "POINTS", default_value_t = CAPACITY)]
        capacity: u32,
    },
}

/// Runs a command of the group.
pub fn run(context: &Context, command: ProgressCommand) -> Outcome {
    let plans = context.pm()?.plans();
    match command {
        ProgressCommand::Milestone(MilestoneCommand::List { epic }) => {
            let milestones = plans.milestones(epic.as_deref())?;
            context.paged_list(&milestones, render::milestone::milestones)
        }
        ProgressCommand::Sprint(SprintCommand::Plan { ids, capacity }) => {
            context.answer(&plans.sprint(&ids, capacity)?, render::sprint::sprint)
        }
        ProgressCommand::Trace { what } => {
            context.paged(&plans.trace(&what)?, render::trace::trace)
        }
    }
}
