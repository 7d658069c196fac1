//! `git pm dep`: what waits for what.

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

/// Let an item depend on another
///
/// A cycle of blocking dependencies is refused.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm dep add T-0002 T-0001                  T-0002 waits for T-0001
  git pm dep add T-0002 T-0001 --soft           it would be better to wait
  git pm dep add T-0009 T-0004 --type related   they belong together")]
pub struct AddArgs {
    /// The item that waits.
    #[arg(value_name = "ID")]
    pub id: String,
    /// The item it waits for.
    #[arg(value_name = "ON")]
    pub on: String,
    /// Only advises to wait: `start` warns instead of refusing.
    #[arg(long)]
    pub soft: bool,
    /// The edge's type: blocks, parent-child, related, discovered-from, and the others of beads.
    #[arg(long = "type", value_name = "T", default_value = BLOCKS)]
    pub kind: String,
}

/// Remove a dependency
#[derive(clap::Args, Debug)]
pub struct RemoveArgs {
    /// The item that waits.
    #[arg(value_name = "ID")]
    pub id: String,
    /// The item it waits for.
    #[arg(value_name = "ON")]
    pub on: String,
    /// The edge's type.
    #[arg(long = "type", value_name = "T", default_value = BLOCKS)]
    pub kind: String,
}

/// List what an item waits for, and what waits for it
#[derive(clap::Args, Debug)]
pub struct ListArgs {
    /// The item's id.
    #[arg(value_name = "ID")]
    pub id: String,
}

/// The type of a plain dependency.
const BLOCKS: &str = "blocks";

/// Runs a verb of the group.
///
/// # Errors
/// Whatever the verb reports.
pub fn run(context: &Context, command: &DepCommand) -> Outcome {
    let pm = context.pm()?;
    match command {
        DepCommand::Add(args) => {
            let item = pm.dep_add(&args.id, &args.on, &args.kind, args.soft)?;
            context.answer(&item, |page, item| {
                let what = match (args.kind.as_str(), args.soft) {
                    (BLOCKS, false) => "waits for",
                    (BLOCKS, true) => "should wait for",
                    (kind, _) => kind,
                };
                page.line(&format!("{} {what} {}", item.id, args.on));
            })
        }
        DepCommand::Rm(args) => {
            let item = pm.dep_remove(&args.id, &args.on, &args.kind)?;
            context.answer(&item, |page, item| {
                page.line(&format!("{} {} {}: removed", item.id, args.kind, args.on));
            })
        }
        DepCommand::List(args) => {
            let view = pm.dependencies(&args.id)?;
            context.answer(&view, render::graph::dependencies)
        }
    }
}
