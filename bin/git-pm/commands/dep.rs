//! `git pm dep`: dependencies between items.

use git_pm::verbs::dep::{Add, ListOf, Rm};

use crate::commands::item;
use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Add, remove and list dependencies
#[derive(clap::Subcommand, Debug)]
#[command(defer = true, disable_help_subcommand = true)]
pub enum DepCommand {
    Add(Add),
    Rm(Rm),
    List(ListOf),
}

/// Runs a verb of the group.
pub fn run(context: &Context, command: DepCommand) -> Outcome {
    match command {
        DepCommand::Add(request) => item::add_dependency(context, request),
        DepCommand::Rm(request) => item::remove_dependency(context, request),
        DepCommand::List(args) => context.shown(args, render::dependencies::dependencies),
    }
}
