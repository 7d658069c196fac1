//! `git pm milestone`.

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

/// Lists milestones.
///
/// # Errors
/// When there is no such epic.
pub fn milestone(context: &Context, command: &MilestoneCommand) -> Outcome {
    let MilestoneCommand::List { epic } = command;
    let milestones = context.pm()?.plans().milestones(epic.as_deref())?;
    context.paged_list(&milestones, render::milestone::milestones)
}
