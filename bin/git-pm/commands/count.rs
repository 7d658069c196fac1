//! `git pm count`: counts of items.

use clap::builder::PossibleValuesParser;
use git_pm::insights::{CountFilter, Field};
use git_pm::values::ItemKind;

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Count items by any field
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm count                        open items
  git pm count --by status --all
  git pm count --by label --kind task
  git pm count --status done")]
pub struct CountArgs {
    /// Group the count by this field.
    #[arg(long, value_name = "FIELD", value_parser = PossibleValuesParser::new(Field::ALL.map(Field::as_str)))]
    pub by: Option<String>,
    /// Filter by kind.
    #[arg(long, value_name = "KIND", value_parser = ["prd", "epic", "task", "issue"])]
    pub kind: Option<String>,
    /// Filter by status (repeatable).
    #[arg(long, value_name = "STATE")]
    pub status: Vec<String>,
    /// Filter by label (repeatable).
    #[arg(long, value_name = "LABEL")]
    pub label: Vec<String>,
    /// Include closed items.
    #[arg(long)]
    pub all: bool,
}

/// Counts items.
pub fn run(context: &Context, args: &CountArgs) -> Outcome {
    let filter = CountFilter {
        by: args.by.as_deref().and_then(Field::parse),
        kind: args.kind.as_deref().and_then(ItemKind::parse),
        status: args.status.clone(),
        labels: args.label.clone(),
        all: args.all,
    };
    let view = context.pm()?.insights().count(&filter)?;
    context.answer(&view, render::stats::count)
}
