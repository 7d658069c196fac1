//! `git pm epic`: plans that own tasks.

use git_pm::model::id::ItemKind;

use crate::commands::task::create::{self, CreateArgs};
use crate::commands::task::start::{self, StartArgs};
use crate::context::Context;
use crate::failure::Outcome;

/// Plan epics, which own tasks
///
/// An epic's branch is the base and the target of its tasks' branches.
#[derive(clap::Subcommand, Debug)]
#[command(disable_help_subcommand = true)]
pub enum EpicCommand {
    /// Create an epic
    #[command(after_help = "\
Example:
  git pm epic create \"Log in with SSO\" -p 1")]
    Create(Box<CreateArgs>),
    /// Start an epic: claim it and make its branch and worktree
    ///
    /// Tasks of the epic that are started afterwards begin from its branch and are merged into it.
    #[command(after_help = "\
Example:
  git pm epic start E-0001 --no-worktree")]
    Start(StartArgs),
}

/// Runs a verb of the group.
///
/// # Errors
/// Whatever the verb reports.
pub fn run(context: &Context, command: EpicCommand) -> Outcome {
    match command {
        EpicCommand::Create(args) => create::run(context, ItemKind::Epic, *args),
        EpicCommand::Start(args) => start::run(context, &args),
    }
}
