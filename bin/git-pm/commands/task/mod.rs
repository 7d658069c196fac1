//! `git pm task`: the life cycle of a task.

use git_pm::items::ItemView;
use git_pm::values::ItemKind;
use git_pm::verbs::list::ListKind;
use git_pm::verbs::{issue, item as item_verbs, show, status, work};

use crate::commands::item;
use crate::render;
use crate::render::style::Label;

pub mod finish;

group! {
    /// Plan, start, finish and close tasks
    ///
    /// A task is at most a day of work, with one branch, one worktree and acceptance criteria. It is
    /// queued, in progress, in review, approved or done; it can also be blocked, deferred or cancelled.
    /// Every verb takes the IDs of issues, too.
    #[command(defer = true, disable_help_subcommand = true)]
    TaskCommand, run(context):
    Create(args: item_verbs::Create) => item::create(context, ItemKind::Task, args),
    /// List tasks
    ///
    /// `git pm help list` describes queries.
    #[command(after_help = "\
Examples:
  git pm task list
  git pm task list --status in_progress --status in_review
  git pm task list is:ready 'priority:<=1' --sort estimate
  git pm task list --epic E-0001 --all --json")]
    List(args: ListKind) => item::list::run(context, ItemKind::Task, &args.list),
    Show(args: show::Show) => item::show(context, args),
    Edit(args: item_verbs::Edit) => item::edit(context, args),
    Start(args: work::Start) => item::start(context, args),
    Accept(args: item_verbs::Accept) => context.shown(args, |page, item| {
        render::item::summary(page, "Accepted", item);
        render::item::acceptance(page, item);
    }),
    Finish(args: work::Finish) => finish::run(context, args),
    Approve(args: item_verbs::Approve) => {
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
    },
    Diff(args: work::Diff) => {
        let stat = args.stat;
        context.shown_paged(args, |page, diff| {
            render::workflow::work_diff(page, diff, stat);
        })
    },
    Return(args: item_verbs::Return) => context.shown(args, render::workflow::returned_work),
    Drop(args: work::DropTask) => item::change(context, "Dropped", args),
    Done(args: status::Done) => item::change(context, "Done:", args),
    Block(args: status::Block) => item::change(context, "Blocked", args),
    Unblock(args: status::Unblock) => item::change(context, "Unblocked", args),
    Defer(args: status::Defer) => item::change(context, "Deferred", args),
    Undefer(args: issue::Undefer) => item::changes(context, "No longer deferred:", args),
    /// Reopen done or cancelled tasks
    Reopen(args: status::Reopen) => item::changes(context, "Reopened", args),
    Cancel(args: status::Cancel) => item::changes(context, "Cancelled", args),
    Reassign(args: status::Reassign) => context.shown(args, |page, item| {
        render::item::summary(page, "Reassigned", item);
        page.field("assignee", Label::Actor, item.owner());
    }),
    Comment(args: item_verbs::Comment) => item::comment(context, args),
    Tree(args: work::Tree) => context.listed(args, |page, nodes| {
        render::dependencies::tree(page, nodes, "No items.");
    }),
    /// Delete tasks
    ///
    /// Deletes all of them in one commit. A tombstone remains, so that no clone restores them;
    /// edges to them remain but block nothing. To abandon work, prefer `git pm task cancel`.
    Delete(args: status::Delete) => item::changes(context, "Deleted", args),
}
