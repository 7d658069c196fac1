//! `git pm dep`: dependencies between items.

use crate::arguments::dependency::{AddArgs, ListArgs, RemoveArgs};
use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

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
    let pm = context.pm()?;
    match command {
        DepCommand::Add(args) => {
            let item = args.apply(pm)?;
            context.answer(&item, |page, item| args.report(page, item))
        }
        DepCommand::Rm(args) => {
            let item = pm
                .tasks()
                .remove_dependency(&args.id, &args.on, &args.kind)?;
            context.answer(&item, |page, item| args.report(page, item))
        }
        DepCommand::List(args) => {
            let view = pm.tasks().dependencies(&args.id)?;
            context.answer(&view, render::dependencies::dependencies)
        }
    }
}
