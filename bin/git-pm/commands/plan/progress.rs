//! `git pm milestone`, `sprint` and `trace`: what comes of plans.

use git_pm::verbs::plan::{Milestones, Sprint, Trace};

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
    Trace(Trace),
}

/// Track the milestones of plans
///
/// A milestone is an epic of type milestone. All tasks of a milestone must be closed before those
/// of the next one can start.
#[derive(clap::Subcommand, Debug)]
#[command(defer = true, disable_help_subcommand = true)]
pub enum MilestoneCommand {
    List(Milestones),
}

/// Plan sprints
#[derive(clap::Subcommand, Debug)]
#[command(defer = true, disable_help_subcommand = true)]
pub enum SprintCommand {
    Plan(Sprint),
}

/// Runs a command of the group.
pub fn run(context: &Context, command: ProgressCommand) -> Outcome {
    match command {
        ProgressCommand::Milestone(MilestoneCommand::List(request)) => {
            context.listed_paged(request, render::milestone::milestones)
        }
        ProgressCommand::Sprint(SprintCommand::Plan(request)) => {
            context.shown(request, render::sprint::sprint)
        }
        ProgressCommand::Trace(request) => context.shown_paged(request, render::trace::trace),
    }
}
