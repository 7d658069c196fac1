//! `git pm milestone`.

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Follow the milestones of plans
///
/// A milestone is an epic of type milestone. The tasks of the next milestone wait for all of its
/// tasks.
#[derive(clap::Subcommand, Debug)]
#[command(disable_help_subcommand = true)]
pub enum MilestoneCommand {
    /// List milestones with progress, predecessors and acceptance criteria
    List {
        /// Filter by epic.
        #[arg(long)]
        epic: Option<String>,
    },
}

/// Lists milestones.
pub fn milestone(context: &Context, command: &MilestoneCommand) -> Outcome {
    let MilestoneCommand::List { epic } = command;
    let milestones = context.pm()?.plans().milestones(epic.as_deref())?;
    context.paged_list(&milestones, render::milestone::milestones)
}
