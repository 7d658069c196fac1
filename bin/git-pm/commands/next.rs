//! `git pm next`.

use std::time::Duration;

use git_pm::Error;

use crate::arguments::item::PlaceArgs;
use crate::commands::item::start_options;
use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Show the best item to start next, or start it
///
/// Exits with 1 if nothing is ready, even after waiting with --wait. A task and its test task are
/// one unit of work: among equally urgent items, the counterpart of your own work comes first, and
/// the counterpart of another actor's work comes last.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm next                   show it
  git pm next --claim           start it
  git pm next --claim --wait 600
                                wait up to ten minutes for a ready item")]
pub struct NextArgs {
    /// Start the item: claim, branch, worktree, reservations.
    #[arg(long)]
    pub claim: bool,
    /// Wait up to this many seconds for an item to become ready, here or on the remote, and claim
    /// it.
    #[arg(long, value_name = "SECONDS", requires = "claim")]
    pub wait: Option<u64>,
    #[command(flatten)]
    pub place: PlaceArgs,
}

/// Shows or starts the next item.
pub fn next(context: &Context, args: NextArgs) -> Outcome {
    let pm = context.pm()?;
    if args.claim {
        context.ask_first_push(false)?;
        let limit = Duration::from_secs(args.wait.unwrap_or(0));
        let options = start_options(args.place, false);
        let started = pm.tasks().claim_next_within(&options, limit, &|| false)?;
        return context.answer(&started, render::workflow::started);
    }
    if args.place.given() {
        return Err(Error::usage("--no-worktree and --base require --claim")
            .hint("`git pm next --claim`")
            .into());
    }
    let next = pm.insights().next()?;
    context.answer(&next, |page, next| {
        render::item::brief(page, &next.item);
        page.next(&[&next.commands.claim]);
    })
}
