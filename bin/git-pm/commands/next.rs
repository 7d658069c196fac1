//! `git pm next`.

use std::time::Duration;

use git_pm::Error;

use crate::arguments::item::PlaceArgs;
use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Name the best item to start next, or start it
///
/// Exits 1 when nothing is ready, with --wait when nothing became ready in that time. Among what is
/// equally urgent the test task of your own work comes first, and that of another's last: a task and
/// its tests are one unit of work.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm next                   what should I do?
  git pm next --claim           start it, too
  git pm next --claim --wait 600
                                wait up to ten minutes for something to start")]
pub struct NextArgs {
    /// Starts it: claim, branch, worktree, reservations.
    #[arg(long)]
    pub claim: bool,
    /// While nothing is ready, waits up to this many seconds for work, from this clone or the remote,
    /// and claims it as soon as it can be started.
    #[arg(long, value_name = "SECONDS", requires = "claim")]
    pub wait: Option<u64>,
    /// Where the work goes.
    #[command(flatten)]
    pub place: PlaceArgs,
}

/// Names or starts the next item.
///
/// # Errors
/// When nothing is ready, or somebody else was first.
pub fn next(context: &Context, args: &NextArgs) -> Outcome {
    let pm = context.pm()?;
    if args.claim {
        context.ask_first_push(false)?;
        let limit = Duration::from_secs(args.wait.unwrap_or(0));
        let started = pm
            .tasks()
            .claim_next_within(&args.place.options(), limit, &|| false)?;
        return context.answer(&started, render::workflow::started);
    }
    if args.place.given() {
        return Err(Error::usage("--no-worktree and --base go with --claim")
            .hint("git pm next --claim")
            .into());
    }
    let next = pm.insights().next()?;
    context.answer(&next, |page, next| {
        render::item::brief(page, &next.item);
        page.next(&[&next.commands.claim]);
    })
}
