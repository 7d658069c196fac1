//! `git pm task`: the life cycle of a task.

use git_pm::Pm;
use git_pm::tasks::{DoneOptions, DropOptions};
use git_pm::values::ItemKind;

use crate::arguments::fields::{CreateArgs, EditArgs};
use crate::arguments::item::{CommentArgs, DeleteArgs, ShowArgs, StartArgs};
use crate::arguments::list::ListArgs;
use crate::commands::item;
use crate::context::Context;
use crate::failure::Outcome;
use crate::render;
use crate::render::style::Label;

pub mod accept;
pub mod finish;
pub mod review;

/// Plan, start, finish and close tasks
///
/// A task is at most a day of work, with one branch, one worktree and acceptance criteria. Its
/// statuses are queued, in_progress, in_review, ready_for_integration and done; it can also be
/// blocked, deferred or cancelled.
#[derive(clap::Subcommand, Debug)]
#[command(disable_help_subcommand = true)]
pub enum TaskCommand {
    Create(CreateArgs),
    /// List tasks
    ///
    /// `git pm help list` describes queries.
    #[command(after_help = "\
Examples:
  git pm task list
  git pm task list --status in_progress --status in_review
  git pm task list is:ready 'priority:<=1' --sort estimate
  git pm task list --epic E-0001 --all --json")]
    List(ListArgs),
    Show(ShowArgs),
    Edit(EditArgs),
    Start(StartArgs),
    Accept(accept::AcceptArgs),
    Finish(finish::FinishArgs),
    /// Approve work in review, so that it can be merged
    ///
    /// Only a human can approve. Applies to tasks, issues and epics. The approval is for the
    /// current commit of the branch: if the branch changes later, except by a rebase that keeps its
    /// changes, it must be approved again.
    Approve {
        /// Item ID.
        id: String,
        /// Approve only this commit, as printed by `show`; fails if the branch is at a different
        /// commit.
        #[arg(long, value_name = "HEX")]
        commit: Option<String>,
        /// Note to record with the approval.
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
    },
    Diff(review::DiffArgs),
    Return(review::ReturnArgs),
    /// Drop a started task
    ///
    /// Releases the claim and the reservations. The branch is kept, and so is the worktree unless
    /// --remove-worktree is given. To drop another actor's task, --reason or --force is required,
    /// and the holder is notified; an agent can drop only its own tasks.
    Drop {
        /// Task ID; the task of this worktree by default.
        id: Option<String>,
        /// Reason to record.
        #[arg(long, value_name = "R")]
        reason: Option<String>,
        /// Also remove the worktree.
        #[arg(long)]
        remove_worktree: bool,
        /// Drop the task even with uncommitted changes, after saving these to a ref.
        #[arg(long)]
        force: bool,
    },
    /// Mark a task as done, with evidence
    Done {
        /// Task ID.
        id: String,
        /// Evidence that the task is done.
        #[arg(long, value_name = "TEXT")]
        evidence: Option<String>,
        /// Close without evidence; this is recorded and shown with the task.
        #[arg(long)]
        force: bool,
    },
    /// Mark a task as blocked by something external
    Block {
        /// Task ID.
        id: String,
        /// Reason for the block.
        #[arg(required_unless_present = "named_reason")]
        reason: Option<String>,
        /// The same as REASON, as an option, for consistency with other commands.
        #[arg(
            long = "reason",
            id = "named_reason",
            value_name = "R",
            conflicts_with = "reason"
        )]
        named: Option<String>,
    },
    /// Restore the previous status of a blocked task
    Unblock {
        /// Task ID.
        id: String,
    },
    /// Defer a task
    Defer {
        /// Task ID.
        id: String,
        /// Reason to record.
        #[arg(long, value_name = "R")]
        reason: Option<String>,
    },
    /// Restore the previous status of a deferred task
    Undefer {
        /// Task ID.
        id: String,
    },
    /// Reopen a done or cancelled task
    Reopen {
        /// Task ID.
        id: String,
        /// Reason to record.
        #[arg(long, value_name = "R")]
        reason: Option<String>,
    },
    Cancel(CancelArgs),
    /// Reassign a task to another actor
    ///
    /// The claim of another holder ends. The new assignee is notified, and `git pm start` claims the
    /// task. Commits of the old holder are on the task's branch once that is pushed.
    Reassign {
        /// Task ID.
        id: String,
        /// New assignee.
        #[arg(long, value_name = "ACTOR")]
        to: String,
    },
    Comment(CommentArgs),
    /// Show items as a tree: epics, tasks and their children
    Tree {
        /// Root item; all items by default.
        id: Option<String>,
    },
    /// Delete tasks
    ///
    /// Deletes all of them in one commit. A tombstone remains, so that no clone restores them;
    /// edges to them remain but block nothing. To abandon work, prefer `git pm task cancel`.
    Delete(DeleteArgs),
}

