//! `git pm ready`, `next`, `why` and `blocked`: what can be done, and why not.

use git_pm::Error;

use crate::commands::task::start::PlaceArgs;
use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// List what could be started now, best first
///
/// Tasks and issues that are queued, wait for nothing and are held by nobody.
#[derive(clap::Args, Debug)]
pub struct ReadyArgs {
    /// Shows at most so many.
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
}

/// Lists ready items.
///
/// # Errors
/// When the state cannot be read.
pub fn ready(context: &Context, args: &ReadyArgs) -> Outcome {
    let items = context.pm()?.ready(args.limit)?;
    context.list(&items, |page, items| {
        render::item::list(page, items, "Nothing is ready. `git pm blocked` says why.");
    })
}

/// Name the best item to start next, or start it
///
/// Exits 1 when nothing is ready.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm next                   what should I do?
  git pm next --claim           start it, too")]
pub struct NextArgs {
    /// Starts it: claim, branch, worktree, reservations.
    #[arg(long)]
    pub claim: bool,
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
        let started = pm.next_claim(&args.place.options())?;
        return context.answer(&started, render::item::started);
    }
    if args.place.given() {
        return Err(Error::usage("--no-worktree and --base go with --claim")
            .hint("git pm next --claim")
            .into());
    }
    let item = pm.next()?;
    context.answer(&item, |page, item| {
        render::item::brief(page, item);
        page.next(&[&format!("git pm start {}", item.id)]);
    })
}

/// Say why an item can or cannot be started
///
/// Shows the chain from the item down to the root blocker.
#[derive(clap::Args, Debug)]
pub struct WhyArgs {
    /// The item's id.
    #[arg(value_name = "ID")]
    pub id: String,
}

/// Explains one item.
///
/// # Errors
/// When there is no such item.
pub fn why(context: &Context, args: &WhyArgs) -> Outcome {
    let view = context.pm()?.why(&args.id)?;
    context.answer(&view, render::graph::why)
}

/// List what is blocked or waits, with the reasons
#[derive(clap::Args, Debug)]
pub struct BlockedArgs {}

/// Lists blocked items.
///
/// # Errors
/// When the state cannot be read.
pub fn blocked(context: &Context) -> Outcome {
    let views = context.pm()?.blocked()?;
    context.list(&views, render::graph::blocked)
}
