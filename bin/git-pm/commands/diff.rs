//! `git pm diff`.

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Show the changes between two states, item by item
///
/// Prints created, changed and deleted items, with the old and new values, criteria, claims,
/// comments and texts. Each end of the range is a commit of the state (from `git pm log`, or any
/// git revision such as refs/pm/main~3) or a time, as in `git pm log`; a range includes its first
/// and last day. A single REV is compared with the current state. Without an argument, the last
/// synced state is compared with the current one.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm diff                       unsynced changes
  git pm diff yesterday
  git pm diff \"1 week ago\"..today
  git pm diff 3f2a91c8d0..          since a commit of `git pm log`
  git pm diff refs/pm/main~3..refs/pm/main")]
pub struct DiffArgs {
    /// The two states to compare, or the old one.
    #[arg(value_name = "REV..REV")]
    pub range: Option<String>,
}

/// Shows the changes.
pub fn run(context: &Context, args: &DiffArgs) -> Outcome {
    let report = context.pm()?.history().diff(args.range.as_deref())?;
    context.paged(&report, render::diff::diff)
}
