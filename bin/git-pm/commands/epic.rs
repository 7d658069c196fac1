//! `git pm epic`: epics, which group tasks.

use git_pm::values::ItemKind;
use git_pm::verbs::item::{Comment, Create, Edit};
use git_pm::verbs::list::ListKind;
use git_pm::verbs::show::{ShowEpic, ShownEpic};
use git_pm::verbs::status::{Close, Delete, Reopen};
use git_pm::verbs::work::Start;

use crate::commands::item;
use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

group! {
    /// Manage epics, which group tasks
    ///
    /// The branch of an epic is the base and the target of its tasks' branches.
    #[command(defer = true, disable_help_subcommand = true)]
    EpicCommand, run(context):
    /// Create an epic
    #[command(after_help = "\
Example:
  git pm epic create \"Log in with SSO\" -p 1")]
    Create(args: Create) => item::create(context, ItemKind::Epic, args),
    /// List epics
    ///
    /// `git pm help list` describes queries.
    #[command(after_help = "\
Examples:
  git pm epic list --all
  git pm epic list label:q3 --tree")]
    List(args: ListKind) => item::list::run(context, ItemKind::Epic, &args.list),
    Show(args: ShowEpic) => show(context, args),
    /// Change the fields of an epic
    ///
    /// Fields that are not given stay unchanged. Options such as `--accept` add to a list;
    /// an empty value clears a field or a list.
    #[command(after_help = "\
Examples:
  git pm epic edit E-0001 --title \"Log in with SSO or a key\" -p 0
  git pm epic edit E-0001 --editor")]
    Edit(args: Edit) => item::edit(context, args),
    /// Start an epic: claim it and create its branch and worktree
    ///
    /// Tasks of the epic that are started afterwards branch from its branch and are merged into it.
    #[command(after_help = "\
Example:
  git pm epic start E-0001 --no-worktree")]
    Start(args: Start) => item::start(context, args),
    /// Close epics
    ///
    /// Closes all of them in one commit. Epics that have open children or wait for open items
    /// require `--force`.
    #[command(after_help = "\
Example:
  git pm epic close E-0001 --reason \"shipped with 2.0\"")]
    Close(args: Close) => item::changes(context, "Closed", args),
    /// Reopen closed epics
    Reopen(args: Reopen) => item::changes(context, "Reopened", args),
    /// Comment on an epic
    Comment(args: Comment) => item::change(context, "Commented on", args),
    /// Delete epics
    ///
    /// Deletes all of them in one commit. A tombstone remains, so that no clone restores them;
    /// edges to them remain but block nothing.
    Delete(args: Delete) => item::changes(context, "Deleted", args),
}

fn show(context: &Context, request: ShowEpic) -> Outcome {
    match context.verb(request)? {
        ShownEpic::Epic(epic) => context.paged(&*epic, render::milestone::epic),
        ShownEpic::At(item) => context.paged(&*item, render::diff::item_at),
    }
}
