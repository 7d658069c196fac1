//! The arguments of the verbs on dependencies.

use git_pm::tasks::Gate;

/// Make an item depend on another
///
/// Cycles of blocking dependencies are rejected.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm dep add T-0002 T-0001                  T-0002 waits for T-0001
  git pm dep add T-0002 T-0001 --soft           T-0002 should wait, but can start
  git pm dep add T-0009 T-0004 --type related   only relate the two")]
pub struct AddArgs {
    /// Item that waits.
    pub id: String,
    /// Item to wait for.
    pub on: String,
    /// Make `start` warn instead of refusing.
    #[arg(long)]
    pub soft: bool,
    /// Type: blocks, parent-child, related, discovered-from, or another beads type.
    #[arg(short = 't', long = "type", value_name = "T", default_value = BLOCKS)]
    pub kind: String,
    /// Accept an unknown type.
    #[arg(long)]
    pub force: bool,
    /// For a waits-for edge, wait for all-children or any-children of ON.
    #[arg(long, value_parser = gate)]
    pub gate: Option<Gate>,
}

/// Remove a dependency
#[derive(clap::Args, Debug)]
pub struct RemoveArgs {
    /// Item that waits.
    pub id: String,
    /// Item to wait for.
    pub on: String,
    /// Type of the edge.
    #[arg(short = 't', long = "type", value_name = "T", default_value = BLOCKS)]
    pub kind: String,
}

/// List the dependencies and dependents of an item
#[derive(clap::Args, Debug)]
pub struct ListArgs {
    /// Item ID.
    pub id: String,
}

/// The type of a plain dependency.
pub const BLOCKS: &str = "blocks";

fn gate(text: &str) -> std::result::Result<Gate, String> {
    Gate::parse(text).map_err(|_| "expected all-children or any-children".to_string())
}
