//! `git pm show` and `git pm task show`.

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Show everything about one item
///
/// The fields, the acceptance criteria with the numbers that `git pm task accept` takes, the
/// edges, the text and the comments. With `--at`, how it was at a commit of the state (as `git pm
/// log` shows it, or in any form that git understands) or at a time (2026-11-20 for the end of that
/// day in UTC, 2026-11-20T10:30:00Z, `yesterday`, 2d, "3 weeks ago"): then it shows all that had
/// been written by then, by the clocks of the clones that wrote it.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm show T-0001
  git pm show T-0001 --at yesterday
  git pm show T-0001 --at refs/pm/main~3")]
pub struct ShowArgs {
    /// The item's id.
    #[arg(value_name = "ID")]
    pub id: String,
    /// Shows it as it was then.
    #[arg(long, value_name = "REV|WHEN")]
    pub at: Option<String>,
}

/// Shows an item.
///
/// # Errors
/// When there is no such item.
pub fn run(context: &Context, args: &ShowArgs) -> Outcome {
    if let Some(at) = &args.at {
        let item = context.pm()?.show_at(&args.id, at)?;
        return context.paged(&item, render::past::item_at);
    }
    let pm = context.pm()?;
    let item = pm.show(&args.id)?;
    context.paged(&item, |page, item| {
        render::item::full(page, item);
        render::onward::onward(page, item, pm.is_own(item));
    })
}
