//! `git pm diff`.

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Show what differs between two states, by meaning
///
/// Items that came, changed or went, with the old and the new values, criteria, claims, comments
/// and texts. An end of the range is a commit of the state, as `git pm log` shows it or in any form
/// that git understands (refs/pm/main~3), or a time as `git pm log` takes it; a day that begins a
/// range counts from its beginning, one that ends it to its end. One end alone is compared with
/// now; without any, the state that was synced last is.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm diff                       what the others don't have yet
  git pm diff yesterday
  git pm diff \"1 week ago\"..today
  git pm diff 3f2a91c8d0..          since a commit of `git pm log`
  git pm diff refs/pm/main~3..refs/pm/main")]
pub struct DiffArgs {
    /// The two states, or the old one.
    #[arg(value_name = "REV..REV")]
    pub range: Option<String>,
}

/// Shows what differs.
///
/// # Errors
/// When an end names no state.
pub fn run(context: &Context, args: &DiffArgs) -> Outcome {
    let report = context.pm()?.history().diff(args.range.as_deref())?;
    context.paged(&report, render::diff::diff)
}
