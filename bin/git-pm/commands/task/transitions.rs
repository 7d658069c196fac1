//! The verbs of `git pm task` that move a task from one state to another.

use git_pm::pm::shared_views::ItemView;
use git_pm::work::task::moves::{DoneOptions, DropOptions};

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Approve work in review: a human's tick, after which it can be merged
///
/// For tasks, issues and epics. What is approved is the commit at which the branch is now: when it
/// changes afterwards, other than by a rebase that leaves its changes as they are, it has to be
/// approved again.
#[derive(clap::Args, Debug)]
pub struct ApproveArgs {
    /// The item's id.
    #[arg(value_name = "ID")]
    pub id: String,
    /// Approves only this commit, which `show` names, and nothing when the branch is elsewhere.
    #[arg(long, value_name = "HEX")]
    pub commit: Option<String>,
    /// What the reviewer wants remembered.
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
}

/// Approves.
///
/// # Errors
/// When an agent asks, or the item is not in review.
pub fn approve(context: &Context, args: &ApproveArgs) -> Outcome {
    let pm = context.pm()?;
    let item = pm
        .tasks()
        .approve(&args.id, args.commit.as_deref(), args.note.as_deref())?;
    context.answer(&item, |page, item| {
        render::item::said(page, "Approved", item);
        render::workflow::approved_work(page, item);
        page.next(&[&format!("git pm merge {}", item.id)]);
    })
}

/// Give a started task back
///
/// Ends the claim and the reservations. The branch stays, and so does the worktree unless asked.
/// What another actor holds needs --reason (or --force), and its holder is told; an agent gives back
/// only what it started itself.
#[derive(clap::Args, Debug)]
pub struct DropArgs {
    /// The task's id; the task of this worktree without one.
    #[arg(value_name = "ID")]
    pub id: Option<String>,
    /// Why.
    #[arg(long, value_name = "R")]
    pub reason: Option<String>,
    /// Removes the worktree too.
    #[arg(long)]
    pub remove_worktree: bool,
    /// Even with uncommitted work, which is saved to a ref first.
    #[arg(long)]
    pub force: bool,
}

/// Gives a task back.
///
/// # Errors
/// When it is not held here, or its worktree has uncommitted work.
pub fn drop_task(context: &Context, args: DropArgs) -> Outcome {
    let options = DropOptions {
        reason: args.reason,
        remove_worktree: args.remove_worktree,
        force: args.force,
    };
    let item = context
        .pm()?
        .tasks()
        .release(args.id.as_deref(), &options)?;
    said(context, "Dropped", &item)
}

/// Close a task by hand, with what shows that it is done
#[derive(clap::Args, Debug)]
pub struct DoneArgs {
    /// The task's id.
    #[arg(value_name = "ID")]
    pub id: String,
    /// What shows that it is done.
    #[arg(long, value_name = "TEXT")]
    pub evidence: Option<String>,
    /// Closes without evidence; recorded and shown.
    #[arg(long)]
    pub force: bool,
}

/// Closes a task.
///
/// # Errors
/// When there is no evidence.
pub fn done(context: &Context, args: DoneArgs) -> Outcome {
    let options = DoneOptions {
        evidence: args.evidence,
        force: args.force,
    };
    let item = context.pm()?.tasks().done(&args.id, &options)?;
    said(context, "Done:", &item)
}

/// Mark a task as blocked by something outside
#[derive(clap::Args, Debug)]
pub struct BlockArgs {
    /// The task's id.
    #[arg(value_name = "ID")]
    pub id: String,
    /// By what.
    #[arg(value_name = "REASON")]
    pub reason: String,
}

/// Blocks a task.
///
/// # Errors
/// When its state does not allow it.
pub fn block(context: &Context, args: &BlockArgs) -> Outcome {
    let item = context.pm()?.tasks().block(&args.id, &args.reason)?;
    said(context, "Blocked", &item)
}

/// Put a blocked task back into the state before
#[derive(clap::Args, Debug)]
pub struct UnblockArgs {
    /// The task's id.
    #[arg(value_name = "ID")]
    pub id: String,
}

/// Unblocks a task.
///
/// # Errors
/// When it is not blocked.
pub fn unblock(context: &Context, args: &UnblockArgs) -> Outcome {
    let item = context.pm()?.tasks().unblock(&args.id)?;
    said(context, "Unblocked", &item)
}

/// Put a task off
#[derive(clap::Args, Debug)]
pub struct DeferArgs {
    /// The task's id.
    #[arg(value_name = "ID")]
    pub id: String,
    /// Why.
    #[arg(long, value_name = "R")]
    pub reason: Option<String>,
}

/// Puts a task off.
///
/// # Errors
/// When its state does not allow it.
pub fn defer(context: &Context, args: &DeferArgs) -> Outcome {
    let item = context
        .pm()?
        .tasks()
        .defer(&args.id, args.reason.as_deref())?;
    said(context, "Deferred", &item)
}

/// Put a deferred task back into the state before
#[derive(clap::Args, Debug)]
pub struct UndeferArgs {
    /// The task's id.
    #[arg(value_name = "ID")]
    pub id: String,
}

/// Takes a task up again.
///
/// # Errors
/// When it is not deferred.
pub fn undefer(context: &Context, args: &UndeferArgs) -> Outcome {
    let item = context.pm()?.tasks().undefer(&args.id)?;
    said(context, "No longer deferred:", &item)
}

/// Queue a task that was done or cancelled again
#[derive(clap::Args, Debug)]
pub struct ReopenArgs {
    /// The task's id.
    #[arg(value_name = "ID")]
    pub id: String,
    /// Why.
    #[arg(long, value_name = "R")]
    pub reason: Option<String>,
}

/// Reopens a task.
///
/// # Errors
/// When it is not closed.
pub fn reopen(context: &Context, args: &ReopenArgs) -> Outcome {
    let item = context
        .pm()?
        .tasks()
        .reopen(&args.id, args.reason.as_deref())?;
    said(context, "Reopened", &item)
}

/// Give a task up
#[derive(clap::Args, Debug)]
pub struct CancelArgs {
    /// The task's id.
    #[arg(value_name = "ID")]
    pub id: String,
    /// Why.
    #[arg(long, value_name = "R")]
    pub reason: Option<String>,
}

/// Cancels a task.
///
/// # Errors
/// When it is closed already.
pub fn cancel(context: &Context, args: &CancelArgs) -> Outcome {
    let item = context
        .pm()?
        .tasks()
        .cancel(&args.id, args.reason.as_deref())?;
    said(context, "Cancelled", &item)
}

/// Give a task to somebody else
#[derive(clap::Args, Debug)]
pub struct ReassignArgs {
    /// The task's id.
    #[arg(value_name = "ID")]
    pub id: String,
    /// To whom.
    #[arg(long, value_name = "ACTOR")]
    pub to: String,
}

/// Reassigns a task.
///
/// # Errors
/// When its state does not allow it.
pub fn reassign(context: &Context, args: &ReassignArgs) -> Outcome {
    let item = context.pm()?.tasks().reassign(&args.id, &args.to)?;
    context.answer(&item, |page, item| {
        render::item::said(page, "Reassigned", item);
        page.field(
            "owner",
            render::style::Label::Actor,
            item.owner.as_deref().unwrap_or(""),
        );
    })
}

fn said(context: &Context, what: &str, item: &ItemView) -> Outcome {
    context.answer(item, |page, item| render::item::said(page, what, item))
}
