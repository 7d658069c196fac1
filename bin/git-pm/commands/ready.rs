//! `git pm ready`, `next`, `why` and `blocked`: what can be done, and why not.

use std::time::Duration;

use git_pm::Error;
use git_pm::work::insight::Idle;
use serde::Serialize;

use crate::commands::task::start::PlaceArgs;
use crate::context::Context;
use crate::failure::Outcome;
use crate::render;
use crate::render::style::Label;

/// List what could be started now, best first
///
/// A task or issue is ready if its state is queued or open, nobody holds it, it is not put off, none
/// of its parts is open, it waits for nothing open, and nothing above it is held up: blocked, put
/// off, or waiting. Epics, requirements documents, gates and what is pinned, ephemeral or a template
/// are never offered. What a dependency refers to and is not there holds nobody up.
#[derive(clap::Args, Debug)]
pub struct ReadyArgs {
    /// Says of each why it can be started.
    #[arg(long)]
    pub explain: bool,
    /// Lists instead the queued tasks that do not meet the definition of ready, and what is missing: a
    /// clear story, acceptance, an approach, known dependencies, an estimate.
    #[arg(long, conflicts_with_all = ["explain", "limit"])]
    pub dor: bool,
    /// Shows at most N, 0 for all; without it the best 20, or all of them as JSON.
    #[arg(long, value_name = "N", value_parser = crate::parse::limit)]
    pub limit: Option<usize>,
}

/// How many ready items a reader of text is shown.
const SHOWN: usize = 20;

/// Lists ready items.
///
/// # Errors
/// When the state cannot be read.
pub fn ready(context: &Context, args: &ReadyArgs) -> Outcome {
    if args.dor {
        return context.list(&context.pm()?.unready()?, render::follow::unready);
    }
    let pm = context.pm()?;
    let limit = match args.limit {
        None if !context.globals.json => Some(SHOWN),
        given => given,
    };
    if args.explain {
        let items = pm.ready_explained(limit)?;
        let idle = idle(context, items.is_empty())?;
        return context.answer(&Ready { items, idle }, |page, ready| {
            render::item::idle(page, ready.idle.as_ref());
            for view in &ready.items {
                render::graph::why(page, view);
            }
        });
    }
    let (items, all) = match limit {
        Some(limit) if !context.globals.json => pm.ready_first(limit)?,
        _ => {
            let items = pm.ready(limit)?;
            let all = items.len();
            (items, all)
        }
    };
    let idle = idle(context, items.is_empty())?;
    context.answer(&Ready { items, idle }, |page, ready| {
        let items = &ready.items;
        render::item::idle(page, ready.idle.as_ref());
        let table = render::item::table(page, items);
        page.table("", &table);
        if all > items.len() {
            let more = format!(
                "{} more are ready: `git pm ready --limit 0`",
                all - items.len()
            );
            page.put(Label::Dim, &more).end();
        }
    })
}

/// What can be started; where that is nothing, why.
#[derive(Serialize)]
struct Ready<T> {
    items: Vec<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    idle: Option<Idle>,
}

/// Why there is nothing to show.
fn idle(context: &Context, nothing: bool) -> git_pm::Result<Option<Idle>> {
    match nothing {
        true => context.pm()?.idle().map(Some),
        false => Ok(None),
    }
}

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
        let started = pm.next_claim_within(&args.place.options(), limit, &|| false)?;
        return context.answer(&started, render::item::started);
    }
    if args.place.given() {
        return Err(Error::usage("--no-worktree and --base go with --claim")
            .hint("git pm next --claim")
            .into());
    }
    let next = pm.next_item()?;
    context.answer(&next, |page, next| {
        render::item::brief(page, &next.item);
        page.next(&[&next.commands.claim]);
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