/// Cancel a task
#[derive(clap::Args, Debug)]
pub struct CancelArgs {
    /// Task ID.
    pub id: String,
    /// Reason to record.
    #[arg(long, value_name = "R")]
    pub reason: Option<String>,
}

/// Runs a verb of the group.
pub fn run(context: &Context, command: TaskCommand) -> Outcome {
    // Opened when needed: wrong arguments are reported even without a repository.
    let tasks = || context.pm().map(Pm::tasks);
    let (verb, item) = match command {
        TaskCommand::Create(args) => return item::create(context, ItemKind::Task, args),
        TaskCommand::List(args) => return item::list::run(context, Some(ItemKind::Task), args),
        TaskCommand::Show(args) => return item::show(context, &args),
        TaskCommand::Edit(args) => return item::edit(context, args),
        TaskCommand::Start(args) => return item::start(context, args),
        TaskCommand::Accept(args) => return accept::run(context, &args),
        TaskCommand::Finish(args) => return finish::run(context, &args),
        TaskCommand::Diff(args) => return review::diff(context, &args),
        TaskCommand::Return(args) => return review::return_work(context, &args),
        TaskCommand::Comment(args) => return item::comment_on(context, &args),
        TaskCommand::Delete(args) => return item::delete(context, args),
        TaskCommand::Approve { id, commit, note } => {
            let item = tasks()?.approve(&id, commit.as_deref(), note.as_deref())?;
            return context.answer(&item, |page, item| {
                render::item::summary(page, "Approved", item);
                render::workflow::approved_work(page, item);
                page.next(&[format!("git pm merge {}", item.id)]);
            });
        }
        TaskCommand::Reassign { id, to } => {
            let item = tasks()?.reassign(&id, &to)?;
            return context.answer(&item, |page, item| {
                render::item::summary(page, "Reassigned", item);
                page.field("assignee", Label::Actor, &item.assignee);
            });
        }
        TaskCommand::Tree { id } => {
            let nodes = context.pm()?.items().tree(id.as_deref())?;
            return context.list(&nodes, |page, nodes| {
                render::dependencies::tree(page, nodes, "No items.");
            });
        }
        TaskCommand::Drop {
            id,
            reason,
            remove_worktree,
            force,
        } => {
            let options = DropOptions {
                reason,
                remove_worktree,
                force,
            };
            ("Dropped", tasks()?.release(id.as_deref(), &options)?)
        }
        TaskCommand::Done {
            id,
            evidence,
            force,
        } => {
            let options = DoneOptions { evidence, force };
            ("Done:", tasks()?.done(&id, &options)?)
        }
        TaskCommand::Block { id, reason, named } => {
            let reason = reason.or(named).unwrap_or_default();
            ("Blocked", tasks()?.block(&id, &reason)?)
        }
        TaskCommand::Unblock { id } => ("Unblocked", tasks()?.unblock(&id)?),
        TaskCommand::Defer { id, reason } => ("Deferred", tasks()?.defer(&id, reason.as_deref())?),
        TaskCommand::Undefer { id } => ("No longer deferred:", tasks()?.undefer(&id)?),
        TaskCommand::Reopen { id, reason } => {
            ("Reopened", tasks()?.reopen(&id, reason.as_deref())?)
        }
        TaskCommand::Cancel(CancelArgs { id, reason }) => {
            ("Cancelled", tasks()?.cancel(&id, reason.as_deref())?)
        }
    };
    context.summary(verb, &item)
}
