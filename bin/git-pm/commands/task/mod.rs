//! `git pm task`: the life cycle of a task.

use git_pm::items::ItemView;
use git_pm::values::ItemKind;
use git_pm::verbs::list::ListKind;
use git_pm::verbs::{issue, item as item_verbs, show, status, work};

use crate::commands::item;
use crate::context::Context;
use crate::failure::Outcome;
use crate::render;
use crate::render::style::Label;

pub mod finish;

/// Plan, start, finish and close tasks
///
/// A task is at most a day of work, with one branch, one worktree and acceptance criteria. It is
/// queued, in progress, in review, approved or done; it can also be blocked, deferred or cancelled.
/// Every verb takes the IDs of issues, too.
#[derive(clap::Subcommand, Debug)]
#[command(defer = true, disable_help_subcommand = true)]
pub enum TaskCommand {
    Create(item_verbs::Create),
    /// List tasks
    ///
    /// `git pm help list` describes queries.
    #[command(after_help = "\
Examples:
  git pm task list
  git pm task list --status in_progress --status in_review
  git pm task list is:ready 'priority:<=1' --sort estimate
  git pm task list --epic E-0001 --all --json")]
    List(ListKind),
    Show(show::Show),
    Edit(item_verbs::Edit),
    Start(work::Start),
    Accept(item_verbs::Accept),
    Finish(work::Finish),
    Approve(item_verbs::Approve),
    Diff(work::Diff),
    Return(item_verbs::Return),
    Drop(work::DropTask),
    Done(status::Done),
    Block(status::Block),
    Unblock(status::Unblock),
    Defer(status::Defer),
    Undefer(issue::Undefer),
    /// Reopen done or cancelled tasks
    Reopen(status::Reopen),
    Cancel(status::Cancel),
    Reassign(status::Reassign),
    Comment(item_verbs::Comment),
    Tree(work::Tree),
    /// Delete tasks
    ///
    /// Deletes all of them in one commit. A tombstone remains, so that no clone restores them;
    /// edges to them remain but block nothing. To abandon work, prefer `git pm task cancel`.
    Delete(status::Delete),
}

/// Runs a verb of the group.
pub fn run(context: &Context, command: TaskCommand) -> Outcome {
    match command {
        TaskCommand::Create(args) => item::create(context, ItemKind::Task, args),
        TaskCommand::List(args) => item::list::run(context, ItemKind::Task, &args.list),
        TaskCommand::Show(args) => item::show(context, args),
        TaskCommand::Edit(args) => item::edit(context, args),
        TaskCommand::Start(args) => item::start(context, args),
        TaskCommand::Accept(args) => context.shown(args, |page, item| {
            render::item::summary(page, "Accepted", item);
            render::item::acceptance(page, item);
        }),
        TaskCommand::Finish(args) => finish::run(context, args),
        TaskCommand::Diff(args) => {
            let stat = args.stat;
            context.shown_paged(args, |page, diff| {
                render::workflow::work_diff(page, diff, stat);
            })
        }
        TaskCommand::Return(args) => context.shown(args, render::workflow::returned_work),
        TaskCommand::Approve(args) => {
            let approved = context.verb(args)?;
            let tasks = context.pm()?.tasks();
            context.answer(&approved, |page, approved| {
                for item in approved.items() {
                    render::item::summary(page, "Approved", item);
                    // The approval stands, whether git can compare or not.
                    let work = tasks.branch_work(&item.id).ok().flatten();
                    render::workflow::approved_work(page, item, work.as_ref());
                }
                match approved.items() {
                    [item] => render::next_steps::onward(page, None, &tasks.onward(&item.id)),
                    items => {
                        let merges = |one: &ItemView| matches!(tasks.onward(&one.id), Ok(Some(_)));
                        let queue = items.iter().any(merges).then_some("git pm merge --queue");
                        page.next(queue.as_slice());
                    }
                }
            })
        }
        TaskCommand::Reassign(args) => context.shown(args, |page, item| {
            render::item::summary(page, "Reassigned", item);
            page.field("assignee", Label::Actor, item.owner());
        }),
        TaskCommand::Tree(args) => context.listed(args, |page, nodes| {
            render::dependencies::tree(page, nodes, "No items.");
        }),
        TaskCommand::Drop(args) => item::change(context, "Dropped", args),
        TaskCommand::Comment(args) => item::comment(context, args),
        TaskCommand::Done(args) => item::change(context, "Done:", args),
        TaskCommand::Block(args) => item::change(context, "Blocked", args),
        TaskCommand::Unblock(args) => item::change(context, "Unblocked", args),
        TaskCommand::Defer(args) => item::change(context, "Deferred", args),
        TaskCommand::Undefer(args) => item::changes(context, "No longer deferred:", args),
        TaskCommand::Cancel(args) => item::changes(context, "Cancelled", args),
        TaskCommand::Reopen(args) => item::changes(context, "Reopened", args),
        TaskCommand::Delete(args) => item::changes(context, "Deleted", args),
    }
}
