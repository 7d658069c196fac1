//! `git pm dep`: what waits for what.

use git_pm::Pm;
use git_pm::model::issue::Gate;
use git_pm::pm::view::ItemView;
use git_pm::work::issue::edge_word;

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;
use crate::render::page::Page;

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
    #[arg(short = 't', long = "type", value_name = "T", default_value = BLOCKS)]
    pub kind: String,
    /// Takes a type that is neither known nor used here.
    #[arg(long)]
    pub force: bool,
    /// Of a waits-for edge: waits for the parts of ON, all-children or any-children.
    #[arg(long, value_name = "GATE", value_parser = gate)]
    pub gate: Option<Gate>,
}

fn gate(text: &str) -> std::result::Result<Gate, String> {
    Gate::parse(text).map_err(|_| "write all-children or any-children".to_string())
}

impl AddArgs {
    /// Adds the edge.
    ///
    /// # Errors
    /// When an item does not exist, or the edge would close a cycle.
    pub fn apply(&self, pm: &Pm) -> git_pm::Result<ItemView> {
        match self.gate {
            Some(gate) => pm.dep_add_gate(&self.id, &self.on, &self.kind, gate),
            None => pm.dep_add(&self.id, &self.on, &self.kind, self.soft, self.force),
        }
    }

    /// Says what was added.
    pub fn said(&self, page: &mut Page, item: &ItemView) {
        let what = match (edge_word(&self.kind), self.soft) {
            (BLOCKS, true) => "should wait for",
            (kind, _) => says(kind),
        };
        page.line(&format!("{} {what} {}", item.id, self.on));
    }
}

impl RemoveArgs {
    /// Says what was removed.
    pub fn said(&self, page: &mut Page, item: &ItemView) {
        let what = says(edge_word(&self.kind));
        page.line(&format!("{} no longer {what} {}", item.id, self.on));
    }
}

/// What an edge says of the item that it begins at.
fn says(kind: &str) -> &str {
    match kind {
        BLOCKS => "waits for",
        kind => kind,
    }
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
    #[arg(short = 't', long = "type", value_name = "T", default_value = BLOCKS)]
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
            let item = args.apply(pm)?;
            context.answer(&item, |page, item| args.said(page, item))
        }
        DepCommand::Rm(args) => {
            let item = pm.dep_remove(&args.id, &args.on, &args.kind)?;
            context.answer(&item, |page, item| args.said(page, item))
        }
        DepCommand::List(args) => {
            let view = pm.dependencies(&args.id)?;
            context.answer(&view, render::graph::dependencies)
        }
    }
}
