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

/// Manage epics, which group tasks
///
/// The branch of an epic is the base and the target of its tasks' branches.
#[derive(clap::Subcommand, Debug)]
#[command(defer = true, disable_help_subcommand = true)]
pub enum EpicCommand {
    /// Create an epic
    #[command(after_help = "\
Example:
  git pm epic create \"Log in with SSO\" -p 1")]
    Create(Create),
    /// List epics
    ///
    /// `git pm help list` describes queries.
    #[command(after_help = "\
Examples:
  git pm epic list --all
  git pm epic list label:q3 --tree")]
    List(ListKind),
    Show(ShowEpic),
    /// Change the fields of an epic
    ///
    /// Fields that are not given stay unchanged. Options such as `--accept` add to a list;
    /// an empty value clears a field or a list.
    #[command(after_help = "\
Examples:
  git pm epic edit E-0001 --title \"Log in with SSO or a key\" -p 0
  git pm epic edit E-0001 --editor")]
    Edit(Edit),
    /// Start an epic: claim it and create its branch and worktree
    ///
    /// Tasks of the epic that are started afterwards branch from its branch and are merged into it.
    #[command(after_help = "\
Example:
  git pm epic start E-0001 --no-worktree")]
    Start(Start),
    /// Close epics
    ///
    /// Closes all of them in one commit. Epics that have open children or wait for open items
    /// require `--force`.
    #[command(after_help = "\
Example:
  git pm epic close E-0001 --reason \"shipped with 2.0\"")]
    Close(Close),
    /// Reopen closed epics
    Reopen(Reopen),
    /// Comment on an epic
    Comment(Comment),
    /// Delete epics
    ///
    /// Deletes all of them in one commit. A tombstone remains, so that no clone restores them;
    /// edges to them remain but block nothing.
    Delete(Delete),
}

fn show(context: &Context, request: ShowEpic) -> Outcome {
    match context.verb(request)? {
        ShownEpic::Epic(epic) => context.paged(&*epic, render::milestone::epic),
        ShownEpic::At(item) => context.paged(&*item, render::diff::item_at),
    }
}

/// Runs a verb of the group.
pub fn run(context: &Context, command: EpicCommand) -> Outcome {
    match command {
        EpicCommand::Create(args) => item::create(context, ItemKind::Epic, args),
        EpicCommand::Show(args) => show(context, args),
        EpicCommand::Edit(args) => item::edit(context, args),
        EpicCommand::List(args) => item::list::run(context, ItemKind::Epic, &args.list),
        EpicCommand::Start(args) => item::start(context, args),
        EpicCommand::Close(args) => item::changes(context, "Closed", args),
        EpicCommand::Reopen(args) => item::changes(context, "Reopened", args),
        EpicCommand::Comment(args) => item::change(context, "Commented on", args),
        EpicCommand::Delete(args) => item::changes(context, "Deleted", args),
    }
}
