//! `git pm issue`: issues as beads has them, with beads' verbs and flags.

use clap::{Args, Subcommand, ValueEnum};
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

/// The verbs of `git pm issue`.
#[derive(Subcommand, Debug)]
#[command(defer = true)]
pub enum IssueCommand {
    #[command(visible_alias = "new")]
    Create(Create),
    Q(create::QuickArgs),
    List(ListIssues),
    #[command(visible_alias = "view")]
    Show(ShowIssues),
    Update(UpdateIssues),
    /// Change an issue's fields, or its text in git's editor
    ///
    /// The fields have the same names as for other kinds of items; `update` has those of beads.
    #[command(after_help = "\
Examples:
  git pm issue edit pm-a3f8 --editor
  git pm issue edit pm-a3f8 --accept \"passes 100 times\" --path 'src/auth/**'")]
    Edit(Edit),
    #[command(visible_alias = "done")]
    Close(Close),
    /// Reopen closed issues
    Reopen(Reopen),
    /// Delete issues
    ///
    /// Deletes all of them in one commit. A tombstone remains, so that no clone restores them;
    /// edges to them remain but block nothing.
    Delete(Delete),
    Ready(ReadyIssues),
    Blocked(BlockedIssues),
    Claim(Claim),
    Defer(Defer),
    Undefer(Undefer),
    #[command(subcommand)]
    Dep(dep::DepCommand),
    Children(Children),
    #[command(subcommand)]
    Label(label::LabelCommand),
    Comment(Comment),
    Comments(Comments),
    #[command(subcommand)]
    Epic(epic::EpicCommand),
    #[command(subcommand)]
    Gate(gate::GateCommand),
    /// Search titles, texts, comments and labels of issues
    Search(SearchItems),
    Count(CountIssues),
}

/// Runs a verb of the group.
pub fn run(context: &Context, args: IssueArgs) -> Outcome {
    context.ephemeral.set(args.output.ephemeral);
    context.beads.set(args.output.format.is_some());
    match args.command {
        IssueCommand::Create(args) => create::run(context, args),
        IssueCommand::Q(args) => create::quick(context, args),
        IssueCommand::List(args) => list::list(context, &args),
        IssueCommand::Show(args) => list::show(context, args),
        IssueCommand::Update(args) => update::run(context, args),
        IssueCommand::Edit(args) => item::edit(context, args),
        IssueCommand::Close(args) => close::run(context, args),
        IssueCommand::Reopen(args) => item::changes(context, "Reopened", args),
        IssueCommand::Delete(args) => item::changes(context, "Deleted", args),
        IssueCommand::Ready(args) => list::ready(context, args),
        IssueCommand::Blocked(filter) => list::blocked(context, filter),
        IssueCommand::Claim(args) => update::claim(context, &args),
        IssueCommand::Defer(args) => item::changes(context, "Deferred", args),
        IssueCommand::Undefer(args) => item::changes(context, "No longer deferred:", args),
        IssueCommand::Dep(command) => dep::run(context, command),
        IssueCommand::Children(args) => list::children(context, args),
        IssueCommand::Label(command) => label::run(context, command),
        IssueCommand::Comment(args) => comment::add(context, args),
        IssueCommand::Comments(args) => comment::list(context, &args),
        IssueCommand::Epic(command) => epic::run(context, command),
        IssueCommand::Gate(command) => gate::run(context, command),
        IssueCommand::Search(args) => list::search(context, args),
        IssueCommand::Count(args) => count::run(context, args),
    }
}
