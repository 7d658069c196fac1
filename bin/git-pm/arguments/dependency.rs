//! The arguments of the verbs on dependencies.

use git_pm::model::issue::Gate;

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
pub const BLOCKS: &str = "blocks";

fn gate(text: &str) -> std::result::Result<Gate, String> {
    Gate::parse(text).map_err(|_| "write all-children or any-children".to_string())
}
