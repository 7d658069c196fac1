//! `git pm task`: the life cycle of a task.

use git_pm::values::ItemKind;

use crate::arguments::fields::{CreateArgs, EditArgs};
use crate::arguments::item::{CommentArgs, DeleteArgs, ShowArgs, StartArgs};
use crate::arguments::list::ListArgs;
use crate::commands::item::{close, comment, create, edit, list, show, start};
use crate::context::Context;
use crate::failure::Outcome;

pub mod accept;
pub mod finish;
pub mod transitions;
pub mod tree;

/// Plan, start, finish and close tasks
///
/// A task is at most a day of work, with one branch, one worktree and acceptance criteria. Its
/// statuses are queued, in_progress, in_review, ready_for_integration and done; it can also be
/// blocked, deferred or cancelled.
#[derive(clap::Subcommand, Debug)]
#[command(disable_help_subcommand = true)]
pub enum TaskCommand {
    Create(Box<CreateArgs>),
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
    Edit(Box<EditArgs>),
    Start(StartArgs),
    Accept(accept::AcceptArgs),
    Finish(finish::FinishArgs),
    Approve(transitions::ApproveArgs),
    Drop(transitions::DropArgs),
    Done(transitions::DoneArgs),
    Block(transitions::BlockArgs),
    Unblock(transitions::UnblockArgs),
    Defer(transitions::DeferArgs),
    Undefer(transitions::UndeferArgs),
    Reopen(transitions::ReopenArgs),
    Cancel(transitions::CancelArgs),
    Reassign(transitions::ReassignArgs),
    Comment(CommentArgs),
    Tree(tree::TreeArgs),
    /// Delete tasks
    ///
    /// Deletes all of them in one commit. A tombstone remains, so that no clone restores them;
    /// edges to them remain but block nothing. To abandon work, prefer `git pm task cancel`.
    Delete(DeleteArgs),
}

/// Runs a verb of the group.
pub fn run(context: &Context, command: TaskCommand) -> Outcome {
    match command {
        TaskCommand::Create(args) => create::run(context, ItemKind::Task, *args),
        TaskCommand::List(args) => list::run(context, Some(ItemKind::Task), args),
        TaskCommand::Show(args) => show::run(context, &args),
        TaskCommand::Edit(args) => edit::run(context, *args),
        TaskCommand::Start(args) => start::run(context, &args),
        TaskCommand::Accept(args) => accept::run(context, &args),
        TaskCommand::Finish(args) => finish::run(context, &args),
        TaskCommand::Approve(args) => transitions::approve(context, &args),
        TaskCommand::Drop(args) => transitions::drop_task(context, args),
        TaskCommand::Done(args) => transitions::done(context, args),
        TaskCommand::Block(args) => transitions::block(context, &args),
        TaskCommand::Unblock(args) => transitions::unblock(context, &args),
        TaskCommand::Defer(args) => transitions::defer(context, &args),
        TaskCommand::Undefer(args) => transitions::undefer(context, &args),
        TaskCommand::Reopen(args) => transitions::reopen(context, &args),
        TaskCommand::Cancel(args) => transitions::cancel(context, &args),
        TaskCommand::Reassign(args) => transitions::reassign(context, &args),
        TaskCommand::Comment(args) => comment::comment(context, &args),
        TaskCommand::Tree(args) => tree::run(context, &args),
        TaskCommand::Delete(args) => close::delete(context, &args),
    }
}
