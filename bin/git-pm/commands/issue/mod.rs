//! `git pm issue`: issues as beads has them, with beads' verbs and flags.

use clap::{Args, ValueEnum};
use git_pm::verbs::issue::{Claim, Close, Create, Defer, Undefer, UpdateIssues};
use git_pm::verbs::issue_list::{
    BlockedIssues, Children, CountIssues, ListIssues, ReadyIssues, ShowIssues,
};
use git_pm::verbs::issue_parts::Comments;
use git_pm::verbs::item::{Comment, Edit};
use git_pm::verbs::list::SearchItems;
use git_pm::verbs::status::{Delete, Reopen};

use crate::commands::item;
use crate::context::Context;
use crate::failure::Outcome;

pub mod close;
mod comment;
mod count;
pub mod create;
mod dep;
mod epic;
mod gate;
mod label;
pub mod list;
pub mod update;

/// Track issues as beads does: hash IDs, typed edges, gates
///
/// Any clone can create issues at any time, even offline, because their IDs are hashes. The
/// commands and options are those of beads, so beads users can set `alias bd='git pm issue'`, and
/// `git pm install bd` installs a `bd` program for agents and scripts; git-pm-beads(7) lists the
/// differences. These commands list only issues; `git pm ready`, `blocked`, `next` and `search`
/// cover all kinds of items.
#[derive(Args, Debug)]
#[command(
    disable_help_subcommand = true,
    subcommand_required = true,
    arg_required_else_help = true
)]
pub struct IssueArgs {
    /// The command to run.
    #[command(subcommand)]
    pub command: IssueCommand,
    #[command(flatten)]
    pub output: OutputArgs,
}

/// The selection of issues and the output format of all issue commands.
#[derive(Args, Debug)]
pub struct OutputArgs {
    /// Output JSON in this format, without an envelope.
    #[arg(
        long,
        value_name = "SHAPE",
        global = true,
        help_heading = "Issue options"
    )]
    pub format: Option<Format>,
    /// Use this clone's ephemeral issues, which are never synced or offered as work.
    #[arg(long, global = true, help_heading = "Issue options")]
    pub ephemeral: bool,
    /// Accepted for scripts written for beads; has no effect.
    #[arg(long, global = true, hide = true, alias = "allow-stale")]
    pub no_daemon: bool,
}

/// The JSON format of another tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// beads' keys in its order
    Beads,
}

group! {
    /// The verbs of `git pm issue`.
    #[command(defer = true)]
    IssueCommand, dispatch(context):
    #[command(visible_alias = "new")]
    Create(args: Create) => create::run(context, args),
    Q(args: create::QuickArgs) => create::quick(context, args),
    List(args: ListIssues) => list::list(context, &args),
    #[command(visible_alias = "view")]
    Show(args: ShowIssues) => list::show(context, args),
    Update(args: UpdateIssues) => update::run(context, args),
    /// Change an issue's fields, or its text in git's editor
    ///
    /// The fields have the same names as for other kinds of items; `update` has those of beads.
    #[command(after_help = "\
Examples:
  git pm issue edit pm-a3f8 --editor
  git pm issue edit pm-a3f8 --accept \"passes 100 times\" --path 'src/auth/**'")]
    Edit(args: Edit) => item::edit(context, args),
    #[command(visible_alias = "done")]
    Close(args: Close) => close::run(context, args),
    /// Reopen closed issues
    Reopen(args: Reopen) => item::changes(context, "Reopened", args),
    /// Delete issues
    ///
    /// Deletes all of them in one commit. A tombstone remains, so that no clone restores them;
    /// edges to them remain but block nothing.
    Delete(args: Delete) => item::changes(context, "Deleted", args),
    Ready(args: ReadyIssues) => list::ready(context, args),
    Blocked(filter: BlockedIssues) => list::blocked(context, filter),
    Claim(args: Claim) => update::claim(context, &args),
    Defer(args: Defer) => item::changes(context, "Deferred", args),
    Undefer(args: Undefer) => item::changes(context, "No longer deferred:", args),
    #[command(subcommand)]
    Dep(command: dep::DepCommand) => dep::run(context, command),
    Children(args: Children) => list::children(context, args),
    #[command(subcommand)]
    Label(command: label::LabelCommand) => label::run(context, command),
    Comment(args: Comment) => comment::add(context, args),
    Comments(args: Comments) => comment::list(context, &args),
    #[command(subcommand)]
    Epic(command: epic::EpicCommand) => epic::run(context, command),
    #[command(subcommand)]
    Gate(command: gate::GateCommand) => gate::run(context, command),
    /// Search titles, texts, comments and labels of issues
    Search(args: SearchItems) => list::search(context, args),
    Count(args: CountIssues) => count::run(context, args),
}

/// Runs a verb of the group.
pub fn run(context: &Context, args: IssueArgs) -> Outcome {
    context.ephemeral.set(args.output.ephemeral);
    context.beads.set(args.output.format.is_some());
    dispatch(context, args.command)
}
