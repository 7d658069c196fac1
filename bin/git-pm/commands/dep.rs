//! `git pm dep`: dependencies between items.

use crate::arguments::dependency::{AddArgs, ListArgs, RemoveArgs};
use crate::commands::item;
use crate::context::Context;
use crate::failure::Outcome;

/// Add, remove and list dependencies
#[derive(clap::Subcommand, Debug)]
#[command(disable_help_subcommand = true)]
pub enum DepCommand {
    Add(AddArgs),
    Rm(RemoveArgs),
    List(ListArgs),
}

/// Runs a verb of the group.
pub fn run(context: &Context, command: &DepCommand) -> Outcome {
    match command {
        DepCommand::Add(args) => item::add_dependency(context, args),
        DepCommand::Rm(args) => item::remove_dependency(context, args),
        DepCommand::List(args) => item::dependencies(context, args),
    }
}
