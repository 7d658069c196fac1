//! The verbs of `git pm task` that move a task from one state to another.

use git_pm::items::ItemView;
use git_pm::tasks::{DoneOptions, DropOptions};

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Approve work in review, so that it can be merged
///
/// Only a human can approve. Applies to tasks, issues and epics. The approval is for the current
/// commit of the branch: if the branch changes later, except by a rebase that keeps its changes, it
/// must be approved again.
#[derive(clap::Args, Debug)]
pub struct ApproveArgs {
    /// Item ID.
    #[arg(value_name = "ID")]
    pub id: String,
    /// Approve only this commit, as printed by `show`; fails if the branch is at another one.
    #[arg(long, value_name = "HEX")]
    pub commit: Option<String>,
    /// Note to record with the approval.
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
}

/// Approves.
pub fn approve(context: &Context, args: &ApproveArgs) -> Outcome {
    let pm = context.pm()?;
    let item = pm
        .tasks()
        .approve(&args.id, args.commit.as_deref(), args.note.as_deref())?;
    context.answer(&item, |page, item| {
        render::item::summary(page, "Approved", item);
        render::workflow::approved_work(page, item);
        page.next(&[&format!("git pm merge {}", item.id)]);
    })
}

/// Drop a started task
///
/// Releases the claim and the reservations. The branch stays, and so does the worktree without
/// --remove-worktree. To drop another actor's task, --reason or --force is required, and the holder
/// is notified; an agent can drop only its own tasks.
#[derive(clap::Args, Debug)]
pub struct DropArgs {
    /// Task ID; the task of this worktree by default.
    #[arg(value_name = "ID")]
    pub id: Option<String>,
    /// Reason to record.
    #[arg(long, value_name = "R")]
    pub reason: Option<String>,
    /// Also remove the worktree.
    #[arg(long)]
    pub remove_worktree: bool,
    /// Drop the task even with uncommitted changes, after saving these to a ref.
    #[arg(long)]
    pub force: bool,
}

/// Drops a task.
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
    summary(context, "Dropped", &item)
}

/// Mark a task as done, with evidence
#[derive(clap::Args, Debug)]
pub struct DoneArgs {
    /// Task ID.
    #[arg(value_name = "ID")]
    pub id: String,
    /// Evidence that the task is done.
    #[arg(long, value_name = "TEXT")]
    pub evidence: Option<String>,
    /// Close without evidence; recorded and shown.
    #[arg(long)]
    pub force: bool,
}

/// Closes a task.
pub fn done(context: &Context, args: DoneArgs) -> Outcome {
    let options = DoneOptions {
        evidence: args.evidence,
        force: args.force,
    };
    let item = context.pm()?.tasks().done(&args.id, &options)?;
    summary(context, "Done:", &item)
}

/// Mark a task as blocked by something external
#[derive(clap::Args, Debug)]
pub struct BlockArgs {
    /// Task ID.
    #[arg(value_name = "ID")]
    pub id: String,
    /// Reason for the block.
    #[arg(value_name = "REASON")]
    pub reason: String,
}

/// Blocks a task.
pub fn block(context: &Context, args: &BlockArgs) -> Outcome {
    let item = context.pm()?.tasks().block(&args.id, &args.reason)?;
    summary(context, "Blocked", &item)
}

/// Restore the previous status of a blocked task
#[derive(clap::Args, Debug)]
pub struct UnblockArgs {
    /// Task ID.
    #[arg(value_name = "ID")]
    pub id: String,
}

/// Unblocks a task.
pub fn unblock(context: &Context, args: &UnblockArgs) -> Outcome {
    let item = context.pm()?.tasks().unblock(&args.id)?;
    summary(context, "Unblocked", &item)
}

/// Defer a task
#[derive(clap::Args, Debug)]
pub struct DeferArgs {
    /// Task ID.
    #[arg(value_name = "ID")]
    pub id: String,
    /// Reason to record.
    #[arg(long, value_name = "R")]
    pub reason: Option<String>,
}

/// Defers a task.
pub fn defer(context: &Context, args: &DeferArgs) -> Outcome {
    let item = context
        .pm()?
        .tasks()
        .defer(&args.id, args.reason.as_deref())?;
    summary(context, "Deferred", &item)
}

/// Restore the previous status of a deferred task
#[derive(clap::Args, Debug)]
pub struct UndeferArgs {
    /// Task ID.
    #[arg(value_name = "ID")]
    pub id: String,
}

/// Undefers a task.
pub fn undefer(context: &Context, args: &UndeferArgs) -> Outcome {
    let item = context.pm()?.tasks().undefer(&args.id)?;
    summary(context, "No longer deferred:", &item)
}

/// Reopen a done or cancelled task
#[derive(clap::Args, Debug)]
pub struct ReopenArgs {
    /// Task ID.
    #[arg(value_name = "ID")]
    pub id: String,
    /// Reason to record.
    #[arg(long, value_name = "R")]
    pub reason: Option<String>,
}

/// Reopens a task.
pub fn reopen(context: &Context, args: &ReopenArgs) -> Outcome {
    let item = context
        .pm()?
        .tasks()
        .reopen(&args.id, args.reason.as_deref())?;
    summary(context, "Reopened", &item)
}

/// Cancel a task
#[derive(clap::Args, Debug)]
pub struct CancelArgs {
    /// Task ID.
    #[arg(value_name = "ID")]
    pub id: String,
    /// Reason to record.
    #[arg(long, value_name = "R")]
    pub reason: Option<String>,
}

/// Cancels a task.
pub fn cancel(context: &Context, args: &CancelArgs) -> Outcome {
    let item = context
        .pm()?
        .tasks()
        .cancel(&args.id, args.reason.as_deref())?;
    summary(context, "Cancelled", &item)
}

/// Reassign a task to another actor
#[derive(clap::Args, Debug)]
pub struct ReassignArgs {
    /// Task ID.
    #[arg(value_name = "ID")]
    pub id: String,
    /// New holder.
    #[arg(long, value_name = "ACTOR")]
    pub to: String,
}

/// Reassigns a task.
pub fn reassign(context: &Context, args: &ReassignArgs) -> Outcome {
    let item = context.pm()?.tasks().reassign(&args.id, &args.to)?;
    context.answer(&item, |page, item| {
        render::item::summary(page, "Reassigned", item);
        page.field(
            "owner",
            render::style::Label::Actor,
            item.owner.as_deref().unwrap_or(""),
        );
    })
}

fn summary(context: &Context, verb: &str, item: &ItemView) -> Outcome {
    context.answer(item, |page, item| render::item::summary(page, verb, item))
}
