//! `git pm sprint`.

use git_pm::plans::CAPACITY;

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Plan sprints
#[derive(clap::Subcommand, Debug)]
#[command(disable_help_subcommand = true)]
pub enum SprintCommand {
    Plan(SprintArgs),
}

/// Sum the story points of tasks and check that they fit
///
/// Without tasks, selects the first tasks of the recommended order that fit. A task without points
/// counts by its estimate: XS 1, S 2, M 3, L 5, XL 8.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm sprint plan
  git pm sprint plan T-0001 T-0004 T-0007 --capacity 13")]
pub struct SprintArgs {
    /// Task IDs.
    #[arg(value_name = "ID")]
    pub ids: Vec<String>,
    /// Points that fit into the sprint.
    #[arg(long, value_name = "POINTS", default_value_t = CAPACITY)]
    pub capacity: u32,
}

/// Plans a sprint.
pub fn sprint(context: &Context, command: &SprintCommand) -> Outcome {
    let SprintCommand::Plan(args) = command;
    let sprint = context.pm()?.plans().sprint(&args.ids, args.capacity)?;
    context.answer(&sprint, render::sprint::sprint)
}
